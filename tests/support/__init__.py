"""What tests of more than one package share, a module a job.

Games to play with: race, drift (fails when told to), walkers, regatta and lighthouses (in tables), everything (inputs).
Servers and clients: serving, watched_server, clients (every byte as told), foreign_client (not ours), command, town.
Data: worlds, streams, arena_matches, matches, measured. Places: databases, postgres, certificates.
"""
