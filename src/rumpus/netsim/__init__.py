"""A bad link on purpose, for development and tests. Knows nothing of the rest."""
