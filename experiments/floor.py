"""The auction floor: one book of orders, and what each mechanism made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.model import Worlds
from experiments.ensemble import as_scenario, under_mechanisms
from mechanisms import Clearing, Draws, InputError, OrderBook, measures
from mechanisms.pot import Pot, order_keys
from scenarios import Scenario

Array = NDArray[Any]

FILLED, IN_PART, PASSED_OVER, UNFILLED = OUTCOMES = ("filled", "filled in part", "passed over", "not filled")
"""What became of an order; *passed over*: it is not filled although it would be if the highest reports traded."""


@dataclass(frozen=True, eq=False)
class Floor:
    """One book under each mechanism.

    Attributes
    ----------
    curves : columns label, side (``demand`` or ``supply``), permits, price: the corners of the steps
    prices : one row a mechanism: label, price (NaN where the rule has none), paid_low, paid_mean, paid_high, volume
    same_orders : whether every mechanism met the same orders
    clearings : what each mechanism decided, by label
    draws : the luck of this month, the same for all
    """

    curves: pd.DataFrame
    prices: pd.DataFrame
    same_orders: bool
    clearings: Mapping[str, Clearing]
    draws: Draws

    @classmethod
    def of(cls, clearings: Mapping[str, Clearing], draws: Draws) -> Floor:
        """Clearings of one market each, with the draws that they were cleared with."""
        curves = pd.concat([_curves(c.book).assign(label=label) for label, c in clearings.items()], ignore_index=True)
        prices = pd.DataFrame([{"label": label, **_paid(c)} for label, c in clearings.items()])
        first, *others = (c.book.price for c in clearings.values())
        return cls(curves, prices, all(np.array_equal(first, other) for other in others), clearings, draws)

    def orders(self, label: str) -> pd.DataFrame:
        """Every order under one mechanism, the dearest first, bids before asks.

        Columns: order (its place in the book), user, unit (which of its orders), side (``bid`` or ``ask``), quantity,
        price, fill, payment (+ paid, - received), outcome (one of `OUTCOMES`), permits: where its step stands.

        >>> floor = auction_floor("thin_market", ["mcafee"])
        >>> set(floor.orders("mcafee")["outcome"]) <= set(OUTCOMES)
        True
        """
        clearing = self.clearings[label]
        book, fills = clearing.book, clearing.outcome.fills.astype(np.float64)
        table = pd.DataFrame(
            {
                "order": np.arange(book.orders),
                "user": names_of(book)[book.user],
                "unit": _units(book),
                "side": np.where(book.buying, "bid", "ask"),
                "quantity": book.amounts,
                "price": book.price,
                "fill": fills,
                "payment": clearing.order_payments + 0.0,
                "outcome": _outcomes(book, fills, Pot.of(book, self.draws).fills),
                "permits": _places(book, order_keys(book, self.draws)),
            }
        )
        shown = table[book.present].sort_values(["side", "price"], ascending=False, kind="stable")
        return shown.reset_index(drop=True)

    def totals(self) -> pd.DataFrame:
        """One row a mechanism: what traded, for how much, and what that was worth by the reports.

        Columns: label, permits (bought), price (NaN where the rule has none), paid and received (by labs, M$), revenue,
        buyers_surplus, sellers_surplus, efficiency (gains from trade as a share of the best, NaN without any).
        """
        return pd.DataFrame([{"label": label, **_totals(c)} for label, c in self.clearings.items()])


def auction_floor(scenario: str | Scenario, mechanisms: Sequence[str], seed: int = 0, month: int = 1) -> Floor:
    """Run one world up to a month and show its book under each mechanism.

    >>> floor = auction_floor("thin_market", ["uniform-price", "vickrey"], month=2)
    >>> floor.same_orders, floor.prices["label"].tolist()
    (True, ['uniform-price', 'vickrey'])
    """
    return floor_of(under_mechanisms(as_scenario(scenario), mechanisms), seed, month)


def floor_of(cells: Mapping[str, Scenario], seed: int = 0, month: int = 1) -> Floor:
    """The same for scenarios by label that differ in their mechanism alone, such as `Comparison.cells`."""
    months = next(iter(cells.values())).months
    if not 1 <= month <= months:
        raise InputError(f"month: {month} is not in [1, {months}]")
    clearings = {label: _clearing(cell, seed, month) for label, cell in cells.items()}
    return Floor.of(clearings, Draws(seed, month - 1))


def names_of(book: OrderBook) -> Array:
    """What the labs of a book are called: as in the frame that it was read from, else lab 1, lab 2, ...

    >>> names_of(OrderBook.of([3.0, 2.0])).tolist()
    ['lab 1', 'lab 2']
    """
    if book.source is None:
        return np.array([f"lab {number + 1}" for number in range(book.labs)], dtype=object)
    users = book.source.frame["user"].to_numpy()[book.source.lab_rows]
    return np.array([str(name) for name in pd.factorize(users, sort=True)[1]], dtype=object)


def _clearing(scenario: Scenario, seed: int, month: int) -> Clearing:
    market = Worlds(scenario, seed=seed)
    for _ in range(month):
        market.step()
    return market.month.clearing


def _units(book: OrderBook) -> Array:
    """Which of its lab's orders each one is, from 1."""
    return pd.Series(book.user).groupby(book.user).cumcount().to_numpy() + 1


