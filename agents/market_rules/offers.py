"""What the house offers in answer to the reports: a containment reserve at a trigger price, any amount at a ceiling.

The house's supply is a staircase: its regular permits at the reserve price, the containment reserve at the trigger,
as many as labs want at the ceiling. Reports say on which step demand meets it, and the mechanism then clears the book
with all permits up to that step at that step's price: demand above the trigger that the regular permits cannot serve
has the house sell some of the reserve and keep some, and the price is then the trigger.

References
----------
Regional Greenhouse Gas Initiative, Model Rule (2017), cost containment reserve.
Roberts, M. J., Spence, M. (1976). Effluent charges and licenses under uncertainty. Journal of Public Economics 5,
193-208.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def at_least(reports: Array, price: ArrayLike) -> Array:
    """How many reports (*lead, units, labs) are at or above a price (shape lead or one for all), shape lead.

    >>> int(at_least(np.array([[0.9, 0.5], [0.4, 0.2]]), 0.4))
    3
    """
    above = reports >= np.asarray(price)[..., None, None]
    return np.count_nonzero(above, axis=(-2, -1))


def house_offer(
    reports: Array,
    endowed: Array,
    house: Array,
    reserve: Any,
    *,
    ceiling: Any = np.inf,
    trigger: Any = np.inf,
    extra: Any = 0,
) -> tuple[Array, Array]:
    """Permits that the house offers, and at which price.

    Parameters
    ----------
    reports : (*lead, units, labs), orders' limit prices in M$ per permit, none above the ceiling
    endowed, house : shape lead, permits in the hands of labs, and the regular permits of the house
    reserve, ceiling, trigger : shape lead or one for all, M$ per permit
    extra : shape lead or one for all, permits in the containment reserve

    Returns
    -------
    supply, price : arrays of shape lead

    Examples
    --------
    >>> bids, none, one = np.array([[0.9, 0.8, 0.3]]), np.array(0), np.array(1)
    >>> [float(x) for x in house_offer(bids, none, one, 0.1, trigger=0.5, extra=2)]
    [3.0, 0.5]
    >>> [float(x) for x in house_offer(bids, none, one, 0.1, trigger=0.85, extra=2)]
    [1.0, 0.1]
    >>> float(house_offer(np.minimum(bids, 0.4), none, one, 0.1, ceiling=0.4)[1])
    0.4
    """
    supply, price = np.asarray(house, dtype=np.float64), np.broadcast_to(reserve, np.shape(house))
    everything = 1 + reports.shape[-2] * reports.shape[-1]
    for step, amount in ((trigger, extra), (ceiling, everything)):
        if not (np.any(amount) and np.isfinite(step).any()):
            continue
        short = (at_least(reports, step) > endowed + supply) & (np.asarray(amount) > 0)
        supply, price = supply + np.where(short, amount, 0), np.where(short, step, price)
    return supply, price
