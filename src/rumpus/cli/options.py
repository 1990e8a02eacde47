"""Command-line flags made from Structs, so that a limit or a room option cannot lack its flag.

A field `max_players: Annotated[int, Meta(description="seats in a room")]` becomes `--max-players`, with the field's
type, default and description; ranges are checked by the Struct itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import typer

from ..errors import ConfigurationError

StructT = TypeVar("StructT", bound=msgspec.Struct)


def struct_flags(*structs: type[msgspec.Struct], omit: frozenset[str] = frozenset()) -> Callable[[Any], Any]:
    """A decorator: replaces the function's `**flags` by one keyword option for each field of the Structs."""

    def decorate(function: Any) -> Any:
        signature = inspect.signature(function)
        annotations = get_type_hints(function, include_extras=True)
        del annotations["flags"]
        own = [
            parameter.replace(annotation=annotations[parameter.name])
            for parameter in signature.parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        for struct in structs:
            hints = get_type_hints(struct, include_extras=True)
            for field in msgspec.structs.fields(struct):
                if field.name in omit:
                    continue
                kind, text = _flag_type(hints[field.name])
                default = None if field.default is msgspec.NODEFAULT else field.default
                shown = text if default is None else f"{text} [default: {default}]" if kind is not str else text
                flag = "--" + field.name.replace("_", "-")
                if kind is bool:
                    flag += "/--no-" + flag.removeprefix("--")
                hint: Any = Annotated[kind | None, typer.Option(flag, help=shown)]
                own.append(inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint))
                annotations[field.name] = hint
        function.__signature__ = signature.replace(parameters=own)
        function.__annotations__ = annotations
        return function

    return decorate


def build(struct: type[StructT], flags: Mapping[str, Any], **more: Any) -> StructT:
    """The Struct from the flags that were given. Raises ConfigurationError naming the flag that does not fit."""
    names = {field.name for field in msgspec.structs.fields(struct)}
    given = {name: value for name, value in flags.items() if name in names and value is not None}
    try:
        return msgspec.convert(given | more, struct)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        name = path.rstrip("`")
        choices = _choices(get_type_hints(struct).get(name))
        reason = f"it is one of {', '.join(choices)}" if choices else what
        raise ConfigurationError(f"--{name.replace('_', '-')} cannot be {given.get(name)!r}: {reason}.") from None


def key_values(pairs: list[str], flag: str = "--set KEY=VALUE") -> dict[str, str]:
    """The mapping that a repeated flag of this form means."""
    values = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            name, _, form = flag.partition(" ")
            raise ConfigurationError(f"{name} takes {form}, not {pair!r}.")
        values[key] = value
    return values


def _choices(hint: Any) -> tuple[str, ...]:
    """The values of a field that has only a few."""
    return get_args(hint) if get_origin(hint) is Literal else ()


def _flag_type(hint: Any) -> tuple[Any, str]:
    """The plain type of a field and its description."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    text = ""
    if get_origin(hint) is Annotated:
        hint, *metas = get_args(hint)
        text = next((meta.description for meta in metas if getattr(meta, "description", None)), "")
    if choices := _choices(hint):
        return str, f"{text}: {', '.join(choices)}"
    return hint, text
