"""Labs that can move: a run without a permit may be made abroad, in the jurisdiction that costs the lab least.

A unit worth u at home brings u - m abroad, m the lab's cost of moving it. So whatever a lab does at home adds
``u - max(0, u - m) = min(u, m)`` to what it has in any case: a permit is worth that, and so is a run without one before
its penalty. Markets and choices work on these values as on any other.

References
----------
IPCC (2007). Climate Change 2007: Mitigation of Climate Change, section 11.7.2 (carbon leakage and its rate).
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.month import Abroad, Month, units_each, value_of_first
from mechanisms import Draws

Array = NDArray[Any]


def least_costs(labs: SimpleNamespace, draws: Draws) -> Array | None:
    """Cost of a unit in the jurisdiction that costs a lab least, broadcasting to (*lead, labs), in M$; None: no moving.

    The cost of each lab and jurisdiction is lognormal with mean `relocation_cost`, drawn once a world. More
    jurisdictions are the same ones and others, so that no lab's cost rises.

    >>> known = {"count": 9, "relocation_cost": 0.3, "relocation_spread": 0.5}
    >>> one, four = (least_costs(SimpleNamespace(**known, jurisdictions=n), Draws(0)) for n in (1, 4))
    >>> bool((four <= one).all() and (four < one).any())
    True
    """
    mean, spread = np.asarray(labs.relocation_cost, dtype=np.float64), np.asarray(labs.relocation_spread)
    if not np.isfinite(mean).any():
        return None
    if not np.any(spread):
        return mean if mean.ndim else mean.reshape((1,) * (len(draws.lead) + 1))
    lowest = np.full((*draws.lead, labs.count), np.inf)
    for place in range(int(np.max(labs.jurisdictions))):
        there = draws.normal(f"relocation {place}", labs.count).astype(np.float64)
        lowest = np.where(place < np.asarray(labs.jurisdictions), np.minimum(lowest, there), lowest)
    return np.asarray(mean * np.exp(spread * lowest - 0.5 * np.square(spread)))


def at_home(net_value: Array, cost: Array) -> tuple[Array, Abroad]:
    """What runs at home add to those abroad, min(u, m), (*lead, units, labs), and what is worth running abroad.

    Parameters
    ----------
    net_value : (*lead, units, labs), u in M$, not rising along units
    cost : m, broadcasting to (*lead, labs), in M$ per unit

    Examples
    --------
    >>> home, abroad = at_home(np.array([[0.9, 0.4], [0.7, -0.1]]), np.array([0.5]))
    >>> home.tolist(), abroad.units.tolist(), abroad.value.round(9).tolist()
    ([[0.5, 0.4], [0.5, -0.1]], [2, 0], [0.6, 0.0])
    """
    each = cost[..., None, :]
    units = units_each(net_value > each)
    gained = np.maximum(net_value - each, 0.0)
    return np.minimum(net_value, each), Abroad(units, value_of_first(gained, units))


def relocated(month: Month, worth_moving: Array) -> Array:
    """Units run abroad, (*lead, labs): those worth moving that are not run at home, or were stopped there."""
    at_home = month.covered + month.uncovered - getattr(month, "stopped", 0)
    return np.maximum(worth_moving - at_home, 0)
