"""Inputs made up from a JSON Schema, for games that have no bots of their own.

A server tells its clients the schema of an input (`joined.schema.input`); this makes values that fit it and look like
play: numbers lean to the ends and the middle of their range, as keys and sticks do. It covers what msgspec writes, and
the common rest of JSON Schema. Two things a schema may ask for are beyond it: strings of a given `pattern`, and rules
that the schema does not mention; the server answers those inputs with `bad_input`.
"""

from __future__ import annotations

import base64
import math
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

Schema = Mapping[str, Any]

#: Numbers without a limit stay within this distance of the limit they have, or of zero.
_REACH = 10
#: Strings, arrays and maps without a limit get at most this many parts more than they must have.
_FEW = 3
#: So often a name is looked for that a map does not have yet: one in four random texts is empty.
_TRIES = 50
#: Below this depth whatever may be left out is left out, so that recursive schemas come to an end.
_DEEP = 5
#: Where a number is taken from the ends of its range or from its middle, not from anywhere in between.
_LEAN = 0.4
#: How often an optional field is given, and how often a default is used as it is.
_GIVE, _DEFAULT = 0.8, 0.1


class RandomInput:
    """Makes inputs for one schema. Equal seeds make equal inputs."""

    def __init__(self, schema: Schema, random: Random) -> None:
        self._root = schema
        self._random = random
        self._kinds: dict[str, Callable[[Schema, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._integer,
            "number": self._number,
            "boolean": lambda schema, depth: random.random() < 0.5,
            "null": lambda schema, depth: None,
        }

    def make(self) -> dict[str, Any]:
        """One input: the fields of an object. Empty if the schema is not one of an object."""
        value = self._value(self._root, 0)
        return value if isinstance(value, dict) else {}

    def _value(self, schema: Schema | bool, depth: int) -> Any:
        if isinstance(schema, bool):
            return None
        if "$ref" in schema:
            return self._value(self._resolve(schema["$ref"]), depth + 1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        if "default" in schema and (depth > _DEEP or self._random.random() < _DEFAULT):
            return schema["default"]
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self._value(self._choose(choices, depth), depth + 1)
        if "allOf" in schema:
            merged = {key: value for part in schema["allOf"] for key, value in self._target(part).items()}
            return self._value(merged, depth)
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list):
            kind = self._random.choice(kind)
        make = self._kinds.get(kind)
        return make(schema, depth) if make is not None else self._random.choice((None, True, 0, 1.5, "a"))

    def _resolve(self, reference: str) -> Any:
        """What a `#/...` pointer points at; an empty schema if it points nowhere."""
        node: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/"):
            if part:
                node = node.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(node, Mapping) else {}
        return node

    def _target(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._resolve(schema["$ref"])
        return schema

    def _choose(self, choices: Sequence[Schema], depth: int) -> Schema:
        """One of the choices; deep down one that nests no further, where there is one."""
        if depth > _DEEP:
            flat = [choice for choice in choices if self._target(choice).get("type") not in ("object", "array", None)]
            choices = flat or choices
        return self._random.choice(choices)

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = frozenset(schema.get("required", ()))
        made = {
            name: self._value(field, depth + 1)
            for name, field in schema.get("properties", {}).items()
            if name in required or (depth <= _DEEP and self._random.random() < _GIVE)
        }
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping):
            size = self._size(schema, "minProperties", "maxProperties", depth)
            names = schema.get("propertyNames", {})
            # Names may collide, and a schema may allow fewer of them than it asks for.
            for _ in range(size * _TRIES):
                if len(made) >= size:
                    break
                made[self._string(names, depth)] = self._value(others, depth + 1)
        return made

    def _array(self, schema: Schema, depth: int) -> list[Any]:
        made = [self._value(item, depth + 1) for item in schema.get("prefixItems", ())]
        items = schema.get("items", True)
        if items is False or ("prefixItems" in schema and "items" not in schema):
            return made
        size = self._size(schema, "minItems", "maxItems", depth)
        for _ in range(max(0, size - len(made)) * (10 if schema.get("uniqueItems") else 1)):
            value = self._value(items, depth + 1)
            if len(made) < size and not (schema.get("uniqueItems") and value in made):
                made.append(value)
        return made

    def _string(self, schema: Schema, depth: int) -> str:
        random = self._random
        if schema.get("contentEncoding") == "base64":
            return self._base64(schema)
        form = schema.get("format")
        if form == "uuid":
            return str(UUID(int=random.getrandbits(128), version=4))
        if form == "decimal":
            return f"{random.uniform(-_REACH, _REACH):.2f}"
        if form == "duration":
            return f"PT{random.randrange(60)}S"
        if form in ("date-time", "date", "time"):
            moment = datetime.fromtimestamp(random.randrange(2**31), UTC)
            text = moment.isoformat().replace("+00:00", "Z")
            return {"date-time": text, "date": text[:10], "time": text[11:]}[form]
        size = self._size(schema, "minLength", "maxLength", depth)
        return "".join(random.choices(string.ascii_lowercase, k=size))

    def _base64(self, schema: Schema) -> str:
        """Limits are on the encoded text, four characters for up to three bytes; this keeps to their safe side."""
        low = schema.get("minLength", 0) // 4 * 3
        high = max(low, min(schema.get("maxLength", math.inf) // 4 * 3 - 2, low + _FEW))
        return base64.b64encode(self._random.randbytes(self._random.randint(low, int(high)))).decode()

    def _size(self, schema: Schema, least: str, most: str, depth: int) -> int:
        low = schema.get(least, 0)
        high = low if depth > _DEEP else min(schema.get(most, math.inf), low + _FEW)
        return self._random.randint(low, int(high))

    def _integer(self, schema: Schema, depth: int) -> int:
        low, high = self._range(schema)
        step = schema.get("multipleOf", 1)
        # Whole-number division is exact where a float would round beyond the limit.
        first, last = int(-(-low // step)), int(high // step)
        if "exclusiveMinimum" in schema and first * step <= schema["exclusiveMinimum"]:
            first += 1
        if "exclusiveMaximum" in schema and last * step >= schema["exclusiveMaximum"]:
            last -= 1
        if self._random.random() < _LEAN:
            return int(self._random.choice((first, last, (first + last) // 2)) * step)
        return int(self._random.randint(first, max(first, last)) * step)

    def _number(self, schema: Schema, depth: int) -> float:
        if "multipleOf" in schema:
            step = schema["multipleOf"]
            scaled = {key: schema[key] / step for key in schema if key.lower().endswith(("minimum", "maximum"))}
            return self._integer(scaled, depth) * float(step)
        low, high = self._range(schema)
        value = self._random.uniform(low, high)
        if self._random.random() < _LEAN:
            value = self._random.choice((low, high, (low + high) / 2))
        if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
            value = math.nextafter(schema["exclusiveMinimum"], math.inf)
        if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
            value = math.nextafter(schema["exclusiveMaximum"], -math.inf)
        return float(value)

    def _range(self, schema: Schema) -> tuple[float, float]:
        """The limits of a number, those that exclude themselves included. A missing one is set near the other."""
        low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
        high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
        # A range given by one end must hold at least one multiple.
        reach = max(_REACH, schema.get("multipleOf", 1))
        if low == -math.inf and high == math.inf:
            return -reach, reach
        if low == -math.inf:
            return high - reach, high
        return low, high if high != math.inf else low + reach
