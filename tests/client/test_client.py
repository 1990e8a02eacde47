"""`rumpus.client.Client` against a real server, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from rumpus.client import Client, ClosedError, ConnectError, parse_address
from rumpus.config import Limits, RoomOptions
from rumpus.errors import JoinError
from rumpus.protocol import JSON_SUBPROTOCOL
from tests.support.race import Race
from tests.support.serving import PATIENCE, ServerThread, serving

pytestmark = pytest.mark.socket


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a scene, but not for ever."""
    asyncio.run(asyncio.wait_for(scene, PATIENCE))


async def until(holds: Callable[[], object]) -> None:
    while not holds():  # noqa: ASYNC110  # what is waited for has no event
        await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    options = RoomOptions(start="now", results_time=0.1, empty_grace=0, reconnect_time=0, settings={"goal": 3})
    with serving(Race, options, Limits(max_connections=20)) as running:
        yield running


# Addresses.


@pytest.mark.parametrize(
    ("url", "websocket", "room"),
    [
        ("http://example.org", "ws://example.org:80/ws", None),
        ("http://example.org:8000/", "ws://example.org:8000/ws", None),
        ("https://example.org", "wss://example.org:443/ws", None),
        ("http://example.org:8000/?room=K7QPXM", "ws://example.org:8000/ws", "K7QPXM"),
        ("https://example.org/games/?lang=en&room=K7QPXM#top", "wss://example.org:443/games/ws", "K7QPXM"),
        ("ws://example.org:8000", "ws://example.org:8000/ws", None),
        ("ws://example.org:8000/ws", "ws://example.org:8000/ws", None),
        ("wss://example.org/play", "wss://example.org:443/play", None),
        ("localhost:8000", "ws://localhost:8000/ws", None),
        ("http://[::1]:8000", "ws://[::1]:8000/ws", None),
    ],
)
def test_an_address_may_be_a_server_a_websocket_or_the_link_of_a_room(
    url: str, websocket: str, room: str | None
) -> None:
    address = parse_address(url)
    assert (address.websocket, address.room) == (websocket, room)


