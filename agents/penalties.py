"""What a caught lab owes: by the unit, once, rising with the units, by turnover, or with the price of permits.

References
----------
EU AI Act, Articles 99 and 101 (turnover). Malik, A. (1990). Markets for pollution control when firms are noncompliant.
Journal of Environmental Economics and Management 18, 97-106. Stranlund, J. K., Dhanda, K. K. (1999). Endogenous
monitoring and enforcement of a transferable emissions permit system. Same journal 38, 267-282.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.measures import MEASURES
from agents.settings import on

Array = NDArray[Any]

LINEAR = "linear"


@dataclass(frozen=True)
class Schedule:
    """``pen(m)`` before any limit to liability, for a rule that is not by the unit; numbers broadcast to (*lead, labs).

    Attributes
    ----------
    kind : `linear`, `flat`, `convex` or `turnover`
    penalty : P in M$
    curvature : gamma of ``P*m + gamma*m^2/2``, in M$ per unit squared (convex)
    share : of the turnover (turnover)
    small_below : M$ a year; labs with less turnover owe the lower of P and the share, others the higher (turnover)
    turnover : M$ a year
    linked : M$ per unit that goes with the price of permits

    Examples
    --------
    >>> Schedule("convex", 0.5, curvature=0.2)(np.arange(3)).tolist()
    [0.0, 0.6, 1.4]
    >>> Schedule("turnover", 15.0, share=0.03, small_below=50.0, turnover=np.array([1000.0, 40.0]))(1).tolist()
    [30.0, 1.2]
    """

    kind: str
    penalty: Any
    curvature: Any = 0.0
    share: Any = 0.0
    small_below: Any = 0.0
    turnover: Any = 0.0
    linked: Any = 0.0

    def __call__(self, units: ArrayLike) -> Array:
        """What so many uncovered units cost, in M$."""
        m = np.asarray(units, dtype=np.float64)
        owed = _RULES[self.kind](self, m)
        return owed + m * self.linked if on(self.linked) else owed

    def _each(self, change: Callable[[Any], Any]) -> Schedule:
        numbers = {name: change(getattr(self, name)) for name in self.__dataclass_fields__ if name != "kind"}
        return replace(self, **numbers)

    def over_units(self) -> Schedule:
        """The same for arrays (*lead, units, labs)."""
        return self._each(lambda x: x[..., None, :] if np.ndim(x) else x)

    def by_lab(self) -> Schedule:
        """The same for arrays (*lead, labs, units)."""
        return self._each(lambda x: x[..., None] if np.ndim(x) else x)

    def some(self, labs: slice) -> Schedule:
        """The same for some of the labs."""
        if labs == slice(None):
            return self
        return self._each(lambda x: x[..., labs] if np.ndim(x) and np.shape(x)[-1] > 1 else x)


def _turnover(s: Schedule, m: Array) -> Array:
    part = s.share * np.asarray(s.turnover)
    owed = np.where(np.asarray(s.turnover) < s.small_below, np.minimum(s.penalty, part), np.maximum(s.penalty, part))
    return np.asarray((m > 0) * owed)


_RULES: dict[str, Callable[[Schedule, Array], Array]] = {
    LINEAR: lambda s, m: np.asarray(m * s.penalty),
    "flat": lambda s, m: np.asarray((m > 0) * s.penalty),
    "convex": lambda s, m: np.asarray(m * s.penalty + s.curvature * m**2 / 2),
    "turnover": _turnover,
}


def by_the_unit(enforcement: SimpleNamespace) -> Array:
    """Whether each uncovered unit costs P, whatever the price of permits: the seed model; for all, or (worlds, 1)."""
    linked = np.not_equal(enforcement.price_multiple, 0) | np.not_equal(enforcement.make_good, 0)
    return np.asarray((enforcement.penalty_rule.kind == LINEAR) & ~linked)


def price_paid(traded: Mapping[str, Any]) -> Array:
    """What buyers paid for a permit, from the month's sums, 0 where nobody bought, shape lead, in M$."""
    return np.nan_to_num(MEASURES["price_paid"].formula(traded))


def schedule(enforcement: SimpleNamespace, turnover: Any, price: Any, *, anticipated: bool = False) -> Any:
    """The month's penalties: P where they go by the unit, else a Schedule.

    `price` is what a permit costs, shape (*lead, 1). With `anticipated` the permits that a caught lab owes later are
    counted at that price, as labs do; what it pays at once is without them.
    """
    if by_the_unit(enforcement).all():
        return enforcement.penalty
    options = {name: value for name, value in vars(enforcement.penalty_rule).items() if name != "kind"}
    permits = enforcement.price_multiple + (enforcement.make_good if anticipated else 0.0)
    return Schedule(
        enforcement.penalty_rule.kind, enforcement.penalty, **options, turnover=turnover, linked=permits * price
    )
