"""The `rumpus` command."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import Abort, Exit, TyperException

from ..errors import RumpusError
from . import logs
from .bench import bench
from .bots import bots
from .link import link
from .results import results
from .serve import serve
from .ticket import ticket

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Rumpus, an authoritative real-time multiplayer game server.",
)
app.command()(serve)
app.command()(bots)
app.command()(bench)
app.command()(link)
app.command()(results)
app.command()(ticket)


@app.callback()
def _commands() -> None:
    """Rumpus, an authoritative real-time multiplayer game server."""


def main() -> None:
    """Entry point. What a user can get wrong ends in one sentence on standard error and exit status 2."""
    try:
        app(standalone_mode=False)
    except Exit as leaving:
        sys.exit(leaving.exit_code)
    except Abort:
        sys.exit(130)
    except (TyperException, RumpusError) as error:
        text = error.format_message() if isinstance(error, TyperException) else error.message
        print(f"rumpus: {text}", file=sys.stderr)  # noqa: T201  # the command's own voice
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        logs.close()


if __name__ == "__main__":
    main()
