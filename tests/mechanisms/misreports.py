"""Search for a lab that gains from a false report: the whole grid of reports in one batch of books.

Other labs never ask less than the reserve: a bid below it is no order, so where a lab would sell for less, a bid at the
reserve is a lie that pays under any rule (see the witness in test_vickrey.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from mechanisms import CentralExchange, OrderBook
from tests.mechanisms.markets import Array, Market, markets

Grid = Sequence[tuple[Sequence[float], Sequence[float]]]
GRID = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.5]


class Truth(NamedTuple):
    """One lab (number 0, whose orders come first) among the reports of others, and the reports that it may try."""

    others: Market
    values: Array
    """Per permit of its orders, then not worth having."""
    amounts: Array
    buying: Array
    reports: list[tuple[Array, Array]]
    """Prices and quantities of its orders; the first are its true ones."""


def utilities(exchange: CentralExchange, truth: Truth, seed: int) -> Array:
    """What the lab gains under each report, by its true values, in M$."""
    others, own = truth.others, len(truth.values)
    prices, amounts = (np.array(column) for column in zip(*truth.reports, strict=True))

    def beside(mine: Array, theirs: Array) -> Array:
        return np.hstack([mine, np.tile(theirs, (len(mine), 1))])

    book = OrderBook.of(
        beside(prices, others.price),
        beside(amounts, others.quantity),
        np.append(truth.buying, others.buying),
        np.append([0] * own, others.user + 1),
        others.supply,
        others.reserve,
    )
    clearing = exchange.clear(book, np.full(book.lead, seed, dtype=np.uint64))
    signed = np.where(truth.buying, clearing.fills[..., :own], -clearing.fills[..., :own]).sum(axis=-1)
    worth = held_value(truth, signed) - held_value(truth, np.zeros(len(signed)))
    return worth - clearing.payments[..., :own].sum(axis=-1)


def held_value(truth: Truth, net: Array) -> Array:
    """True value of what the lab holds after a net purchase: its permits serve its highest values first."""
    held = truth.amounts[~truth.buying].sum() + net
    before = np.cumsum(truth.amounts) - truth.amounts
    return np.clip(held[:, None] - before, 0.0, truth.amounts) @ truth.values


def best_misreport(exchange: CentralExchange, truth: Truth, seed: int) -> tuple[float, float, tuple[Array, Array]]:
    """Utility of the truth, the best utility of any report on the grid, and that report."""
    reached = utilities(exchange, truth, seed)
    best = int(np.argmax(reached))
    return float(reached[0]), float(reached[best]), truth.reports[best]


def _truth(others: Market, values: list[float], amounts: list[float], asks: int, grid: Grid) -> Truth:
    asked = np.where(others.buying, others.price, np.maximum(others.price, others.reserve))
    reports = [(np.array(values), np.array(amounts))]
    reports += [(np.array(price, dtype=float), np.array(amount, dtype=float)) for price, amount in grid]
    return Truth(
        others._replace(price=asked), np.array(values), np.array(amounts), np.arange(len(values)) >= asks, reports
    )


@st.composite
def wants_one(draw: st.DrawFn) -> Truth:
    """Every lab wants or offers one permit."""
    others = draw(markets("unit", orders=6, one_each=True))
    grid = [([price], [1.0]) for price in GRID]
    return _truth(others, [draw(st.sampled_from(GRID))], [1.0], draw(st.integers(0, 1)), grid)


@st.composite
def one_order(draw: st.DrawFn) -> Truth:
    """Every lab has one order of any size; it may lie about price and size, a seller never above what it has."""
    others = draw(markets("eighths", orders=6, one_each=True))
    asks, size = draw(st.integers(0, 1)), draw(st.integers(1, 16)) / 8
    sizes = [size / 2, size] if asks else [size / 2, size, size + 0.5]
    grid = [([price], [amount]) for price, amount in product(GRID, sizes)]
    return _truth(others, [draw(st.sampled_from(GRID))], [size], asks, grid)


@st.composite
def wants_many(draw: st.DrawFn) -> Truth:
    """Labs with several orders; this one has a falling ladder of three, of which it offers the first few."""
    others = draw(markets("unit", orders=6))
    values = sorted(draw(st.lists(st.sampled_from(GRID), min_size=3, max_size=3)), reverse=True)
    grid = [(prices, [1.0] * 3) for prices in combinations_with_replacement(GRID[::-1], 3)]
    return _truth(others, values, [1.0] * 3, draw(st.integers(0, 3)), grid)


DOMAINS: dict[str, st.SearchStrategy[Truth]] = {
    "unit": wants_one(),
    "single-order": one_order(),
    "multi-unit": wants_many(),
}
