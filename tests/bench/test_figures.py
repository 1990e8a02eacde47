"""What `rumpus bench` makes of its figures: ratios within a round, targets, tables, plots, a document."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from rumpus.bench import document, plots, tables
from rumpus.bench.contestants import Outcome
from rumpus.bench.extra import Extra, Point
from rumpus.bench.figures import Contest, Machine, Report, Spread
from rumpus.bench.messages import Arrived
from rumpus.bench.targets import targets
from rumpus.bench.workloads import WORKLOADS
from tests.support.measured import felt, got

# What is made of figures.


def contest(name: str = "A", **us: list[float]) -> Contest:
    return Contest(
        workload=WORKLOADS[name],
        warm_up=3,
        seconds=10,
        titles={rival: rival.capitalize() for rival in us},
        outcomes={
            rival: [Outcome(name=rival, us=value, got=got(), felt=felt()) for value in values]
            for rival, values in us.items()
        },
    )


def report(*contests: Contest, extra: Extra | None = None) -> Report:
    machine = Machine(
        made="2026-01-02T03:04:05+00:00", cpu="A processor", cores=2, kernel="6.1", python="3.12.0",
        versions={"rumpus": "1"}, pinned=True,
    )  # fmt: skip
    return Report(machine=machine, contests=list(contests), extra=extra)


def a_full_report() -> Report:
    points = [Point(x=x, outcome=Outcome(name="rumpus", us=10, got=got(server_cpu=x / 1000))) for x in (50, 600)]
    arrived = Arrived(players=1000, seconds=0.3, per_second=3300, server_cpu=0.25, cpu=0.1, bytes=11_000)
    extra = Extra(
        players_in_rooms={"rumpus": points, "colyseus": points[:1]}, enemies={"rumpus": points}, joins=[arrived],
        idle=[arrived], busy=Outcome(name="rumpus", us=9, got=got(server_cpu=0.7, players=2300), felt=felt()),
        pauses=Outcome(name="rumpus", us=9, got=got(), felt=felt()), failed={"start-up": "It would not."},
    )  # fmt: skip
    rivals = contest(rumpus=[9.0, 10.0, 11.0], floor=[6.0, 5.0, 5.5], colyseus=[30.0, 33.0, 36.0])
    plain = contest("C", **{"rumpus msgpack": [9.0], "rumpus json": [12.0], "colyseus": [10.0]})
    return report(rivals, contest("B", rumpus=[9.0]), plain, extra=extra)


def test_ratios_compare_figures_of_the_same_round() -> None:
    made = contest(rumpus=[10.0, 30.0, 16.0], floor=[5.0, 10.0, 8.0])
    assert made.us("rumpus") == Spread(min=10, median=16, max=30)
    assert made.ratio("rumpus", "floor") == Spread(min=2, median=2, max=3)
    assert made.ratio("rumpus", "colyseus") is None


def test_a_server_that_falls_behind_is_not_cheaper_for_it() -> None:
    made = contest(rumpus=[10.0])
    made.outcomes["rumpus"][0].got = got(snapshot_rate=15.0, worst_snapshot_rate=14.0)
    assert not made.holds("rumpus")
    assert made.us_per_snapshot("rumpus") == Spread(min=20, median=20, max=20)
    made.outcomes["floor"], made.titles["floor"] = [Outcome(name="floor", us=5.0)], "Floor"
    ratio, delivered = made.ratio("rumpus", "floor"), made.ratio("rumpus", "floor", delivered=True)
    assert (ratio and ratio.median, delivered and delivered.median) == (2, 4)
    assert "!14.0" in tables.contest_grid(made).rows[0]


def test_targets_are_met_or_not() -> None:
    met = {target.what: target.met for target in targets(a_full_report())}
    assert met["A: processor time per player-tick, times the floor"] is False
    assert met["A: processor time per player-tick, times Colyseus"] is True
    assert met["A: payload per snapshot"] is True
    assert met["A: memory per playing client"] is True
    assert met["B, 2,500 players: ticks start late, p99"] is True
    assert met["C, json: processor time per player-tick, times Colyseus"] is False
    assert met["joins per second"] is True


def test_it_says_what_the_machine_was_busy_with() -> None:
    made = report(contest(rumpus=[9.0]))
    assert "Other programs" not in tables.machine_line(made)
    made.contests[0].outcomes["rumpus"][0].got = got(others=0.6)
    assert "Other programs used up to 0.6 cores" in tables.machine_line(made)


def test_the_workloads_scale() -> None:
    many, one = WORKLOADS["A"], WORKLOADS["B"]
    assert (many.rooms, many.scaled(1000).rooms, many.scaled(1000).room) == (60, 100, 10)
    assert (one.scaled(300).rooms, one.scaled(300).room, one.scaled(300).peer_environment["ROOM"]) == (1, 300, "300")
    assert many.with_enemies(5).settings["enemies"] == 5
    assert one.summary == "B, one big room: 2,500 players in one room, 30 Hz"


# What people see.


def test_a_document_keeps_its_prose_and_gets_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("Prose.\n<!-- bench:a -->\nold\n<!-- /bench:a -->\nMore.\n<!-- bench:nothing -->\nkept\n")
    written = document.write(a_full_report(), page)
    text = page.read_text()
    assert text.startswith("Prose.\n<!-- bench:a -->\n|")
    assert "old" not in text
    assert text.endswith("<!-- /bench:a -->\nMore.\n<!-- bench:nothing -->\nkept\n")
    assert {path.name for path in written} == {
        "performance.md", "bench-a.svg", "bench-c.svg", "bench-players.svg", "bench-enemies.svg",
    }  # fmt: skip
    again = document.write(a_full_report(), page)
    assert (page.read_text(), again) == (text, written)


def test_every_place_in_our_document_has_figures() -> None:
    text = (Path(__file__).parents[2] / "docs/performance.md").read_text()
    parts = document.parts(a_full_report())
    parts["one-room"] = ""
    for name in parts:
        assert f"<!-- bench:{name} -->" in text
        assert f"<!-- /bench:{name} -->" in text
    for name in document.plots(a_full_report()):
        assert f"images/{name}.svg" in text


def test_plots_are_pictures_that_name_what_they_show() -> None:
    for plot in document.plots(a_full_report()).values():
        assert ElementTree.fromstring(plot).tag.endswith("svg")
    rows = [plots.Bar("<us>", 2.0, 1.5, 2.5, True, "(2 × floor)"), plots.Bar("them", 1234.5, 1000, 2000, False)]
    drawn = plots.bars("Cost & time", "µs", rows)
    for words in ("&lt;us&gt;", "Cost &amp; time", "1,234", "(2 × floor)"):
        assert words in drawn


@pytest.mark.parametrize(("most", "ticks"), [(1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0, [0, 1]), (37, [0, 10, 20, 30])])
def test_axes_have_round_numbers(most: float, ticks: list[float]) -> None:
    assert plots._ticks(most, 5) == pytest.approx(ticks)
