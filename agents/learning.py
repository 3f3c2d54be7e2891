"""Bidding that learns: reinforcement learners who find out month by month how far to shade their reports.

References
----------
Roth, A. E., Erev, I. (1995). Learning in extensive-form games: experimental data and simple dynamic models in the
intermediate term. Games and Economic Behavior 8, 164-212.
Nicolaisen, J., Petrov, V., Tesfatsion, L. (2001). Market power and efficiency in a computational electricity market
with discriminatory double-auction pricing. IEEE Transactions on Evolutionary Computation 5, 504-523.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agents.bidding import sells
from mechanisms import Draws, InputError, bidding, resolve

Array = NDArray[Any]
Share = Annotated[float, Field(gt=0, lt=1)]

_FAINT = 1e-200
"""Propensities of a lab that never gains fade no further, lest they all become 0."""
_FADES = 100
"""Months after which this is looked at again; at the fastest they fade by a factor of 1e-2 a month or so."""


@bidding("roth-erev", batched=True, remembers=True)
def roth_erev(
    net_value: Array,
    endowment: Array,
    expected_penalty: Array,
    draws: Draws,
    memory: dict[str, Any],
    shadings: Annotated[int, Field(ge=2, le=101)] = 11,
    recency: Share = 0.1,
    experimentation: Share = 0.2,
    strength: Annotated[float, Field(gt=0, le=1e6)] = 9.0,
    worth: str = "full-value",
) -> Array:
    """Learn from gains which share of a permit's worth to hold back (Roth and Erev, as modified by Nicolaisen et al.).

    Each lab learns for each unit rank. Of `shadings` shares s on an even grid from 0 to 1 one is drawn with probability
    in proportion to its propensity q_s; bids are ``(1 - s) * worth``, asks ``(1 + s) * worth``. The month's gain R from
    the market (never below 0; in units of a mean first unit in the world's first month) then changes propensities:
    ``q <- (1 - recency) * q + R * (1 - experimentation)`` for the share drawn, and ``q <- (1 - recency) * q +
    q * experimentation / (shadings - 1)`` for the others. They start at ``strength / shadings``.

    `worth` is the bidding rule by which labs know what a permit is worth to them.

    >>> told = np.array([[0.8], [0.6], [0.4]]), np.array([0, 0, 0]), np.zeros((3, 1))
    >>> memory = {}
    >>> first = roth_erev(*told, Draws(0), memory)
    >>> memory |= {"held": np.array([1, 0, 0]), "paid": np.zeros(3), "endowment": np.zeros(3)}
    >>> second = roth_erev(*told, Draws(0, month=1), memory)
    >>> before, after = 9 / 11, memory["propensities"][memory["reinforced"][0, 0], 0, 0]
    >>> round(float(after - 0.9 * before), 6) == round(0.8 * 0.8 / 0.6, 6)
    True
    """
    known = resolve("bidding", worth, where="labs.bidding.worth")
    if known.plugin.prepares or known.plugin.remembers or not known.plugin.batched:
        raise InputError(f"labs.bidding: worth {worth!r} is not a rule that says what a permit is worth")
    truth = np.ascontiguousarray(known(net_value, endowment, expected_penalty, draws))
    if "propensities" in memory:
        _reinforce(memory, recency, experimentation)
    else:
        _start(memory, truth, shadings, strength)
    units, labs = truth.shape[-1], truth.shape[-2]
    luck = np.moveaxis(draws.uniform("learning", units, labs), -2, -1)
    memory |= {"worth": truth, "chosen": _drawn(memory["propensities"], luck)}
    return shaded(truth, endowment, np.linspace(0.0, 1.0, shadings)[memory["chosen"]])


def _start(memory: dict[str, Any], truth: Array, shadings: int, strength: float) -> None:
    scale = np.maximum(np.ascontiguousarray(truth[..., 0]), 0.0).mean(axis=-1)
    memory["scale"] = np.where(scale > 0, scale, 1.0)[..., None]
    memory["months"] = 0
    memory["propensities"] = np.full((shadings, *truth.shape), strength / shadings)


def _reinforce(memory: dict[str, Any], recency: float, experimentation: float) -> None:
    """Last month's gain of each lab strengthens the share drawn for each of its units."""
    gain = market_gain(memory["worth"], memory["endowment"], memory["held"], memory["paid"])
    reward = np.maximum(gain / memory["scale"], 0.0)[..., None]
    strengths, chosen = memory["propensities"], memory["chosen"]
    flat = strengths.reshape(len(strengths), -1)
    drawn = chosen.reshape(-1).astype(np.intp), np.arange(flat.shape[1])
    renewed = (1 - recency) * flat[drawn].reshape(chosen.shape) + (1 - experimentation) * reward
    flat *= 1 - recency + experimentation / (len(strengths) - 1)
    flat[drawn] = np.maximum(renewed, _FAINT).reshape(-1)
    memory["months"] += 1
    if memory["months"] % _FADES == 0:
        np.maximum(flat, _FAINT, out=flat)
    memory["reinforced"] = chosen


def _drawn(propensities: Array, luck: Array) -> Array:
    """Places drawn in proportion to the propensities along the first axis, (*lead, labs, units)."""
    total = np.zeros(luck.shape)
    for share in propensities:  # a sum along the axis would add in another order where there is one lab
        total += share
    draw, upto, chosen = luck * total, np.zeros(luck.shape), np.zeros(luck.shape, dtype=np.int8)
    for share in propensities[:-1]:
        upto += share
        chosen += upto <= draw
    return chosen


def shaded(worth: Array, endowment: Array, share: Array) -> Array:
    """Reports that hold back a share: bids below the worth, asks above it; never rising along a lab's units.

    >>> shaded(np.array([[0.8, 0.5]]), np.array([1]), np.array([[0.5, 0.2]])).round(9).tolist()
    [[1.2, 0.4]]
    """
    held_back = share * np.maximum(worth, 0.0)
    reports = np.where(sells(endowment, worth.shape[-1]), worth + held_back, worth - held_back)
    return np.minimum.accumulate(reports, axis=-1)


def market_gain(worth: Array, endowment: Array, held: Array, paid: Array) -> Array:
    """What labs gained in the market: the worth of permits held less of those handed out, less payments, in M$.

    >>> market_gain(np.array([[0.8, 0.5]]), np.array([0]), np.array([2]), np.array([0.9])).round(9).tolist()
    [0.4]
    """
    unit, useful = np.arange(worth.shape[-1]), np.maximum(worth, 0.0)
    more = (unit < held[..., None]).astype(np.float64) - (unit < endowment[..., None])
    return np.asarray((more * useful).sum(axis=-1) - paid)
