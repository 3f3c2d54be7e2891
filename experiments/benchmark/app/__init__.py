"""The suite `app`: the served app in a real browser and under a crowd; how long, how much memory, how accessible."""
