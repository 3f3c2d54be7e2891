"""How many permits a lab may ask for: purchase and holding limits. Arrays are (*lead, labs)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_TOLERANCE = 1e-9


def whole_share(share: Any, permits: Any, lot: int = 1) -> Array:
    """A share of some permits in permits of whole lots, at least one lot; no limit (inf) stays none.

    >>> whole_share(np.array([0.25, 0.25, np.inf]), np.array([11, 2, 5])).tolist()
    [2.0, 1.0, inf]
    """
    limit = np.asarray(share) * np.maximum(permits, 1) / lot + _TOLERANCE
    return np.maximum(np.floor(limit), 1.0) * lot


def most_bought(endowment: Array, purchase: Any, holding: Any) -> Array:
    """Permits that each lab may bid for, (*lead, labs): the purchase limit, or what the holding limit leaves.

    Nobody has to sell what it was handed beyond the holding limit.

    >>> most_bought(np.array([0, 3, 9]), 4.0, 6.0).tolist()
    [4.0, 3.0, 0.0]
    """
    return np.minimum(purchase, np.maximum(np.asarray(holding) - endowment, 0.0))


def within_limits(reports: Array, endowment: Array, most: Array) -> Array:
    """Reports (*lead, units, labs) without the bids beyond the limits: a report of 0 is no bid.

    >>> within_limits(np.array([[0.9, 0.5], [0.4, 0.2]]), np.array([1, 0]), np.array([0.0, 1.0])).tolist()
    [[0.9, 0.5], [0.0, 0.0]]
    """
    rung = np.arange(reports.shape[-2])[:, None]
    beyond = rung >= (endowment + most)[..., None, :]
    return np.where(beyond, np.minimum(reports, 0.0), reports)
