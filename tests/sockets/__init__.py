"""What clients do to a server over real sockets: the ordinary, the broken and the hostile."""
