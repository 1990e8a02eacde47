"""Where results are kept, from what the operator says: the database's address and the journal's file.

Everything that can be known at the start to be wrong is refused here, without SQLAlchemy. A database that is merely
away is no mistake: the journal waits for it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import platformdirs

from ...errors import ConfigurationError
from .options import StorageOptions
from .private_files import FOLDER_MODE, make_private

#: What says the same as --database, for passwords, which other users can read on a command line.
VARIABLE = "RUMPUS_DATABASE"

_FORMS = "sqlite, sqlite:///FILE (sqlite:////FILE for an absolute path), postgresql://USER:PASSWORD@HOST/NAME, or none"
_OTHERWISE = "name another with --database, or keep no results with --database none"


class Location(NamedTuple):
    """An SQLAlchemy URL, and the journal's path. Of a SQLite URL the path is as it is, with nothing escaped."""

    url: str
    journal: Path


def resolve(options: StorageOptions, environment: Mapping[str, str] = os.environ) -> Location | None:
    """Where results go; None to keep none. Makes the default folder. Raises ConfigurationError."""
    said = options.database or environment.get(VARIABLE) or "sqlite"
    if said == "none":
        return None
    if said == "sqlite":
        path = _data_folder() / "results.db"
        return Location(_sqlite_url(path), _journal(options, path.with_name(path.name + ".journal"), path.parent))
    scheme = said.partition(":")[0]
    if scheme == "sqlite":
        path = _sqlite_path(said)
        return Location(_sqlite_url(path), _journal(options, path.with_name(path.name + ".journal"), path.parent))
    if scheme in ("postgresql", "postgres"):
        return _postgresql(said, options)
    # Not what was said: it may hold a password.
    raise ConfigurationError(f"--database cannot be of the kind {scheme[:20]!r}; it is one of {_FORMS}.")


def _postgresql(said: str, options: StorageOptions) -> Location:
    try:
        parts = urlsplit(said)
        parts.port  # noqa: B018  # raises for one that is no number
    except ValueError:
        raise ConfigurationError("--database is no address of a PostgreSQL database: its host or port.") from None
    if not said.partition(":")[2].startswith("//") or not parts.path.strip("/"):
        raise ConfigurationError("--database must name a database: postgresql://USER:PASSWORD@HOST/NAME.")
    if importlib.util.find_spec("psycopg") is None:
        raise ConfigurationError("PostgreSQL needs a library that is not installed: pip install rumpus[postgres].")
    url = "postgresql+psycopg:" + said.partition(":")[2]
    # Another password is the same database.
    where = f"{parts.hostname}:{parts.port or 5432}{parts.path}?{parts.query}"
    name = f"results-{hashlib.sha256(where.encode()).hexdigest()[:12]}.journal"
    if options.journal:
        return Location(url, Path(options.journal))
    return Location(url, _data_folder() / name)


def _data_folder() -> Path:
    folder = Path(platformdirs.user_data_dir("rumpus", appauthor=False))
    try:
        folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder for results, {folder}, cannot be made: {error.strerror}; {_OTHERWISE}."
        ) from None
    return folder


def _journal(options: StorageOptions, beside: Path, folder: Path) -> Path:
    if not folder.is_dir():
        raise ConfigurationError(f"--database: there is no folder {folder}; make it, or {_OTHERWISE}.")
    return Path(options.journal) if options.journal else beside


def _sqlite_path(said: str) -> Path:
    name = said.removeprefix("sqlite:///")
    if not said.startswith("sqlite:///") or not name or "?" in name or name == ":memory:":
        raise ConfigurationError(f"--database {said} names no file; say {_FORMS}.")
    return Path(name).absolute()


def _sqlite_url(path: Path) -> str:
    """The URL of a file that is, or can become, a database of SQLite."""
    if not path.parent.is_dir():
        raise ConfigurationError(f"--database: there is no folder {path.parent}; make it, or {_OTHERWISE}.")
    try:
        make_private(path)
        connection = sqlite3.connect(path, timeout=1.0)
        try:
            connection.execute("PRAGMA schema_version")
        finally:
            connection.close()
    except sqlite3.OperationalError:
        # Locked, say: that passes.
        pass
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"--database {path} is no database of SQLite ({error}); {_OTHERWISE}.") from None
    except OSError as error:
        raise ConfigurationError(f"--database {path} cannot be written: {error.strerror}; {_OTHERWISE}.") from None
    return f"sqlite:///{path}"
