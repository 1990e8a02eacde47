"""The figures of a run: what `rumpus bots --json` prints, and the lines that people read."""

from __future__ import annotations

from typing import Any

import msgspec

from .distribution import Distribution


class Spread(msgspec.Struct, kw_only=True):
    """Over the clients: the worst, the one in the middle, the best. None if nobody played."""

    min: float | None
    median: float | None
    max: float | None

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        ordered = sorted(round(value, 2) for value in values)
        if not ordered:
            return cls(min=None, median=None, max=None)
        return cls(min=ordered[0], median=ordered[len(ordered) // 2], max=ordered[-1])


class Percentiles(msgspec.Struct, kw_only=True):
    """Of durations, in milliseconds. None if there are none."""

    p50: float | None
    p90: float | None
    p99: float | None
    max: float | None
    count: int

    @classmethod
    def of(cls, durations: Distribution) -> Percentiles:
        def at(share: float) -> float | None:
            value = durations.percentile(share)
            return None if value is None else round(value, 2)

        most = round(durations.most * 1000, 2) if durations.count else None
        return cls(p50=at(0.5), p90=at(0.9), p99=at(0.99), max=most, count=durations.count)


class Clients(msgspec.Struct, kw_only=True):
    """How many were wanted, connected, got a seat, were in a running match; how many did not, and why."""

    wanted: int
    connected: int
    joined: int
    played: int
    #: Counts by error code of joins, or `cannot_connect`.
    refused: dict[str, int]
    #: Counts by close code and reason of connections that ended after the join.
    lost: dict[str, int]


class Report(msgspec.Struct, kw_only=True):
    """A run. Rates are over `seconds`, which begin when everyone has joined and a warm-up is over.

    states_per_second: of each client, over the time in which its room's match ran.  gap_ms: between two states of a
    client.  round_trip_ms: of a ping to the server's loop, one a second and client.  input_to_state_ms: from sending an
    input to the state that has it, so it includes waiting for the next tick.  generator_cpu: cores that this process
    used; near 1 it is the limit itself.  generator_late_ms: how late this process was with its own sending.
    churn: what players did who came and went; churn_refused: what their joins and resumes were answered.
    """

    url: str
    game: str
    codec: str
    play: str
    clients: Clients
    rooms: int
    tick_rate: float
    send_rate: float
    warm_up: float
    seconds: float
    states_per_second: Spread
    gap_ms: Percentiles
    bytes_per_second: float
    bytes_per_second_per_client: float
    bytes_per_state: float | None
    inputs_per_second: float
    inputs_per_second_per_client: float
    round_trip_ms: Percentiles
    input_to_state_ms: Percentiles
    errors: dict[str, int]
    churn: dict[str, int]
    churn_refused: dict[str, int]
    generator_cpu: float
    generator_late_ms: Percentiles

    def lines(self) -> list[tuple[str, str]]:
        """Names and values for people."""
        clients = self.clients
        joined = f"{clients.joined} of {clients.wanted} joined {_plural(self.rooms, 'room')}, {clients.played} played"
        lines = [
            ("server", f"{self.url}, {self.game} at {self.tick_rate:g} Hz, {self.send_rate:g} states/s, {self.codec}"),
            ("clients", f"{joined} by {self.play}"),
        ]
        if clients.refused:
            lines.append(("refused", _counts(clients.refused)))
        if clients.lost:
            lines.append(("lost", _counts(clients.lost)))
        if not self.seconds:
            return [*lines, ("measured", "nothing; it ended before everyone had joined and warmed up")]
        each, ours = self.states_per_second, self.generator_late_ms
        per_state = "–" if self.bytes_per_state is None else f"{self.bytes_per_state:.0f} B a state"
        per_client = f"{_rate(self.bytes_per_second_per_client)} a client"
        lines += [
            ("measured", f"{self.seconds:.1f} s, after everyone had joined and {self.warm_up:g} s of warm-up"),
            ("states/s per client", f"min {_num(each.min)}   median {_num(each.median)}   max {_num(each.max)}"),
            ("gap between states", _times(self.gap_ms)),
            ("received", f"{_rate(self.bytes_per_second)}, {per_client}, {per_state}"),
            ("inputs", f"{self.inputs_per_second:.0f}/s, {self.inputs_per_second_per_client:.1f}/s a client"),
            ("round trip", _times(self.round_trip_ms)),
            ("input to state", _times(self.input_to_state_ms)),
        ]
        if self.churn:
            lines.append(("came and went", _counts(self.churn)))
        if self.churn_refused:
            lines.append(("not let in", _counts(self.churn_refused)))
        if self.errors:
            lines.append(("errors", _counts(self.errors)))
        late = f"p99 {_num(ours.p99)} ms late"
        hint = "; it is the limit itself, use fewer clients" if self.generator_cpu > 0.9 else ""
        return [*lines, ("this process", f"{self.generator_cpu:.0%} of a core, {late}{hint}")]

    def text(self) -> str:
        """The same as plain text."""
        lines = self.lines()
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)

    def json(self) -> str:
        built: dict[str, Any] = msgspec.to_builtins(self)
        return msgspec.json.encode(built).decode()


def _num(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _times(times: Percentiles) -> str:
    if not times.count:
        return "–"
    return f"p50 {_num(times.p50)}   p90 {_num(times.p90)}   p99 {_num(times.p99)}   max {_num(times.max)} ms"


def _rate(bytes_per_second: float) -> str:
    bits = bytes_per_second * 8
    return f"{bits / 1e6:.1f} Mbit/s" if bits >= 1e6 else f"{bits / 1e3:.1f} kbit/s"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in sorted(counts.items(), key=lambda item: -item[1]))


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
