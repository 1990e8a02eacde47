"""Who somebody is, and names that nobody guesses."""
