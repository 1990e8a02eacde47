"""`python -m rumpus` is the `rumpus` command."""

from .cli import main

main()