@pytest.mark.parametrize("url", ["", "http://", "ftp://example.org", "http://a:port", "http://a:99999", "two words"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConnectError, match="is not an address"):
        parse_address(url)


# Playing.


@pytest.mark.parametrize("msgpack", [False, True])
def test_a_client_follows_a_match_to_its_end_and_into_the_next(server: ServerThread, msgpack: bool) -> None:
    async def scene() -> None:
        async with await Client.connect(server.url, msgpack=msgpack) as ann:
            joined = await ann.join("Ann")
            assert (joined["game"], ann.joined["tick_rate"]) == ("race", 30)
            assert ann.room_id in server.call(lambda running: running.rooms)
            assert ann.players[ann.player_id]["name"] == "Ann"
            await until(lambda: ann.state is not None)
            assert ann.status == "in-progress"
            assert ann.state == {"position": {ann.player_id: 0}, "goal": 3}
            async with await Client.connect(server.url, msgpack=not msgpack) as ben:
                await ben.join("Ben", ann.room_id)
                await until(lambda: ben.player_id in ann.players and ben.state == ann.state)
                first = ann.input(step=1)
                await until(lambda: ann.ack >= first)
                await until(lambda: ben.state["position"][ann.player_id] == 1)
                assert ben.ack == -1
                over, reset = ann.messages("game_over"), ann.messages("room_reset", "game_started")
                ann.input(step=1)
                ann.input(step=1)
                result = await anext(over)
                assert (result["reason"], result["results"][0]["name"]) == ("finished", "Ann")
                assert ann.status in ("ended", "waiting", "in-progress")
                assert [(await anext(reset))["type"] for _ in range(2)] == ["room_reset", "game_started"]
                await until(lambda: ann.state["position"] == {ann.player_id: 0, ben.player_id: 0})
                assert ann.ack == -1
            await until(lambda: len(ann.players) == 1)

    play(scene())


def test_states_are_counted_and_need_not_be_kept(server: ServerThread) -> None:
    async def scene() -> None:
        seen: list[dict[str, Any]] = []
        async with await Client.connect(server.url, keep_state=False, on_message=seen.append) as client:
            await client.join("Ann")
            number = client.input(step=0)
            await until(lambda: client.ack == number)
            assert client.state is None
            snapshots = [message for message in seen if message["type"] in ("state", "delta")]
            assert client.snapshots == len(snapshots) > 0
            assert 0 < client.snapshot_bytes < client.bytes_received
            assert client.tick == snapshots[-1]["tick"] > 0
            assert snapshots[-1].keys() == {"type", "tick", "ack"}
            assert next(message for message in seen if message["type"] == "joined")["schema"]

    play(scene())


def test_chat_ping_teams_and_errors(server: ServerThread) -> None:
    async def scene() -> None:
        async with await Client.connect(server.url) as client:
            await client.join("Ann")
            said, refused = client.messages("chat"), client.messages("error")
            client.chat("hello")
            assert (await anext(said))["text"] == "hello"
            assert 0 < await client.ping() < 5
            client.change_team("green")
            assert (await anext(refused))["code"] == "bad_team"
            client.input(step=9)
            assert (await anext(refused))["code"] == "bad_input"

    play(scene())


def test_a_seat_can_be_given_back_and_taken_again(server: ServerThread) -> None:
    async def scene() -> None:
        async with await Client.connect(server.url) as client:
            await client.leave()
            await client.join("Ann")
            first = client.player_id
            await until(lambda: client.state)
            await client.leave()
            assert (client.player_id, client.room_id, client.status, client.state) == ("", "", None, None)
            assert client.players == {}
            await client.join("Ann")
            assert client.player_id not in ("", first)

    play(scene())


@pytest.mark.parametrize("msgpack", [False, True])
def test_a_client_can_watch_and_then_play(msgpack: bool) -> None:
    async def scene() -> None:
        async with (
            await Client.connect(server.url, msgpack=msgpack) as ann,
            await Client.connect(server.url, msgpack=msgpack) as wil,
        ):
            room = (await ann.join("Ann"))["room_id"]
            joined = await wil.join("Wil", room=room, role="spectator")
            assert joined["role"] == "spectator"
            ann.input(step=1)
            await until(lambda: wil.state and wil.state["position"] == {ann.player_id: 1})
            assert wil.player_id not in wil.players
            await wil.leave()
            assert (await wil.join("Wil", room=room))["player_id"] in wil.players

    with serving(Race, RoomOptions(start="now", spectator_delay=0.2, settings={"goal": 9})) as server:
        play(scene())


def test_a_rooms_link_leads_into_that_room(server: ServerThread) -> None:
    async def scene() -> None:
        async with await Client.connect(server.url) as ann:
            await ann.join("Ann", create=True, settings={"goal": 9})
            assert ann.joined["private"]
            assert ann.joined["settings"]["goal"] == 9
            async with await Client.connect(f"{server.url}/?room={ann.room_id.lower()}") as ben:
                await ben.join("Ben")
                assert ben.room_id == ann.room_id

    play(scene())


def test_messages_of_any_type_can_be_iterated_and_waited_for(server: ServerThread) -> None:
    async def scene() -> None:
        client = await Client.connect(server.url)
        everything = client.messages()
        await client.join("Ann")
        await client.wait_for("delta", "state")
        assert (await anext(everything))["type"] == "joined"
        client.chat("hello")
        await client.wait_for("chat")
        # An iteration that nobody holds any more costs nothing.
        del everything
        gc.collect()
        assert not client._inboxes
        reading = asyncio.create_task(_count(client))
        # Some states are to come, from a server whose clock is the real one.
        await asyncio.sleep(0.1)
        await client.close()
        assert await reading > 0
        assert [message async for message in client.messages()] == []

    async def _count(client: Client) -> int:
        return len([message async for message in client])

    play(scene())


def test_a_callback_that_fails_does_not_end_the_connection(
    server: ServerThread, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(message: dict[str, Any]) -> None:
        raise RuntimeError("oops")

    async def scene() -> None:
        async with await Client.connect(server.url, on_message=fail) as client:
            await client.join("Ann")
            await until(lambda: client.state)

    play(scene())
    assert "oops" in caplog.text


# What can go wrong.


def test_a_join_that_is_refused_says_why(server: ServerThread) -> None:
    async def scene() -> None:
        async with await Client.connect(server.url) as client:
            with pytest.raises(JoinError, match="no such room") as refused:
                await client.join("Ann", "NOROOM")
            assert refused.value.code == "room_not_found"
            with pytest.raises(JoinError, match="secret"):
                await client.join("Ann", settings={"secret": 1})
            with pytest.raises(JoinError, match="on its way"):
                await asyncio.gather(client.join("Ann"), client.join("Ann"))
            await until(lambda: client.player_id)
            with pytest.raises(JoinError) as again:
                await client.join("Ann")
            assert again.value.code == "already_joined"

    play(scene())


def test_nobody_listening_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def scene() -> None:
        with pytest.raises(ConnectError, match=f"Nothing listens at 127.0.0.1:{port}"):
            await Client.connect(f"http://127.0.0.1:{port}")
        with pytest.raises(ConnectError, match=r"Cannot connect to no\.such\.host\.invalid:80"):
            await Client.connect("http://no.such.host.invalid")

    play(scene())


def test_a_server_that_does_not_answer_is_given_up() -> None:
    async def scene() -> None:
        with (
            socket.create_server(("127.0.0.1", 0)) as mute,
            pytest.raises(ConnectError, match=r"did not answer within 0\.1 s"),
        ):
            await Client.connect(f"http://127.0.0.1:{mute.getsockname()[1]}", timeout=0.1)

    play(scene())


def test_a_server_that_refuses_the_connection_is_quoted(server: ServerThread) -> None:
    async def scene() -> None:
        with pytest.raises(ConnectError, match=r"\(404\)"):
            await Client.connect(server.url.replace("http:", "ws:") + "/elsewhere")
        crowd = [await Client.connect(server.url) for _ in range(20 - server.call(lambda s: s._listener.connections))]
        with pytest.raises(ConnectError, match=r"\(503\).*as many clients as it takes"):
            await Client.connect(server.url)
        await asyncio.gather(*(client.close() for client in crowd))

    play(scene())


def test_nothing_can_be_sent_after_the_end(server: ServerThread) -> None:
    async def scene() -> None:
        client = await Client.connect(server.url)
        await client.close()
        assert client.closed
        for action in (lambda: client.input(step=1), lambda: client.chat("hello")):
            with pytest.raises(ClosedError):
                action()
        for wait in (client.ping, client.join, lambda: client.wait_for("pong")):
            with pytest.raises(ClosedError):
                await wait()
        await client.wait_closed()
        await client.close()

    play(scene())


def test_a_server_that_stops_is_noticed() -> None:
    async def scene(server: ServerThread) -> None:
        client = await Client.connect(server.url)
        await client.join("Ann")
        notice = client.messages("notice")
        server.call(lambda running: asyncio.ensure_future(running.stop()))
        assert "stopping" in (await anext(notice))["text"]
        await client.wait_closed()
        assert (client.close_code, client.close_reason) == (1001, "the server is stopping")

    with serving(Race) as server:
        play(scene(server))


# Servers that are not ours, made with the websockets library.


@asynccontextmanager
async def strange(
    behave: Callable[[ServerConnection], Awaitable[None]], subprotocol: str | None = JSON_SUBPROTOCOL
) -> AsyncIterator[str]:
    async def handle(connection: ServerConnection) -> None:
        await behave(connection)

    async with serve(handle, "127.0.0.1", 0, subprotocols=[subprotocol] if subprotocol else None) as running:  # type: ignore[list-item]  # a NewType
        yield f"ws://127.0.0.1:{next(iter(running.sockets)).getsockname()[1]}"


def test_a_server_without_our_sub_protocol_is_no_rumpus_server() -> None:
    async def scene() -> None:
        async with strange(ServerConnection.wait_closed, None) as url:
            with pytest.raises(ConnectError, match="no Rumpus server"):
                await Client.connect(url)

    play(scene())


def test_a_server_that_speaks_http_only_is_no_rumpus_server() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    async def scene() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as running:
            port = running.sockets[0].getsockname()[1]
            with pytest.raises(ConnectError, match=rf"127\.0\.0\.1:{port} did not accept the connection \(200\)"):
                await Client.connect(f"http://127.0.0.1:{port}")

    play(scene())


def test_fragments_are_joined_and_pings_answered() -> None:
    async def behave(connection: ServerConnection) -> None:
        await connection.send(['{"type":"pong","ti', 'me":1,"server_time', '":2,"tick":3}'])
        await (await connection.ping())
        await connection.send('{"type":"of_the_future","x":1}')
        await connection.wait_closed()

    async def scene() -> None:
        async with strange(behave) as url, await Client.connect(url) as client:
            assert (await client.wait_for("of_the_future"))["x"] == 1
            assert client.bytes_received > 40

    play(scene())


@pytest.mark.parametrize(
    ("code", "reason", "words"), [(4000, "no more beer", "4000.*no more beer"), (1013, "", r"closed \(1013\)")]
)
def test_the_servers_close_code_is_kept(code: int, reason: str, words: str) -> None:
    async def behave(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.close(code, reason)

    async def scene() -> None:
        async with strange(behave) as url:
            client = await Client.connect(url)
            with pytest.raises(ClosedError, match=words) as closed:
                await client.join("Ann")
            assert (closed.value.close_code, client.close_code) == (code, code)

    play(scene())


def test_a_connection_that_breaks_is_lost() -> None:
    async def behave(connection: ServerConnection) -> None:
        connection.transport.abort()

    async def scene() -> None:
        async with strange(behave) as url:
            client = await Client.connect(url)
            with pytest.raises(ClosedError, match="lost"):
                await client.ping()
            assert client.close_code == 1006

    play(scene())


@pytest.mark.parametrize(
    "data", ["{", "[1]", "3", '{"kind":"state"}', '{"type":"delta"}', '{"type":"joined"}', '{"type":"error"}']
)
@pytest.mark.parametrize("keep_state", [True, False])
def test_messages_that_cannot_be_understood_end_the_connection(data: str, keep_state: bool) -> None:
    async def behave(connection: ServerConnection) -> None:
        await connection.send(data)
        await connection.wait_closed()

    async def scene() -> None:
        async with strange(behave) as url:
            client = await Client.connect(url, keep_state=keep_state)
            if data == '{"type":"delta"}' and not keep_state:
                # Without the state there is nothing in it to miss.
                await until(lambda: client.snapshots)
                return await client.close()
            await client.wait_closed()
            assert client.close_code == 1002

    play(scene())


def test_frames_that_break_the_protocol_end_the_connection() -> None:
    async def behave(connection: ServerConnection) -> None:
        reserved = Frame(Opcode.TEXT, b"{}", rsv2=True).serialize(mask=False)
        connection.transport.write(b"\x83\x02{}" + reserved)
        await connection.wait_closed()

    async def scene() -> None:
        async with strange(behave) as url:
            client = await Client.connect(url)
            await client.wait_closed()
            assert client.closed

    play(scene())


def test_a_delta_without_a_state_before_it_makes_one() -> None:
    async def behave(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"type": "delta", "tick": 3, "patch": {"a": {"b": 1}, "c": None}}))
        await connection.wait_closed()

    async def scene() -> None:
        async with strange(behave) as url, await Client.connect(url) as client:
            await until(lambda: client.snapshots)
            assert client.state == {"a": {"b": 1}}

    play(scene())
