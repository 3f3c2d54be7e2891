"""Permits that outlive their month: how many each lab has, and how long they are good for.

Arrays `permits` are int (ages, *lead, labs): ``permits[a]`` are good for a more months after this one. Labs use and
sell first what lapses first; buyers get what was sold in random order, each a stretch of it, what lapses first at the
front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.month import units_each
from mechanisms.draws import served_in_turn

Array = NDArray[Any]


def oldest(permits: Array, count: Array) -> Array:
    """So many (*lead, labs) of each lab's permits, those that lapse first, (ages, *lead, labs).

    >>> oldest(np.array([[1], [2], [4]]), np.array([4])).ravel().tolist()
    [1, 2, 1]
    """
    taken, left = np.empty_like(permits), count
    for age, there in enumerate(permits):
        np.minimum(there, left, out=taken[age])
        left = left - taken[age]
    return taken


def delivered(pool: Array, bought: Array, turn: Callable[[], Array]) -> Array:
    """Which of the permits sold each buyer gets, (ages, *lead, labs).

    Parameters
    ----------
    pool : int (ages, *lead), permits sold by age, as many as are bought
    bought : int (*lead, labs)
    turn : gives distinct words (*lead, labs), the smaller goes first; asked where permits of several ages were sold

    Examples
    --------
    >>> turn = lambda: np.array([5, 1, 9], dtype=np.uint64)
    >>> delivered(np.array([1, 2]), np.array([2, 0, 1]), turn).tolist()
    [[1, 0, 0], [1, 0, 1]]
    """
    sold = pool > 0
    got, mixed = sold[..., None] * bought, np.count_nonzero(sold, axis=0) > 1
    if mixed.any():
        got[:, mixed] = _stretches(pool[:, mixed], bought[mixed].astype(np.int32), turn()[mixed])
    return got


def _stretches(pool: Array, bought: Array, turn: Array) -> Array:
    """The same for worlds in which permits of several ages were sold, (ages, worlds, labs)."""
    got = np.empty((len(pool), *bought.shape), dtype=bought.dtype)
    upto = served_in_turn(bought, turn)
    before, first = upto - bought, np.zeros_like(pool[0])
    for age, there in enumerate(pool):
        last = first + there
        stretch = np.minimum(upto, last[..., None]) - np.maximum(before, first[..., None])
        np.maximum(stretch, 0, out=got[age])
        first = last
    return got


def with_new(banked: Array, new: Array, months: Any) -> Array:
    """Banked permits and new ones (*lead, labs), which are good for `months` more months (broadcasting to new).

    >>> with_new(np.array([[1, 0], [0, 0]]), np.array([2, 3]), 1).tolist()
    [[1, 0], [2, 3]]
    """
    permits = banked.copy()
    for age in np.unique(months):
        permits[age] += new * (months == age)
    return permits


def after_trade(permits: Array, bought: Array, sold: Array, house: Any, turn: Callable[[], Array]) -> Array:
    """Permits in hand after trade, (ages, *lead, labs); `house` (ages, *lead) is what the house sold by age.

    >>> permits, bought, sold = np.array([[2, 0], [1, 0]]), np.array([0, 1]), np.array([1, 0])
    >>> after_trade(permits, bought, sold, 0, lambda: np.array([0, 1], dtype=np.uint64)).tolist()
    [[1, 1], [1, 0]]
    """
    given = oldest(permits, sold)
    return permits - given + delivered(given.sum(axis=-1, dtype=np.int32) + house, bought, turn)


def next_month(permits: Array, used: Array) -> Array:
    """What is left next month of permits of which some were used, when those without a month to go have lapsed.

    >>> next_month(np.array([[2], [3], [0]]), np.array([4])).ravel().tolist()
    [1, 0, 0]
    """
    left = np.zeros_like(permits)
    np.subtract(permits[1:], oldest(permits, used)[1:], out=left[:-1])
    return left


def asks_of_savers(reports: Array, net_value: Array, endowment: Array, lapsing: Array, later: Array) -> Array:
    """Reports (*lead, rungs, labs) in which labs ask for spare permits what one may fetch later.

    Parameters
    ----------
    reports, net_value : (*lead, units, labs), in M$ per permit
    endowment, lapsing : int (*lead, labs), permits in hand, and those of them that are good for this month alone
    later : shape lead, M$ per permit

    Spare are permits beyond the units that a lab wants to run. Orders never rise along a lab's units.

    >>> asks_of_savers(np.array([[0.9], [-0.2]]), np.array([[0.9], [-0.2]]), np.array([4]), np.array([2]), 0.3).ravel()
    array([0.9, 0.3, 0.3, 0. ])
    """
    wanted = units_each(net_value > 0)
    most_used = np.maximum(wanted, lapsing)
    if (endowment <= most_used).all():
        return reports
    *worlds, labs = savers = np.nonzero(endowment > most_used)  # few labs
    rungs = max(reports.shape[-2], int(endowment.max()))
    asked = np.zeros((*reports.shape[:-2], rungs, reports.shape[-1]))
    asked[..., : reports.shape[-2], :] = reports
    first, lapse_after = wanted[savers], most_used[savers]
    last = np.maximum(reports[(*worlds, np.maximum(first - 1, 0), labs)], 0.0)
    later = np.broadcast_to(later, reports.shape[:-2])[tuple(worlds)]
    ask = np.minimum(np.where(first > 0, last, np.inf), later)
    for rung in range(rungs):
        place: Any = (*worlds, rung, labs)
        spare = (first <= rung) & (rung < first + endowment[savers] - lapse_after)
        asked[place] = np.where(spare, ask, asked[place])
    return asked
