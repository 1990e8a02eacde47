"""State and news to clients: who gets what in which form, written once and sent to many. No I/O, no clock."""
