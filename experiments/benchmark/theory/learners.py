"""What reinforcement learners come to bid, beside the equilibrium among labs that bid a share of their value.

Labs with new values U[0,1] each month learn for many months; each world stands for one market. With F the distribution
of the value that a bidder has to beat, the share y gains ``E[v (1-y) F(y v / x)]`` against rivals who bid x.

- Pay-as-bid, 5 labs, 2 permits: F(t) = 4t^3 - 3t^4 of the second-highest of four others; y = x where
  ``(4/3) / x = 1 / (1 - x)``, so x = 4/7.
- Vickrey: the truth, x = 1.

Two units a lab and three permits for three labs: under one price at the highest losing bid a second bid may set the
price of the first unit, so labs shade it (demand reduction: Ausubel & Cramton); under Vickrey it never does. The row is
the difference between the two, in the same worlds with the same luck.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.learning import roth_erev
from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import CentralExchange, Draws, OrderBook

Array = NDArray[Any]

GROUP = "Learning bidders"
MONTHS, WORLDS = 4_000, 60
REDUCTION_MONTHS = 2_000
COUNTED = 0.25
"""Share of the months, the last ones, that are counted."""
PATIENT = {"recency": 0.02, "experimentation": 0.04}
"""With the rule's own recency, labs remember about ten months and stay further from any equilibrium."""


def course(
    mechanism: str, labs: int, units: int, permits: int, *, months: int = MONTHS, worlds: int = WORLDS
) -> dict[str, Array]:
    """Let labs with flat values U[0,1], new each month, learn; means over labs, each (months, worlds).

    Returns
    -------
    dict
        `share`, the share of its value that a lab bids for its first unit; `second`, for its last; `revenue` in M$.

    Examples
    --------
    >>> found = course("vickrey", 3, 1, 1, months=4, worlds=2)
    >>> found["share"].shape, bool((found["share"] <= 1).all())
    ((4, 2), True)
    """
    exchange = CentralExchange(mechanism, **({"k": 0.0} if mechanism == "uniform-price" else {}))
    draws, memory = Draws(np.arange(worlds)), dict[str, Any]()
    none, supply = np.zeros((worlds, labs), dtype=np.int32), np.full(worlds, permits)
    found = np.empty((3, months, worlds))
    for month in range(months):
        luck = draws.at(month)
        worth = np.repeat(luck.uniform("values", labs)[..., None], units, axis=-1)
        reports = roth_erev(worth, none, np.zeros_like(worth), luck, memory, **PATIENT)
        ladders = np.ascontiguousarray(np.moveaxis(reports, -1, -2))
        clearing = exchange.clear(OrderBook.ladders(ladders, none, supply, 0.0), luck)
        memory |= {"held": clearing.bought, "endowment": none, "paid": clearing.lab_payments}
        shares = (reports / worth).mean(axis=1)
        found[:, month] = shares[:, 0], shares[:, -1], clearing.surplus
    return dict(zip(("share", "second", "revenue"), found, strict=True))


def learn(mechanism: str, labs: int, units: int, permits: int, **size: int) -> Columns:
    """What labs have learnt: means over the last months, one number a world."""
    found = course(mechanism, labs, units, permits, **size)
    return {name: figures[-round(len(figures) * COUNTED) :].mean(axis=0) for name, figures in found.items()}


SOURCE = (
    "Roth & Erev (1995) as modified by Nicolaisen, Petrov & Tesfatsion (2001), recency .02, experimentation .04, "
    f"{MONTHS:,} months in {WORLDS} worlds, the last {COUNTED:.0%} of the months counted; "
)
FIVE, THREE = "5 labs, 2 permits", "3 labs with two units each, 3 permits"


def five(mechanism: str, draws: Draws) -> Columns:
    """Five labs with one unit each learn to bid for two permits."""
    return learn(mechanism, 5, 1, 2)


def reduction(draws: Draws) -> Columns:
    """By how much less of its worth a lab bids under one price than under Vickrey, and whether for its second unit."""
    rules = ("uniform-price", "vickrey")
    uniform, vickrey = (learn(mechanism, 3, 2, 3, months=REDUCTION_MONTHS) for mechanism in rules)
    less = {name: vickrey[name] - uniform[name] for name in ("share", "second")}
    return less | {"reduced": (less["second"] > 0).astype(np.float64)}


EXPERIMENTS = (
    Experiment(
        GROUP,
        f"pay-as-bid, {FIVE}",
        f"{SOURCE}the equilibrium among labs that bid one share of their value, 4/7 (see the module)",
        partial(five, "pay-as-bid"),
        [Row("share of its value that a lab bids", 4 / 7, mean("share"), tolerance=0.02)],
        searched=True,
    ),
    Experiment(
        GROUP,
        f"vickrey, {FIVE}",
        f"{SOURCE}truth is dominant, and exploring keeps labs somewhat below it",
        partial(five, "vickrey"),
        [Row("share of its value that a lab bids", 1.0, mean("share"), tolerance=0.1)],
        searched=True,
    ),
    Experiment(
        GROUP,
        THREE,
        "Roth & Erev (1995) as above, "
        f"{REDUCTION_MONTHS:,} months; under one price a second bid may set the price of the first unit, under Vickrey "
        "never: theory has the sign alone (Ausubel & Cramton)",
        reduction,
        [Row("worlds with lower second bids under one price than under vickrey", 1.0, mean("reduced"), tolerance=0.05)],
        searched=True,
    ),
)
