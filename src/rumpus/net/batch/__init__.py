"""Many clients' sockets read and written at once."""
