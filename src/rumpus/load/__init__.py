"""Load: many playing clients in one process, and what they measure. `rumpus bots` is its command line.

A server's own figures cannot show what its clients get; only clients can. Each one here is a whole `Client` that
receives what a person's would, so the figures hold for people as long as this process itself is not the limit: it
measures its own processor time and lateness along with the rest.
"""
