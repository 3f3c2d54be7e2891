"""Months of one small world together: each as if it were a world of its own, then the accounts in turn.

A month of a small world costs little more than the price of its array calls. Where nothing in a month looks back at
earlier ones, many months share that price, as worlds do in an ensemble, and the results are the same to the last bit.
"""

from __future__ import annotations

import copy
from dataclasses import fields
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.economics import AuditRates
from agents.ledger import Ledger
from agents.month import Month
from mechanisms import Clearing, Draws
from mechanisms.draws import Calendar

if TYPE_CHECKING:
    from agents.model import Worlds

MOST_LAB_UNITS = 100_000
"""Months together have at most so many lab-units, and a world so large that this is one month runs month by month."""
FIRST_LAB_UNITS = 20_000
"""The first ones have so many: whoever looks at one month of a larger world hardly waits for others."""
_SOMETIMES = [field.name for field in fields(Month) if field.default is None]
"""Fields of a month that are None where nothing writes them."""


class Ahead:
    """Months that were worked out ahead, to be taken over when it is their turn.

    Attributes
    ----------
    months : which months, from 0
    """

    def __init__(self, market: Worlds, months: range, draws: Draws) -> None:
        calendar = _together(market, Calendar(draws, months))
        self.months, self._month, self._rates = months, calendar.month, calendar.rates
        self._rates_differ = any(np.ndim(rate) > 1 for rate in self._rates)
        self._collateral_cost = calendar.collateral_cost
        tallies = calendar.month_tallies()
        columns = [value if np.ndim(value) else repeat(value, len(months)) for value in tallies.values()]
        self._tallies = [dict(zip(tallies, row, strict=True)) for row in zip(*columns, strict=True)]

    def month(self, number: int) -> tuple[Month, AuditRates]:
        """What happened in a month, and the audits announced for it."""
        place, rates = self.months.index(number), self._rates
        if self._rates_differ:
            rates = AuditRates._make(_at(rate, place) if np.ndim(rate) > 1 else rate for rate in rates)
        return OneMonth(self._month, place), rates

    def book(self, number: int, ledger: Ledger) -> dict[str, Any]:
        """Book a month's payments in the order of the phases; gives its tallies."""
        place, month = self.months.index(number), self._month
        tallies = self._tallies[place]
        ledger.pay_governor(month.paid[place], tallies["revenue"])
        ledger.create_value(month.run_value[place])
        ledger.pay_audits(tallies["audit_cost"])
        if hasattr(month, "lost_value"):
            ledger.create_value(-month.lost_value[place])
        ledger.penalise_and_refund(month.penalty[place], self._collateral_cost)
        return tallies | {"wealth": ledger.owned_by_labs()}


class OneMonth(Month):
    """One of the months that were worked out together; each field is taken out of theirs when it is first asked for."""

    def __init__(self, months: Month, place: int) -> None:
        self._later, self._months, self._place = {}, months, place
        for name in _SOMETIMES:
            if (of_all := getattr(months, name)) is not None:
                setattr(self, name, _at(of_all, place))

    def __getattr__(self, name: str) -> Any:
        months = self.__dict__.get("_months")
        if name in self.__dict__.get("_later", ()) or not hasattr(months, name):
            return super().__getattr__(name)
        setattr(self, name, _at(getattr(months, name), self._place))
        return self.__dict__[name]


def _at(figure: Any, place: int) -> Any:
    """One month's part of what stands for all of them."""
    if isinstance(figure, Draws):
        return figure.world(place)
    if isinstance(figure, Clearing):
        return figure.one(place)
    if isinstance(figure, dict):
        return {name: _at(part, place) for name, part in figure.items()}
    if isinstance(figure, tuple):
        return getattr(figure, "_make", tuple)(_at(part, place) for part in figure)
    return figure[place, ...] if np.ndim(figure) else figure


def _together(market: Worlds, draws: Calendar) -> Worlds:
    """A market whose worlds are the months of one world, after its one month."""
    calendar = copy.copy(market)
    calendar.lead = draws.lead
    calendar.use_draws(draws)
    calendar.gross_value = np.broadcast_to(market.gross_value, (*draws.lead, *market.gross_value.shape))
    calendar.ledger = Ledger(np.zeros((*draws.lead, market.parameters.labs.count)))
    calendar.month = Month(draws)
    calendar.run_phases()
    return calendar


def months_together(market: Worlds, first: int) -> int:
    """How many months from a first one on (from 0) may run together: at most as many as went before, or a few."""
    if not market.never_looks_back():
        return 0
    labs, left = market.parameters.labs, market.parameters.months - first
    most, few = (lab_units // (labs.count * labs.units) for lab_units in (MOST_LAB_UNITS, FIRST_LAB_UNITS))
    return min(left, most, max(first, few))


def look_ahead(market: Worlds, first: int, draws: Draws) -> Ahead | None:
    """Months from a first one on, worked out under the luck of the world; None where that one runs by itself."""
    count = months_together(market, first)
    return Ahead(market, range(first, first + count), draws) if count > 1 else None
