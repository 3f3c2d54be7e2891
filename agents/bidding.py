"""What a lab is willing to pay for a permit. Rules see (labs, units) arrays, with any leading axes.

References
----------
Gode, D. K., Sunder, S. (1993). Allocative efficiency of markets with zero-intelligence traders. Journal of Political
Economy 101, 119-137.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.economics import worth_it
from mechanisms import Draws, bidding

Array = NDArray[Any]
Rule = Callable[[Array, Array, Array, Draws], Array]
"""``(net_value, endowment, expected_penalty, draws) -> values``, on (*lead, labs, units)."""

_GRAIN_DIGITS = 9
_ROUNDING = 1e-12


def sells(endowment: Array, units: int) -> Array:
    """Which of a lab's units are offered rather than asked for: its first `endowment`, bool (*lead, labs, units)."""
    return np.asarray(np.arange(units) < np.asarray(endowment)[..., None])


def falling(values: Array) -> Array:
    """Values (*lead, labs, units) none of which is above one before it; in place.

    >>> falling(np.array([[0.5, 0.7, 0.2]])).tolist()
    [[0.5, 0.5, 0.2]]
    """
    for unit in range(1, values.shape[-1]):
        np.minimum(values[..., unit], values[..., unit - 1], out=values[..., unit])
    return values


@bidding("full-value", batched=True)
def full_value(net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
    """Bid the whole net value u, as if running without a permit were out of the question (the seed model).

    >>> full_value(np.array([[0.7, 0.2]]), np.array([0]), np.array([[0.5, 1.0]]), Draws(0)).tolist()
    [[0.7, 0.2]]
    """
    return net_value


@bidding("outside-option", batched=True)
def outside_option(net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
    """Bid what the permit adds to the best that the lab can do without it: min(u, E) for one unit.

    Where the penalty is not linear in the uncovered units (a liability limit), the h-th permit is worth
    ``F(h) - F(h-1)``, F(h) the best total with h permits; orders never rise along units (running minimum).

    >>> outside_option(np.array([[0.7, 0.2]]), np.array([0]), np.array([[0.5, 1.0]]), Draws(0)).tolist()
    [[0.5, 0.2]]
    """
    units = net_value.shape[-1]
    single = expected_penalty[..., :1]
    linear = _by_the_unit(expected_penalty)
    values = np.minimum(net_value, single)
    if linear.all():
        return values
    best = np.stack([_best_with(net_value, expected_penalty, held) for held in range(units + 1)], axis=-1)
    marginal = np.round(np.diff(best, axis=-1), _GRAIN_DIGITS)
    return np.where(linear, values, np.minimum.accumulate(np.minimum(marginal, net_value), axis=-1))


def _by_the_unit(expected_penalty: Array) -> Array:
    """Where the expected penalty for m units is m times that for one, bool broadcasting to (*lead, labs, 1)."""
    each = _alike(expected_penalty)
    linear = np.ones((*each.shape[:-1], 1), dtype=bool)
    for unit in range(1, each.shape[-1]):
        straight = each[..., :1] * (unit + 1)
        linear &= np.abs(each[..., unit, None] - straight) <= _ROUNDING * straight
    return linear


def _alike(figures: Array) -> Array:
    """An array (*lead, labs, units) with one of the worlds or labs along an axis on which all are the same."""
    return figures[tuple(slice(1) if step == 0 else slice(None) for step in figures.strides[:-1])]


def _best_with(net_value: Array, expected_penalty: Array, held: int) -> Array:
    """Best expected total of a lab that holds so many permits, (*lead, labs)."""
    positive = np.maximum(net_value, 0.0)
    covered = positive[..., :held].sum(axis=-1)
    further = np.cumsum(positive[..., held:], axis=-1)
    gains = further - expected_penalty[..., : further.shape[-1]]
    gains = np.where(worth_it(gains, further), gains, 0.0)
    return np.asarray(covered + gains.max(axis=-1, initial=0.0))


@bidding("zero-intelligence", batched=True)
def zero_intelligence(net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
    """Bid at random below the net value and ask at random above it, up to the highest net value in the world.

    Zero-intelligence traders with a budget constraint (Gode and Sunder): what the market's rules alone achieve.

    >>> values = zero_intelligence(np.array([[0.8], [0.4]]), np.array([0, 1]), np.zeros((2, 1)), Draws(0))
    >>> bool(values[0, 0] <= 0.8), bool(0.4 <= values[1, 0] <= 0.8)
    (True, True)
    """
    labs, units = net_value.shape[-2:]
    share, top = draws.uniform("zero-intelligence", units, labs), net_value[..., 0].max(axis=-1, keepdims=True)
    values = np.empty_like(net_value)
    for unit in range(units):
        own, luck, selling = net_value[..., unit], share[..., unit, :], np.asarray(endowment) > unit
        values[..., unit] = luck * own
        if selling.any():
            values[..., unit] = np.where(selling, own + luck * (top - own), values[..., unit])
    return falling(values)
