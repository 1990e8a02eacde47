"""Tickets as a studio uses them: keys and tokens made by the command, and a server that lets in who has one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from rumpus.client import Client
from rumpus.errors import JoinError
from rumpus.tickets import sign_ticket
from tests.support.clients import RawClient
from tests.support.command import Run, complaints, rumpus
from tests.support.serving import serving_process

pytestmark = pytest.mark.socket

ROOT = Path(__file__).parents[2]
GAME = ("--game", "tests.support.drift:Drift", "--start", "now")
SECRET = "correct horse battery staple, twice over"

__all__ = ["rumpus"]


def test_a_key_pair_from_the_command_to_a_seat(rumpus: Run, tmp_path: Path) -> None:
    key = tmp_path / "tickets.pem"
    made = rumpus("ticket", "--new-key", str(key))
    assert made.returncode == 0
    assert f"--ticket-public-key {key}.pub" in made.stdout
    serve = (*GAME, "--ticket-public-key", f"{key}.pub", "--no-guests")
    with serving_process(*serve, cwd=ROOT) as server:
        signed = rumpus("ticket", "--key-file", str(key), "--player", "alice", "--name", "Alice")
        assert signed.returncode == 0
        token = signed.stdout.strip()
        with RawClient(server.port) as client:
            client.send("join", name="Somebody")
            assert client.error() == "token_required"
            client.send("join", token=token[:-4] + "AAAA")
            assert client.error() == "bad_token"
            client.send("join", token="x" * 5000)
            assert client.error() == "bad_token"
            client.send("join", token=token, options={"create": True})
            joined = client.expect("joined")
            assert [player["name"] for player in joined["players"]] == ["Alice"]
            room = joined["room_id"]
            for_room = rumpus(
                "ticket", "--key-file", str(key), "--player", "ben", "--room", room.lower(), "--lifetime", "600"
            ).stdout.strip()
            with RawClient(server.port) as friend:
                friend.send("join", token=for_room)
                assert friend.error() == "room_not_permitted"
                friend.send("join", token=for_room, room=room, name="Ben")
                assert {player["name"] for player in friend.expect("joined")["players"]} == {"Alice", "Ben"}
        server.stop()
        # Tokens let people in: they are nobody's business but the client's and the server's.
        assert token not in "".join(server.log)


def test_a_secret_from_the_environment_and_the_python_client(tmp_path: Path) -> None:
    async def join(url: str, **how: str) -> str:
        async with await Client.connect(url) as client:
            joined = await client.join("Gus", create=True, **how)
            return str(joined["players"][0]["name"])

    with serving_process(*GAME, cwd=ROOT, environment={"RUMPUS_TICKET_SECRET": SECRET}) as server:
        assert asyncio.run(join(server.url, token=sign_ticket(SECRET, "alice", name="Alice"))) == "Alice"
        assert asyncio.run(join(server.url, guest="0123456789abcdef")) == "Gus"
        assert asyncio.run(join(server.url)) == "Gus"
        for how, code in (
            ({"token": sign_ticket(SECRET + "!", "alice")}, "bad_token"),
            ({"token": sign_ticket(SECRET, "alice", now=1e9)}, "token_expired"),
            ({"guest": "too short"}, "bad_message"),
        ):
            with pytest.raises(JoinError) as refused:
                asyncio.run(join(server.url, **how))
            assert refused.value.code == code
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    with serving_process(*GAME, "--ticket-secret-file", str(secret), cwd=ROOT) as server:
        assert asyncio.run(join(server.url, token=sign_ticket(SECRET, "alice", name="Alice"))) == "Alice"


def test_what_cannot_be_served_is_one_sentence(tmp_path: Path) -> None:
    short, pem = tmp_path / "short", tmp_path / "key.pem"
    short.write_text("hunter2")
    pem.write_text("-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n")
    cases = {
        ("serve", "--ticket-secret-file", str(short)): "has 7 bytes and needs at least 32",
        ("serve", "--ticket-secret-file", str(tmp_path / "none")): "cannot be read: No such file",
        ("serve", "--ticket-public-key", str(tmp_path)): "cannot be read: Is a directory",
        ("serve", "--ticket-public-key", str(pem)): "no Ed25519 public key",
        ("serve", "--ticket-public-key", str(pem), "--ticket-secret-file", str(short)): "leave out",
        ("serve", "--ticket-audience", "arena"): "--ticket-audience says nothing without a key",
        ("serve", "--no-guests"): "lets nobody in without tickets",
        ("serve", "--tls-cert", "x.pem"): "--tls-key is missing",
        ("serve", "--tls-key", "x.pem"): "--tls-cert is missing",
        ("serve", "--tls-cert", str(pem), "--tls-key", str(pem)): "holds no certificate",
        ("serve", "--allow-origin", "play.example"): "--allow-origin cannot be",
        ("serve", "--trusted-proxy", "proxy.example"): "--trusted-proxy cannot be",
        ("serve", "--metrics-from", "10.0.0.1/8"): "--metrics-from cannot be",
        ("serve", "--public-host", "https://play.example"): "without https:// and without a port",
        ("serve", "--keep-alive", "-1"): "--keep-alive cannot be",
        ("serve", "--trusted-proxy", "127.0.0.1", "--simulate", "lan"): "cannot be used with --simulate",
        ("ticket",): "Whose ticket?",
        ("ticket", "--player", "alice"): "--key-file",
        ("ticket", "--player", "alice", "--key-file", str(short)): "7 bytes",
        ("ticket", "--player", "", "--key-file", str(pem)): "Ed25519",
        ("ticket", "--player", "alice", "--new-key", str(pem)): "leave out",
        ("ticket", "--new-key", str(pem)): "exists already",
    }
    for case, said in zip(cases.values(), complaints([list(arguments) for arguments in cases]), strict=True):
        assert case in said, (case, said)
        assert "Traceback" not in said


def test_tokens_and_guest_keys_reach_nobody_else() -> None:
    with serving_process(*GAME, cwd=ROOT, environment={"RUMPUS_TICKET_SECRET": SECRET}) as server:
        token = sign_ticket(SECRET, "subject-of-alice", name="Alice")
        with RawClient(server.port) as one, RawClient(server.port) as two:
            one.send("join", token=token, options={"create": True})
            room = one.expect("joined")["room_id"]
            two.send("join", guest="0123456789abcdef", room=room)
            joined = two.expect("joined")
            seen = json.dumps([joined, one.expect("player_joined")])
            assert "subject-of-alice" not in seen
            assert "0123456789abcdef" not in seen
        server.stop()
        log = "".join(server.log)
        assert token not in log
        assert "0123456789abcdef" not in log
