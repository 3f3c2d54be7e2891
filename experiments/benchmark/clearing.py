"""The suite `clearing`: time of one clearing against the number of orders, beside what others take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.benchmark.findings import Effort, Findings
from experiments.charts import speed_chart
from mechanisms import CentralExchange, Draws, OrderBook

Array = NDArray[Any]
Work = tuple[Callable[[], Any], Callable[[Any], Any]]
"""How an input is made, and what is timed."""

OURS = (
    "uniform-price",
    "vickrey",
    "double-auction",
    "pay-as-bid",
    "mcafee",
    "huang",
    "muda",
    "muda:rationing=vickrey",
    "posted-price:price=0.5",
    "lottery",
)
PYMARKET = {"pymarket:p2p": 100, "pymarket:huang": 1_000, "pymarket:muda": 1_000}
"""The most orders that each is timed with."""
SORT, PLAIN = "numpy.sort", "plain Python"

SIZES = (10, 100, 1_000, 10_000, 100_000)
LEAST_LARGEST = 100
MOST_RUNS, LEAST_RUNS, ENOUGH_SECONDS = 200, 3, 0.3


def clearing(effort: Effort) -> Findings:
    """Time every mechanism at every size it can bear; a smaller scale leaves out the largest sizes.

    >>> found = clearing(Effort(scale=0.001))
    >>> found.table["orders"].unique().tolist()
    [10, 100]
    """
    largest = effort.part(SIZES[-1], LEAST_LARGEST)
    sizes = [size for size in SIZES if size <= largest]
    cells = [(name, size, work) for size in sizes for name, work in workers(size)]
    weights = np.cumsum([size**0.5 for _, size, _ in cells])
    rows = []
    for (name, size, work), done in zip(cells, weights / weights[-1], strict=True):
        rows.append({"mechanism": name, "orders": size, "seconds": least_seconds(*work)})
        effort.told(float(done))
    table = pd.DataFrame(rows)
    floor = table[table["mechanism"] == SORT].set_index("orders")["seconds"]
    table["times_sort"] = table["seconds"] / table["orders"].map(floor)
    return Findings(table, _shown(table), _figures(table), _words(table))


def least_seconds(prepare: Callable[[], Any], work: Callable[[Any], Any]) -> float:
    """Shortest of several runs, each with an input made anew, so that nothing kept from before helps.

    >>> least_seconds(lambda: [2, 1], sorted) < 1
    True
    """
    times: list[float] = []
    while len(times) < MOST_RUNS and (len(times) < LEAST_RUNS or sum(times) < ENOUGH_SECONDS):
        given = prepare()
        started = time.perf_counter()
        work(given)
        times.append(time.perf_counter() - started)
    return min(times)


def prices(orders: int) -> Array:
    """Continuous prices, every second order an ask."""
    return Draws(0).uniform("values", orders) + 1e-9


def workers(orders: int) -> Iterator[tuple[str, Work]]:
    """Name, input and work of everything that is timed with so many orders."""
    values, buying = prices(orders), np.arange(orders) % 2 == 0
    yield SORT, (values.copy, np.sort)
    yield PLAIN, (lambda: (values.tolist(), buying.tolist()), plain_uniform_price)
    for name in (*OURS, *PYMARKET):
        if orders <= PYMARKET.get(name, orders):
            exchange = CentralExchange(name)
            both = exchange.rule.plugin.facts.two_sided
            yield name, (partial(book, values, buying, both), partial(cleared, exchange))


def book(values: Array, buying: Array, two_sided: bool) -> OrderBook:
    """Half bids, half asks; where labs may not sell all bid and the house offers half as many permits."""
    if two_sided:
        return OrderBook.of(values, buying=buying)
    return OrderBook.of(values, supply=values.size // 2)


def cleared(exchange: CentralExchange, given: OrderBook) -> None:
    """Clear a book up to fills, payments and price."""
    clearing = exchange.clear(given)
    _ = clearing.outcome.fills, clearing.price


def plain_uniform_price(given: tuple[list[float], list[bool]]) -> tuple[list[float], float]:
    """Uniform price at the lowest winning report, as a plain program would find it: fills and price.

    >>> plain_uniform_price(([9.0, 3.0, 5.0, 7.0], [True, False, True, False]))
    ([1.0, 1.0, 0.0, 0.0], 7.0)
    """
    values, buying = given
    offered = len(buying) - sum(buying)
    ranked = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    holding = [False] * len(values)
    for place in ranked[:offered]:
        holding[place] = True
    fills = [1.0 if held == bids else 0.0 for held, bids in zip(holding, buying, strict=True)]
    return fills, values[ranked[offered - 1]]


def _shown(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Both columns, sizes across."""
    return {
        "milliseconds": _across(table.assign(ms=table["seconds"] * 1e3), "ms"),
        "times numpy.sort of the same numbers": _across(table, "times_sort"),
    }


def _across(table: pd.DataFrame, column: str) -> pd.DataFrame:
    wide = table.pivot(index="mechanism", columns="orders", values=column).loc[table["mechanism"].unique()]
    text = wide.map(lambda x: "" if np.isnan(x) else f"{x:,.0f}" if x >= 100 else f"{x:.3g}")
    text.columns = pd.Index([f"{size:,}" for size in wide.columns])
    return text.rename_axis("mechanism").reset_index()


def _figures(table: pd.DataFrame) -> dict[str, Any]:
    milliseconds = table.assign(milliseconds=table["seconds"] * 1e3)
    ratios = table[table["mechanism"] != SORT]
    return {
        "clearing_time": speed_chart(milliseconds, "milliseconds", "Time of one clearing", "ms", OURS),
        "clearing_ratio": speed_chart(ratios, "times_sort", "Clearing beside sorting", "times numpy.sort", OURS),
    }


def _words(table: pd.DataFrame) -> list[str]:
    most = int(table["orders"].max())
    return [
        f"One book of unit orders at continuous prices, every second one an ask, up to {most:,}; under the lottery all "
        "bid and the house offers half as many permits. Building the book is not counted. Least of several runs; "
        "machines differ and are noisy, so read the ratios to numpy.sort of the same numbers in the same run.",
        "PyMarket's code runs behind the Central Exchange at sizes that it can bear: p2p to 100 orders, Huang and MUDA "
        "to 1,000. The plain Python program finds the uniform price and the fills in lists, with sorted().",
    ]
