"""Permits that outlive their month: how many each lab has, and how long they are good for.

Arrays `permits` are int (*lead, ages, labs): ``permits[..., a, :]`` are good for a more months after this one. Labs use
and sell first what lapses first; buyers get what was sold in random order, each a stretch of it, what lapses first at
the front.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.month import units_each

Array = NDArray[Any]


def oldest(permits: Array, count: Array) -> Array:
    """So many (*lead, labs) of each lab's permits, those that lapse first, (*lead, ages, labs).

    >>> oldest(np.array([[1], [2], [4]]), np.array([4])).ravel().tolist()
    [1, 2, 1]
    """
    taken, left = np.empty_like(permits), count
    for age in range(permits.shape[-2]):
        np.minimum(permits[..., age, :], left, out=taken[..., age, :])
        left = left - taken[..., age, :]
    return taken


def delivered(pool: Array, bought: Array, turn: Array) -> Array:
    """Which of the permits sold each buyer gets, (*lead, ages, labs).

    Parameters
    ----------
    pool : int (*lead, ages), permits sold by age, as many as are bought
    bought : int (*lead, labs)
    turn : distinct words (*lead, labs), the smaller goes first

    Examples
    --------
    >>> delivered(np.array([1, 2]), np.array([2, 0, 1]), np.array([5, 1, 9])).tolist()
    [[1, 0, 0], [1, 0, 1]]
    """
    order = np.argsort(turn, axis=-1)
    upto = np.empty_like(bought)
    in_turn = np.take_along_axis(bought, order, axis=-1)
    np.put_along_axis(upto, order, np.cumsum(in_turn, axis=-1, dtype=bought.dtype), axis=-1)
    got = np.empty((*pool.shape, bought.shape[-1]), dtype=bought.dtype)
    first, before = np.zeros_like(pool[..., :1]), upto - bought
    for age in range(pool.shape[-1]):
        last = first + pool[..., age, None]
        stretch = np.minimum(upto, last) - np.maximum(before, first)
        np.maximum(stretch, 0, out=got[..., age, :])
        first = last
    return got


def with_new(banked: Array, new: Array, months: Any) -> Array:
    """Banked permits and new ones (*lead, labs or 1), which are good for `months` more months (shape lead or one)."""
    fresh = np.arange(banked.shape[-2]) == np.asarray(months)[..., None]
    return banked + fresh[..., None] * new[..., None, :]


def after_trade(permits: Array, bought: Array, sold: Array, house: Any, turn: Array) -> Array:
    """Permits in hand after trade, (*lead, ages, labs); `house` (*lead, ages) is what the house sold by age.

    >>> permits, bought, sold = np.array([[2, 0], [1, 0]]), np.array([0, 1]), np.array([1, 0])
    >>> after_trade(permits, bought, sold, 0, np.array([0, 1])).tolist()
    [[1, 1], [1, 0]]
    """
    given = oldest(permits, sold)
    return permits - given + delivered(given.sum(axis=-1, dtype=given.dtype) + house, bought, turn)


def next_month(permits: Array, used: Array) -> Array:
    """What is left next month of permits of which some were used, when those without a month to go have lapsed.

    >>> next_month(np.array([[2], [3], [0]]), np.array([4])).ravel().tolist()
    [1, 0, 0]
    """
    left = (permits - oldest(permits, used))[..., 1:, :]
    return np.concatenate([left, np.zeros_like(left[..., :1, :])], axis=-2)


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
    units, labs = reports.shape[-2:]
    rungs = max(units, int(endowment.max(initial=0)))
    padded = np.concatenate([reports, np.zeros((*reports.shape[:-2], rungs - units, labs))], axis=-2)
    wanted = units_each(net_value > 0)
    last = np.take_along_axis(reports, np.maximum(wanted - 1, 0)[..., None, :], axis=-2)[..., 0, :]
    ask = np.minimum(np.where(wanted > 0, np.maximum(last, 0.0), np.inf), np.asarray(later)[..., None])
    end = wanted + endowment - np.maximum(wanted, lapsing)
    rung = np.arange(rungs)[:, None]
    spare = (rung >= wanted[..., None, :]) & (rung < end[..., None, :])
    return np.where(spare, ask[..., None, :], padded)
