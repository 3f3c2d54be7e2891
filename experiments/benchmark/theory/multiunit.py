"""Huang's and the MUDA auction: worked divisions, PyMarket's documented market, and PyMarket's own results on it."""

from __future__ import annotations

from functools import partial

import numpy as np

from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.measures import best_gains, buyers_surplus, price_paid, price_received, sellers_surplus
from mechanisms.pymarket_run import load_pymarket, undisturbed
from mechanisms.rationing import give_up

BIDS = ((1, 6.7), (1, 6.6), (1, 6.5), (1, 6.4), (1, 6.3), (1, 6.0))
ASKS = ((1, 1.0), (1, 2.0), (2, 3.0), (2, 4.0), (1, 6.1))
"""Quantity and price of each order of the market in PyMarket's documentation."""


def documented() -> OrderBook:
    """PyMarket's documented market."""
    quantity, price = zip(*BIDS, *ASKS, strict=True)
    return OrderBook.of(price, quantity, np.arange(len(price)) < len(BIDS))


def divisions(draws: Draws) -> Columns:
    """The longer side gives up a gap in equal shares."""
    cases = {"A": ([1.0, 2.0, 3.0], 0.6), "B": ([1.0, 0.5, 2.0], 1.8)}
    return {
        f"{name}{i}": left
        for name, (amounts, gap) in cases.items()
        for i, left in enumerate(give_up(np.array(amounts), np.array(gap)))
    }


def huang(mechanism: str, draws: Draws) -> Columns:
    """Huang's auction of the documented market."""
    book = documented()
    clearing = CentralExchange(mechanism).clear(book)
    bought = clearing.fills[: len(BIDS)]
    return {
        "best": best_gains(book),
        "pays": price_paid(clearing),
        "gets": price_received(clearing),
        "volume": clearing.volume,
        "least": bought[:5].min(),
        "most": bought.max(),
        "traders": buyers_surplus(clearing) + sellers_surplus(clearing),
        "exchange": clearing.surplus,
    }


def pymarket_muda(draws: Draws) -> Columns:
    """PyMarket's MUDA, run by PyMarket itself on the documented market."""
    market = load_pymarket().Market()
    for user, (quantity, price) in enumerate((*BIDS, *ASKS)):
        market.accept_bid(quantity, price, user, user < len(BIDS))
    with undisturbed(0):
        transactions, extra = market.run("muda", r=np.random.RandomState(1234))
    traded = transactions.get_df()
    bids = market.bm.get_df().loc[traded["bid"]]
    sign = np.where(bids["buying"], 1.0, -1.0)
    gains = (sign * traded["quantity"].to_numpy() * bids["price"].to_numpy()).sum()
    return {
        "left": extra["price_left"],
        "right": extra["price_right"],
        "traded": traded["quantity"].sum() / 2 / len(BIDS),
        "gains": gains,
        "welfare": gains / best_gains(documented()),
    }


def huang_rows(mechanism: str, source: str) -> Experiment:
    """Figures of Huang's auction on the documented market."""
    return Experiment(
        "Huang",
        f"PyMarket's documented market, {mechanism}",
        source,
        partial(huang, mechanism),
        (
            Row("best welfare", 21.5, mean("best")),
            Row("buyers pay", 6.0, mean("pays")),
            Row("sellers get", 4.0, mean("gets")),
            Row("volume", 4.0, mean("volume")),
            Row("least permits of the five buyers that trade", 0.8, mean("least")),
            Row("most permits of a buyer", 0.8, mean("most")),
            Row("traders' gains", 9.0, mean("traders")),
            Row("exchange's gains", 8.0, mean("exchange")),
        ),
    )


DIVISIONS = Experiment(
    "Huang",
    "equal cuts: [1, 2, 3] gives up .6, [1, .5, 2] gives up 1.8",
    "Huang, Scheller-Wolf & Sycara (2002): who has less than an equal share drops out and the share is recomputed",
    divisions,
    [
        Row(f"{case}, amount {i + 1}", left, mean(f"{name}{i}"))
        for name, case, lefts in (
            ("A", "[1, 2, 3] less .6", (0.8, 1.8, 2.8)),
            ("B", "[1, .5, 2] less 1.8", (0.35, 0.0, 1.35)),
        )
        for i, left in enumerate(lefts)
    ],
)

PYMARKET_MUDA = Experiment(
    "MUDA",
    "PyMarket's documented market, PyMarket's own MUDA with RandomState(1234)",
    "PyMarket's documentation; its welfare is the traded value over the best, 17 / 21.5",
    pymarket_muda,
    (
        Row("price, left half", 4.65, mean("left")),
        Row("price, right half", 6.3, mean("right")),
        Row("share traded of the most that could be", 2 / 3, mean("traded")),
        Row("welfare over the best", ".7907", mean("welfare")),
    ),
)

EXPERIMENTS = (
    DIVISIONS,
    huang_rows("huang", "Huang, Scheller-Wolf & Sycara (2002), worked by hand"),
    huang_rows("pymarket:huang", "PyMarket's documentation; its own welfare figure leaves the exchange's part out"),
    PYMARKET_MUDA,
)
