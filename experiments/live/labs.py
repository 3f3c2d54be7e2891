"""What is known of the labs after a phase: all of them in a row each, and one of them unit by unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import PermitMarket

Array = NDArray[Any]

NO_DEMAND, UNDECIDED, COVERED = "no demand", "undecided", "covered"
DETERRED, VIOLATING, CAUGHT = "deterred", "violating", "violating, caught"
STATES = (NO_DEMAND, UNDECIDED, COVERED, DETERRED, VIOLATING, CAUGHT)
"""What a lab is; undecided while its permits, or its run choice, are to come."""


def states(market: PermitMarket, phase: int) -> list[str]:
    """State of each lab as far as it is known after a phase (1 to 6).

    >>> from scenarios import load_scenario
    >>> market = PermitMarket(load_scenario("thin_market"), seed=3)
    >>> market.step()
    >>> {"deterred", "violating"} & set(states(market, 2)), "undecided" in states(market, 3)
    (set(), False)
    """
    month = market.month
    some, uncovered = month.wanted > 0, month.uncovered > 0
    short = month.held < month.wanted
    cases = [
        (~some, NO_DEMAND),
        (some if phase < 2 else short if phase < 3 else np.zeros_like(some), UNDECIDED),
        (~short, COVERED),
        (~uncovered, DETERRED),
        (~month.caught if phase >= 5 else uncovered, VIOLATING),
    ]
    conditions, names = zip(*cases, strict=True)
    return [str(name) for name in np.select(conditions, names, CAUGHT)]


def lab_table(market: PermitMarket, phase: int) -> pd.DataFrame:
    """A row a lab, numbered from 1: its state and as many of its figures as phases have written.

    Columns from the first phase on lab, state, wanted; then held; run, uncovered, reported and true (FLOP); signal;
    audited, caught; penalty (M$).
    """
    month, flop = market.month, market.parameters.labs.flop_per_unit
    table = pd.DataFrame(
        {"lab": np.arange(1, month.wanted.size + 1), "state": states(market, phase), "wanted": month.wanted}
    )
    if phase >= 2:
        table["held"] = month.held
    if phase >= 3:
        run = month.covered + month.uncovered
        table = table.assign(run=run, uncovered=month.uncovered)
        table = table.assign(reported=np.minimum(run, month.held) * flop, true=run * flop)
    if phase >= 4:
        table["signal"] = month.signal
    if phase >= 5:
        table = table.assign(audited=month.audited, caught=month.caught)
    return table.assign(penalty=month.penalty) if phase >= 6 else table


def unit_table(market: PermitMarket, lab: int, phase: int) -> pd.DataFrame:
    """One lab's units: unit, net value u (NaN beyond its units), its order, and what came of both.

    Columns: unit, value, side (``ask``, ``bid`` or empty), limit, filled, price (M$ per permit, NaN where unfilled);
    after phase 3 run (``with a permit``, ``without a permit`` or ``no``).
    """
    month, book = market.month, market.month.clearing.book
    mine = np.flatnonzero(np.broadcast_to(book.user, book.price.shape) == lab)
    present, buying = book.present[mine], np.broadcast_to(book.buying, book.price.shape)[mine]
    size = max(mine.size, month.net_value.shape[0])
    table = pd.DataFrame(
        {
            "unit": np.arange(1, size + 1),
            "value": _padded(month.net_value[:, lab], size),
            "side": _padded(np.where(present, np.where(buying, "bid", "ask"), ""), size, ""),
            "limit": _padded(np.where(present, book.price[mine], np.nan), size),
            "filled": _padded(month.clearing.fills[mine], size, 0.0),
            "price": _padded(month.clearing.prices[mine], size),
        }
    )
    if phase >= 3:
        covered, run = month.covered[lab], month.covered[lab] + _further(market, lab)
        table["run"] = np.where(
            table["unit"] <= covered, "with a permit", np.where(table["unit"] <= run, "without a permit", "no")
        )
    return table


def _further(market: PermitMarket, lab: int) -> int:
    return int(market.month.uncovered[lab])


def _padded(values: Array, size: int, fill: Any = np.nan) -> Array:
    return np.concatenate([values, np.full(size - len(values), fill)])
