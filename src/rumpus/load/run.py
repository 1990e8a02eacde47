"""A run from the first connection to the report: join, warm up, measure.

Inputs are spread over the period of a tick: all players are dealt into slices, and the slices take turns, so that
neither side sees a burst every 33 ms that no crowd of people would make. Deadlines are absolute. The first client joins
alone; whatever is wrong with the address, the room or the settings is wrong for all and stops the run there.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from random import Random
from typing import Any

import msgspec

from ..errors import RumpusError
from ..protocol import JSON_SUBPROTOCOL, MSGPACK_SUBPROTOCOL
from .churn import Churn
from .distribution import Distribution
from .player import Brain, LoadPlayer, Tally
from .report import Clients, Percentiles, Report, Spread

#: Turns that one period of inputs is divided into.
SLICES = 10
#: Decisions a second of each player; between them it holds its input, as people hold keys. The bots of a game may take
#: longer to decide than everything else that a client does, and then this process would measure them.
DECISIONS = 10.0
#: Clients that begin to join each second, and how many may be at it at once.
RAMP, AT_ONCE = 200.0, 64
#: A client that played for less (s) has no rate.
_LEAST_PLAYED = 1.0


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """What to do. `options` are those of a join; `skill` None mixes all strengths; `rate` None is the room's.

    churn: how often a second each player leaves, is cut off or comes back.
    """

    url: str
    count: int
    seconds: float
    warm_up: float = 2.0
    name: str = "Bot"
    room: str | None = None
    options: dict[str, Any] = {}
    skill: float | None = None
    rate: float | None = None
    msgpack: bool = False
    seed: int | None = None
    churn: float = 0.0


class Progress(msgspec.Struct, kw_only=True):
    """How a run is getting on; rates are those since the last one of these."""

    phase: str
    #: Of the phase, 0 to 1.
    share: float
    joined: int
    refused: int
    lost: int
    playing: int
    states_per_second: Spread
    bytes_per_second: float
    inputs_per_second: float
    round_trip: Percentiles
    generator_cpu: float


class Load:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.phase = "joining"
        self._players: list[LoadPlayer] = []
        self._tally = Tally()
        self._refused: Counter[str] = Counter()
        self._late = Distribution()
        self._random = Random(plan.seed)  # noqa: S311  # repeatable on purpose
        self._phase_began = time.perf_counter()
        self._began = self._phase_began
        self._cpu_began = time.process_time()
        self._churn = Churn(plan.churn, self._random, self._join_again, self._come_back) if plan.churn else None
        self._churning: list[asyncio.Task[None]] = []
        self._brain: Brain | None = None
        self._seen: dict[LoadPlayer, tuple[int, int, int]] = {}
        self._seen_at = (self._began, self._cpu_began)

    async def run(self, stop: asyncio.Event) -> Report:
        """Do it, and report. Ends early when `stop` is set or the last connection is lost.

        Raises ConnectError or JoinError if the first client is not let in, RumpusError if stopped before that.
        """
        plan = self.plan
        pacing = measured = None
        try:
            first = LoadPlayer(1, self._tally)
            joined = await self._enter_first(first, stop)
            brain = self._brain = Brain(joined, self._random.getrandbits(32))
            self._admit(first, brain)
            pacing = asyncio.create_task(self._pace(plan.rate or joined["tick_rate"]))
            await self._join_the_others(brain, stop)
            if self._churn is not None:
                self._churning = [asyncio.create_task(self._churn.run(player)) for player in self._players]
            self._enter_phase("warming up")
            await self._wait(plan.warm_up, stop)
            if not stop.is_set():
                self._begin()
                await self._wait(plan.seconds, stop)
                measured = time.perf_counter() - self._began
            for task in (pacing, *self._churning):
                if task.done():
                    task.result()
            return self._report(joined, brain, measured or 0.0)
        finally:
            if pacing is not None:
                pacing.cancel()
            for task in self._churning:
                task.cancel()
            await self._close()

    # Joining.

    async def _enter(self, player: LoadPlayer, keep_state: bool) -> dict[str, Any]:
        plan = self.plan
        name = f"{plan.name} {player.number}"
        return await player.enter(plan.url, name, plan.room, plan.options, plan.msgpack, keep_state)

    async def _enter_first(self, player: LoadPlayer, stop: asyncio.Event) -> dict[str, Any]:
        entering, stopping = asyncio.create_task(self._enter(player, keep_state=True)), asyncio.create_task(stop.wait())
        await asyncio.wait((entering, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not entering.done():
            entering.cancel()
            raise RumpusError("Stopped before the first client had joined.")
        return entering.result()

    def _admit(self, player: LoadPlayer, brain: Brain) -> None:
        self._give_mind(player, brain)
        self._players.append(player)

    async def _join_again(self, player: LoadPlayer) -> None:
        """A player takes a new seat, with a new mind."""
        assert self._brain is not None
        await self._enter(player, self._brain.reads_state)
        self._give_mind(player, self._brain)

    async def _come_back(self, player: LoadPlayer) -> None:
        assert self._brain is not None
        await player.come_back(self.plan.url, self.plan.msgpack, self._brain.reads_state)

    def _give_mind(self, player: LoadPlayer, brain: Brain) -> None:
        assert player.client is not None
        skill = self._random.random() if self.plan.skill is None else self.plan.skill
        player.play_with(brain.make(player.client.player_id, skill))

    async def _join_the_others(self, brain: Brain, stop: asyncio.Event) -> None:
        seats = asyncio.Semaphore(AT_ONCE)

        async def join(number: int) -> None:
            player = LoadPlayer(number, self._tally)
            try:
                await self._enter(player, brain.reads_state)
                self._admit(player, brain)
            except RumpusError as error:
                self._refused[error.code] += 1
            finally:
                seats.release()

        began = time.perf_counter()
        async with asyncio.TaskGroup() as joins:
            for number in range(2, self.plan.count + 1):
                await seats.acquire()
                if stop.is_set():
                    seats.release()
                    break
                joins.create_task(join(number))
                await asyncio.sleep(max(0.0, began + (number - 1) / RAMP - time.perf_counter()))

    # Playing.

    async def _pace(self, rate: float) -> None:
        """Let everyone act `rate` times a second and ping once a second, for as long as this runs."""
        began, turn, step = time.perf_counter(), 0, 1 / (rate * SLICES)
        ping_every, think_every = max(1, round(rate)), max(1, round(rate / DECISIONS))
        while True:
            deadline = began + turn * step
            now = time.perf_counter()
            if now < deadline:
                await asyncio.sleep(deadline - now)
                now = time.perf_counter()
            self._late.add(max(0.0, now - deadline))
            if now - deadline > SLICES * step:
                # A whole period behind: those inputs are given up, not sent in a burst.
                began, turn = now, turn % SLICES
                began -= turn * step
            period = turn // SLICES
            for player in self._players[turn % SLICES :: SLICES]:
                at = period + player.number
                player.act(think=at % think_every == 0)
                if at % ping_every == 0:
                    player.ping()
            turn += 1
            # Even when there is no time to sleep, what has arrived must be read.
            await asyncio.sleep(0)

    async def _wait(self, seconds: float, stop: asyncio.Event) -> None:
        """Wait, unless the run is stopped or has nobody left."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0 and not stop.is_set():
            now = time.perf_counter()
            for player in self._players:
                player.check(now)
            if self._churn is None and all(player.lost for player in self._players):
                return
            try:
                async with asyncio.timeout(min(left, 0.1)):
                    await stop.wait()
            except TimeoutError:
                pass

    def _enter_phase(self, phase: str) -> None:
        self.phase, self._phase_began = phase, time.perf_counter()

    def _begin(self) -> None:
        self._enter_phase("measuring")
        self._tally.clear()
        self._late.clear()
        self._seen.clear()
        self._began, self._cpu_began = self._phase_began, time.process_time()
        for player in self._players:
            player.begin(self._began)

    async def _close(self) -> None:
        clients = [player.client for player in self._players if player.client is not None]
        for client in clients:
            # Their seats are not to be held for them.
            if not client.closed:
                client.send({"type": "leave"})
        await asyncio.gather(*(client.close() for client in clients))

    # Telling.

    def progress(self) -> Progress:
        """How it is going, with the rates since this was last called."""
        now, cpu = time.perf_counter(), time.process_time()
        wall = max(1e-6, now - self._seen_at[0])
        states, inputs, received = [], 0, 0
        for player in self._players:
            seen = (player.received()[0], player.states, player.inputs)
            before = self._seen.get(player)
            self._seen[player] = seen
            if before is not None:
                received += seen[0] - before[0]
                inputs += seen[2] - before[2]
                if player.playing:
                    states.append((seen[1] - before[1]) / wall)
        trips = Percentiles.of(self._tally.recent_round_trips)
        self._tally.recent_round_trips.clear()
        used, self._seen_at = cpu - self._seen_at[1], (now, cpu)
        whole = {"warming up": self.plan.warm_up, "measuring": self.plan.seconds}.get(self.phase)
        share = (now - self._phase_began) / whole if whole else len(self._players) / self.plan.count
        return Progress(
            phase=self.phase,
            share=min(1.0, share),
            joined=len(self._players),
            refused=sum(self._refused.values()),
            lost=sum(player.lost for player in self._players),
            playing=sum(player.playing for player in self._players),
            states_per_second=Spread.of(states),
            bytes_per_second=received / wall,
            inputs_per_second=inputs / wall,
            round_trip=trips,
            generator_cpu=used / wall,
        )

    def _report(self, joined: dict[str, Any], brain: Brain, measured: float) -> Report:
        plan, players = self.plan, self._players
        now = time.perf_counter()
        seconds = measured or 1.0
        lost = Counter(
            f"{player.client.close_code} {player.client.close_reason}".strip()
            for player in players
            if player.lost and player.client is not None
        )
        played = [(player.states, player.played(now)) for player in players]
        received = [player.received() for player in players]
        total = sum(size for size, _, _ in received) if measured else 0
        states, state_bytes = sum(count for _, count, _ in received), sum(size for _, _, size in received)
        inputs = sum(player.inputs for player in players) if measured else 0
        # Without a measurement the tallies hold what the warm-up saw, which is nobody's figure.
        if not measured:
            self._tally.clear()
            self._late.clear()
        return Report(
            url=plan.url,
            game=joined["game"],
            codec=MSGPACK_SUBPROTOCOL if plan.msgpack else JSON_SUBPROTOCOL,
            play=brain.name,
            clients=Clients(
                wanted=plan.count,
                connected=len(players) + sum(n for code, n in self._refused.items() if code != "cannot_connect"),
                joined=len(players),
                played=sum(time_played > 0 for _, time_played in played),
                refused=dict(self._refused),
                lost=dict(lost),
            ),
            rooms=len({player.room_id for player in players}),
            tick_rate=joined["tick_rate"],
            send_rate=joined["send_rate"],
            warm_up=plan.warm_up,
            seconds=round(measured, 3),
            states_per_second=Spread.of(
                [count / time_played for count, time_played in played if measured and time_played >= _LEAST_PLAYED]
            ),
            gap_ms=Percentiles.of(self._tally.gaps),
            bytes_per_second=round(total / seconds, 1),
            bytes_per_second_per_client=round(total / seconds / max(1, len(players)), 1),
            bytes_per_state=round(state_bytes / states, 1) if measured and states else None,
            inputs_per_second=round(inputs / seconds, 1),
            inputs_per_second_per_client=round(inputs / seconds / max(1, len(players)), 2),
            round_trip_ms=Percentiles.of(self._tally.round_trips),
            input_to_state_ms=Percentiles.of(self._tally.answers),
            errors=dict(self._tally.errors),
            churn=dict(self._churn.changes) if self._churn is not None else {},
            churn_refused=dict(self._churn.refused) if self._churn is not None else {},
            generator_cpu=round((time.process_time() - self._cpu_began) / max(1e-6, now - self._began), 3),
            generator_late_ms=Percentiles.of(self._late),
        )
