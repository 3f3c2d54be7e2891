"""Bidding that learns: reinforcement learners who find out month by month how far to shade their reports.

References
----------
Roth, A. E., Erev, I. (1995). Learning in extensive-form games: experimental data and simple dynamic models in the
intermediate term. Games and Economic Behavior 8, 164-212.
Nicolaisen, J., Petrov, V., Tesfatsion, L. (2001). Market power and efficiency in a computational electricity market
with discriminatory double-auction pricing. IEEE Transactions on Evolutionary Computation 5, 504-523.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agents.bidding import falling
from agents.month import first_units
from mechanisms import Draws, InputError, bidding, resolve

Array = NDArray[Any]
Share = Annotated[float, Field(gt=0, lt=1)]

_FAINT = np.float32(1e-30)
"""Propensities of a lab that never gains fade no further, lest they all become 0."""
_FAR = 1e-6
"""Where all have faded this far they are written down anew; single precision reaches to 1e-38."""
_WORTHLESS = 1e-9
"""M$: where labs' first units are worth less than this, rewards are told in M$, for none may overflow."""
_TOGETHER = 16_384
"""Lab-units that learn together, about: their propensities stay in the cache next to the processor."""


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
    >>> drawn, before = memory["chosen"][0], 9 / 11
    >>> memory |= {"held": np.array([1, 0, 0]), "paid": np.zeros(3), "endowment": np.zeros(3)}
    >>> second = roth_erev(*told, Draws(0, month=1), memory)
    >>> after = memory["strengths"][drawn, 0] * memory["faded"]
    >>> round(float(after - 0.9 * before), 5) == round(0.8 * 0.8 / 0.6, 5)
    True
    """
    known = resolve("bidding", worth, where="labs.bidding.worth")
    if known.plugin.prepares or known.plugin.remembers or not known.plugin.batched:
        raise InputError(f"labs.bidding: worth {worth!r} is not a rule that says what a permit is worth")
    truth = known(net_value, endowment, expected_penalty, draws)
    if "strengths" not in memory:
        _start(memory, truth, shadings, strength)
    kept, gained = _fade(memory, shadings, recency, experimentation) if "held" in memory else (1.0, None)
    luck = np.stack([draws.luck(f"learning {unit}", truth.shape[-2]) for unit in range(truth.shape[-1])], axis=-2)
    own, chance, selling = (x.reshape(-1) for x in (_units_first(truth), luck, first_units(endowment, truth.shape[-1])))
    chosen, reports = np.empty(own.size, dtype=np.int8), np.empty_like(own)
    for some in _together(own.size):
        if gained is not None:
            _reinforce(memory["strengths"], some, memory["chosen"][some], kept, gained[some])
        chosen[some] = _drawn(memory["strengths"][:, some], chance[some])
        markup = chosen[some] * (2 * selling[some].view(np.int8) - 1) / (shadings - 1)
        reports[some] = marked_up(own[some], markup)
    memory |= {"worth": truth, "chosen": chosen}
    return falling(np.moveaxis(reports.reshape(luck.shape), -2, -1))


def _start(memory: dict[str, Any], truth: Array, shadings: int, strength: float) -> None:
    scale = np.maximum(np.ascontiguousarray(truth[..., 0]), 0.0).mean(axis=-1)
    memory |= {"scale": np.where(scale > _WORTHLESS, scale, 1.0)[..., None], "faded": 1.0}
    memory["strengths"] = np.full((shadings, truth.size), strength / shadings, dtype=np.float32)


def _fade(memory: dict[str, Any], shadings: int, recency: float, experimentation: float) -> tuple[float, Array]:
    """By what to multiply a share's strength where it was drawn, and what each lab-unit's then gains.

    All others fade by the same factor, so that it is enough to keep that: propensities are ``strengths * faded``.
    """
    if memory["faded"] < _FAR:
        np.maximum(memory["strengths"] * np.float32(memory["faded"]), _FAINT, out=memory["strengths"])
        memory["faded"] = 1.0
    fading = 1 - recency + experimentation / (shadings - 1)
    memory["faded"] *= fading
    gain = market_gain(*(memory[name] for name in ("worth", "endowment", "held", "paid")))
    reward = np.maximum(gain / memory["scale"], 0.0).astype(np.float32)
    reward *= (1 - experimentation) / memory["faded"]
    each = np.repeat(reward[..., None, :], memory["worth"].shape[-1], axis=-2)
    return (1 - recency) / fading, each.reshape(-1)


def _together(size: int) -> Iterator[slice]:
    """Some lab-units after the other, few enough for their strengths to stay in the cache."""
    return (slice(start, start + _TOGETHER) for start in range(0, size, _TOGETHER))


def _reinforce(strengths: Array, some: slice, chosen: Array, kept: float, gained: Array) -> None:
    """Strengthen the share drawn for each of some units by what it gained; `strengths` are (shadings, lab-units)."""
    everything, places = strengths.reshape(-1), chosen.astype(np.intp)
    places *= strengths.shape[1]
    places += np.arange(some.start, some.start + chosen.size)
    everything[places] = np.maximum(kept * everything.take(places) + gained, _FAINT)


def _units_first(by_lab: Array) -> Array:
    """An array (*lead, labs, units) as (*lead, units, labs)."""
    return np.moveaxis(by_lab, -1, -2)


def _drawn(strengths: Array, luck: Array) -> Array:
    """Places drawn in proportion to the strengths (shadings, lab-units)."""
    upto = np.empty_like(strengths)
    upto[0] = strengths[0]
    for place in range(1, len(strengths)):  # one after the other: a sum along the axis may add in another order
        np.add(upto[place - 1], strengths[place], out=upto[place])
    passed = upto[:-1] <= luck * upto[-1]
    return np.asarray(np.add.reduce(passed.view(np.int8), axis=0, dtype=np.int8))


def marked_up(worth: Array, markup: Array) -> Array:
    """Reports that differ from the worth by a share of it: asks lie above, bids below; of no worth they are truthful.

    >>> marked_up(np.array([0.8, 0.5]), np.array([0.5, -0.2])).round(9).tolist()
    [1.2, 0.4]
    """
    reports = np.maximum(worth, 0.0)
    reports *= markup
    reports += worth
    return reports


def market_gain(worth: Array, endowment: Array, held: Array, paid: Array) -> Array:
    """What labs gained in the market: the worth of permits held less of those handed out, less payments, in M$.

    >>> market_gain(np.array([[0.8, 0.5]]), np.array([0]), np.array([2]), np.array([0.9])).round(9).tolist()
    [0.4]
    """
    units = worth.shape[-1]
    more = first_units(held, units).view(np.int8) - first_units(endowment, units).view(np.int8)
    gain = -np.asarray(paid, dtype=np.float64)
    for unit in range(units):
        gain += more[..., unit, :].astype(np.float64) * np.maximum(worth[..., unit], 0.0)
    return gain
