"""Equilibria that the search finds without being told, beside their closed forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import PermitMarket
from agents.bid_functions import Line
from agents.closed_forms import buyers_bid, pay_as_bid
from agents.equilibrium import solve
from experiments.benchmark.theory.estimates import Columns, mean, ratio
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import Draws
from scenarios import Scenario, override

Array = NDArray[Any]

GROUP = "Equilibrium found without being told"
NEAR = 0.02
"""Tolerance in M$, where values are U[0,1], and as a share."""
VALUES = (0.3, 0.6)
WORLDS = 20_000


def market(
    labs: int, permits: int, mechanism: str, units: int = 1, endowed: bool = False, **options: float
) -> Scenario:
    """Labs with flat values U[0,1], no cost and no shocks.

    >>> market(4, 2, "double-auction", endowed=True, k=1.0).market.options
    {'k': 1.0}
    """
    values = {"value": {"low": 0, "high": 1}, "value_decline": 0, "value_shock": 0, "value_noise": 0, "running_cost": 0}
    return Scenario(
        months=1,
        labs={"count": labs, "units": units, **values},
        permits={"cap": permits, "grandfathered": float(endowed)},
        market={"mechanism": mechanism, "options": options},
    )


def furthest(line: Line, form: Callable[[Array], Array]) -> Array:
    """Largest distance of bids from a closed form at the values that were searched, (1,)."""
    return np.atleast_1d(np.abs(line.reports - form(line.knots)).max())


def pay_as_bid_bids(draws: Draws) -> Columns:
    """Bids of five labs for two permits."""
    (line,) = solve(market(5, 2, "pay-as-bid")).functions.bids
    return {f"bid {value}": line(np.array([value])) for value in VALUES}


def truth(scenario: Scenario, draws: Draws) -> Columns:
    """How far bids of labs with unit demand are from the truth."""
    (line,) = solve(scenario).functions.bids
    return {"apart": furthest(line, np.asarray)}


def demand_reduction(draws: Draws) -> Columns:
    """Two labs, two permits, flat values: bids for the second unit, and what labs that bid so make of the permits."""
    scenario = market(2, 2, "uniform-price", units=2, k=0.0)
    first, second = solve(scenario).functions.bids
    sold = PermitMarket(override(scenario, {"labs.bidding": "equilibrium"}), seed=np.arange(WORLDS))
    sold.step()
    worth = sold.month.net_value[:, 0]
    return {
        "first": furthest(first, np.asarray),
        "second": np.atleast_1d(second(np.linspace(0.0, 1.0, 101)).mean()),
        "gains": np.atleast_1d((worth * sold.month.bought).sum(axis=-1).mean()),
        "best": np.atleast_1d(2 * worth.max(axis=-1).mean()),
    }


def shading(pairs: int, draws: Draws) -> Columns:
    """How far buyers' bids are from the closed form of the buyer's-bid double auction."""
    (line,) = solve(market(2 * pairs, pairs, "double-auction", endowed=True, k=1.0)).functions.bids
    return {"apart": furthest(line, lambda value: buyers_bid(value, pairs))}


EXPERIMENTS = (
    Experiment(
        GROUP,
        "pay-as-bid, 5 labs, 2 permits",
        "pay-as-bid: E of the best losing value below one's own, B_v(n-Q+1, Q) / B_v(n-Q, Q) (Krishna 2010, ch. 13)",
        pay_as_bid_bids,
        [Row(f"bid at value {v}", float(pay_as_bid(v, 5, 2)), mean(f"bid {v}"), tolerance=NEAR) for v in VALUES],
        searched=True,
    ),
    *(
        Experiment(
            GROUP,
            f"{label}, 5 labs, 2 permits",
            "vickrey, and the highest losing bid with unit demand: truth is a dominant strategy (Vickrey 1961)",
            partial(truth, scenario),
            [Row("largest distance of bids from the truth", 0.0, mean("apart"))],
            searched=True,
        )
        for label, scenario in (
            ("vickrey", market(5, 2, "vickrey")),
            ("uniform-price:k=0", market(5, 2, "uniform-price", k=0.0)),
        )
    ),
    Experiment(
        GROUP,
        "uniform-price:k=0, 2 labs, 2 permits, each lab wants both at one value",
        "demand reduction: labs play (v, 0), the equilibrium that gains them most (Ausubel & Cramton)",
        demand_reduction,
        (
            Row("largest distance of first bids from the truth", 0.0, mean("first"), tolerance=NEAR),
            Row("mean bid for the second unit", 0.0, mean("second"), tolerance=NEAR),
            Row("efficiency", 75.0, ratio("gains", "best"), "%", tolerance=100 * NEAR),
        ),
        searched=True,
    ),
    *(
        Experiment(
            GROUP,
            f"double-auction:k=1, {pairs} buyers and sellers",
            "buyer's bid: m v/(m+1), sellers truthful (Satterthwaite & Williams 1989)",
            partial(shading, pairs),
            [Row(f"largest distance of bids from {pairs} v/{pairs + 1}", 0.0, mean("apart"), tolerance=NEAR)],
            searched=True,
        )
        for pairs in (2, 4)
    ),
)
