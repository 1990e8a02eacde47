"""What is due comes when its time has come, once, and waiting costs nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rumpus.matchmaking.deadlines import Deadline, Deadlines


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans())), st.lists(st.floats(0, 40)))
def test_everything_is_due_once_in_order_unless_it_was_cancelled(
    wanted: list[tuple[float, bool]], steps: list[float]
) -> None:
    deadlines: Deadlines[int] = Deadlines()
    made: list[Deadline[int]] = [deadlines.set(at, number) for number, (at, _) in enumerate(wanted)]
    for deadline, (_, cancelled) in zip(made, wanted, strict=True):
        if cancelled:
            deadline.cancel()
    now, came = 0.0, list[int]()
    for step in [*steps, 1000.0]:
        now += step
        came += deadlines.due(now)
        assert all(wanted[number][0] <= now for number in came)
        assert all(number in came for number, (at, cancelled) in enumerate(wanted) if at <= now and not cancelled)
    assert came == sorted(came, key=lambda number: (wanted[number][0], number)) or steps
    assert sorted(came) == [number for number, (_, cancelled) in enumerate(wanted) if not cancelled]
    assert len(deadlines) == 0


def test_time_in_which_nobody_was_served_does_not_count() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set(10, "before")
    deadlines.stood_still(20)
    deadlines.set(35, "after")
    assert list(deadlines.due(29.9)) == []
    assert list(deadlines.due(30)) == ["before"]
    assert list(deadlines.due(35)) == ["after"]


def test_what_is_set_meanwhile_is_due_too_if_its_time_has_come() -> None:
    deadlines: Deadlines[int] = Deadlines()
    deadlines.set(1, 3)
    came = []
    for number in deadlines.due(5):
        came.append(number)
        if number:
            deadlines.set(5, number - 1)
    assert came == [3, 2, 1, 0]
