"""Inputs in time: from the network, which is uneven, to the ticks, which are not. No I/O, no clock."""
