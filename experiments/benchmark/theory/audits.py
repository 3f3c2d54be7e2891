"""Audits: the rate that deters at a price, and two groups of labs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import PermitMarket
from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import Draws
from scenarios import Scenario

Array = NDArray[Any]

TARGETED = {"kind": "targeted", "good": 0.05, "bad": 0.3, "discount": 0.9}
STATIC = {"kind": "random", "probability": 0.3}
BETWEEN = (0.4,) * 10
SETTLED = 30
"""Months after which the start in the good group is forgotten: .65^30 is 2e-6."""
MONTHS = 90
PRICES = (130.0, 110.0, 90.0, 80.0, 70.0, 65.0, 60.0, 40.0, 35.0, 20.0)


def market(gains: Sequence[float], enforcement: dict[str, Any], cap: int = 0, months: int = 1) -> Scenario:
    """Labs with one unit each, listed net values and no shocks.

    >>> market(PRICES, {}, cap=5).labs.count
    10
    """
    values = {"value": {"values": list(gains)}, "value_shock": 0, "value_noise": 0, "running_cost": 0}
    return Scenario(
        months=months,
        labs={"count": len(gains), "units": 1, **values},
        permits={"cap": cap, "grandfathered": 0},
        enforcement=enforcement,
    )


def highest_cost(policy: dict[str, Any], near: float, draws: Draws) -> Columns:
    """The highest of twenty costs .0001 apart at which labs comply while they are audited at .30."""
    costs = [round(near + 1e-4 * step, 4) for step in range(-10, 10)]
    world = PermitMarket(market(costs, {"penalty": 1.0, "policy": policy}, months=MONTHS))
    complied = np.zeros(len(costs), dtype=bool)
    while world.running:
        world.step()
        complied |= (world.month.uncovered == 0) & (world.rates.high == STATIC["probability"])
    return {"cost": np.atleast_1d(world.gross_value[0][complied].max())}


def months_complied(draws: Draws) -> Columns:
    """Share of months in which labs with costs in between comply."""
    seeds = draws.priority("values", 1)[..., 0]
    worlds = PermitMarket(market(BETWEEN, {"penalty": 1.0, "policy": TARGETED}, months=MONTHS), seed=seeds)
    worlds.run()
    return {"share": worlds.measures("compliance_rate")["compliance_rate"][..., SETTLED:].mean(axis=-1)}


def best_audits(penalty: float, low: float, draws: Draws) -> Columns:
    """Audits that the policy `optimal` announces at a price of 70, and labs that it deters."""
    policy = {"kind": "optimal", "low": low}
    enforcement = {"penalty": penalty, "true_positive_rate": 0.6, "policy": policy}
    world = PermitMarket(market(PRICES, enforcement, cap=5), seed=0)
    world.run()
    found = world.measures()
    names = ("price", "compliance_rate", "infeasible_target")
    return {"high": np.atleast_1d(world.rates.high).ravel(), **{name: found[name] for name in names}}


TARGETING = "Harrington (1988): a bad group, left after a clean audit, deters beyond its fine; fine 1, discount .9"

EXPERIMENTS = (
    *(
        Experiment(
            "Optimal audits",
            f"target 70 (the price), P = {penalty:g}, beta = .6, pi0 = {low:g}",
            "x = t/P, pi1 = min(1, (x - (1 - beta) pi0)/beta)",
            partial(best_audits, penalty, low),
            [
                Row("audits after a signal, pi1", expected, mean("high")),
                Row("price", 70.0, mean("price")),
                Row("labs that comply", complying, mean("compliance_rate")),
                Row("target out of reach", float(complying < 1), mean("infeasible_target")),
            ],
        )
        for penalty, low, expected, complying in (
            (215.75, 0.0, ".54075", 1.0),
            (215.75, 0.1, ".47408", 1.0),
            (50.0, 0.0, 1.0, 0.6),
        )
    ),
    Experiment(
        "Targeting",
        "bad group, audits .05 and .30",
        TARGETING,
        partial(highest_cost, TARGETED, 0.7655),
        [Row("highest cost at which a lab of the bad group complies", ".7655", mean("cost"))],
    ),
    Experiment(
        "Targeting",
        "random audits at .30",
        TARGETING,
        partial(highest_cost, STATIC, 0.3),
        [Row("highest cost at which a lab complies", ".30", mean("cost"))],
    ),
    Experiment(
        "Targeting",
        "labs with a cost of .4, audits .05 and .30",
        TARGETING,
        months_complied,
        [Row("share of months complied with", 1 / 7, mean("share"))],
        4_000,
        len(BETWEEN) * MONTHS,
    ),
)
