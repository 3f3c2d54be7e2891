"""Penalties: labs with an outside option, penalties that rise with the violation, runs that detection stops."""

from __future__ import annotations

from functools import partial

import numpy as np

from agents import PermitMarket
from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import Draws
from scenarios import Scenario

STILL = {"value_shock": 0, "value_noise": 0, "value_decline": 0, "running_cost": 0}
GRAIN = 20
"""Permits for one unit of the literature's market."""
TYPES = (20, 18, 16, 14)
VALUES = (0.2, 0.5, 0.9, 2.0)
FOUND, PENALTY = 0.4, 0.3
TABLE = {
    10: ("10.0", "20.0", "15.0", ".25", "50"),
    60: ("60.0", "18.7", "13.7", ".317", "300"),
    100: ("100.0", "13.3", "8.33", ".583", "500"),
    140: ("139.0", "8.07", "3.07", ".846", "695"),
    180: ("157.0", "5.06", ".06", ".997", "785"),
    200: ("157.14", "5.00", "0", "1", "786"),
}
"""What a violation costs in expectation: price, runs, violations, compliance of all labs, revenue, as printed."""
SHOWN = {
    "price": "price",
    "units_run": "runs",
    "uncovered_units": "violations",
    "compliance_rate": "compliance",
    "auction_revenue": "revenue",
}


def outside(expected: float, draws: Draws) -> Columns:
    """Twenty labs with values U[50, 200] and five permits, each lab bidding its outside option."""
    scenario = Scenario(
        months=1,
        labs={"count": 20, "units": 1, "value": {"low": 50, "high": 200}, "bidding": "outside-option", **STILL},
        permits={"cap": 5, "grandfathered": 0},
        market={"mechanism": "uniform-price", "options": {"k": 0.0}},
        enforcement={"penalty": expected, "policy": {"kind": "random", "probability": 1.0}},
    )
    worlds = PermitMarket(scenario, seed=draws.priority("values", 1)[..., 0])
    worlds.run()
    return {name: values[..., 0] for name, values in worlds.measures().items() if name in SHOWN}


def convex(draws: Draws) -> Columns:
    """Four firms, twenty units of permits, and a penalty that rises with the violation, in steps of a twentieth."""
    steps = (np.arange(max(TYPES) * GRAIN) + 0.5) / GRAIN
    values = [(np.maximum(a - steps, 0.0) / GRAIN).tolist() for a in TYPES]
    scenario = Scenario(
        months=1,
        labs={
            "count": len(TYPES),
            "units": steps.size,
            "value": {"values": values},
            "bidding": "outside-option",
            **STILL,
        },
        permits={"cap": 20 * GRAIN, "grandfathered": 0},
        enforcement={
            "penalty": 5 / GRAIN,
            "penalty_rule": {"kind": "convex", "curvature": 2 / GRAIN**2},
            "policy": {"kind": "random", "probability": 0.5},
        },
    )
    market = PermitMarket(scenario)
    market.run()
    uncovered, run = market.month.uncovered / GRAIN, (market.month.held + market.month.uncovered) / GRAIN
    found = {"price": market.measures("price")["price"] * GRAIN}
    for place in range(len(TYPES)):
        found |= {f"v{place}": uncovered[place : place + 1], f"q{place}": run[place : place + 1]}
    return found


def stopped(draws: Draws) -> Columns:
    """What labs bid where a violation that is found is stopped."""
    scenario = Scenario(
        months=1,
        labs={
            "count": len(VALUES),
            "units": 1,
            "value": {"values": list(VALUES)},
            "bidding": "outside-option",
            **STILL,
        },
        permits={"cap": 2, "grandfathered": 0},
        enforcement={
            "penalty": PENALTY,
            "stops_run": 1.0,
            "policy": {"kind": "random", "probability": FOUND},
        },
    )
    market = PermitMarket(scenario)
    market.run()
    return {f"bid{place}": market.month.reports[0, place : place + 1] for place in range(len(VALUES))}


EXPERIMENTS = (
    *(
        Experiment(
            "Outside option",
            f"20 labs with u ~ U[50, 200], 5 permits at the highest losing bid, E = {expected}",
            "All labs with u > E bid E; price min(u_(Q+1), E), violations D - Q",
            partial(outside, float(expected)),
            tuple(Row(title, number, mean(name)) for (name, title), number in zip(SHOWN.items(), numbers, strict=True)),
            markets=20_000,
            orders=20,
        )
        for expected, numbers in TABLE.items()
    ),
    Experiment(
        "Convex penalties",
        "a = 20, 18, 16, 14, b = 1, 20 permits, phi = 5, gamma = 2, audited with probability .5",
        "Stranlund and Dhanda (1999): every violator violates alike, p = pi (phi + gamma v); steps of 1/20",
        convex,
        (
            Row("price", 7.25, mean("price"), tolerance=0.03),
            *(Row(f"violation of a = {a}", 4.75, mean(f"v{place}"), tolerance=0.05) for place, a in enumerate(TYPES)),
            *(Row(f"runs of a = {a}", a - 7.25, mean(f"q{place}"), tolerance=0.05) for place, a in enumerate(TYPES)),
        ),
    ),
    Experiment(
        "Detection that stops the run",
        f"one unit, found with probability {FOUND:g}, P = {PENALTY:g}",
        "min(u, q (P + u))",
        stopped,
        tuple(
            Row(f"bid at u = {u:g}", min(u, FOUND * (PENALTY + u)), mean(f"bid{place}"))
            for place, u in enumerate(VALUES)
        ),
    ),
)
