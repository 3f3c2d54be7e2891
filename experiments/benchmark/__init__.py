"""The benchmark: mechanisms against theory, against the clock, and from thin to thick markets."""
