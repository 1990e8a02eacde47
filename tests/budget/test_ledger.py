"""Payers outlive connections for as long as something is missing from what they may do, and no longer."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rumpus.budget.held import HeldPlaces
from rumpus.budget.ledger import Ledger, Payer
from rumpus.budget.networks import Networks
from rumpus.budget.purse import Purse
from rumpus.config import Limits
from rumpus.errors import MessageError

LIMITS = Limits(max_cost_per_address=0.1, max_chats_per_address=1, max_new_rooms_per_address=1, max_wrong_codes=60)


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time


def purse(ledger: Ledger, clock: Clock, address: str = "192.0.2.1", limits: Limits = LIMITS) -> Purse:
    return Purse(ledger.network(address, clock.now()), limits, clock.now)


def chats(one: Purse) -> int:
    """How many things can be said now."""
    for count in range(1000):
        try:
            one.spend_chat()
        except MessageError as error:
            assert error.code == "rate_limited"
            return count
    raise AssertionError("one may say whatever one likes")


def test_a_new_connection_has_no_more_than_the_one_before() -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    first = purse(ledger, clock)
    assert chats(first) == 10
    ledger.release(first.network, clock.now())
    clock.time += 3
    ledger.expire(clock.now())
    second = purse(ledger, clock)
    assert second.network is first.network
    assert chats(second) == 3


def test_who_is_gone_is_forgotten_once_nothing_is_missing() -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    one, untouched = purse(ledger, clock), purse(ledger, clock, "192.0.2.2")
    one.spend_chat()
    ledger.release(untouched.network, clock.now())
    ledger.release(one.network, clock.now())
    assert len(ledger) == 1
    clock.time += 0.9
    ledger.expire(clock.now())
    assert len(ledger) == 1
    clock.time += 0.2
    ledger.expire(clock.now())
    assert len(ledger) == 0


def test_who_is_back_is_not_forgotten() -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    one = purse(ledger, clock)
    one.spend_chat()
    ledger.release(one.network, clock.now())
    back = purse(ledger, clock)
    clock.time += 60
    ledger.expire(clock.now())
    assert len(ledger) == 1
    back.wrong_code()
    ledger.release(back.network, clock.now())
    ledger.expire(clock.now())
    assert len(ledger) == 1, "what was missing before is not what is missing now"


def test_as_many_are_remembered_as_may_be_and_those_go_first_who_lack_least() -> None:
    ledger, clock = Ledger(LIMITS, most_idle=10), Clock()
    for number in range(30):
        one = purse(ledger, clock, f"192.0.2.{number}")
        for _ in range(1 + number % 3):
            one.network.chats.take()
        ledger.release(one.network, clock.now())
    assert len(ledger) == 10
    for number in range(2, 30, 3):
        assert f"192.0.2.{number}" in ledger._payers


def test_limits_of_zero_and_networks_of_the_operator_s_hold_nobody_back() -> None:
    clock = Clock()
    anything = Limits(
        max_cost_per_address=0, max_chats_per_address=0, max_new_rooms_per_address=0, max_wrong_codes=0,
        max_chats_per_second=100_000, max_new_rooms_per_second=100_000,
    )  # fmt: skip
    free = Limits(max_chats_per_second=100_000, max_new_rooms_per_second=100_000)
    trusted = Ledger(free, Networks("--unlimited-from", ["192.0.2.0/24"]))
    for one in (purse(Ledger(anything), clock, limits=anything), purse(trusted, clock, limits=free)):
        for _ in range(2000):
            one.spend(1e4)
            one.spend_chat()
            one.check_new_room()
            one.take_new_room()
            one.check_codes()
            one.wrong_code()
        assert one.prepay(1e6)


def test_an_account_pays_on_whatever_address_it_is() -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    here, there = purse(ledger, clock), purse(ledger, clock, "198.51.100.7")
    for one in (here, there):
        assert one.sign_in(ledger.use("u:ann", clock.now())) is None
    assert chats(here) == 10
    assert chats(there) == 0
    assert there.sign_in(ledger.use("u:ben", clock.now())) is here.account
    assert chats(there) == 10


def test_players_go_on_playing_while_others_at_their_address_ask_for_too_much() -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    greedy, playing = purse(ledger, clock), purse(ledger, clock)
    greedy.network.time.take(100_000)
    with pytest.raises(MessageError, match="Your address"):
        playing.spend(1)
    paid = 0
    while playing.prepay(1000):
        paid += 1
    assert paid == 100, "as much again as may be saved up"


def test_the_log_names_whoever_asks_for_too_much_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    greedy = purse(ledger, clock)
    for _ in range(3):
        greedy.network.time.refill_until(clock.now())
        greedy.network.time.take(500_000)
        for _ in range(5):
            with pytest.raises(MessageError):
                greedy.spend(1)
        clock.time += 31
    said = [record.getMessage() for record in caplog.records]
    assert said == ["192.0.2.1 asks for more than it may; see --trusted-proxy and --unlimited-from"] * 2


def test_one_connection_cannot_use_up_what_all_of_an_address_may() -> None:
    ledger, clock = Ledger(LIMITS), Clock()
    greedy, other = purse(ledger, clock), purse(ledger, clock)
    greedy.spend(50_000)
    with pytest.raises(MessageError, match="This connection"):
        greedy.spend(1)
    other.spend(1000)


def test_places_are_kept_by_network() -> None:
    held = HeldPlaces(2)
    assert [held.hold("a"), held.hold("a"), held.hold("a"), held.hold("b")] == [True, True, False, True]
    assert len(held) == 3
    held.free("a")
    assert held.hold("a")
    for network in ("a", "a", "b"):
        held.free(network)
    assert len(held) == 0
    assert held._by_network == {}


class Ledgers(RuleBasedStateMachine):
    """Whatever comes and goes: who is here has a payer, and nobody ever has more than by waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.ledger = Ledger(LIMITS, most_idle=1000)
        self.here: list[Payer] = []
        self.said: dict[str, list[float]] = {}

    @rule(number=st.integers(0, 3))
    def comes(self, number: int) -> None:
        self.here.append(self.ledger.network(f"192.0.2.{number}", self.clock.now()))

    @rule(data=st.data())
    def goes(self, data: st.DataObject) -> None:
        if self.here:
            payer = self.here.pop(data.draw(st.integers(0, len(self.here) - 1)))
            self.ledger.release(payer, self.clock.now())

    @rule(data=st.data(), times=st.integers(1, 15))
    def says(self, data: st.DataObject, times: int) -> None:
        if not self.here:
            return
        payer = data.draw(st.sampled_from(self.here))
        one = Purse(payer, Limits(max_chats_per_second=1000), self.clock.now)
        for _ in range(times):
            try:
                one.spend_chat()
            except MessageError:
                break
            self.said.setdefault(payer.key, []).append(self.clock.now())

    @rule(seconds=st.floats(0.01, 20))
    def time_passes(self, seconds: float) -> None:
        self.clock.time += seconds
        self.ledger.expire(self.clock.now())

    @invariant()
    def all_is_well(self) -> None:
        for payer in self.here:
            assert self.ledger._payers[payer.key] is payer
            assert payer.users == self.here.count(payer)
        for moments in self.said.values():
            for index, began in enumerate(moments):
                for count, moment in enumerate(moments[index:], 1):
                    assert count <= 10 + (moment - began) + 1e-6

    def teardown(self) -> None:
        for payer in self.here:
            self.ledger.release(payer, self.clock.now())
        self.clock.time += 100
        self.ledger.expire(self.clock.now())
        assert len(self.ledger) == 0
        assert self.ledger._idle == []


def test_however_often_somebody_comes_and_goes_it_is_noted_once() -> None:
    ledger, clock = Ledger(LIMITS, most_idle=10), Clock()
    eve = ledger.network("192.0.2.1", clock.now())
    eve.time.take(200_000)
    ledger.release(eve, clock.now())
    for _ in range(100):
        ledger.release(ledger.network("192.0.2.1", clock.now()), clock.now())
    assert len(ledger._idle) == 1
    assert ledger.network("192.0.2.1", clock.now()) is eve
    ledger.release(eve, clock.now())
    clock.time += 1.5
    eve.time.refill_until(clock.now())
    eve.time.take(100_000)
    clock.time += 0.6
    ledger.expire(clock.now())
    assert len(ledger) == 1
    clock.time += 1
    ledger.expire(clock.now())
    assert (len(ledger), ledger._idle) == (0, [])


TestLedgers = Ledgers.TestCase
