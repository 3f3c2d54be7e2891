"""What reinforcement learners come to bid, beside the equilibrium among labs that bid a share of their value.

Labs with new values U[0,1] each month learn for many months; each world stands for one market. With F the distribution
of the value that a bidder has to beat, the share y gains ``E[v (1-y) F(y v / x)]`` against rivals who bid x.

- Pay-as-bid, 5 labs, 2 permits: F(t) = 4t^3 - 3t^4 of the second-highest of four others; y = x where
  ``(4/3) / x = 1 / (1 - x)``, so x = 4/7.
- One price at the highest losing bid, 2 labs with 2 units each at a flat value, 3 permits: each lab gets one unit, the
  second goes to the higher of the second bids, and the lower sets the price; against a rival who bids the share x for
  its second unit, y <= x gains ``y / (3x) + (1 - y) / 2``, so x = 2/3. (Free of shares the equilibrium is
  ``v + (1-v) log(1-v)``, with the same revenue as Vickrey's, 1/3.)
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
COUNTED = 0.25
"""Share of the months, the last ones, that are counted."""
PATIENT = {"recency": 0.02, "experimentation": 0.04}
"""With the rule's own recency, labs remember about ten months and stay further from any equilibrium."""


def learn(
    mechanism: str, labs: int, units: int, permits: int, *, months: int = MONTHS, worlds: int = WORLDS, first: int = 0
) -> Columns:
    """Let labs with flat values U[0,1], new each month, learn; means over the last months, one number a world.

    Returns
    -------
    dict
        `share`, the share of its value that a lab bids for its first unit; `second`, for its last; `revenue` a month.

    Examples
    --------
    >>> found = learn("vickrey", 3, 1, 1, months=4, worlds=2)
    >>> found["share"].shape, bool((found["share"] <= 1).all())
    ((2,), True)
    """
    exchange = CentralExchange(mechanism, **({"k": 0.0} if mechanism == "uniform-price" else {}))
    draws, memory = Draws(np.arange(first, first + worlds)), dict[str, Any]()
    none = np.zeros((worlds, labs), dtype=np.int32)
    seen = []
    for month in range(months):
        luck = draws.at(month)
        worth = np.repeat(luck.uniform("values", labs)[..., None], units, axis=-1)
        reports = roth_erev(worth, none, np.zeros_like(worth), luck, memory, **PATIENT)
        ladders = np.ascontiguousarray(np.moveaxis(reports, -1, -2))
        clearing = exchange.clear(OrderBook.ladders(ladders, none, np.full(worlds, permits), 0.0), luck)
        memory |= {"held": clearing.bought, "endowment": none, "paid": clearing.lab_payments}
        if month >= months * (1 - COUNTED):
            shares = (reports / worth).mean(axis=1)
            seen.append(np.stack([shares[:, 0], shares[:, -1], clearing.surplus]))
    return dict(zip(("share", "second", "revenue"), np.mean(seen, axis=0), strict=True))


def simulate(mechanism: str, labs: int, units: int, permits: int, draws: Draws) -> Columns:
    """Learners in as many worlds as a row counts; the worlds are their own."""
    return learn(mechanism, labs, units, permits)


SOURCE = (
    "Roth & Erev (1995) as modified by Nicolaisen, Petrov & Tesfatsion (2001), recency .02, experimentation .04, "
    f"{MONTHS:,} months in {WORLDS} worlds, the last quarter counted; "
)


def experiment(mechanism: str, size: tuple[int, int, int], case: str, source: str, row: Row) -> Experiment:
    """Learners under a mechanism: labs, units and permits."""
    run = partial(simulate, mechanism, *size)
    return Experiment(GROUP, case, SOURCE + source, run, [row], searched=True)


FIVE, TWO = (5, 1, 2), (2, 2, 3)
EXPERIMENTS: tuple[Experiment, ...] = ()
