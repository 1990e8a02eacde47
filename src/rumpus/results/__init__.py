"""Who came out how, how good that makes them, and how that is kept."""
