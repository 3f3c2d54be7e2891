"""Markets of buyers and sellers: double auctions in equilibrium, McAfee's table, trade reduction in closed form."""

from __future__ import annotations

from functools import partial
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.benchmark.theory.estimates import Columns, mean, ratio
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.margin import Margin
from mechanisms.measures import buyers_surplus, gains_from_trade, sellers_surplus

Array = NDArray[Any]

MARKETS = 200_000

EFFICIENT = CentralExchange("double-auction")
MCAFEE = {
    "reduce": CentralExchange("mcafee"),
    "bounds": CentralExchange("mcafee", missing="bounds", low=0.0, high=1.0),
}


def pairs(n: int, draws: Draws) -> OrderBook:
    """As many sellers as buyers, each with one U[0,1] value, reported truly."""
    return OrderBook.of(draws.uniform("values", 2 * n), buying=np.arange(2 * n) < n)


def mcafee(n: int, draws: Draws) -> Columns:
    """McAfee's double auction under both conventions, beside the efficient trades."""
    book = pairs(n, draws)
    best = EFFICIENT.clear(book)
    figures: dict[str, Array] = {"efficient": best.volume, "best": gains_from_trade(best)}
    for name, exchange in MCAFEE.items():
        clearing = exchange.clear(book)
        figures[f"{name} trades"] = clearing.volume
        figures[f"{name} gains"] = gains_from_trade(clearing)
        figures[f"{name} traders"] = buyers_surplus(clearing) + sellers_surplus(clearing)
        figures[f"{name} all"] = (clearing.volume == best.volume) & (best.volume > 0)
    return figures


MCAFEE_TABLE = {
    2: (("58.33", "77.09", "68.76", ".417"), ("64.58", "82.30", "79.17", ".479")),
    3: (("72.09", "88.20", "80.01", ".532"), ("73.13", "88.81", "81.83", ".547")),
    5: (("82.18", "94.65", "86.15", ".551"), ("82.22", "94.67", "86.22", ".552")),
    10: (("90.52", "98.36", "91.74", ".526"),) * 2,
    50: (("98.02", "99.92", "98.08", ".506"),) * 2,
}
"""By n: trades, gains and traders' gains in % of the best possible, and the share of markets in which all k >= 1
happen, where a missing (k+1)-th trader means *reduce*, and where 0 and 1 stand in for it (*bounds*)."""


def mcafee_rows(n: int) -> Experiment:
    """Both conventions for n buyers and n sellers."""
    rows = []
    for name, (trades, gains, traders, happen) in zip(MCAFEE, MCAFEE_TABLE[n], strict=True):
        rows += [
            Row(f"trades, {name}", trades, ratio(f"{name} trades", "efficient"), "%"),
            Row(f"gains with the exchange, {name}", gains, ratio(f"{name} gains", "best"), "%"),
            Row(f"traders' gains, {name}", traders, ratio(f"{name} traders", "best"), "%"),
            Row(f"share of markets where all k >= 1 trades happen, {name}", happen, mean(f"{name} all")),
        ]
    source = "McAfee (1992); table simulated independently, n = 2 to 50 published in erelsgl/auctions for reduce"
    case = f"n = {n} buyers and sellers, values U[0,1]"
    return Experiment("McAfee", case, source, partial(mcafee, n), rows, MARKETS, 2 * n)


def worked(draws: Draws) -> Columns:
    """The two markets that show both branches of the rule."""
    prices: dict[str, Array] = {}
    for name, bids, asks in (("reduced", (9.0, 8.0), (4.0, 3.0)), ("one price", (9.0, 4.0), (8.0, 3.0))):
        book = OrderBook.of([*bids, *asks], buying=[True, True, False, False])
        clearing = MCAFEE["reduce"].clear(book)
        prices |= {
            f"{name} trades": clearing.volume,
            f"{name} pays": clearing.payments.max(),
            f"{name} gets": -clearing.payments.min(),
        }
    return prices


