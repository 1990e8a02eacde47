"""https and wss: the same game through TLS, handshakes that count, and certificates that are renewed."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as connect_sync
from websockets.typing import Subprotocol

from rumpus.client import Client, ConnectError
from rumpus.client.replica import SNAPSHOT_MARK, Replica
from rumpus.config import Limits, RoomOptions
from rumpus.errors import ConfigurationError
from rumpus.net.tls import load_tls
from rumpus.protocol import MSGPACK_SUBPROTOCOL
from rumpus.server import GameServer
from tests.support.certificates import Files, make_certificate
from tests.support.clients import frame, open_socket, read_to_end, upgrade_request
from tests.support.drift import Drift
from tests.support.lighthouses import Lighthouses, levels
from tests.support.serving import PATIENCE, ServerThread, get_json, serving, serving_process

pytestmark = pytest.mark.socket

#: More than the server loads the fast lane's kernels for.
MANY = 70
ROOT = Path(__file__).parents[2]
OPTIONS = RoomOptions(start="now", tick_rate=30, empty_grace=0, max_players=100)
LIMITS = Limits(handshake_timeout=1.0)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def server(files: Files) -> Iterator[ServerThread]:
    with serving(Drift, OPTIONS, LIMITS, tls=load_tls(*files)) as server:
        yield server
        settle(server)
        assert not server.errors.records, server.errors.texts()


def settle(server: ServerThread) -> None:
    """Wait until nobody is counted any more."""
    wait_until(server, lambda server: (server._listener.connections, len(server._listener._per_address)) == (0, 0))


def wait_until(server: ServerThread, condition: Callable[[GameServer], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not server.call(condition):
        assert time.monotonic() < end
        time.sleep(0.005)


@contextlib.contextmanager
def raw(server: ServerThread, files: Files, receive_buffer: int = 0) -> Iterator[ssl.SSLSocket]:
    plain = open_socket(server.port, receive_buffer)
    with plain, files.client_context().wrap_socket(plain, server_hostname="localhost") as s:
        yield s


def get(port: int, path: str, context: ssl.SSLContext) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


# The game.


async def play(url: str, context: ssl.SSLContext) -> tuple[ClientConnection, Replica]:
    socket = await connect(
        url, ssl=context, subprotocols=[Subprotocol(MSGPACK_SUBPROTOCOL)], max_size=None, compression=None
    )
    await socket.send(msgspec.msgpack.encode({"type": "join"}))
    return socket, Replica()


async def follow(socket: ClientConnection, state: Replica) -> int:
    """Take the next message; the tick of the state that it brought, or -1."""
    data = await asyncio.wait_for(socket.recv(), PATIENCE)
    assert isinstance(data, bytes)
    if data[0] == SNAPSHOT_MARK:
        state.on_snapshot(data)
        return state.tick
    state.on_message(msgspec.msgpack.decode(data))
    return -1


def test_many_clients_of_a_game_of_tables_get_what_others_get_and_never_past_tls(files: Files) -> None:
    async def main(server: ServerThread) -> None:
        url = f"wss://127.0.0.1:{server.port}/ws"
        players = await asyncio.gather(*(play(url, files.client_context()) for _ in range(MANY)))
        for number in range(10):
            for one, _ in players:
                await one.send(msgspec.msgpack.encode({"type": "input", "seq": number, "data": {}}))
                await asyncio.wait_for(one.recv(), PATIENCE)
        # The others' snapshots are the same; to decode them all takes long.
        for _ in range(3):
            one, state = await play(url, files.client_context())
            players.append((one, state))
            while await follow(one, state) < 10:
                pass
            lamps = state.state["lamps"]
            shown = [lamps[f"l{number + 1}"]["level"] for number in range(len(lamps))]
            assert shown == levels(state.tick).tolist()

        def check(server: GameServer) -> None:
            assert len(server.sessions) == MANY + 3
            assert server._lane is not None
            assert server._lane.is_open
            assert len(server._lane) == 0
            connections: Any = server.sessions
            assert all(one.direct_fd == one.lane_fd == -1 for one in connections)

        server.call(check)
        await asyncio.gather(*(one.close() for one, _ in players))

    # The clients live in this process, too: at a rate at which it keeps up with them on a busy machine.
    options = RoomOptions(start="now", tick_rate=5, empty_grace=0)
    with serving(Lighthouses, options, tls=load_tls(*files)) as server:
        asyncio.run(main(server))
        settle(server)
        assert not server.errors.records, server.errors.texts()


def test_pages_and_pings_go_through_tls(server: ServerThread, files: Files) -> None:
    context = files.client_context()
    assert get(server.port, "/healthz", context)[0] == 200
    assert b"<html" in get(server.port, "/", context)[1]
    assert get(server.port, "/nothing", context)[0] == 404
    with connect_sync(f"wss://localhost:{server.port}/ws", ssl=context) as socket:
        for _ in range(3):
            assert socket.ping().wait(PATIENCE)


def test_frames_in_the_same_flight_as_the_end_of_the_handshake_are_read(server: ServerThread, files: Files) -> None:
    # Over and over: whether they come while TLS is being agreed on is a matter of chance.
    for _ in range(30):
        with raw(server, files) as client:
            client.sendall(upgrade_request(server.port) + frame(b'{"type":"ping","time":4.5}'))
            data = b""
            while b'"time":4.5' not in data:
                chunk = client.recv(4096)
                assert chunk
                data += chunk


def test_the_request_may_come_with_the_last_bytes_of_the_tls_handshake(server: ServerThread, files: Files) -> None:
    """Made by hand, so that both are in one packet."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = files.client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with open_socket(server.port) as sock:
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65536))
        client.write(upgrade_request(server.port) + frame(b'{"type":"ping","time":4.5}'))
        sock.sendall(outgoing.read())
        data = b""
        while b'"time":4.5' not in data:
            with contextlib.suppress(ssl.SSLWantReadError):
                data += client.read(65536)
                continue
            chunk = sock.recv(65536)
            assert chunk
            incoming.write(chunk)


