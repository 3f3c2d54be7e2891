"""Months of one small world together: each as if it were a world of its own, then the accounts in turn.

A month of a small world costs little more than the price of its array calls. Where nothing in a month looks back at
earlier ones, many months share that price, as worlds do in an ensemble, and the results are the same to the last bit.
"""

from __future__ import annotations

import copy
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.ledger import Ledger
from agents.month import Month
from mechanisms.draws import Calendar

if TYPE_CHECKING:
    from agents.model import Worlds

MOST_LAB_UNITS = 100_000
"""Months together have at most so many lab-units, and a world so large that this is one month runs month by month."""


class Ahead:
    """The months that were worked out ahead, to be taken over one by one."""

    def __init__(self, market: Worlds, months: range) -> None:
        self._months = _together(market, months)
        self._taken, self._count = 0, len(months)
        tallies = self._months.month_tallies()
        columns = [value if np.ndim(value) else repeat(value, self._count) for value in tallies.values()]
        self._tallies = [dict(zip(tallies, row, strict=True)) for row in zip(*columns, strict=True)]

    @property
    def empty(self) -> bool:
        """Whether every month has been taken over."""
        return self._taken == self._count

    def take_over(self, ledger: Ledger) -> dict[str, Any]:
        """Book the next month's payments in the order of the phases; gives its tallies."""
        place, month = self._taken, self._months.month
        self._taken += 1
        tallies = self._tallies[place]
        ledger.pay_governor(month.paid[place], tallies["revenue"])
        ledger.create_value(month.run_value[place])
        ledger.pay_audits(tallies["audit_cost"])
        if hasattr(month, "lost_value"):
            ledger.create_value(-month.lost_value[place])
        ledger.penalise_and_refund(month.penalty[place], self._months.collateral_cost)
        return tallies | {"wealth": ledger.owned_by_labs()}


def _together(market: Worlds, months: range) -> Worlds:
    """A market whose worlds are the months of one world, after its one month."""
    calendar = copy.copy(market)
    draws = Calendar(market.month.draws, months)
    calendar.lead = draws.lead
    calendar.use_draws(draws)
    calendar.gross_value = np.broadcast_to(market.gross_value, (*draws.lead, *market.gross_value.shape))
    calendar.ledger = Ledger(np.zeros((*draws.lead, market.parameters.labs.count)))
    calendar.month = Month(draws)
    calendar.run_phases()
    return calendar


def months_together(market: Worlds) -> int:
    """How many of the months to come may run together; the last one runs by itself, so that its state is there."""
    labs = market.parameters.labs
    left = market.parameters.months - market.steps - 1
    return min(left, MOST_LAB_UNITS // (labs.count * labs.units)) if market.never_looks_back() else 0
