"""How labs see what they risk, and how pressed they feel: penalties perceived, losses, reputation, beliefs, racing.

Every switch is off by default, and then nothing is computed. Those that look back at earlier months keep sums here.

References
----------
Tversky, A., Kahneman, D. (1992). Advances in prospect theory. Journal of Risk and Uncertainty 5, 297-323.
Sah, R. K. (1991). Social osmosis and patterns of crime. Journal of Political Economy 99, 1272-1295.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.labs import per_lab
from agents.month import Month
from agents.penalties import Schedule
from mechanisms import Draws

Array = NDArray[Any]


class Outlook(NamedTuple):
    """What running without a permit risks, as labs see it; each broadcasts to (*lead, labs).

    Running m units without a permit costs ``risk * detection * (min(pen(m), limit) + m * reputation)``, with `penalty`
    by the unit or a function of the units. A lab expects to be found with the probability `believed`.
    """

    detection: Any
    penalty: Any
    limit: Any
    risk: Any
    believed: Any
    reputation: Any = 0.0

    def of(self, labs: slice) -> Outlook:
        """The same for some of the labs."""
        return self if labs == slice(None) else Outlook(*(some_labs(figure, labs) for figure in self))


def some_labs(figure: Any, labs: slice) -> Any:
    """The same labs of a figure that may be one number for all of them."""
    if callable(figure):
        return figure.some(labs)
    return figure[..., labs] if np.ndim(figure) and np.shape(figure)[-1] > 1 else figure


@dataclass(frozen=True)
class Perceived:
    """Penalties that are no number a unit, times a factor of each lab's own; see `agents.penalties.Schedule`.

    >>> Perceived(Schedule("flat", 0.5), np.array([1.0, 3.0]))(2).tolist()
    [0.5, 1.5]
    """

    schedule: Schedule
    factor: Array

    def __call__(self, units: ArrayLike) -> Array:
        """What so many uncovered units cost, in M$."""
        return np.asarray(self.factor * self.schedule(units))

    def over_units(self) -> Perceived:
        """The same for arrays (*lead, units, labs)."""
        return Perceived(self.schedule.over_units(), self.factor[..., None, :])

    def by_lab(self) -> Perceived:
        """The same for arrays (*lead, labs, units)."""
        return Perceived(self.schedule.by_lab(), self.factor[..., None])

    def some(self, labs: slice) -> Perceived:
        """The same for some of the labs."""
        return Perceived(self.schedule.some(labs), some_labs(self.factor, labs))


def loss_averse(detection: ArrayLike, aversion: ArrayLike) -> Array:
    """Weight of the penalty for a lab to which a loss counts `aversion` times as much as a gain.

    A unit worth u that is found (probability p, as the lab weighs it) brings u - P, a loss where P > u. It is worth its
    risk where ``u > p*P + (aversion - 1) * p * (P - u)``, that is where u exceeds P times ``aversion * p /
    (1 + (aversion - 1) * p)``: aversion multiplies the odds of being found. A weight of 1 or more is left as it is.

    >>> loss_averse([0.0, 0.5, 1.0, 1.5], 3.0).tolist()
    [0.0, 0.75, 1.0, 1.5]
    """
    p, more = np.asarray(detection, dtype=np.float64), np.asarray(aversion, dtype=np.float64) - 1
    return np.maximum(p, (1 + more) * p / (1 + more * p))


def learned(prior: ArrayLike, strength: ArrayLike, found: ArrayLike, violations: ArrayLike) -> Array:
    """Mean of a Beta belief about detection after so many violations, of which so many were found.

    >>> float(learned(0.5, 10, found=1, violations=10))
    0.3
    """
    weight: Array = np.asarray(strength, dtype=np.float64)
    return np.asarray((weight * prior + np.asarray(found)) / (weight + np.asarray(violations)))


class Beliefs:
    """Labs' learning about detection: sums over the months so far, of their own violations and of all.

    >>> beliefs = Beliefs(SimpleNamespace(kind="learned", prior=0.5, strength=2.0, hearsay=1.0))
    >>> beliefs.learn(np.array([True, True, False]), np.array([True, False, False]))
    >>> beliefs.detection(0.9).tolist()
    [0.5, 0.5, 0.5]
    """

    def __init__(self, belief: SimpleNamespace) -> None:
        self._belief = belief
        self._violations: Any = 0.0
        self._found: Any = 0.0

    def learn(self, violating: Array, caught: Array) -> None:
        """Take in a month, bool (*lead, labs)."""
        self._violations = self._violations + self._heard(violating)
        self._found = self._found + self._heard(caught)

    def _heard(self, own: Array) -> Array:
        others = own.sum(axis=-1, keepdims=True) - own
        return np.asarray(own + np.asarray(self._belief.hearsay) * others)

    def detection(self, announced: Any) -> Array:
        """How likely labs think it is that a violation is found, broadcasting to (*lead, labs)."""
        prior = announced if self._belief.prior is None else self._belief.prior
        return learned(prior, self._belief.strength, self._found, self._violations)


class Racing:
    """Racing pressure: a run is worth more to a lab the further it is behind in units run so far.

    >>> racing = Racing(SimpleNamespace(racing=0.5, running_cost=0.1))
    >>> racing.run(np.array([4, 1]))
    >>> racing.pressed(np.array([[0.7, 0.7]])).round(9).tolist()
    [[0.7, 1.0]]
    """

    def __init__(self, labs: SimpleNamespace) -> None:
        self._labs = labs
        self._runs: Any = np.zeros(1)

    def run(self, units: Array) -> None:
        """Take in the units that labs ran in a month, (*lead, labs)."""
        self._runs = self._runs + units

    @property
    def behind(self) -> Array:
        """Share of the leader's runs that a lab lacks, (*lead, labs); 0 before anybody has run."""
        most = self._runs.max(axis=-1, keepdims=True)
        return np.asarray(np.where(most > 0, 1 - self._runs / np.maximum(most, 1), 0.0))

    def pressed(self, net_value: Array) -> Array:
        """Net values (*lead, units, labs) with gross values ``1 + racing * behind`` times as high."""
        more = np.asarray(self._labs.racing) * self.behind
        cost = np.asarray(self._labs.running_cost)[..., None]
        return np.asarray(net_value + more[..., None, :] * (net_value + cost))


