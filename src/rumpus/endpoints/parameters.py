"""What may stand behind the question mark of a request, declared once for reading and for the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

#: Characters that a name in a request may have.
LONGEST = 256
#: What it must match: no database takes the character NUL.
WITHOUT_NUL = "^[^\\u0000]*$"


class BadParameter(Exception):
    """A request that cannot be answered, with the sentence that says why."""


class Number(NamedTuple):
    """A whole number from `least` to `most`."""

    name: str
    least: int
    most: int
    default: int
    text: str = ""

    def of(self, given: Mapping[str, str]) -> int:
        """The number that was given, or the default. Raises BadParameter."""
        said = given.get(self.name)
        if said is None:
            return self.default
        # No more digits than can matter: Python takes its time for a million.
        number = int(said) if said.isascii() and said.isdigit() and len(said) <= 12 else -1
        if not self.least <= number <= self.most:
            raise BadParameter(f"{self.name} must be a whole number from {self.least} to {self.most}.")
        return number

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most, "default": self.default}


class Name(NamedTuple):
    """A name of 1 to 256 characters. may_be_empty: then it says as little as if it were left out."""

    name: str
    text: str = ""
    may_be_empty: bool = False

    def of(self, given: Mapping[str, str]) -> str | None:
        """The name that was given, or None. Raises BadParameter."""
        said = given.get(self.name)
        if said is None or (self.may_be_empty and not said):
            return None
        return check_name(said, self.name)

    @property
    def schema(self) -> dict[str, Any]:
        least = 0 if self.may_be_empty else 1
        return {"type": "string", "minLength": least, "maxLength": LONGEST, "pattern": WITHOUT_NUL}


Parameter = Number | Name


def parameters(query: str, *known: Parameter) -> dict[str, str]:
    """What a query gives, by name. Raises BadParameter if it cannot be read or names anything else."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=16, errors="strict")
    except ValueError:
        raise BadParameter("The part after the question mark cannot be read.") from None
    names = [parameter.name for parameter in known]
    for name, _ in pairs:
        if name not in names:
            have = ", ".join(names) or "none"
            raise BadParameter(f"There is no parameter {name[:40]!r} here; there is: {have}.")
    return dict(pairs)


def check_name(name: str, what: str) -> str:
    """A name as it is. Raises BadParameter if it is none."""
    if not name or len(name) > LONGEST or "\0" in name:
        raise BadParameter(f"{what[0].upper()}{what[1:]} must have 1 to {LONGEST} characters.")
    return name
