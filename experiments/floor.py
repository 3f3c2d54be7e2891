"""The auction floor: one month's demand and supply in one world, and what each mechanism made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import PermitMarket
from experiments.ensemble import as_scenario, under_mechanisms
from mechanisms import Clearing, InputError, OrderBook
from scenarios import Scenario

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Floor:
    """One month's market under each mechanism.

    Attributes
    ----------
    curves : columns label, side (``demand`` or ``supply``), permits, price: the corners of the steps
    prices : one row a mechanism: label, price (NaN where the rule has none), paid_low, paid_mean, paid_high, volume
    same_orders : whether every mechanism met the same orders
    """

    curves: pd.DataFrame
    prices: pd.DataFrame
    same_orders: bool


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
    curves = pd.concat([_curves(c.book).assign(label=label) for label, c in clearings.items()], ignore_index=True)
    prices = pd.DataFrame([{"label": label, **_paid(c)} for label, c in clearings.items()])
    first, *others = (c.book.price for c in clearings.values())
    return Floor(curves, prices, all(np.array_equal(first, other) for other in others))


def _clearing(scenario: Scenario, seed: int, month: int) -> Clearing:
    market = PermitMarket(scenario, seed=seed)
    for _ in range(month):
        market.step()
    return market.month.clearing


def _curves(book: OrderBook) -> pd.DataFrame:
    """Corners of the demand and supply steps; the house offers its permits at the reserve."""
    bids = np.sort(book.price[book.buying & book.present])[::-1]
    asks = book.price[book.asks]
    house = np.full(int(book.supply), float(book.reserve))
    supply = np.sort(np.concatenate([asks, house]))
    return pd.concat([_steps("demand", bids), _steps("supply", supply)], ignore_index=True)


def _steps(side: str, prices: Array) -> pd.DataFrame:
    permits = np.repeat(np.arange(prices.size + 1), 2)[1:-1]
    table = pd.DataFrame({"side": side, "permits": permits, "price": np.repeat(prices, 2)})
    corner = (table["price"].diff() != 0) | (table["price"].diff(-1) != 0)
    return table[corner | (table.index == table.index.max())]


def _paid(clearing: Clearing) -> dict[str, float]:
    """What buyers paid per permit: the single price, or the spread of prices and their mean over permits."""
    bought = clearing.book.buying & ~np.isnan(clearing.prices)
    paid, permits = clearing.prices[bought], clearing.fills[bought]
    volume = float(clearing.volume)
    spread = (paid.min(), np.average(paid, weights=permits), paid.max()) if paid.size else (np.nan,) * 3
    low, mean, high = (float(x) for x in spread)
    return {"price": float(clearing.price), "paid_low": low, "paid_mean": mean, "paid_high": high, "volume": volume}
