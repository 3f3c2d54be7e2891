"""The month in numbers, for sentences: what came to the market, what was run, who was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.governor import collateral
from experiments.live.world import LiveWorld


def facts(world: LiveWorld) -> dict[str, Any]:
    """Numbers of the whole month by name: its measures, and counts that no measure holds.

    Those of phases that are still to come are for nobody's eyes; `LiveWorld.phase` says which.

    >>> from scenarios import load_scenario
    >>> found = facts(LiveWorld(load_scenario("thin_market"), seed=3))
    >>> gap = found["buyers_paid"] - found["sellers_received"] - found["auction_revenue"]
    >>> bool(abs(gap) < 1e-12), found["short"] == found["violators"] + round(found["share_deterred"] * found["labs"])
    (True, True)
    """
    market, e = world.market, world.market.parameters.enforcement
    month, book = market.month, market.month.clearing.book
    paid = month.paid if month.resale is None else month.paid - month.resale[2]
    measures = {str(name): value for name, value in market.results().iloc[-1].items()}
    labs = world.scenario.labs.count
    single = market.expected_penalties()[..., 0]
    posted = float(collateral(e)) * market.parameters.labs.units
    return measures | {
        "labs": labs,
        "posted": posted,
        "bids": int((book.buying & book.present).sum()),
        "asks": int(book.asks.sum()),
        "house": int(book.supply),
        "reserve": float(book.reserve),
        "limits": _ends(month.clearing.prices[(month.clearing.fills > 0) & book.buying]),
        "buyers": int((month.bought > 0).sum()),
        "buyers_paid": float(paid[month.bought > month.sold].sum()),
        "sellers": int((month.sold > 0).sum()),
        "sellers_received": -float(paid[month.sold > month.bought].sum()) + 0.0,
        "held": int(month.held.sum()),
        "holders": int((month.held > 0).sum()),
        "under_permits": int(month.covered.sum()),
        "uncovered": int(month.uncovered.sum()),
        "short": int((month.held < month.wanted).sum()),
        "violators": int((month.uncovered > 0).sum()),
        "expected": _ends(single),
        "found_without_audit": int((month.caught & ~month.audited).sum()),
        "returned": posted * labs - float(month.seized.sum()),
    }


def _ends(numbers: Any) -> tuple[float, float]:
    """Least and greatest; NaN where there is nothing."""
    flat = np.asarray(numbers, dtype=float).reshape(-1)
    return (float(flat.min()), float(flat.max())) if flat.size else (np.nan, np.nan)
