"""The market's rules of one scenario or a grid: what is offered, who may bid, what is left for later months."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.market_rules import bank
from agents.market_rules.limits import most_bought, whole_share, within_limits
from agents.market_rules.offers import house_offer
from agents.month import Month, units_in
from mechanisms import Draws, OrderBook

Array = NDArray[Any]

OFF: dict[str, Any] = {"released": 0, "carried_over": 0}
"""Tallies where no rule is on."""
ANY = 2**53
"""A bound on the permits in one hand where rules let them exceed the cap."""


class MarketRules:
    """The rules that are on, and what one month leaves for the next.

    Parameters
    ----------
    permits : settings, each one number or (worlds, 1)

    Attributes
    ----------
    off : whether the month is cleared as if there were no such rules
    remembers : whether permits outlive their month
    """

    def __init__(self, permits: SimpleNamespace) -> None:
        self._terms = terms = SimpleNamespace(**{name: _per_world(value) for name, value in vars(permits).items()})
        self._tiers = bool(np.isfinite(terms.price_ceiling).any() or np.any(terms.containment_reserve))
        self._limited = bool(np.isfinite(terms.purchase_limit).any() or np.isfinite(terms.holding_limit).any())
        self._longest = int(np.max(terms.banking))
        self._rolls_over = bool(np.any(terms.rollover))
        self.remembers = bool(self._longest or self._rolls_over)
        self.off = not (self._tiers or self._limited or self.remembers)
        self._unsold: Any = 0.0
        self._banked: Array | None = None
        self._later: Any = 0.0

    def open(self, month: Month) -> None:
        """Before the auction: banked permits join those handed out, unsold ones the house's."""
        handed = units_in(month.endowment)
        month.house = self._terms.cap - handed + self._unsold
        if self._longest:
            if self._banked is None:
                self._banked = np.zeros((*handed.shape, self._longest + 1, month.endowment.shape[-1]), dtype=np.int32)
            month.permits_by_age = bank.with_new(self._banked, month.endowment, self._terms.banking)
            month.endowment = month.permits_by_age.sum(axis=-2, dtype=np.int32)
            month.saved_for = self._later

    def order_book(self, reports: Array, month: Month) -> OrderBook:
        """The month's book under the rules; reports are (*lead, units, labs), in M$ per permit."""
        t, values = self._terms, reports
        if self._limited:
            most = most_bought(
                month.endowment,
                whole_share(t.purchase_limit, month.house)[..., None],
                whole_share(t.holding_limit, t.cap)[..., None],
            )
            values = within_limits(values, month.endowment, most)
        if self._longest:
            lapsing = month.permits_by_age[..., 0, :]
            values = bank.asks_of_savers(values, month.net_value, month.endowment, lapsing, month.saved_for)
        supply, reserve = month.house, t.reserve_price
        if self._tiers:
            values = np.minimum(values, np.asarray(t.price_ceiling)[..., None, None])
            supply, reserve = house_offer(
                values,
                units_in(month.endowment),
                supply,
                reserve,
                ceiling=t.price_ceiling,
                trigger=t.containment_trigger,
                extra=t.containment_reserve,
            )
        return OrderBook.ladders(values, month.endowment, supply, reserve)

    def close(self, month: Month, draws: Draws) -> dict[str, Any]:
        """After trade: count what was released beyond the cap, and keep what is left; gives tallies, shape lead."""
        sold = units_in(month.bought) - units_in(month.sold)
        if self._rolls_over:
            self._unsold = np.floor(np.asarray(self._terms.rollover) * np.maximum(month.house - sold, 0))
        kept = self._keep(month, sold, draws) if self._longest else 0
        return {"released": np.maximum(sold - month.house, 0), "carried_over": self._unsold + kept}

    def _keep(self, month: Month, sold: Array, draws: Draws) -> Array:
        """Bank what nobody used, remember what permits cost; gives how many are banked, shape lead."""
        by_age = np.zeros((*sold.shape, self._longest + 1, 1), dtype=np.int32)
        house = bank.with_new(by_age, sold[..., None], self._terms.banking)[..., 0]
        turn = draws.priority("vintages", month.bought.shape[-1])
        left = bank.left_over(month.permits_by_age, month.bought, month.sold, month.covered, house, turn)
        self._banked = bank.a_month_later(left).astype(np.int32)
        bought = units_in(month.bought)
        paid = (month.paid * (month.bought > 0)).sum(axis=-1)
        self._later = np.where(bought > 0, paid / np.maximum(bought, 1), self._later)
        return units_in(self._banked.sum(axis=-2, dtype=np.int32))

    def circulating(self, month: Month) -> Array:
        """Permits in hand and regularly offered, or all held where those are more, (*lead, 1)."""
        there = np.maximum(units_in(month.endowment) + month.house, units_in(month.held))
        return np.asarray(there)[..., None]


def _per_world(number: Any) -> Any:
    """A setting as one number a world: an array of worlds, or one number for all."""
    return number[..., 0] if np.ndim(number) else number
