"""What clients are told of a game: its inputs, what its tables hold, and which settings players may choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .contract import Bounds, Game


def game_schema(game: type[Game], extents: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a game. extents: how far players may choose which settings; see `PlayerChoices`."""
    schema: dict[str, Any] = {"input": input_schema(game)}
    if extents:
        schema["settings"] = settings_schema(game, extents)
    if game.World is not None:
        schema["tables"] = game.World.schema()
    return schema


def input_schema(game: type[Game]) -> dict[str, Any]:
    """The JSON Schema of a game's input, as clients receive it."""
    schema = msgspec.json.schema(game.Input)
    definitions = schema.get("$defs", {})
    definition = definitions.get(game.Input.__name__)
    # The usual case, one flat Struct, is sent without the indirection.
    if definition is None or len(definitions) > 1 or b'"$ref"' in msgspec.json.encode(definition):
        return schema
    return dict(definition)


def settings_schema(game: type[Game], extents: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of the settings that players may choose, and how far, in the order of their declaration."""
    schema = msgspec.json.schema(game.Settings)
    definitions = schema.pop("$defs", {})
    properties = definitions.pop(game.Settings.__name__, {}).get("properties", {})
    chosen = {name: _narrowed(part, extents[name]) for name, part in properties.items() if name in extents}
    return {"type": "object", "properties": chosen} | ({"$defs": definitions} if definitions else {})


def _narrowed(part: dict[str, Any], extent: Any) -> dict[str, Any]:
    """The schema of one setting with what players may choose of it."""
    if isinstance(extent, Bounds):
        if "anyOf" in part:
            return part | {"anyOf": [_narrowed(option, extent) for option in part["anyOf"]]}
        if part.get("type") not in ("integer", "number"):
            return part
        ends = {"minimum": extent.least, "maximum": extent.most}
        return part | {name: end for name, end in ends.items() if end is not None}
    if extent is not None:
        about = {name: part[name] for name in ("title", "description", "default") if name in part}
        return {"enum": list(msgspec.to_builtins(extent))} | about
    return part