def test_a_client_that_breaks_the_rules_reads_why_and_its_connection_ends(server: ServerThread, files: Files) -> None:
    with raw(server, files) as client:
        client.sendall(upgrade_request(server.port))
        while not client.recv(4096).endswith(b"\r\n\r\n"):
            pass
        began = time.monotonic()
        client.sendall(frame(b"x", masked=False) + b"x" * 100_000)
        data = bytearray()
        with contextlib.suppress(OSError):
            while chunk := client.recv(4096):
                data += chunk
        assert data[0] == 0x88
        assert int.from_bytes(data[2:4], "big") == 1002
        assert time.monotonic() - began < PATIENCE / 2


def test_a_close_handshake_works_in_both_directions(files: Files) -> None:
    with serving(Drift, OPTIONS, LIMITS, tls=load_tls(*files)) as server:
        url = f"wss://localhost:{server.port}/ws"
        with connect_sync(url, ssl=files.client_context()) as socket:
            socket.close(1000)
            assert socket.close_code == 1000
        with connect_sync(url, ssl=files.client_context()) as socket:
            server.request_stop()
            with contextlib.suppress(ConnectionClosed):
                while socket.recv(PATIENCE):
                    pass
            assert socket.close_code == 1001


def test_a_client_that_reads_nothing_is_cut_off(files: Files) -> None:
    limits = Limits(max_unsent=65_536, send_buffer=8192, skip_unsent=0, slow_timeout=2)
    with serving(Drift, OPTIONS, limits, tls=load_tls(*files)) as server:
        with raw(server, files, 4096) as slow:
            slow.sendall(
                upgrade_request(server.port)
                + frame(b'{"type":"join","options":{"create":true,"settings":{"bulk":60000}}}')
            )
            wait_until(server, lambda server: server.counters.slow_clients == 1)
            settle(server)
        assert not server.errors.records, server.errors.texts()


# Who does not get that far.


def test_only_tls_of_today_is_spoken(server: ServerThread, files: Files) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = files.client_context()
        context.minimum_version = context.maximum_version = version
        assert get(server.port, "/healthz", context)[0] == 200
    assert load_tls(*files).minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_requests_to_a_tls_port_are_not_answered_as_such(server: ServerThread) -> None:
    for request in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(300), upgrade_request(server.port)):
        with open_socket(server.port) as sock:
            sock.sendall(request)
            assert not read_to_end(sock).startswith(b"HTTP")


def test_tls_handshakes_that_never_finish_count_and_are_cut_off(files: Files) -> None:
    limits = Limits(handshake_timeout=1.0, max_connections_per_address=5)
    with serving(Drift, OPTIONS, limits, strangers=True, tls=load_tls(*files)) as server:
        began = time.monotonic()
        half = [open_socket(server.port) for _ in range(5)]
        half[0].sendall(b"\x16\x03\x01")
        wait_until(server, lambda server: server._listener.connections == 5)
        with open_socket(server.port) as sixth:
            assert read_to_end(sixth) == b""
        wait_until(server, lambda server: server.refused_connections == 1)
        for sock in half:
            assert not read_to_end(sock).startswith(b"HTTP")
            sock.close()
        assert 0.7 < time.monotonic() - began < PATIENCE / 2
        settle(server)
        # Nor does somebody who agrees on TLS and then says nothing.
        with raw(server, files) as silent:
            wait_until(server, lambda server: server._listener.connections == 1)
            assert silent.recv(100) == b""
        settle(server)
        assert get(server.port, "/healthz", files.client_context())[0] == 200
        assert not server.errors.records, server.errors.texts()


