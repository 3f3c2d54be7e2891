"""Auctions in which labs bid their equilibrium in closed form: revenue equivalence, k-double auction, buyer's bid."""

from __future__ import annotations

from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.closed_forms import buyers_bid, linear_buyer, linear_seller, pay_as_bid
from experiments.benchmark.theory.estimates import Columns, mean, ratio, spread
from experiments.benchmark.theory.rows import Experiment, Row
from experiments.benchmark.theory.sales import HIGHEST_LOSING, MARKETS, PAY_AS_BID, SIZES, VICKREY
from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.measures import gains_from_trade

Array = NDArray[Any]

RARE = 1_000_000
"""Markets where few lose anything, so that the mean of a sample is skewed."""


def revenues(labs: int, permits: int, draws: Draws) -> Columns:
    """One set of U[0,1] values, sold three ways: truthful under two rules, in equilibrium under pay-as-bid."""
    values = draws.uniform("values", labs)
    truthful = OrderBook.of(values, supply=permits)
    shaded = OrderBook.of(pay_as_bid(values, labs, permits), supply=permits)
    return {
        "uniform": HIGHEST_LOSING.clear(truthful).surplus,
        "vickrey": VICKREY.clear(truthful).surplus,
        "bids": PAY_AS_BID.clear(shaded).surplus,
    }


def equivalence_rows(n: int, q: int) -> Experiment:
    """The same mean revenue three ways, and the spreads."""
    revenue, deviation = q * (n - q) / (n + 1), q * sqrt((n - q) * (q + 1) / ((n + 1) ** 2 * (n + 2)))
    rows = [
        Row("revenue, highest losing bid", revenue, mean("uniform")),
        Row("revenue, vickrey", revenue, mean("vickrey")),
        Row("revenue, pay-as-bid in equilibrium", revenue, mean("bids")),
        Row("s.d. of revenue, vickrey", deviation, spread("vickrey")),
    ]
    if (n, q) == (20, 5):
        rows += [
            Row("s.d. of revenue, highest losing bid, as printed", ".481", spread("uniform")),
            Row("s.d. of revenue, pay-as-bid in equilibrium", ".160", spread("bids")),
        ]
    source = (
        "Q(n-Q)/(n+1) under all three; pay-as-bid bids B_v(n-Q+1, Q) / B_v(n-Q, Q) (Krishna 2010, chapter 13); "
        "s.d. of Q times a Beta(n-Q, Q+1); spreads printed at (20, 5) simulated independently"
    )
    case = f"n = {n} labs, Q = {q} permits, values U[0,1]"
    return Experiment("Revenue equivalence", case, source, partial(revenues, n, q), rows, MARKETS, n)


def one_pair(k: float, draws: Draws) -> Columns:
    """One buyer and one seller in the linear equilibrium of the k-double auction."""
    values = draws.uniform("values", 2)
    reports = np.stack([linear_buyer(values[..., 0], k), linear_seller(values[..., 1], k)], axis=-1)
    clearing = CentralExchange("double-auction", k=k).clear(OrderBook.of(reports, buying=[True, False]))
    gap = values[..., 0] - values[..., 1]
    return {
        "gains": gap * clearing.volume,
        "best": np.maximum(gap, 0.0),
        "apart": (clearing.volume > 0) != (gap >= 0.25),
    }


EFFICIENCY: dict[float, float | str] = {0.0: 0.75, 0.25: ".8203", 0.5: 27 / 32, 0.75: ".8203", 1.0: 0.75}
"""By k."""


def one_pair_rows(k: float, efficiency: float | str) -> Experiment:
    """Efficiency of the linear equilibrium."""
    rows = [Row("efficiency", efficiency, ratio("gains", "best"))]
    if k == 0.5:
        rows += [Row("share of markets where not exactly v - c >= 1/4 trade", 0.0, mean("apart"))]
    source = "buyer k(1-k)/(2(1+k)) + v/(1+k), seller (1-k)/2 + c/(2-k) (Chatterjee & Samuelson 1983)"
    case = f"k = {k:g}, one buyer, one seller, values U[0,1], linear equilibrium"
    return Experiment("k-double auction", case, source, partial(one_pair, k), rows, MARKETS, 2)


def many_pairs(m: int, draws: Draws) -> Columns:
    """The buyer's-bid double auction in equilibrium: sellers truthful."""
    values = draws.uniform("values", 2 * m)
    buying = np.arange(2 * m) < m
    book = OrderBook.of(np.where(buying, buyers_bid(values, m), values), buying=buying)
    best = gains_from_trade(CentralExchange("double-auction").clear(OrderBook.of(values, buying=buying)))
    return {
        "best": best,
        "lost": best - gains_from_trade(CentralExchange("double-auction", k=1.0).clear(book), values),
    }


INEFFICIENCY = {1: "25.0", 2: "7.42", 3: "3.21", 4: "1.75", 6: ".750", 8: ".415", 16: ".100"}
"""In % of the best gains, by the number of buyers and of sellers."""


def many_pairs_rows(m: int) -> Experiment:
    """Gains lost in equilibrium."""
    row = Row("inefficiency", INEFFICIENCY[m], ratio("lost", "best"), "%")
    source = "buyers m v/(m+1), sellers truthful (Satterthwaite & Williams 1989); figures computed independently"
    case = f"k = 1, m = {m} buyers and sellers, values U[0,1]"
    return Experiment("Buyer's-bid double auction", case, source, partial(many_pairs, m), [row], RARE, 2 * m)


EXPERIMENTS = (
    *(equivalence_rows(*size) for size in SIZES),
    *(one_pair_rows(k, efficiency) for k, efficiency in EFFICIENCY.items()),
    *(many_pairs_rows(m) for m in INEFFICIENCY),
)
