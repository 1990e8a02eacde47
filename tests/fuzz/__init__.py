"""Fuzzing that stays: `make fuzz SECONDS=600` looks for new faults, and the ordinary tests play what was found."""