WORKED = Experiment(
    "McAfee",
    "worked: buyers 9, 8, sellers 4, 3; buyers 9, 4, sellers 8, 3",
    "McAfee (1992): p = 6 is within [3, 9] in the second market; in the first there is no third pair",
    worked,
    (
        Row("9, 8 and 4, 3: trades", 1.0, mean("reduced trades")),
        Row("9, 8 and 4, 3: the buyer pays", 8.0, mean("reduced pays")),
        Row("9, 8 and 4, 3: the seller gets", 4.0, mean("reduced gets")),
        Row("9, 4 and 8, 3: trades", 1.0, mean("one price trades")),
        Row("9, 4 and 8, 3: the buyer pays", 6.0, mean("one price pays")),
        Row("9, 4 and 8, 3: the seller gets", 6.0, mean("one price gets")),
    ),
)


def trade_reduction(n: int, draws: Draws) -> Columns:
    """Always leave out the last of the k efficient trades and let it set the prices, as no mechanism here does."""
    margin = Margin(pairs(n, draws), draws)
    k = margin.bought.sum(axis=-1)
    gap = np.where(k > 0, margin.last_bid - margin.last_ask, np.nan)
    lost = np.nan_to_num(gap)
    figures: dict[str, Array] = {
        "k": k,
        "trades": np.maximum(k - 1, 0),
        "best": (margin.book.price * (margin.bought - 1.0 * margin.sold)).sum(axis=-1),
        "lost": lost,
        "surplus": np.maximum(k - 1, 0) * lost,
    }
    for count in range(n + 1):
        figures |= {f"k = {count}": k == count, f"gap {count}": np.where(k == count, gap, np.nan)}
    return figures


def trades_share(n: int, k: int) -> float:
    """``P(k) = C(n,k)^2 / C(2n,n)``: k of the n highest of 2n values are buyers'.

    >>> trades_share(2, 1)
    0.6666666666666666
    """
    return comb(n, k) ** 2 / comb(2 * n, n)


def last_gap(n: int, k: int) -> float:
    """``E[b_k - s_k | k] = (2(n+1)/(k+1) - 1) / (2n+1)``.

    >>> last_gap(1, 1)
    0.3333333333333333
    """
    return (2 * (n + 1) / (k + 1) - 1) / (2 * n + 1)


def reduction_rows(n: int, by_count: bool) -> Experiment:
    """Closed forms for n buyers and n sellers; `by_count` adds a row for each number of efficient trades."""
    some = range(1, n + 1)
    lost = sum(trades_share(n, k) * last_gap(n, k) for k in some)
    surplus = sum(trades_share(n, k) * (k - 1) * last_gap(n, k) for k in some)
    rows = [
        Row("efficient trades k", n / 2, mean("k")),
        Row("best gains", n**2 / (2 * (2 * n + 1)), mean("best")),
        Row("trades", n / 2 - 1 + 1 / comb(2 * n, n), mean("trades")),
        Row("lost gains", lost, mean("lost")),
        Row("exchange surplus", surplus, mean("surplus")),
    ]
    if by_count:
        rows += [Row(f"P(k = {k})", trades_share(n, k), mean(f"k = {k}")) for k in (0, *some)]
        rows += [Row(f"b_k - s_k given k = {k}", last_gap(n, k), mean(f"gap {k}")) for k in some]
    source = (
        "P(k) = C(n,k)^2 / C(2n,n), E[b_k - s_k | k] = (2(n+1)/(k+1) - 1)/(2n+1), best gains n^2/(2(2n+1)), trades "
        "n/2 - 1 + 1/C(2n,n); lost gains and surplus are the sums over k of P(k) times the gap, and times k - 1"
    )
    case = f"n = {n} buyers and sellers, values U[0,1], always reducing"
    return Experiment("Trade reduction", case, source, partial(trade_reduction, n), rows, MARKETS, 2 * n)


EXPERIMENTS = (
    *(mcafee_rows(n) for n in MCAFEE_TABLE),
    WORKED,
    *(reduction_rows(n, by_count=n <= 5) for n in (2, 3, 5, 10)),
)
