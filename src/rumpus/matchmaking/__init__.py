"""How people who are connected come to seats."""
