"""The market's rules of one scenario or a grid: what is offered, who may bid, what is left for later months."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.market_rules import bank
from agents.market_rules.limits import most_bought, whole_share, within_limits
from agents.market_rules.offers import house_offer
from agents.market_rules.orders import exempt_units, from_unit, in_lots, per_permit
from agents.market_rules.resale import Renamed, resale_tallies
from agents.month import Month, best_value, units_each, units_in, value_in_all, whole_trades
from mechanisms import CentralExchange, Draws, OrderBook

Array = NDArray[Any]

OFF: dict[str, Any] = {"released": 0, "carried_over": 0, "exempt": 0, "weighed": 0, "resold": 0, "resale_paid": 0}
"""Tallies where no rule is on."""
ANY = 2**53
"""A bound on the permits in one hand where rules let them exceed the cap."""


class MarketRules:
    """The rules that are on, and what one month leaves for the next.

    Parameters
    ----------
    permits, labs : settings, each one number or (worlds, 1)

    Attributes
    ----------
    off : whether the month is cleared as if there were no such rules
    as_reported : whether the orders of the last book are the reports as they were
    remembers : whether permits outlive their month
    resale : the exchange of the resale round, if there is one
    """

    def __init__(self, permits: SimpleNamespace, labs: SimpleNamespace) -> None:
        self._terms = terms = SimpleNamespace(**{name: _per_world(value) for name, value in vars(permits).items()})
        self._tiers = bool(np.isfinite(terms.price_ceiling).any() or np.any(terms.containment_reserve))
        self._limited = bool(np.isfinite(terms.purchase_limit).any() or np.isfinite(terms.holding_limit).any())
        self._longest = int(np.max(terms.banking))
        self._rolls_over = bool(np.any(terms.rollover))
        self.remembers = bool(self._longest or self._rolls_over)
        self.resale = None if terms.resale is None else CentralExchange(terms.resale)
        self._lot = int(terms.lot)
        self._exempt = exempt_units(terms.flop_threshold, _per_world(labs.flop_per_unit), labs.units)
        self._exempts = bool(self._exempt.any())
        some_risky = np.asarray(_per_world(labs.risky_share)) > 0
        self._heavy = np.where(some_risky, terms.risk_weight, 1).astype(np.int32)[..., None]
        self._weighs = bool((self._heavy > 1).any())
        on = self._tiers, self._limited, self.remembers, self.resale, self._lot > 1, self._exempts, self._weighs
        self.off = self.as_reported = not any(on)
        self._book_shows_worth = not any(on[:-2]) and not np.any(terms.reserve_price)
        self._unsold: Any = 0.0
        self._banked: Array | None = None
        self._later: Any = 0.0

    def open(self, month: Month) -> None:
        """Before the auction: units are weighed, banked permits join those handed out, unsold ones the house's."""
        month.endowment = _far(month.endowment)
        if self._weighs and month.risky is not None:
            month.weight = 1 + month.risky * (self._heavy - 1)
        handed = units_in(month.endowment)
        month.house = self._terms.cap - handed + self._unsold
        if self._longest:
            if self._banked is None:
                self._banked = np.zeros((self._longest + 1, *month.endowment.shape), dtype=np.int32)
            lifetime = np.asarray(self._terms.banking)[..., None]
            month.permits_by_age = bank.with_new(self._banked, month.endowment, lifetime)
            month.endowment = month.permits_by_age.sum(axis=0, dtype=np.int32)
            month.lapsing, month.saved_for = month.permits_by_age[0], self._later

    def order_book(self, reports: Array, month: Month) -> OrderBook:
        """The month's book under the rules; reports are (*lead, units, labs), in M$ per permit."""
        t, lot = self._terms, self._lot
        purchase = whole_share(t.purchase_limit, month.house, lot)[..., None] if self._limited else np.inf
        values, inside = self._orders(reports, month, month.endowment, month.lapsing, purchase, lot)
        supply, reserve = month.house if lot == 1 else month.house // lot, t.reserve_price
        if self._tiers:
            values, extra = np.minimum(values, np.asarray(t.price_ceiling)[..., None, None]), t.containment_reserve
            steps = {"ceiling": t.price_ceiling, "trigger": t.containment_trigger, "extra": extra // lot}
            supply, reserve = house_offer(values, units_in(inside), supply, reserve, **steps)
        self.as_reported = values is reports
        return OrderBook.ladders(values, inside, supply, reserve)

    def _orders(
        self, reports: Array, month: Month, inside: Array, lapsing: Array | None, purchase: Any, lot: int = 1
    ) -> tuple[Array, Array]:
        """Orders for lots by the reports, and lots in hand: for units not exempt, savers' asks, within the limits."""
        values = self._per_permit(reports, month)
        if lapsing is not None:
            u = self._per_permit(month.net_value, month)
            values = bank.asks_of_savers(values, u, inside, lapsing, month.saved_for)
        handed = inside
        if lot > 1:
            values, inside = in_lots(from_unit(values, inside % lot), lot), inside // lot
        if self._limited:
            holding = whole_share(self._terms.holding_limit, self._terms.cap, lot)[..., None]
            values = within_limits(values, inside, np.floor(most_bought(handed, purchase, holding) / lot))
        return values, inside

    def _per_permit(self, values: Array, month: Month) -> Array:
        """Values of units, (*lead, units, labs), as values of the permits that those not exempt need."""
        if self._exempts:
            values = from_unit(values, self._exempt[..., None])
        if month.weight is None:
            return values
        return per_permit(values, month.weight > 1, self._terms.risk_weight)

    def settle(self, month: Month, draws: Draws) -> None:
        """After the auction: lots become permits, and labs trade with each other."""
        month.bought, month.sold = _far(month.bought), _far(month.sold)
        if self._lot > 1:
            month.bought, month.sold, month.paid = (x * self._lot for x in (month.bought, month.sold, month.paid))
            month.held = month.endowment + month.bought - month.sold
        if self._longest:
            sold = units_in(month.bought) - units_in(month.sold)
            none = np.zeros((self._longest + 1, *sold.shape), dtype=np.int32)
            house = bank.with_new(none, sold, self._terms.banking)
            self._deliver(month, month.bought, month.sold, house, draws)
        if self.resale is not None:
            self._resell(month, self.resale, Renamed(draws, "resale "))

    def cover(self, month: Month) -> None:
        """From here on what is held counts in units: those that the permits suffice for, and those that need none."""
        if month.weight is not None:
            month.permits = month.held
            month.held = month.held - (month.weight > 1) * (month.held - month.held // self._heavy)
        if self._exempts:
            month.exempt = np.minimum(self._exempt[..., None], units_each(month.net_value > 0))
            month.held = month.held + month.exempt

    def _resell(self, month: Month, exchange: CentralExchange, draws: Draws) -> None:
        """Labs trade the permits in their hands with each other."""
        lapsing = month.permits_by_age[0] if self._longest else None
        values, inside = self._orders(month.reports, month, month.held, lapsing, np.inf)
        clearing = exchange.clear(OrderBook.ladders(values, inside, np.zeros(draws.lead), 0.0), draws)
        bought, sold, paid = whole_trades(clearing, draws)
        month.resale = bought, sold, _ = _far(bought), _far(sold), paid
        month.held = month.held + bought - sold
        if self._longest:
            self._deliver(month, bought, sold, 0, draws)

    def _deliver(self, month: Month, bought: Array, sold: Array, house: Any, draws: Draws) -> None:
        turn = partial(draws.priority, "vintages", bought.shape[-1])
        month.permits_by_age = bank.after_trade(month.permits_by_age, bought, sold, house, turn)

    def close(self, month: Month) -> dict[str, Any]:
        """After trade: count what was released beyond the cap, and keep what is left; gives tallies, shape lead."""
        sold = units_in(month.bought) - units_in(month.sold)
        if self._rolls_over:
            self._unsold = np.floor(np.asarray(self._terms.rollover) * np.maximum(month.house - sold, 0))
        kept = self._keep(month) if self._longest else 0
        counts = {"released": np.maximum(sold - month.house, 0), "carried_over": self._unsold + kept}
        counts["exempt"] = units_in(month.exempt) if self._exempts else 0
        if month.weight is not None:
            counts["weighed"] = units_in((month.weight - 1) * self._with_permits(month))
        return OFF | counts | ({} if month.resale is None else resale_tallies(month.resale[0], month.resale[2]))

    def _keep(self, month: Month) -> Array:
        """Bank what nobody used, remember what permits cost; gives how many are banked, shape lead."""
        needed = self._with_permits(month) * (1 if month.weight is None else month.weight)
        used = needed + getattr(month, "surrendered", 0)
        self._banked = bank.next_month(month.permits_by_age, used)
        bought = units_in(month.bought)
        paid = (month.paid * (month.bought > 0)).sum(axis=-1)
        self._later = np.where(bought > 0, paid / np.maximum(bought, 1), self._later)
        return units_in(self._banked.sum(axis=0, dtype=np.int32))

    def _with_permits(self, month: Month) -> Array:
        """Units that permits cover, (*lead, labs)."""
        return month.covered - month.exempt if self._exempts else month.covered

    def in_hand(self, month: Month) -> Array:
        """Permits in hand after trade, exempt units counted as such, (*lead, labs)."""
        if month.weight is None:
            return month.held
        return month.permits + month.exempt if self._exempts else month.permits

    def best_value(self, month: Month, ranked: Callable[[], Array]) -> Array:
        """The most that exemptions and permits could cover, shape lead, in M$; `ranked` gives all net values, rising.

        Permits are those in hand and regularly offered, or all held where those are more. Where a unit needs several,
        a part of them counts for that part of its value.
        """
        exempt = month.exempt if self._exempts else 0
        there = np.maximum(units_in(month.endowment) + month.house, units_in(self.in_hand(month) - exempt))[..., None]
        units, labs = month.net_value.shape[-2:]
        there = np.minimum(there, units * labs * self._heavy)  # in a grid further rungs may follow, worth nothing
        if not (self._exempts or self._weighs):
            return best_value(ranked(), there)
        if self._book_shows_worth and month.reports is month.net_value:
            best = best_value(month.clearing.book.ranked, there)
        else:
            others = self._per_permit(month.net_value, month)
            best = best_value(np.sort(others.reshape(*others.shape[:-2], -1), axis=-1), there)
        return value_in_all(month.net_value, month.exempt) + best if self._exempts else best


def _far(counts: Array) -> Array:
    """Counts of permits that go further than a byte, as they may where permits come in lots or are kept."""
    return counts.astype(np.int32)


def _per_world(number: Any) -> Any:
    """A setting as one number a world: an array of worlds, or one number for all."""
    return number[..., 0] if np.ndim(number) else number
