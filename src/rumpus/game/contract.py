"""The rules of a game, and nothing else.

A `Game` never sees a socket, a clock or an event loop: the room hands it validated inputs and elapsed time, and takes
state, events and results from it. That is what makes a match testable in milliseconds and reproducible from its seeds.

Everything a subclass may leave out has a default that does something sensible, so the shortest useful game defines
`Input`, `initialize_game`, `process_input`, `update`, `is_game_over` and `get_game_state`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec

from ..errors import UnsupportedError

if TYPE_CHECKING:
    from ..replication import world as worlds  # NumPy, which a game of plain data does without
    from ..replication.history import Rewound


class Input(msgspec.Struct):
    """Base of a game's input. Subclass it with typed, constrained fields; what does not fit never reaches the game."""


class Settings(msgspec.Struct, kw_only=True):
    """Base of a game's settings. Every field needs a default, so that `rumpus serve` works with no options."""


class Bounds(NamedTuple):
    """Between which numbers players may choose a setting, both ends included; None: as far as the `Settings` go."""

    least: float | None = None
    most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a number is within them."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class PlayerInfo(msgspec.Struct, kw_only=True):
    """What a game is told about a player who takes part.

    rating, skill: the points that are shown and the best guess of how good they are, where known (see
    `rumpus.matchmaking`).  signed: the name is that of a ticket, and not one that the player chose.
    """

    player_id: str
    name: str
    team: str | None = None
    bot: bool = False
    rating: int | None = None
    skill: float | None = None
    options: dict[str, Any] = {}
    account: str | None = None
    signed: bool = False


#: What an operator may have texts go through: from a text and who wrote it, the text to pass on, or None for none.
ChatFilter = Callable[[str, PlayerInfo], str | None]


class Result(msgspec.Struct, kw_only=True):
    """One player's line in the results. `rank` starts at 1; left out, the room ranks by score, equal scores sharing."""

    player_id: str
    score: float = 0
    team: str | None = None
    rank: int | None = None


class GameEvent(NamedTuple):
    """Something that happened in a tick and is told once.

    `to` is one player's id, or None for everybody. `tick`: when it happened, if not in the tick that told of it.
    `at`, `afar`: see `Game.emit`.
    """

    name: str
    data: Mapping[str, Any]
    to: str | None
    tick: float | None = None
    at: tuple[float, float] | None = None
    afar: Mapping[str, Any] | None = None


class Bot(ABC):
    """A computer player: it sees what a client sees and answers with an input, like a client.

    `act` gets the plain state of the game (the same dict that a JSON client receives) and returns the input's fields
    as a plain dict, or None to keep the last input. It is called once per tick.
    """

    @abstractmethod
    def act(self, state: Any) -> dict[str, Any] | None: ...


