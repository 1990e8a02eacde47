"""What clients are told of a game: which inputs it takes, and what its tables hold."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from ..protocol.codec import Codec
from .contract import Game

_encoded_schemas: WeakKeyDictionary[type[Game], dict[Codec, msgspec.Raw]] = WeakKeyDictionary()


def encoded_schema(game: type[Game], codec: Codec) -> msgspec.Raw:
    """The schema as it stands in messages, encoded once for each game: it is the largest part of a welcome."""
    encoded = _encoded_schemas.setdefault(game, {})
    if codec not in encoded:
        encoded[codec] = msgspec.Raw(codec.encode(game_schema(game)))
    return encoded[codec]


def game_schema(game: type[Game]) -> dict[str, Any]:
    """What clients are told of a game's inputs and tables, and of the settings that players may choose."""
    schema: dict[str, Any] = {"input": input_schema(game)}
    if game.player_settings:
        schema["settings"] = settings_schema(game)
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


def settings_schema(game: type[Game]) -> dict[str, Any]:
    """The JSON Schema of the settings that players may choose, in the order of their declaration."""
    schema = msgspec.json.schema(game.Settings)
    definitions = schema.pop("$defs", {})
    properties = definitions.pop(game.Settings.__name__, {}).get("properties", {})
    chosen = {name: part for name, part in properties.items() if name in game.player_settings}
    return {"type": "object", "properties": chosen} | ({"$defs": definitions} if definitions else {})
