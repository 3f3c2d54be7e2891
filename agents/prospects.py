"""What labs would do this month under audits that they expect, for policies that answer to that.

Arrays are (*lead, labs) unless said otherwise; money in M$.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.choice import linear_in_units, uncovered_units
from agents.economics import expected_penalty, hurdle, worth_it
from agents.month import of_unit, value_of_first
from mechanisms.book import marked_in

if TYPE_CHECKING:
    from agents.model import Worlds

Array = NDArray[Any]


class Prospects:
    """The labs of a month, permits in hand and choices still to come.

    Examples
    --------
    >>> from agents.model import Worlds
    >>> from scenarios import load_scenario
    >>> market = Worlds(load_scenario("thin_market"))
    >>> market.discover_prices(); market.allocate_permits()
    >>> labs = Prospects(market)
    >>> bool(labs.violators(0.0) >= labs.violators(0.5) >= labs.violators(1.0))
    True
    """

    def __init__(self, market: Worlds) -> None:
        self._market = market

    def violators(self, found: Any) -> Array:
        """How many labs would run without a permit if they expected p_eff, (*lead, 1)."""
        u, _, (seen, penalty, limit, risk) = self._market.stakes(found)
        if self._one_unit_decides(u, penalty, limit):
            violating = self._next_value > hurdle(expected_penalty(1, seen, penalty, limit, risk))
        else:
            violating = self._market.units_under(found) > 0
        return marked_in(violating)[..., None].astype(np.float64)

    def _one_unit_decides(self, u: Array, penalty: Any, limit: Any) -> bool:
        """Whether a lab's first unit without a permit alone tells whether it runs any, at its own net value.

        A policy may ask for violators a dozen times a month; a whole choice each time would double the month's cost.
        """
        if callable(penalty) or self._market.parameters.labs.choice.kind != "rational":
            return False
        return self._plain(u) and bool(linear_in_units(u.shape[-2], penalty, limit).all())

    def _plain(self, u: Array) -> bool:
        """Whether labs reckon with their net values as they are."""
        return np.may_share_memory(u, self._market.month.net_value)

    @cached_property
    def _next_value(self) -> Array:
        """Net value of each lab's first unit without a permit, 0 where there is none."""
        u, held = self._market.month.net_value, self._market.month.held
        units = u.shape[-2]
        return of_unit(u, np.minimum(held, units - 1)) * (held < units)

    def gain(self, found: Any) -> Array:
        """The most that a rational lab expects to gain this month by running without permits, at least 0."""
        u, held, rules = self._market.stakes(found)
        covered = self._covered_value if self._plain(u) else None
        return gain_of(u, held, uncovered_units(u, held, *rules), *rules, covered)

    @cached_property
    def _covered_value(self) -> Array:
        """Net value of the units that each lab holds permits for, wanted or not."""
        return value_of_first(self._market.month.net_value, self._market.month.held)


def gain_of(
    net_value: Array,
    held: Array,
    units: Array,
    found: Any,
    penalty: Any,
    liability_limit: Any,
    risk: Any,
    covered: Array | None = None,
) -> Array:
    """Value of so many further units less their expected penalty, in M$; `covered`: of those held, if it is known.

    >>> gain_of(np.array([[0.9], [0.4]]), np.array([1]), np.array([1]), 0.5, 0.6, np.inf, 1.0).round(3).tolist()
    [0.1]
    """
    gain = value_of_first(net_value, held + units)
    gain -= value_of_first(net_value, held) if covered is None else covered
    gain -= expected_penalty(units, found, penalty, liability_limit, risk)
    return gain


def unless_regretted(units: Array, gain: Array, value: Array, aftermath: Any) -> Array:
    """The units chosen for this month's gain, or none where what follows later costs more.

    >>> unless_regretted(np.array([1, 2]), np.array([0.3, 0.3]), np.array([0.5, 0.5]), np.array([0.1, 0.4])).tolist()
    [1, 0]
    """
    return units * worth_it(gain - aftermath, value)
