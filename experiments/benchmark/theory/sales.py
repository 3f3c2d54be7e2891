"""Auctions of the house's permits: the worked example, unit demand, revenue equivalence, demand reduction."""

from __future__ import annotations

from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.benchmark.theory.estimates import Columns, mean, ratio, spread
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.measures import gains_from_trade

Array = NDArray[Any]

MARKETS = 200_000
SIZES = ((5, 2), (10, 3), (20, 5), (20, 10))
"""Labs n and permits Q."""

HIGHEST_LOSING, LOWEST_WINNING = CentralExchange("uniform-price", k=0.0), CentralExchange("uniform-price", k=1.0)
VICKREY, PAY_AS_BID = CentralExchange("vickrey"), CentralExchange("pay-as-bid")


def three_labs(draws: Draws) -> Columns:
    """Bids A (10, 8, 3), B (9, 4), C (7, 6) for four permits."""
    book = OrderBook.of([10.0, 8.0, 3.0, 9.0, 4.0, 7.0, 6.0], user=list("AAABBCC"), supply=4)
    vickrey = VICKREY.clear(book)
    figures = {f"permits {lab}": vickrey.bought[i] for i, lab in enumerate("ABC")}
    figures |= {f"payment {lab}": vickrey.lab_payments[i] for i, lab in enumerate("ABC")}
    rules = {"vickrey": VICKREY, "losing": HIGHEST_LOSING, "winning": LOWEST_WINNING, "bids": PAY_AS_BID}
    return figures | {name: exchange.clear(book).surplus for name, exchange in rules.items()}


THREE_LABS = Experiment(
    "VCG, several units",
    "bids A (10, 8, 3), B (9, 4), C (7, 6), 4 permits",
    "each lab pays the reports that it displaces: A 6 + 4, B 6, C 4 (Krishna 2010, section 12.2)",
    three_labs,
    (
        *(Row(f"permits of {lab}", n, mean(f"permits {lab}")) for lab, n in zip("ABC", (2.0, 1.0, 1.0), strict=True)),
        *(Row(f"payment of {lab}", n, mean(f"payment {lab}")) for lab, n in zip("ABC", (10.0, 6.0, 4.0), strict=True)),
        Row("revenue, vickrey", 20.0, mean("vickrey")),
        Row("revenue, uniform price at the highest losing bid", 24.0, mean("losing")),
        Row("revenue, uniform price at the lowest winning bid", 28.0, mean("winning")),
        Row("revenue, pay-as-bid", 34.0, mean("bids")),
    ),
)


def unit_demand(labs: int, permits: int, draws: Draws) -> Columns:
    """Labs with one U[0,1] value each report it."""
    book = OrderBook.of(draws.uniform("values", labs), supply=permits)
    losing, winning, vickrey = (rule.clear(book) for rule in (HIGHEST_LOSING, LOWEST_WINNING, VICKREY))
    return {
        "price": losing.price,
        "revenue": losing.surplus,
        "winning": winning.price,
        "vickrey": vickrey.surplus,
        "apart": np.abs(losing.lab_payments - vickrey.lab_payments).max(axis=-1),
    }


def unit_demand_rows(n: int, q: int, printed: str) -> Experiment:
    """Closed forms for n labs and q permits."""
    price = (n - q) / (n + 1)
    deviation = q * sqrt((n - q) * (q + 1) / ((n + 1) ** 2 * (n + 2)))
    return Experiment(
        "Unit demand",
        f"n = {n} labs, Q = {q} permits, values U[0,1], truthful",
        "the (Q+1)-th highest of n uniforms is Beta(n-Q, Q+1): price (n-Q)/(n+1), revenue Q(n-Q)/(n+1); "
        "the Q-th has mean (n+1-Q)/(n+1)",
        partial(unit_demand, n, q),
        (
            Row("price, highest losing bid", price, mean("price")),
            Row("revenue, highest losing bid", printed, mean("revenue")),
            Row("s.d. of revenue, highest losing bid", deviation, spread("revenue")),
            Row("revenue, vickrey", q * price, mean("vickrey")),
            Row("largest difference of a lab's payment, vickrey and highest losing bid", 0.0, mean("apart")),
            Row("price, lowest winning bid", (n + 1 - q) / (n + 1), mean("winning")),
        ),
        MARKETS,
        n,
    )


UNIT_DEMAND = [
    unit_demand_rows(*size, printed)
    for size, printed in zip(SIZES, ("1.0", "1.90909", "3.57143", "4.76190"), strict=True)
]


def demand_reduction(draws: Draws) -> Columns:
    """Two labs, two permits each at a flat value U[0,1]; under the uniform price they bid (v, 0)."""
    values = draws.uniform("values", 2)
    flat = np.stack([values, values], axis=-2)
    reduced = np.stack([values, np.zeros_like(values)], axis=-2)
    none = np.zeros(values.shape, dtype=int)
    true_book, book = (OrderBook.ladders(x, none, 2, 0.0) for x in (flat, reduced))
    uniform, vickrey = HIGHEST_LOSING.clear(book), VICKREY.clear(true_book)
    return {
        "price": uniform.price,
        "most": uniform.bought.max(axis=-1),
        "gains": gains_from_trade(uniform, np.concatenate([values, values], axis=-1)),
        "best": 2 * values.max(axis=-1),
        "vickrey gains": gains_from_trade(vickrey),
        "vickrey revenue": vickrey.surplus,
    }


DEMAND_REDUCTION = Experiment(
    "Demand reduction",
    "2 labs, 2 permits, each lab wants both at one value U[0,1]",
    "bidding (v, 0) is an equilibrium at the highest losing bid: E(v + w) / E(2 max) = 1 / (4/3); "
    "Vickrey revenue 2 E(min) (Ausubel & Cramton)",
    demand_reduction,
    (
        Row("price when both bid (v, 0), highest losing bid", 0.0, mean("price")),
        Row("permits of the lab that gets most", 1.0, mean("most")),
        Row("efficiency when both bid (v, 0)", 75.0, ratio("gains", "best"), "%"),
        Row("efficiency, vickrey", 100.0, ratio("vickrey gains", "best"), "%"),
        Row("revenue, vickrey", 2 / 3, mean("vickrey revenue")),
    ),
    MARKETS,
    4,
)

EXPERIMENTS = (THREE_LABS, *UNIT_DEMAND, DEMAND_REDUCTION)
