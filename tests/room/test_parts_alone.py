"""Parts of a room, each without a room: what it reads is made here, and what it says is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from rumpus.config import Limits, RoomOptions
from rumpus.errors import MessageError
from rumpus.game import PlayerInfo
from rumpus.netcode.player_input import PlayerInput
from rumpus.netcode.timeline import Timeline
from rumpus.protocol import Input, RoomStatus
from rumpus.room.admission import Admission
from rumpus.room.messenger import Messenger
from rumpus.room.pause import COUNTDOWN, Pause
from rumpus.room.player import Player
from rumpus.room.roster import Roster
from rumpus.room.start_policy import StartPolicy
from rumpus.room.state import RoomState
from rumpus.sync.broadcaster import Broadcaster
from rumpus.sync.subscriber import Subscriber
from rumpus.telemetry.counters import Counters
from rumpus.testing import MemoryConnection, VirtualClock
from tests.support.race import Race


class NoTiming:
    """These players say nothing."""

    def take(self, player: PlayerInput, message: Input[Any]) -> None:
        raise AssertionError

    def measured(self, player: PlayerInput) -> None:
        raise AssertionError


class Scene:
    """What parts of a room are given."""

    def __init__(self, most_players: int | None = None, private: bool = True, **options: Any) -> None:
        self.clock = VirtualClock()
        access: dict[str, Any] = {"private": private, "title": "", "language": None, "hosted": False}
        self.state = RoomState.of(
            "ABCDEF",
            Race(),
            RoomOptions(**options),
            Race.Settings(),
            most_players=most_players,
            most_bots=None,
            **access,
        )
        self.roster = Roster([], self.state.max_players)
        broadcaster = Broadcaster(True, Counters(), None)
        self.messenger = Messenger(self.state, Timeline(0.0), self.roster, broadcaster, self.clock)
        self.admission = Admission(self.state, self.roster)
        self.broadcaster = broadcaster

    def sit(self, name: str, account: str | None = None, address: str = "here") -> Player:
        info = PlayerInfo(player_id=name, name=name, account=account)
        sent = PlayerInput(name, NoTiming(), 1)
        subscriber = Subscriber(MemoryConnection(address=address), sent, name)
        player = Player(info, sent, subscriber=subscriber)
        self.roster.seat(player)
        self.broadcaster.join(subscriber)
        return player


def code(admission: Admission, **who: Any) -> str | None:
    refusal = admission.refusal(**who)
    return None if refusal is None else refusal.code


def test_admission_counts_people_and_kept_seats() -> None:
    scene = Scene(max_players=3)
    scene.sit("ann")
    (token,) = scene.admission.reserve(1, expires_at=9.0)
    assert (scene.admission.taken, scene.admission.free_seats, code(scene.admission)) == (2, 1, None)
    scene.sit("ben")
    assert code(scene.admission) == "room_full"
    assert code(scene.admission, reserved=True) is None
    scene.admission.reservations.redeem(token)
    assert code(scene.admission) is None


def test_admission_knows_the_lock_and_the_banned() -> None:
    scene = Scene(max_players=4)
    player = scene.sit("ann", account="u:1")
    scene.state.change_access(private=False, locked=True)
    assert (code(scene.admission), code(scene.admission, reserved=True)) == ("room_locked", None)
    assert not scene.admission.listed
    scene.state.change_access(private=False, locked=False)
    scene.admission.ban(player)
    assert code(scene.admission, info=PlayerInfo(player_id="p9", name="x", account="u:1")) == "banned"
    assert code(scene.admission, info=PlayerInfo(player_id="p9", name="x", account="u:2")) is None


@pytest.mark.parametrize(("drop_in", "expected"), [("now", None), ("full", "room_in_progress")])
def test_admission_to_a_running_match_is_for_rooms_that_take_people_then(drop_in: Any, expected: str | None) -> None:
    scene = Scene(start=drop_in, max_players=4)
    scene.sit("ann")
    scene.state.begin_match(people=1)
    assert code(scene.admission) == expected


def test_the_start_policy_says_what_is_due_and_starts_nothing() -> None:
    scene = Scene(start="countdown", countdown=2.0, max_players=4, min_players=2)
    policy = StartPolicy(scene.state, scene.roster, scene.messenger, may_start=lambda: True)
    assert policy.due(0.0) == "wait"
    scene.sit("ann")
    ben = scene.sit("ben")
    assert [policy.due(now) for now in (1.0, 2.5, 3.0)] == ["wait", "wait", "now"]
    assert scene.state.status == "waiting"
    assert b'"seconds":1' in b"".join(ben.subscriber.connection.sent)  # type: ignore[union-attr]  # it is connected


def test_the_start_policy_lets_bots_make_up_for_those_who_are_missing() -> None:
    scene = Scene(start="full", max_players=4, min_players=3, bots=2)
    policy = StartPolicy(scene.state, scene.roster, scene.messenger, may_start=lambda: True)
    player = scene.sit("ann")
    assert policy.due(0.0) == "wait"
    player.be_ready(True)
    assert policy.due(0.0) == "with_bots"


def test_nothing_is_due_while_the_server_is_not_ready() -> None:
    scene = Scene(start="now")
    scene.sit("ann")
    assert StartPolicy(scene.state, scene.roster, scene.messenger, may_start=lambda: False).due(0.0) == "wait"


@pytest.mark.parametrize("status", ["waiting", "ended"])
def test_there_is_no_pause_without_a_match(status: RoomStatus) -> None:
    scene = Scene()
    if status == "ended":
        scene.state.begin_match(people=1)
        scene.state.end_match()
    pause = Pause(scene.state, scene.roster, scene.messenger)
    with pytest.raises(MessageError, match="No match is running"):
        pause.take(scene.sit("ann"), True, 0.0)


def test_a_pause_is_due_when_all_agree_and_over_when_one_goes_on() -> None:
    scene = Scene(pause_time=60.0)
    ann, ben = scene.sit("ann"), scene.sit("ben")
    pause = Pause(scene.state, scene.roster, scene.messenger)
    scene.state.begin_match(people=2)
    pause.take(ann, True, 0.0)
    assert (pause.due(0.0), pause.pending) == (None, True)
    pause.take(ben, True, 1.0)
    assert pause.due(1.0) is True
    # It has only been said: the room does it.
    assert not scene.state.paused
    pause.began(1.0, again=False)
    scene.state.pause(True)
    pause.take(ann, False, 2.0)
    assert pause.due(2.0) is None
    assert pause.due(2.0 + COUNTDOWN) is False


def test_one_more_change_of_a_room_than_may_be_is_refused_until_time_has_passed() -> None:
    rate = Limits().max_room_messages_per_second
    player = Scene().sit("ann")
    assert all(player.may_change(5.0, rate, 10 * rate) for _ in range(10 * rate))
    assert not player.may_change(5.0, rate, 10 * rate)
    assert player.may_change(5.0 + 1.001 / rate, rate, 10 * rate)
