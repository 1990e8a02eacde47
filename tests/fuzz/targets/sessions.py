"""A server on a virtual clock, and clients that say anything: nothing is raised, and others play on."""

from __future__ import annotations

import logging

from rumpus.testing import MemoryClient, Playground
from tests.fuzz.landmarks import reach
from tests.support.race import Race

_SAID = (
    b'{"type":"join","name":"Ann","options":{"create":true,"private":false}}',
    b'{"type":"join","name":"Ben","guest":"0123456789abcdef"}',
    b'{"type":"input","seq":1,"data":{"fire":true},"tick":5,"seen":1.5}',
    b'{"type":"party","name":"Ann"}',
    b'{"type":"call_vote","kind":"kick","player_id":"p2"}',
    b'{"type":"chat","text":"hi","to":"team"}',
    b'{"type":"set_room","settings":{"goal":3},"bots":1,"max_players":3}',
    b'{"type":"resume","session":"x","serial":0}',
    b'{"type":"watch_rooms"}',
    b'{"type":"reserve","seats":1}',
    b'{"type":"leave"}',
)
#: A line each: who says it (0 to 2; 3: time passes, 4: the connection is lost), and the message.
SEEDS = [
    b"\n".join(b"%d%b" % (index % 3, said) for index, said in enumerate(_SAID)),
    b"0" + _SAID[0] + b"\n1" + _SAID[1] + b"\n3\n0" + _SAID[2] + b"\n4\n3\n0" + _SAID[8],
    b"0" + _SAID[3] + b"\n0" + _SAID[0] + b"\n1" + _SAID[9] + b"\n0" + _SAID[10],
]


class _Errors(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(logging.Formatter().format(record))


def run(data: bytes) -> None:
    match = Playground(Race, start="now", max_players=4)
    clients: list[MemoryClient] = [match.connect() for _ in range(3)]
    errors = _Errors(logging.ERROR)
    logging.getLogger().addHandler(errors)
    try:
        for line in data.split(b"\n")[:40]:
            who, said = line[:1], line[1:]
            if who == b"3":
                match.run(0.3)
            elif who == b"4":
                clients[0].connection.disconnect()
                clients[0] = match.connect()
            else:
                clients[who[0] % 3 if who else 0].connection.receive(said)
        match.run(0.2)
        for client in clients:
            for message in client.messages():
                reach(f"{message['type']} {message.get('code') or message.get('reason')}")
        other = match.connect("Zoe", create=True)
        assert other.last("joined")["player_id"]
    finally:
        logging.getLogger().removeHandler(errors)
