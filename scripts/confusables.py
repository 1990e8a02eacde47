"""Makes src/rumpus/protocol/confusables.txt of Unicode's own table of look-alikes.

Download https://www.unicode.org/Public/security/latest/confusables.txt and run

    python scripts/confusables.py confusables.txt src/rumpus/protocol/confusables.txt

What compatibility decomposition (NFKD) takes apart anyway is left out, which is more than half of the table.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

HEADER = """\
# Characters that look alike: a prototype and those that look like it, as hexadecimal code points.
# Made by scripts/confusables.py of Unicode's confusables.txt (UTS 39), version {version}. Its terms:
#
# UNICODE LICENSE V3. COPYRIGHT AND PERMISSION NOTICE. Copyright © 1991-2025 Unicode, Inc.
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of data files and any associated
# documentation (the "Data Files") or software and any associated documentation (the "Software") to deal in the Data
# Files or Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
# distribute, and/or sell copies of the Data Files or Software, and to permit persons to whom the Data Files or Software
# are furnished to do so, provided that either (a) this copyright and permission notice appear with all copies of the
# Data Files or Software, or (b) this copyright and permission notice appear in associated Documentation.
#
# THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
# LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF THIRD PARTY
# RIGHTS. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY
# SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS,
# WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
# PERFORMANCE OF THE DATA FILES OR SOFTWARE.
#
# Except as contained in this notice, the name of a copyright holder shall not be used in advertising or otherwise to
# promote the sale, use or other dealings in these Data Files or Software without prior written authorization of the
# copyright holder.
"""


def prototypes(table: str) -> dict[str, str]:
    """What each character looks like, by Unicode's table, as far as decomposition does not tell."""
    told = {}
    for line in table.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) == 3:
            told[_text(fields[0])] = _text(fields[1])
    return {
        char: _settled(prototype, told)
        for char, prototype in told.items()
        if unicodedata.normalize("NFKD", char) == char
    }


def _text(codes: str) -> str:
    return "".join(chr(int(code, 16)) for code in codes.split())


def _settled(text: str, told: dict[str, str]) -> str:
    """The text decomposed, and mapped until nothing in it looks like something else."""
    while True:
        plain = unicodedata.normalize("NFKD", text)
        after = unicodedata.normalize("NFKD", "".join(told.get(char, char) for char in plain))
        if after == text:
            return text
        text = after


def main(source: Path, target: Path) -> None:
    table = source.read_text(encoding="utf-8-sig")
    version = table.partition("# Version: ")[2].split()[0]
    groups: dict[str, list[str]] = {}
    for char, prototype in prototypes(table).items():
        groups.setdefault(prototype, []).append(char)
    lines = [
        " ".join(f"{ord(char):X}" for char in prototype) + ";" + " ".join(f"{ord(char):X}" for char in sorted(alike))
        for prototype, alike in sorted(groups.items())
    ]
    target.write_text(HEADER.format(version=version) + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
