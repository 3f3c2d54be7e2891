"""Counts and sums of a month, from which every measure is made: each one number a world, or one for all worlds.

Those of phases 1 and 2 are one number a market, which cells of a grid may share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.market_rules import ANY
from agents.month import best_value, squares_in, units_in, value_in_all
from agents.settings import on
from mechanisms.book import marked_in, sum_in

if TYPE_CHECKING:
    from agents.model import Worlds

Array = NDArray[Any]


def of_market(market: Worlds) -> dict[str, Any]:
    """Counts and sums of phases 1 and 2, each one number a market, or one for all."""
    m, p = market.month, market.parameters
    in_hand, most = market.rules.in_hand(m), ANY
    if market.rules.off:
        most = p.labs.units if m.clearing.book.no_asks else np.max(p.permits.cap)
    wanted, used = (units_in(units, p.labs.units) for units in (m.wanted, m.covered))
    whole = m.bought is m.clearing.trades[0]  # neither rounded nor in lots
    bought, revenue = m.clearing.volume if whole else units_in(m.bought, most), sum_in(m.paid)
    held = bought if in_hand is m.bought else units_in(in_hand, most)
    if p.labs.units == 1:
        no_demand, short = p.labs.count - wanted, wanted - used
    else:
        no_demand, short = p.labs.count - marked_in(m.wanted > 0), marked_in(m.held < m.wanted)
    sold, received = np.zeros(bought.shape), np.zeros(revenue.shape)
    if not m.clearing.book.no_asks:
        sold = units_in(m.sold, most)
        received = -sum_in(m.paid * (m.sold > m.bought))
    return {
        "labs": p.labs.count,
        "cap": market.per_world.cap,
        "wanted": wanted,
        "no_demand": no_demand,
        "covered": p.labs.count - no_demand - short,
        "short": short,
        "held": held,
        "held_squares": held if most <= 1 else squares_in(in_hand, most),
        "used": used,
        "bought": bought,
        "sold": sold,
        "paid": revenue + received,
        "received": received,
        "revenue": revenue,
        "price": m.clearing.price,
        "covered_value": value_in_all(m.net_value, m.covered),
        "best_value": _best_value(market),
        "reported_compute": used * market.per_world.flop,
    }


def of_enforcement(market: Worlds) -> dict[str, Any]:
    """Counts and sums of phases 3 to 6, each one number a world, or one for all."""
    m, p = market.month, market.parameters
    risky, weight = (None if x is None else market.in_each_cell(x) for x in (m.risky, m.weight))
    uncovered, signals_violators = units_in(m.uncovered, p.labs.units), marked_in(m.signal & m.violating)
    seized = _seized(market)
    stopped = units_in(m.stopped) if on(p.enforcement.stops_run) else 0
    relocated = 0 if m.abroad is None else units_in(m.relocated)
    false_alarms = m.audits - marked_in(m.audited & m.violating)
    return {
        "stopped": stopped,
        "surrendered": 0 if market.owed is None else units_in(m.surrendered),
        "collateral_cost": market.collateral_cost * p.labs.count,
        "violating": uncovered if p.labs.units == 1 else marked_in(m.violating),
        "uncovered": uncovered,
        "uncovered_compute": uncovered * market.per_world.flop,
        "run_value": m.value_created,
        "audits": m.audits,
        "signals_violators": signals_violators,
        "signals_clean": marked_in(m.signal) - signals_violators,
        "false_alarms": false_alarms,
        "false_alarm_cost": false_alarms * market.per_world.false_alarm_cost,
        "caught": marked_in(m.caught),
        "seized": seized,
        "fines": m.penalties - seized,
        "audit_cost": m.audits * market.per_world.audit_cost,
        "relocated": relocated,
        "relocating": 0 if m.abroad is None else marked_in(m.relocated > 0),
        "risky": 0 if risky is None else units_in((m.covered + m.uncovered) * risky),
        "uncovered_weighed": 0 if weight is None else units_in((weight - 1) * m.uncovered),
        "harm": _harmful_units(market, uncovered - stopped, relocated, risky) * market.per_world.harm,
        "infeasible": _of_any_lab(market.rates.infeasible),
        "several": _of_any_lab(market.rates.several),
        "wealth": market.ledger.owned_by_labs(),
    }


def _harmful_units(market: Worlds, at_home: Any, abroad: Any, risky: Array | None) -> Any:
    """Units run without a permit, shape lead, each times its harm over that of one at home that is not risky."""
    m, of_world = market.month, market.per_world
    units = at_home + abroad * of_world.harm_abroad
    if risky is None:
        return units
    left = units_in((m.uncovered - getattr(m, "stopped", 0)) * risky)
    moved = 0 if m.abroad is None else units_in(m.relocated * risky)
    return units + (left + moved * of_world.harm_abroad) * (of_world.risky_harm - 1)


def _seized(market: Worlds) -> Array:
    """Sum of the collateral seized, shape lead: where penalties go by the unit it is its share of them."""
    share = market.per_world.collateral_share * market.month.penalties
    limited = np.isfinite(market.per_world.liability_limit) | ~market.per_world.by_the_unit
    return np.where(limited, market.month.seized.sum(axis=-1), share) if on(limited) else np.asarray(share)


def _best_value(market: Worlds) -> Array:
    """The most that the month's permits could cover, shape lead, in M$."""
    if market.rules.off:
        return best_value(_ranked_values(market), market.parameters.permits.cap)
    return market.rules.best_value(market.month, lambda: _ranked_values(market))


def _ranked_values(market: Worlds) -> Array:
    """Net values of all units in rising order; the book has them where labs report them all."""
    month, p = market.month, market.parameters
    book = month.clearing.book
    as_reported = market.strategies.full_value and book.ladder == p.labs.units and market.rules.as_reported
    if as_reported and not on(p.permits.reserve_price):
        return book.ranked
    values = np.ascontiguousarray(month.net_value)
    return np.sort(values.reshape(*values.shape[:-2], -1), axis=-1)


def _of_any_lab(flags: Any) -> Any:
    """Whether a flag of labs is up for any of them, shape lead, or one for all."""
    return np.any(flags, axis=-1) if np.ndim(flags) else flags


def over_months(
    months: Sequence[dict[str, Any]], lead: tuple[int, ...], in_each_cell: Callable[[Array], Array]
) -> dict[str, Array]:
    """The months' tallies as arrays, each (*lead, months)."""
    names = list(months[0]) if months else []
    if lead:
        return {name: _over_months([month[name] for month in months], lead, in_each_cell) for name in names}
    table = np.array([[month[name] for name in names] for month in months], dtype=np.float64)
    return dict(zip(names, np.ascontiguousarray(table.T), strict=True))


def _over_months(counted: list[Any], lead: tuple[int, ...], in_each_cell: Callable[[Array], Array]) -> Array:
    """One tally of all worlds."""
    by_month = np.array(counted)
    if by_month.ndim == 1:
        return np.broadcast_to(by_month.astype(np.float64), (*lead, by_month.size))
    by_world = np.moveaxis(by_month, 0, -1).astype(np.float64, order="C")
    return by_world if by_world.shape[:-1] == lead else in_each_cell(by_world)
