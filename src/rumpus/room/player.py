"""A player in a room: who they are, what they want, and the two ends of their line: `input` and `subscriber`."""

from __future__ import annotations

from ..connection import Connection
from ..game.contract import Bot, PlayerInfo
from ..netcode.player_input import PlayerInput
from ..protocol import PlayerView
from ..protocol.skeleton import skeletons
from ..results.presence import MOST_NETWORKS
from ..sync.subscriber import Subscriber
from ..token_bucket import TokenBucket


class Player:
    """One seat that is taken, by a person or by a computer (`bot`)."""

    __slots__ = (
        "_changes",
        "bot",
        "chose_team",
        "info",
        "input",
        "looks",
        "muted",
        "networks",
        "out",
        "party",
        "ready",
        "since",
        "subscriber",
    )

    def __init__(
        self,
        info: PlayerInfo,
        player_input: PlayerInput,
        *,
        subscriber: Subscriber | None = None,
        bot: Bot | None = None,
        party: str | None = None,
        since: int = 0,
    ) -> None:
        self.info = info
        #: What the name looks like, see `skeletons`.
        self.looks = skeletons(info.name)
        self.bot = bot
        #: What they send.
        self.input = player_input
        #: Where they are told; None for bots, and for people whose connection is lost and whose seat is held.
        self.subscriber = subscriber
        #: Where they have come from since they have this seat, the last one last: a resumed seat may have several.
        self.networks: list[str] = []
        if subscriber is not None:
            self._comes_from(subscriber.connection)
        #: Whether they take no more part in the running match, and whether they are ready for the next one.
        self.out = False
        self.ready = False
        #: The code of the party they came with, and whether the team is one that they asked for.
        self.party = party
        self.chose_team = False
        #: The serial number of the room's last message before they came (see `MessageLog`).
        self.since = since
        #: Whose chat they do not hear, by `durable_id`.
        self.muted: set[str] = set()
        #: How much they may still change in the room; None before the first time.
        self._changes: TokenBucket | None = None

    @property
    def player_id(self) -> str:
        return self.info.player_id

    @property
    def durable_id(self) -> str:
        """Names the player beyond this seat, where they have an account."""
        return self.info.account if self.info.account is not None else self.info.player_id

    @property
    def is_bot(self) -> bool:
        return self.bot is not None

    @property
    def network(self) -> str:
        """Where their connection comes from, or came from if it is lost; empty for bots."""
        return self.networks[-1] if self.networks else ""

    @property
    def connection(self) -> Connection | None:
        """None for bots, and for people who are away."""
        return self.subscriber.connection if self.subscriber is not None else None

    @property
    def away(self) -> bool:
        """Whether the seat is held for somebody whose connection is lost."""
        return self.subscriber is None and self.bot is None

    def connect(self, subscriber: Subscriber) -> None:
        """A person is told here from now on."""
        self.subscriber = subscriber
        self._comes_from(subscriber.connection)

    def _comes_from(self, connection: Connection) -> None:
        # Where there is no server that names networks, each address is one.
        network = connection.network or connection.address
        if network in self.networks:
            self.networks.remove(network)
        self.networks.append(network)
        del self.networks[:-MOST_NETWORKS]

    def disconnect(self) -> None:
        """A person's connection is no longer theirs."""
        self.subscriber = None

    def rename(self, name: str) -> None:
        """Another name; whoever has been told of this player is to be told again."""
        self.info.name, self.looks = name, skeletons(name)

    def rate(self, rating: int, skill: float) -> None:
        """How good a person is has become known, or is not as it was."""
        self.info.rating, self.info.skill = rating, skill

    def join_team(self, team: str | None, chosen: bool = False) -> None:
        """Move to a team, or to none; because they asked for it, or not."""
        self.info.team, self.chose_team = team, chosen

    def move_to(self, team: str | None) -> None:
        """Move to a team, whatever they asked for."""
        self.info.team = team

    def be_ready(self, ready: bool) -> None:
        """Whether they are ready for the next match."""
        self.ready = ready

    def leave_match(self) -> None:
        """The player is out: nothing that they send counts until the next match."""
        self.out = True
        self.input.accept(False)
        self.input.stop()

    def rejoin(self) -> None:
        """The next match is for them too."""
        self.out = False

    def may_change(self, now: float, rate: float, most: float) -> bool:
        """Whether one more change of the room is within their rate: so many a second, and so many saved up."""
        if self._changes is None:
            self._changes = TokenBucket(rate, most, now)
        self._changes.refill_until(now)
        return self._changes.spend()

    def view(self) -> PlayerView:
        """As others are told."""
        info = self.info
        return PlayerView(
            player_id=info.player_id,
            name=info.name,
            team=info.team,
            bot=info.bot,
            away=self.away,
            out=self.out,
            ready=self.ready,
            rating=info.rating,
            signed=info.signed,
        )
