"""The relay with a bad link inside, between real sockets, on both event loops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from random import Random
from typing import Any

import pytest
import uvloop

from rumpus.netsim import proxy as link_proxy
from rumpus.netsim.link import MAX_BACKLOG, parse_conditions
from rumpus.netsim.proxy import LinkProxy
from rumpus.netsim.timer import KernelTimer, PreciseTimer
from tests.support.serving import PATIENCE

pytestmark = pytest.mark.socket

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Run = Callable[[Coroutine[Any, Any, None]], None]

#: Bytes that one read may bring beyond the limit at which reading pauses.
LARGEST_READ = 256 * 1024


@pytest.fixture(params=["uvloop", "asyncio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine to its end on an event loop; whatever goes wrong unseen there fails the test."""

    def on_loop(main: Coroutine[Any, Any, None]) -> None:
        faults: list[dict[str, Any]] = []

        async def watched() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
            await asyncio.wait_for(main, PATIENCE)

        factory = uvloop.new_event_loop if request.param == "uvloop" else None
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(watched())
        assert not faults

    return on_loop


@contextlib.asynccontextmanager
async def relayed(serve: Serve, link: str, seed: int | None = 1) -> AsyncIterator[Proxy]:
    """A server and a relay in front of it; `proxy.port` is where clients connect."""
    tasks: set[asyncio.Task[Any]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        proxy.writers.append(writer)
        try:
            # A test that is over resets what it has left open, and wants no words about it.
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    proxy = Proxy(parse_conditions(link), server.sockets[0].getsockname(), Random(seed))
    await proxy.start()
    try:
        yield proxy
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()
        await proxy.stop_all()


class Proxy(LinkProxy):
    """One that knows its port."""

    port = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        #: Of clients, and of the server.
        self.writers: list[asyncio.StreamWriter] = []

    async def stop_all(self) -> None:
        await self.stop()
        for writer in self.writers:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def start(self) -> None:
        _, self.port = await self.listen("127.0.0.1", 0)

    async def open(self) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # no event tells of what goes on inside the relay
        await asyncio.sleep(0.002)


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# Bytes.


@pytest.mark.parametrize(
    "link", ["lag=0", "lag=6,jitter=3,stall=10%", "up=1,down=12", "lag=4,rate=40000", "lag=2,jitter=1,rate=300000"]
)
def test_bytes_arrive_as_they_were_sent_both_ways_and_in_fragments(run: Run, link: str) -> None:
    chance = random.Random(7)
    up, down = chance.randbytes(300_000), chance.randbytes(400_000)

    async def send(writer: asyncio.StreamWriter, data: bytes, cuts: Random) -> None:
        while data:
            size = cuts.choice((1, 7, 200, 1448, 60_000))
            writer.write(data[:size])
            await writer.drain()
            data = data[size:]
            if cuts.random() < 0.2:
                await asyncio.sleep(0.001)
        writer.write_eof()

    async def main() -> None:
        received: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            sending = asyncio.create_task(send(writer, down, Random(1)))
            received.append(await reader.read(-1))
            await sending

        async with relayed(serve, link) as proxy:
            reader, writer = await proxy.open()
            sending = asyncio.create_task(send(writer, up, Random(2)))
            assert await reader.read(-1) == down
            await sending
            await until(lambda: bool(received))
            assert received == [up]
            writer.close()
            await until(lambda: not proxy.links)

    run(main())


def test_many_clients_do_not_mix(run: Run) -> None:
    async def talk(proxy: Proxy, number: int) -> None:
        reader, writer = await proxy.open()
        for turn in range(20):
            line = f"{number} {turn}\n".encode()
            writer.write(line)
            assert await reader.readline() == line
        writer.close()

    async def main() -> None:
        async with relayed(echo, "lag=4,jitter=2,stall=5%") as proxy:
            await asyncio.gather(*(talk(proxy, number) for number in range(40)))
            await until(lambda: not proxy.links)
            assert proxy.waiting_bytes == 0

    run(main())


# Time. Only lower bounds: how much later something comes says something about the machine.


@pytest.mark.parametrize("kernel_timer", [True, False])
def test_nothing_is_back_before_a_round_trip(run: Run, kernel_timer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kernel_timer:
        monkeypatch.setattr(KernelTimer, "make", lambda: None)

    async def main() -> None:
        async with relayed(echo, "up=3.3,down=8.2,jitter=0.5") as proxy:
            reader, writer = await proxy.open()
            for _ in range(30):
                began = time.monotonic()
                writer.write(b"ping")
                await reader.readexactly(4)
                assert time.monotonic() - began >= 0.0105
            writer.close()

    run(main())


def test_the_two_ways_have_their_own_lag(run: Run) -> None:
    async def main() -> None:
        arrived: list[float] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(1)
            arrived.append(time.monotonic())
            writer.write(b"!")
            await reader.read(-1)

        async with relayed(serve, "up=80,down=5") as proxy:
            reader, writer = await proxy.open()
            sent = time.monotonic()
            writer.write(b"?")
            await reader.readexactly(1)
            assert arrived[0] - sent >= 0.08
            assert time.monotonic() - arrived[0] >= 0.005
            writer.close()

    run(main())


def test_a_rate_makes_a_download_take_its_time(run: Run) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(bytes(60_000))
            await writer.drain()

        async with relayed(serve, "lag=0,rate=2000") as proxy:
            began = time.monotonic()
            reader, writer = await proxy.open()
            first = len(await reader.read(65536))
            # It does not come as one lump at the end.
            assert first < 60_000
            assert len(await reader.read(-1)) == 60_000 - first
            assert time.monotonic() - began >= 60_000 * 8 / 2_000_000
            writer.close()

    run(main())


def test_links_of_one_seed_are_the_same_again() -> None:
    def dues(seed: int) -> list[float]:
        proxy = LinkProxy(parse_conditions("bad"), ("127.0.0.1", 1), Random(seed))
        return [way.due(tick / 30, 50) for _ in range(3) for way in proxy.new_directions() for tick in range(100)]

    assert dues(1) == dues(1)
    assert dues(1) != dues(2)
    first, second = (LinkProxy(parse_conditions("bad"), ("127.0.0.1", 1)).new_directions() for _ in range(2))
    assert [first[0].due(tick / 30, 50) for tick in range(100)] != [second[0].due(tick / 30, 50) for tick in range(100)]


# Ends.


def test_a_half_closed_connection_stays_half_open(run: Run) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            request = await reader.read(-1)
            for part in (request, b" ", b"answered"):
                writer.write(part)
                await asyncio.sleep(0.005)

        async with relayed(serve, "lag=10,jitter=2") as proxy:
            reader, writer = await proxy.open()
            writer.write(b"asked,")
            writer.write_eof()
            assert await reader.read(-1) == b"asked, answered"
            writer.close()
            await until(lambda: not proxy.links)

    run(main())


def test_the_server_may_close_its_half_first(run: Run) -> None:
    async def main() -> None:
        rest: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"that is all")
            writer.write_eof()
            rest.append(await reader.read(-1))

        async with relayed(serve, "lag=10") as proxy:
            reader, writer = await proxy.open()
            assert await reader.read(-1) == b"that is all"
            writer.write(b"not for me")
            writer.write_eof()
            await until(lambda: bool(rest) and not proxy.links)
            assert rest == [b"not for me"]
            writer.close()

    run(main())


def test_a_clients_reset_is_one_for_the_server(run: Run) -> None:
    async def main() -> None:
        ended: list[Exception | bytes] = []
        arrived = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(5)
            arrived.set()
            try:
                ended.append(await reader.read(-1))
            except ConnectionError as error:
                ended.append(error)

        async with relayed(serve, "lag=20") as proxy:
            _, writer = await proxy.open()
            writer.write(b"hello")
            await arrived.wait()
            reset(writer)
            await until(lambda: bool(ended))
            assert isinstance(ended[0], ConnectionResetError)
            await until(lambda: not proxy.links)

    run(main())


def test_a_servers_reset_is_one_for_the_client_after_what_it_sent_before(run: Run) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            await reader.readexactly(2)
            reset(writer)

        async with relayed(serve, "lag=20") as proxy:
            reader, writer = await proxy.open()
            assert await reader.readexactly(5) == b"hello"
            writer.write(b"go")
            with pytest.raises(ConnectionResetError):
                await reader.read(-1)
            await until(lambda: not proxy.links)
            writer.close()

    run(main())


def test_a_reset_after_the_end_of_the_stream_still_gets_through(run: Run) -> None:
    async def main() -> None:
        ended: list[BaseException] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert await reader.read(-1) == b""
            try:
                while True:
                    writer.write(bytes(1000))
                    await writer.drain()
                    await asyncio.sleep(0.001)
            except ConnectionError as error:
                ended.append(error)

        async with relayed(serve, "lag=4") as proxy:
            reader, writer = await proxy.open()
            writer.write_eof()
            await reader.readexactly(1000)
            reset(writer)
            await until(lambda: bool(ended) and not proxy.links)

    run(main())


def test_stopping_resets_everybody_once_patience_is_over(run: Run) -> None:
    async def main() -> None:
        async with relayed(echo, "lag=4") as proxy:
            reader, writer = await proxy.open()
            writer.write(b"ping")
            await reader.readexactly(4)
            await proxy.stop(patience=0.01)
            with pytest.raises(ConnectionResetError):
                await reader.read(-1)
            with pytest.raises(ConnectionRefusedError):
                await proxy.open()
            writer.close()
            await until(lambda: not proxy.links)

    run(main())


def test_stopping_waits_for_what_is_on_its_way(run: Run) -> None:
    async def main() -> None:
        gone = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(2)
            writer.write(b"goodbye")
            gone.set()

        async with relayed(serve, "lag=60") as proxy:
            reader, writer = await proxy.open()
            writer.write(b"go")
            await gone.wait()
            stopping = asyncio.create_task(proxy.stop(patience=PATIENCE))
            assert await reader.read(-1) == b"goodbye"
            writer.close()
            await stopping
            assert not proxy.links

    run(main())


# A server that is not there.


def test_clients_of_a_server_that_refuses_are_reset_and_the_log_says_so_once(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = closed.getsockname()

    async def main() -> None:
        proxy = Proxy(parse_conditions("lag=4"), address)
        await proxy.start()
        with pytest.raises(ConnectionRefusedError):
            await proxy.probe()
        for _ in range(3):
            reader, _ = await proxy.open()
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read(-1) == b""
        await until(lambda: not proxy.links)
        await proxy.stop_all()

    with caplog.at_level(logging.WARNING, "rumpus"):
        run(main())
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"127.0.0.1:{address[1]} cannot be reached: Connection refused; clients are turned away"]


@contextlib.contextmanager
def unanswering_server() -> Any:
    """The address of a server that takes no connection and refuses none: its queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()


def test_a_server_that_takes_no_connection_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_proxy, "CONNECT_TIMEOUT", 0.05)

    async def main() -> None:
        with unanswering_server() as address:
            proxy = Proxy(parse_conditions("lag=4"), address)
            await proxy.start()
            with pytest.raises(TimeoutError):
                await proxy.probe()
            reader, _ = await proxy.open()
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read(-1) == b""
            await until(lambda: not proxy.links)
            await proxy.stop_all()

    run(main())


def test_it_stops_while_it_waits_for_a_connection(run: Run) -> None:
    async def main() -> None:
        with unanswering_server() as address:
            proxy = Proxy(parse_conditions("lag=4"), address)
            await proxy.start()
            _, writer = await proxy.open()
            writer.write(b"anybody?")
            await until(lambda: proxy.waiting_bytes == 8)
            await proxy.stop()
            await until(lambda: not proxy.links)
            await proxy.stop_all()

    run(main())


# Memory.


def test_a_receiver_who_does_not_read_stops_the_sender(run: Run) -> None:
    size = 40_000_000

    async def main() -> None:
        reads = asyncio.Event()
        received = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal received
            await reads.wait()
            while data := await reader.read(1 << 20):
                received += len(data)
            writer.write(b"done")

        async with relayed(serve, "lag=2") as proxy:
            reader, writer = await proxy.open()
            # Beyond what all the system's buffers hold.
            writer.write(bytes(size))
            writer.write_eof()
            await until(lambda: proxy.waiting_bytes > MAX_BACKLOG / 2)
            for _ in range(50):
                await asyncio.sleep(0.002)
                assert MAX_BACKLOG / 2 < proxy.waiting_bytes <= MAX_BACKLOG + LARGEST_READ
            assert writer.transport.get_write_buffer_size() > 0
            reads.set()
            assert await reader.read(-1) == b"done"
            assert received == size
            writer.close()

    run(main())


def test_a_long_link_holds_no_more_than_its_backlog(run: Run) -> None:
    size = 20_000_000

    async def main() -> None:
        most = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal most
            rest = size
            while rest:
                rest -= len(await reader.read(1 << 20))
                most = max(most, proxy.waiting_bytes)
            writer.write(b"done")

        async with relayed(serve, "lag=100") as proxy:
            reader, writer = await proxy.open()
            writer.write(bytes(size))
            assert await reader.read(-1) == b"done"
            assert most <= MAX_BACKLOG + LARGEST_READ
            writer.close()

    run(main())


def test_a_client_that_leaves_while_its_data_waits_is_noticed(run: Run) -> None:
    async def main() -> None:
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(bytes(100_000))
                    await writer.drain()
            ended.set()

        async with relayed(serve, "lag=4") as proxy:
            _, writer = await proxy.open()
            writer.transport.pause_reading()
            await until(lambda: proxy.waiting_bytes > MAX_BACKLOG / 2)
            reset(writer)
            await ended.wait()
            await until(lambda: not proxy.links)

    run(main())


def test_a_servers_reset_reaches_a_client_that_does_not_read(run: Run) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(bytes(3_000_000))
            await reader.readexactly(2)
            reset(writer)

        async with relayed(serve, "lag=4") as proxy:
            _, writer = await proxy.open()
            writer.transport.pause_reading()
            # All that the server has sent, but for what the system holds.
            await until(lambda: proxy.waiting_bytes > 2_000_000)
            writer.write(b"go")
            await until(lambda: not proxy.links)
            writer.close()

    run(main())


# The timer.


@pytest.mark.parametrize("kernel_timer", [True, False])
def test_a_timer_goes_off_once_for_the_time_that_was_set_last(
    run: Run, kernel_timer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel_timer:
        monkeypatch.setattr(KernelTimer, "make", lambda: None)

    async def main() -> None:
        calls: list[float] = []
        timer = PreciseTimer(lambda: calls.append(time.monotonic()))
        now = time.monotonic()
        timer.set(now + 3600)
        timer.set(now + 0.02)
        await until(lambda: bool(calls))
        # The loop's own may be early by less than a millisecond.
        assert calls[0] >= now + (0.02 if kernel_timer else 0.019)
        timer.set(now - 1)
        await until(lambda: len(calls) == 2)
        timer.set(time.monotonic() + 0.005)
        timer.close()
        await asyncio.sleep(0.02)
        assert len(calls) == 2

    run(main())