class Game:
    """Base class of every game's rules.

    Order of calls in a match: `initialize_game`, `add_player` for everyone present, then for each tick
    `process_input`, `update`, `is_game_over` and, when it is time to send, `get_game_state`. Players may come and go
    between ticks. `results` and `reset` follow the end.

    How often `process_input` is called: once per tick, with the input in force, for a player whose client says for
    which tick each input is (the browser SDK does); for one whose client does not, once in ticks for which something
    arrived. In a game of commands, for each input in the order of arrival.
    """

    #: What clients are told the game is called; the class's name in lower case, if a subclass says nothing else.
    name: ClassVar[str] = "game"
    #: Seats in a room, unless the server is told otherwise.
    max_players: ClassVar[int] = 8
    #: How many players a match needs to begin (start policy "countdown") and to go on.
    min_players: ClassVar[int] = 2
    #: Ticks per second, unless the server is told otherwise.
    tick_rate: ClassVar[float] = 30
    #: Whether plain-data clients get merge patches after the first whole state.
    deltas: ClassVar[bool] = True
    #: The settings that players may choose, who create a room or look for one: names, or by name how far: `Bounds`, a
    #: tuple of values, or None for all that the `Settings` take. The operator may set all settings, as far as they go.
    player_settings: ClassVar[Set[str] | Mapping[str, Bounds | tuple[Any, ...] | None]] = frozenset()
    #: Whether inputs are commands ("play this card"), each of which counts. If not, they say what a player holds down
    #: (a stick, a trigger): a tick takes one, and the newest is what counts.
    commands: ClassVar[bool] = False

    Input: ClassVar[type[msgspec.Struct]] = Input
    Settings: ClassVar[type[msgspec.Struct]] = Settings
    #: The tables of a game that keeps its entities in some (see `rumpus.replication`); None: its state is plain data.
    World: ClassVar[type[worlds.World] | None] = None

    #: The tables of the running match; `initialize_game` makes them, before anything else, for each match anew.
    world: worlds.World | None
    #: Points per player id. Games that count in another way override `handle_scoring` and `results`.
    scores: dict[str, float]
    #: Decides what is random in the match, 128 bits; set by the room before `initialize_game`, for each match anew, and
    #: 0 outside of one. Nobody is told before the match is over: keep it out of settings, state and events.
    secret_seed: int
    #: Ticks since the match began, this one counted; set by the room.
    current_tick: int
    #: By player id: how many ticks ago what the player saw, on making the input of this tick, was so. Measured and
    #: capped by the room, which sets it before `process_input`; 0 for whoever is not in it. See `rewind`.
    view_lag: dict[str, float]
    #: Players who are out of the running match; see `eliminate`.
    out: set[str]

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "name" not in cls.__dict__:
            cls.name = cls.__name__.lower()

    def __init__(self) -> None:
        self.scores = {}
        self.secret_seed = 0
        self.current_tick = 0
        self.view_lag = {}
        self.out = set()
        self.world = None
        self._events: list[GameEvent] = []
        self._eliminated: list[str] = []

    @classmethod
    def prepare(cls) -> None:
        """Do, once per process and before the first match, what would delay it: compile, load, check.

        A game with a world that has more to prepare calls this too.
        """
        if cls.World is not None:
            # numba, which games of plain data do without.
            from ..replication.preparing import prepare

            prepare()

    @classmethod
    def is_prepared(cls) -> bool:
        """Whether `prepare` will take no more than a moment.

        If not, `rumpus serve` runs it in a second process first, and matches wait while the server is already up; what
        `prepare` leaves on disk must then make it quick in this one.
        """
        if cls.World is None:
            return True
        from ..replication.preparing import are_on_disk

        return are_on_disk()

    @classmethod
    def teams(cls, settings: Any) -> Sequence[str]:
        """Names of the teams under these settings; empty when everybody plays for themselves."""
        return ()

    @classmethod
    def next_choices(cls, settings: Any) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """What players may choose between for the match after one with these settings: 2 to 4 times (title, changes).

        Changes are new values by name of setting, any of them and not only `player_settings`; {} keeps all as it is.
        Empty: nothing is put to the vote.
        """
        return ()

    def initialize_game(self, settings: Any) -> None:
        """Begin a match. `settings` is an instance of the game's `Settings`, already validated."""
        if self.World is not None:
            self.world = self.World()

    def add_player(self, player_id: str, info: PlayerInfo) -> None:
        """A player enters the match, at its start or while it runs."""
        self.scores[player_id] = 0

    def remove_player(self, player_id: str) -> None:
        """A player leaves the match."""
        self.scores.pop(player_id, None)

    def player_dropped(self, player_id: str) -> None:
        """A player's connection is lost; the seat is held, and they may be back in a moment.

        Their last input has been released (see `release_input`). What becomes of the avatar is the game's choice: it
        may stand idle, which is the default, or be protected.
        """

    def player_returned(self, player_id: str) -> None:
        """A player whose connection was lost is back. If they do not come in time, `remove_player` is called."""

    def process_input(self, player_id: str, input_data: Any) -> None:
        """Take one input. `input_data` is an instance of the game's `Input`, already validated."""

    @classmethod
    def merge_inputs(cls, older: Any, newer: Any) -> Any:
        """One input of two that count for the same tick. A game with a trigger should keep a press that was short."""
        return newer

    @classmethod
    def release_input(cls, last: Any) -> Any:
        """What a player does who has not been heard of for a while, after the input `last`; None: nothing new.

        An input with every field at its default, where that is possible: hands off.
        """
        try:
            return cls.Input()
        except TypeError:
            return None

    def update(self, delta_time: float) -> None:
        """Advance the match by `delta_time` seconds (always one tick)."""

    def eliminate(self, player_id: str) -> None:
        """A player plays no more in this match: they keep their seat and their score, and watch as spectators do.

        From the next snapshot on they see what spectators see, as late as those do; their inputs are ignored. It is up
        to the game to take what is theirs off the field, and to rank them in `results`. May be called from `add_player`
        too, for those who come when it is too late to take part. Nothing happens if they are out already.
        """
        if player_id not in self.out:
            self.out.add(player_id)
            self._eliminated.append(player_id)

    def take_eliminated(self) -> list[str]:
        """Who was eliminated since the last call. Called by the room."""
        eliminated, self._eliminated = self._eliminated, []
        return eliminated

    def detect_collisions(self) -> None:
        """Find out who hit whom. Called by the game's own `update`."""

    def handle_scoring(self, player_id: str) -> None:
        """Give `player_id` a point."""
        self.scores[player_id] = self.scores.get(player_id, 0) + 1

    def is_game_over(self) -> bool | str:
        """Whether the match has ended; a string is the reason that clients are told (such as "score_limit")."""
        return False

    def get_game_state(self) -> Any:
        """The state clients see, as plain data: dicts, lists, numbers, strings, dataclasses, Structs.

        A game with a world need not define it: its state is what its tables hold.
        """
        if self.world is not None:
            return {**self.get_static_state(), **self.world.plain()}
        return {"scores": self.scores}

    def get_view(self, player_id: str | None, state: Any) -> Any:
        """What one player may know of `state`, which `get_game_state` has just returned; None: all of it.

        For games without a world, in which players have secrets from one another: it is asked for each client and
        state, and what it returns is compared and encoded for that client alone. player_id: None for those who watch,
        all at once. Bots are shown the whole state.
        """
        return None

    def get_static_state(self) -> dict[str, Any]:
        """What of the state stays the same for a whole match (a map, say), as plain data with names of its own.

        Clients get it once, as `static` in `game_started` and `joined`.
        """
        return {}

    def results(self) -> Sequence[Result]:
        """The score of everyone who takes part. The room adds names and, where missing, ranks."""
        return [Result(player_id=player_id, score=score) for player_id, score in self.scores.items()]

    def reset(self) -> None:
        """Forget the match that ended. The room calls `initialize_game` and `add_player` again for the next one."""
        self.scores.clear()
        self.view_lag.clear()
        self.out.clear()
        self._events.clear()
        self._eliminated.clear()

    def make_bot(self, player_id: str, skill: float, seed: int) -> Bot | None:
        """A computer player for this game, or None if it has none. `skill` runs from 0 (gentle) to 1 (merciless)."""
        return None

    def save(self) -> bytes:
        """The whole state of the match, random generator included. Equal states give equal bytes.

        Raises UnsupportedError in a game that does not define it.
        """
        raise UnsupportedError(f"{type(self).__name__} does not define save().")

    def load(self, data: bytes) -> None:
        """Continue from what `save` returned. Raises ValueError for anything else."""
        raise UnsupportedError(f"{type(self).__name__} does not define load().")

    def rewind(self, player_id: str) -> Rewound:
        """The tables with a `rewind` option as a player saw them on making the input of this tick.

        For whoever has no view lag, and before anything is remembered: as they are. See `World.rewind`.
        """
        if self.world is None:
            raise UnsupportedError(f"{type(self).__name__} has no world: only tables are remembered.")
        return self.world.rewind(self.current_tick - self.view_lag.get(player_id, 0.0))

    def emit(
        self,
        name: str,
        data: Mapping[str, Any] | None = None,
        to: str | None = None,
        tick: float | None = None,
        at: tuple[float, float] | None = None,
        afar: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell the clients of something: everybody, or only the player `to`.

        tick: when it happened, where that was before this tick (a shot that lag compensation tested in the past);
        clients show it when their picture has come to that moment.
        at: where it happened (x, y in world units). In a world with an `interest` only those are told who have this
        place in view; the others get `afar` as its data, or, where that is left out, never hear of it. In any other
        game everybody is told `data`, and nobody `afar`.
        """
        self._events.append(GameEvent(name, data or {}, to, tick, at, afar))

    def take_events(self) -> list[GameEvent]:
        """The events emitted since the last call. Called by the room after each tick."""
        events, self._events = self._events, []
        return events
