"""Who plays and who only sits there, from what is looked at once a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rumpus.netcode.activity import CHANGE_LASTS, COMMAND_LASTS, Activity


def after(*data: object, commands: bool = False) -> Activity:
    activity = Activity()
    for ack, one in enumerate(data):
        activity.look(one, ack if one is not None else -1, commands)
    return activity


def test_whoever_sends_the_same_all_the_time_does_nothing() -> None:
    assert after(*["still"] * 100).share == 0


def test_whoever_sends_nothing_does_nothing() -> None:
    assert after(*[None] * 100).share == 0
    assert after(*[None] * 100, commands=True).share == 0


def test_of_whoever_was_never_looked_at_nothing_bad_is_known() -> None:
    assert Activity().share == 1


def test_one_change_is_good_for_a_while() -> None:
    assert after("left", *["right"] * 99).share == CHANGE_LASTS / 100


def test_what_goes_to_and_fro_is_play() -> None:
    assert after(*["left", "left", "right"] * 33).share > 0.9


def test_a_lost_connection_is_no_change() -> None:
    assert after("left", None, None, "left").share == 0


def test_the_same_command_again_is_something_new() -> None:
    assert after(*["step"] * 100, commands=True).share == 1
    activity = Activity()
    for _ in range(2 * COMMAND_LASTS):
        activity.look("step", 7, True)
    assert activity.share == 0.5
    # Another connection begins to count anew.
    activity.look(None, -1, True)
    activity.look("step", 0, True)
    assert activity.active == COMMAND_LASTS + 1


def test_each_match_begins_anew() -> None:
    activity = after("left", "right")
    activity.begin(77)
    assert (activity.began, activity.looks, activity.active, activity.share) == (77, 0, 0, 1)
    activity.look("left", 3, False)
    assert activity.share == 0


@given(st.lists(st.sampled_from([None, "left", "right"])), st.booleans())
def test_it_is_a_share(data: list[str | None], commands: bool) -> None:
    activity = after(*data, commands=commands)
    assert activity.looks == len(data)
    assert 0 <= activity.active <= activity.looks
    if not commands and len({one for one in data if one is not None}) < 2:
        assert activity.active == 0
