"""Sweeps: a measure's surface over any settings, computed in chunks that survive what stops the computer."""