def test_a_client_that_does_not_trust_the_certificate_is_no_error_of_the_server(server: ServerThread) -> None:
    for _ in range(3):
        with pytest.raises(ssl.SSLCertVerificationError):
            get(server.port, "/", ssl.create_default_context())
    sock = open_socket(server.port)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    sock.close()
    settle(server)


def test_a_page_served_with_tls_is_the_only_own_page(server: ServerThread, files: Files) -> None:
    here = f"localhost:{server.port}"
    context = files.client_context()

    def answer(origin: str) -> bytes:
        with raw(server, files) as client:
            client.sendall(upgrade_request(server.port, headers={"Host": here, "Origin": origin}))
            return client.recv(4096)

    assert get(server.port, "/", context)[0] == 200
    assert answer(f"https://{here}").startswith(b"HTTP/1.1 101")
    assert answer(f"http://{here}").startswith(b"HTTP/1.1 403")


# The Python client.


def test_the_python_client_plays_over_tls_where_it_trusts_the_certificate(
    server: ServerThread, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def join(url: str) -> str:
        async with await Client.connect(url) as client:
            await client.join("Ann", create=True)
            await client.wait_for("state", "delta")
            return client.room_id

    url = f"https://localhost:{server.port}"
    with pytest.raises(ConnectError, match=f"localhost:{server.port}.*certificate"):
        asyncio.run(join(url))
    monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
    assert asyncio.run(join(url))
    assert asyncio.run(join(f"wss://localhost:{server.port}/ws"))
    with pytest.raises(ConnectError):
        asyncio.run(join(f"http://localhost:{server.port}"))


# The command.


def test_serve_speaks_tls_and_renews_its_certificate_without_losing_anyone(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    command = ("--game", "tests.support.drift:Drift", "--start", "now")
    with serving_process(*command, "--tls-cert", str(files[0]), "--tls-key", str(files[1]), cwd=ROOT) as server:
        assert server.url.startswith("https://")
        url = f"wss://localhost:{server.port}/ws"
        old = files.client_context()
        with connect_sync(url, ssl=old) as socket:
            key = files.key.read_bytes()
            files.key.write_bytes(b"broken")
            server.process.send_signal(signal.SIGHUP)
            wait_for_line(server.log, "the certificate stays")
            assert get(server.port, "/healthz", old)[0] == 200
            files.key.write_bytes(key)
            make_certificate(tmp_path)
            server.process.send_signal(signal.SIGHUP)
            wait_for_line(server.log, "read again")
            assert get(server.port, "/healthz", files.client_context())[0] == 200
            with pytest.raises(ssl.SSLCertVerificationError):
                get(server.port, "/healthz", old)
            assert socket.ping().wait(PATIENCE)
        server.stop()
        assert not [line for line in server.log if "Traceback" in line], server.log


def test_a_simulated_link_carries_tls(files: Files) -> None:
    command = ("--game", "tests.support.drift:Drift", "--simulate", "lan")
    with serving_process(*command, "--tls-cert", str(files[0]), "--tls-key", str(files[1]), cwd=ROOT) as server:
        assert get(server.port, "/healthz", files.client_context())[0] == 200


def wait_for_line(log: list[str], text: str) -> None:
    end = time.monotonic() + PATIENCE
    while not any(text in line for line in log):
        assert time.monotonic() < end, log
        time.sleep(0.01)


def test_files_that_cannot_be_used_are_named(tmp_path: Path, files: Files) -> None:
    other = make_certificate(tmp_path, "other")
    locked = make_certificate(tmp_path, "locked", b"secret")
    garbled = tmp_path / "garbled.pem"
    garbled.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    for certificate, key, sentence in (
        (tmp_path / "none.pem", files.key, "--tls-cert .*none.pem cannot be read: No such file"),
        (files.certificate, tmp_path, "--tls-key .* cannot be read: Is a directory"),
        (files.key, files.key, "--tls-cert .* holds no certificate in PEM"),
        (files.certificate, files.certificate, "--tls-key .* holds no private key in PEM"),
        (files.certificate, other.key, "--tls-key .* is not the key of the certificate"),
        (locked.certificate, locked.key, "--tls-key .* is encrypted"),
        (garbled, files.key, "cannot be used"),
    ):
        with pytest.raises(ConfigurationError, match=sentence):
            load_tls(certificate, key)


def test_healthz_of_a_plain_server_is_still_plain() -> None:
    with serving(Drift, OPTIONS) as server:
        assert get_json(server.port, "/healthz")["status"] == "ok"
