"""What import-linter cannot see of the house: who is handed what, who writes to whom, and how large a module is.

`docs/architecture.md` has the layers; the contracts for imports are in `pyproject.toml`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import rumpus

SOURCE = Path(rumpus.__file__).parent
#: Lines of a module, at most.
MOST_LINES = 400
#: Modules that lie flat in the package: what authors import.
MOST_FLAT = 12
#: What a part of a room may write to although it is another object, and why.
WRITABLE = {
    "game.current_tick",  # the contract of a game: "set by the room"
    "game.secret_seed",  # the same
    "self._counters",  # plain integers, which is all that a hot path can afford
    "self.info",  # a player's own, made for this seat
}


def modules(folder: str = "") -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((SOURCE / folder).rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text())


def parameters_of_type(tree: ast.Module, name: str) -> Iterator[str]:
    """The functions that are handed something of this type, also as a part of another (`list[GameRoom]`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = node.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                if argument.annotation is not None and name in ast.unparse(argument.annotation):
                    yield getattr(node, "name", "lambda")


def written_elsewhere(tree: ast.Module) -> Iterator[str]:
    """Assignments to an attribute of anything but `self` and what is `WRITABLE`, and `setattr`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, ast.Delete):
            targets = node.targets
        else:
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "delattr"):
                yield f"line {node.lineno}: {ast.unparse(node)}"
            continue
        for target in targets:
            for part in ast.walk(target):
                if (
                    isinstance(part, ast.Attribute)
                    and isinstance(part.ctx, ast.Store | ast.Del)
                    and ast.unparse(part.value) != "self"
                    and not {ast.unparse(part.value), ast.unparse(part)} & WRITABLE
                ):
                    yield f"line {part.lineno}: {ast.unparse(part)}"


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules of ours that are imported by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "rumpus")
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level) + (node.module or "")


def test_games_import_what_any_author_does() -> None:
    public = {"rumpus", "rumpus.game", "rumpus.replication", "rumpus.replication.rewinding", "rumpus.compiled"}
    used = {name for _, tree in modules("games") for name in imported(tree) if name.split(".")[0] in ("rumpus", "")}
    assert {name for name in used if not name.startswith("rumpus.games")} <= public


def test_only_the_server_is_handed_a_whole_server() -> None:
    """The command line makes one, and the benchmark looks into one."""
    handed = {name for name, tree in modules() if any(parameters_of_type(tree, "GameServer"))}
    elsewhere = {name for name in handed if name.split("/")[0] not in ("server", "cli", "bench")}
    assert elsewhere == set()


def test_no_part_of_a_room_is_handed_a_whole_room() -> None:
    """`GameRoom` itself tells those who made it of changes, and so names its own type."""
    handed = {name for name, tree in modules("room") if any(parameters_of_type(tree, "GameRoom"))}
    assert handed == {"room/game_room.py"}


def test_parts_of_a_room_write_only_to_themselves() -> None:
    assert [f"{name}, {what}" for name, tree in modules("room") for what in written_elsewhere(tree)] == []


def test_the_room_is_reached_by_its_own_methods() -> None:
    """Nobody outside goes through a room to one of its parts."""
    parts = re.compile(r"\broom\._\w+")
    reached = {
        (path.relative_to(SOURCE).as_posix(), found)
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "room"
        for found in parts.findall(path.read_text())
    }
    assert reached == set()


def test_modules_are_small() -> None:
    files = [path for kind in ("*.py", "*.js") for path in SOURCE.rglob(kind)]
    lines = {path.relative_to(SOURCE).as_posix(): len(path.read_text().splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_few_modules_lie_flat() -> None:
    assert len(list(SOURCE.glob("*.py"))) <= MOST_FLAT


def test_the_document_names_every_package() -> None:
    text = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()
    table = text[text.index("| package |") : text.index("`game`, `matchmaking`, `netcode`")]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")} | {"web"}
    assert named == packages