def _outcomes(book: OrderBook, fills: Array, best: Array) -> Array:
    some, whole = fills > 0, fills >= book.amounts
    kinds = [some & whole, some, best.astype(bool)]
    return np.select(kinds, [FILLED, IN_PART, PASSED_OVER], UNFILLED).astype(object)


def _places(book: OrderBook, keys: Array) -> Array:
    """Middle of each order's step: bids from the dearest, asks from the cheapest, the house before equal asks."""
    places = np.zeros(book.orders)
    for side, sign in ((book.buying & book.present, -1.0), (book.asks, 1.0)):
        mine = np.flatnonzero(side)
        mine = mine[np.lexsort((keys[mine], sign * book.price[mine]))]
        amounts = book.amounts[mine]
        house = 0.0 if sign < 0 else np.where(book.reserve <= book.price[mine], float(book.supply), 0.0)
        places[mine] = np.cumsum(amounts) - amounts / 2 + house
    return places


def _curves(book: OrderBook) -> pd.DataFrame:
    """Corners of the demand and supply steps; the house offers its permits at the reserve."""
    bids, asks = book.buying & book.present, book.asks
    supply = np.append(book.price[asks], float(book.reserve)), np.append(book.amounts[asks], float(book.supply))
    demand = _steps("demand", -1.0, book.price[bids], book.amounts[bids])
    return pd.concat([demand, _steps("supply", 1.0, *supply)], ignore_index=True)


def _steps(side: str, sign: float, prices: Array, amounts: Array) -> pd.DataFrame:
    order = np.argsort(sign * prices, kind="stable")
    order = order[amounts[order] > 0]
    permits = np.repeat(np.append(0.0, np.cumsum(amounts[order])), 2)[1:-1]
    table = pd.DataFrame({"side": side, "permits": permits, "price": np.repeat(prices[order], 2)})
    corner = (table["price"].diff() != 0) | (table["price"].diff(-1) != 0)
    return table[corner | (table.index == table.index.max())]


def _paid(clearing: Clearing) -> dict[str, float]:
    """What buyers paid per permit: the single price, or the spread of prices and their mean over permits."""
    book, fills = clearing.book, clearing.outcome.fills
    bought = book.buying & (fills > 0)
    permits = fills[bought].astype(np.float64)
    paid = np.abs(clearing.order_payments[bought]) / permits
    volume = float(clearing.volume)
    spread = (paid.min(), np.average(paid, weights=permits), paid.max()) if paid.size else (np.nan,) * 3
    low, mean, high = (float(x) for x in spread)
    return {"price": float(clearing.price), "paid_low": low, "paid_mean": mean, "paid_high": high, "volume": volume}


def _totals(clearing: Clearing) -> dict[str, float]:
    money = clearing.order_payments
    return {
        "permits": float(clearing.volume),
        "price": float(clearing.price),
        "paid": float(money[clearing.book.buying].sum()),
        "received": float(-money[~clearing.book.buying].sum()) + 0.0,
        "revenue": float(clearing.surplus),
        "buyers_surplus": float(measures.buyers_surplus(clearing)),
        "sellers_surplus": float(measures.sellers_surplus(clearing)),
        "efficiency": float(measures.efficiency(clearing)),
    }
