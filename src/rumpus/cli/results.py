"""`rumpus results`: brings results into the database that did not get there by themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ConfigurationError
from ..results.storage.location import resolve
from ..results.storage.options import StorageOptions
from ..results.storage.salvage import UnreadableError, records_in
from .options import build, struct_flags

#: The flags of storage that have to do with this.
_NOT_HERE = frozenset(
    {
        "journal", "keep_unrated", "max_kept_per_address", "result_queue", "max_queries", "query_cache", "rating_cache",
    }
)  # fmt: skip


@struct_flags(StorageOptions, omit=_NOT_HERE)
def results(
    import_: Annotated[
        list[Path] | None,
        typer.Option("--import", metavar="FILE", help="a server's log, a journal, or what --results has written"),
    ] = None,
    **flags: Any,
) -> None:
    """Write the results in these files into the database; what is there already stays as it is."""
    if not import_:
        raise ConfigurationError("Which results? Give --import and a file: a server's log, or a journal.")
    options = build(StorageOptions, flags)
    location = resolve(options)
    if location is None:
        raise ConfigurationError("--database none keeps no results; name the database that they belong into.")
    from sqlalchemy.exc import SQLAlchemyError

    from ..results.storage.store import Store, Unwritable  # SQLAlchemy, slow to import, for all other commands

    store = Store(location.url, options.database_timeout, options.season)
    written = there = unreadable = 0
    try:
        for path in import_:
            for number, record in records_in(_lines(path)):
                try:
                    if isinstance(record, UnreadableError):
                        raise record
                    if store.write(record) is None:
                        there += 1
                    else:
                        written += 1
                except (UnreadableError, Unwritable) as error:
                    unreadable += 1
                    print(f"{path}, line {number}, is no result that can be written: {error}")  # noqa: T201
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise ConfigurationError(f"--database does not take the results: {reason}.") from None
    finally:
        store.close()
    print(f"{_matches(written)} written, {there} there already, {unreadable} not readable.")  # noqa: T201
    if unreadable:
        sys.exit(1)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise ConfigurationError(f"--import {path} cannot be read: {error.strerror}.") from None


def _matches(count: int) -> str:
    return "1 match" if count == 1 else f"{count} matches"
