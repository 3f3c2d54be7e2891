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

from mechanisms import Draws, InputError, bidding, resolve

Array = NDArray[Any]
Share = Annotated[float, Field(gt=0, lt=1)]

_FAINT = np.float32(1e-30)
"""Propensities of a lab that never gains fade no further, lest they all become 0."""
_FAR = 1e-6
"""Where all have faded this far they are written down anew; single precision reaches to 1e-38."""
_WORTHLESS = 1e-9
"""M$: where labs' first units are worth less than this, rewards are told in M$, for none may overflow."""
_TOGETHER = 20_000
"""Labs that learn together, about: the propensities for one of their units stay in the cache next to the processor."""


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
    >>> drawn, before = memory["chosen"][0, 0, 0], 9 / 11
    >>> memory |= {"held": np.array([1, 0, 0]), "paid": np.zeros(3), "endowment": np.zeros(3)}
    >>> second = roth_erev(*told, Draws(0, month=1), memory)
    >>> after = memory["strengths"][0, drawn, 0, 0] * memory["faded"]
    >>> round(float(after - 0.9 * before), 5) == round(0.8 * 0.8 / 0.6, 5)
    True
    """
    known = resolve("bidding", worth, where="labs.bidding.worth")
    if known.plugin.prepares or known.plugin.remembers or not known.plugin.batched:
        raise InputError(f"labs.bidding: worth {worth!r} is not a rule that says what a permit is worth")
    truth = known(net_value, endowment, expected_penalty, draws)
    labs, units = truth.shape[-2:]
    own = np.moveaxis(truth, -1, -2).reshape(-1, units, labs)
    if "strengths" not in memory:
        _start(memory, own, shadings, strength)
    kept, rewards = _fade(memory, shadings, recency, experimentation) if "held" in memory else (1.0, None)
    luck = [_by_world(draws.luck(f"learning {unit}", labs)) for unit in range(units)]
    sides = [2 * (_by_world(endowment) > unit).view(np.int8) - 1 for unit in range(units)]
    chosen, reports = np.empty((units, len(own), labs), dtype=np.int8), np.empty(own.shape)
    for some in _together(len(own), labs):
        upper: Any = np.inf
        for unit, strengths in enumerate(memory["strengths"]):
            if rewards is not None:
                _reinforce(strengths, some, memory["chosen"][unit, some], kept, rewards[some])
            chosen[unit, some] = share = _drawn(strengths[:, some], luck[unit][some])
            share *= sides[unit][some]
            values = marked_up(own[some, unit], share / (shadings - 1))
            reports[some, unit] = upper = np.minimum(values, upper, out=values)
    memory |= {"worth": own, "chosen": chosen}
    return np.moveaxis(reports.reshape(*truth.shape[:-2], units, labs), -2, -1)


def _by_world(of_labs: Array) -> Array:
    """Figures of labs (*lead, labs) as (worlds, labs)."""
    return of_labs.reshape(-1, of_labs.shape[-1])


def _start(memory: dict[str, Any], worth: Array, shadings: int, strength: float) -> None:
    """Begin with equal strengths, (units, shadings, worlds, labs); `worth` is (worlds, units, labs)."""
    worlds, units, labs = worth.shape
    scale = np.maximum(worth[:, 0], 0.0).mean(axis=-1)
    memory |= {"scale": np.where(scale > _WORTHLESS, scale, 1.0)[:, None], "faded": 1.0}
    memory["strengths"] = np.full((units, shadings, worlds, labs), strength / shadings, dtype=np.float32)


def _fade(memory: dict[str, Any], shadings: int, recency: float, experimentation: float) -> tuple[float, Array]:
    """By what to multiply a share's strength where it was drawn, and what each lab's then gain, (worlds, labs).

    All others fade by the same factor, so that it is enough to keep that: propensities are ``strengths * faded``.
    """
    if memory["faded"] < _FAR:
        np.maximum(memory["strengths"] * np.float32(memory["faded"]), _FAINT, out=memory["strengths"])
        memory["faded"] = 1.0
    fading = 1 - recency + experimentation / (shadings - 1)
    memory["faded"] *= fading
    outcome = (_by_world(memory[name]) for name in ("endowment", "held", "paid"))
    gain = market_gain(np.moveaxis(memory["worth"], -2, -1), *outcome)
    rewards = np.maximum(gain / memory["scale"], 0.0).astype(np.float32)
    rewards *= (1 - experimentation) / memory["faded"]
    return (1 - recency) / fading, rewards


def _together(worlds: int, labs: int) -> Iterator[slice]:
    """Some worlds after the other, few enough for their strengths to stay in the cache."""
    step = max(1, _TOGETHER // labs)
    return (slice(start, min(start + step, worlds)) for start in range(0, worlds, step))


def _reinforce(strengths: Array, some: slice, chosen: Array, kept: float, rewards: Array) -> None:
    """Strengthen the share drawn for one unit by each lab of some worlds; `strengths` are (shadings, worlds, labs)."""
    everything, (_, worlds, labs) = strengths.reshape(-1), strengths.shape
    places = np.multiply(chosen, worlds * labs, dtype=np.intp)
    places += np.arange(some.start * labs, some.stop * labs).reshape(chosen.shape)
    everything[places] = np.maximum(kept * everything.take(places) + rewards, _FAINT)


def _drawn(strengths: Array, luck: Array) -> Array:
    """Places drawn in proportion to the strengths (shadings, *places of luck).

    The strengths are summed twice, one after the other, which costs less than to keep the sums of a first time.
    """
    target = strengths[0] + strengths[1]
    for more in strengths[2:]:
        target += more
    target *= luck
    upto, passed = strengths[0].copy(), np.empty((len(strengths) - 1, *luck.shape), dtype=bool)
    np.less_equal(upto, target, out=passed[0])
    for more, each in zip(strengths[1:-1], passed[1:], strict=True):
        upto += more
        np.less_equal(upto, target, out=each)
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
    gain = -np.asarray(paid, dtype=np.float64)
    for unit in range(worth.shape[-1]):
        more = (held > unit).view(np.int8) - (endowment > unit).view(np.int8)
        useful = np.maximum(worth[..., unit], 0.0)
        useful *= more
        gain += useful
    return gain
