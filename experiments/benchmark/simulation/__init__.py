"""The suite `simulation`: what a month costs, beside its floor, a plain Mesa model, and its own size."""
