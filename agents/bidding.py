"""What a lab is willing to pay for a permit. Rules see (labs, units) arrays, with any leading axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.economics import worth_it
from mechanisms import Draws, bidding

Array = NDArray[Any]

_GRAIN_DIGITS = 9


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
    alike = np.isclose(expected_penalty, single * np.arange(1, units + 1), rtol=1e-12, atol=0.0)
    linear = alike.all(axis=-1, keepdims=True)
    values = np.minimum(net_value, single)
    if linear.all():
        return values
    best = np.stack([_best_with(net_value, expected_penalty, held) for held in range(units + 1)], axis=-1)
    marginal = np.round(np.diff(best, axis=-1), _GRAIN_DIGITS)
    return np.where(linear, values, np.minimum.accumulate(np.minimum(marginal, net_value), axis=-1))


def _best_with(net_value: Array, expected_penalty: Array, held: int) -> Array:
    """Best expected total of a lab that holds so many permits, (*lead, labs)."""
    positive = np.maximum(net_value, 0.0)
    covered = positive[..., :held].sum(axis=-1)
    further = np.cumsum(positive[..., held:], axis=-1)
    gains = further - expected_penalty[..., : further.shape[-1]]
    gains = np.where(worth_it(gains, further), gains, 0.0)
    return np.asarray(covered + gains.max(axis=-1, initial=0.0))