class Minds:
    """The minds of a market's labs.

    Attributes
    ----------
    plain : whether labs see penalties and detection as they are
    look_back : whether anything depends on earlier months
    """

    def __init__(self, labs: SimpleNamespace, draws: Draws) -> None:
        self._labs = labs
        self._factor = per_lab(labs.perceived_penalty, draws, "perceived penalty", labs.count)
        self._misjudged = bool(np.any(self._factor != 1) or np.any(labs.perception_noise))
        self._beliefs = Beliefs(labs.belief) if labs.belief.kind == "learned" else None
        self._racing = Racing(labs) if np.any(labs.racing) else None
        feeling = np.any(np.asarray(labs.loss_aversion) != 1) or np.any(labs.reputation_cost)
        self.plain = not (feeling or self._misjudged or self._beliefs)
        self.racing = self._racing is not None
        self.look_back = self.racing or self._beliefs is not None

    def take_in(self, month: Month) -> None:
        """Remember what was run and what came out in a month."""
        if self._beliefs is not None:
            self._beliefs.learn(month.violating, month.caught)
        if self._racing is not None:
            stopped, relocated = getattr(month, "stopped", 0), getattr(month, "relocated", 0)
            self._racing.run(month.covered + month.uncovered - stopped + relocated)

    def pressed(self, net_value: Array) -> Array:
        """Net values of the month under racing pressure, (*lead, units, labs), in M$."""
        return net_value if self._racing is None else self._racing.pressed(net_value)

    def outlook(self, detection: Any, penalty: Any, limit: Any, risk: Any, draws: Draws) -> Outlook:
        """What labs reckon with, from what is announced and their risk profiles."""
        if self.plain:
            return Outlook(detection, penalty, limit, risk, detection)
        believed = detection if self._beliefs is None else self._beliefs.detection(detection)
        weight = loss_averse(np.asarray(risk) * believed, self._labs.loss_aversion)
        if self._misjudged:
            factor = self._seen(draws)
            penalty = Perceived(penalty, factor) if callable(penalty) else np.asarray(penalty) * factor
        return Outlook(weight, penalty, limit, 1.0, believed, self._labs.reputation_cost)

    def _seen(self, draws: Draws) -> Array:
        """The penalty as labs see it over the true one, (*lead, labs) or (*lead, 1)."""
        spread = self._labs.perception_noise
        if not np.any(spread):
            return self._factor
        error = np.exp(
            draws.normal("perception", self._labs.count).astype(np.float64) * spread - 0.5 * np.square(spread)
        )
        return np.asarray(self._factor * error)
