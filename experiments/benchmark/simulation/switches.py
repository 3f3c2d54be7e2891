"""What each switch costs: a month with it on, beside the month of the default, which has all of them off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation.rows import SWITCHED, Limit, Run
from experiments.benchmark.simulation.timing import shortest, sized
from experiments.ensemble import run_worlds
from scenarios import override

SCENARIO, MONTHS, ROUNDS, LIMIT = "baseline", 4, 3, Limit(most=2)
SHAPES = ((1_000, 100), (50, 20))
"""Worlds and labs."""
KINDS: dict[str, tuple[str, ...]] = {
    "labs.bidding": ("outside-option", "zero-intelligence", "roth-erev"),
    "labs.choice": ("quantal",),
    "labs.belief": ("learned",),
    "enforcement.policy": ("random", "optimal", "budgeted", "targeted", "escalating"),
    "enforcement.penalty_rule": ("flat", "convex", "turnover"),
    "permits.resale": ("double-auction",),
}
"""Settings with kinds: those that are not the default."""
NUMBERS: dict[str, dict[str, Any]] = {
    "labs.other_share": {"labs.other_share": 0.5},
    "labs.ring_share": {"labs.ring_share": 0.5},
    "labs.perception_noise": {"labs.perception_noise": 0.5},
    "labs.loss_aversion": {"labs.loss_aversion": 2.25},
    "labs.reputation_cost": {"labs.reputation_cost": 0.1},
    "labs.racing": {"labs.racing": 0.5},
    "labs.relocation_cost": {"labs.relocation_cost": 0.4},
    "labs.jurisdictions": {"labs.relocation_cost": 0.4, "labs.relocation_spread": 0.5, "labs.jurisdictions": 3},
    "enforcement.price_multiple": {"enforcement.price_multiple": 1.0},
    "enforcement.make_good": {"enforcement.make_good": 1},
    "enforcement.stops_run": {"enforcement.stops_run": 0.5},
    "enforcement.liability_limit": {"enforcement.liability_limit": 0.7},
    "enforcement.audit_capacity": {"enforcement.audit_capacity": 10},
    "permits.price_ceiling": {"permits.price_ceiling": 0.6},
    "permits.containment_reserve": {"permits.containment_reserve": 20, "permits.containment_trigger": 0.4},
    "permits.purchase_limit": {"permits.purchase_limit": 0.05},
    "permits.rollover": {"permits.rollover": 1.0},
    "permits.banking": {"permits.banking": 3},
    "permits.lot": {"permits.lot": 2},
    "permits.flop_threshold": {"permits.flop_threshold": 1e25},
    "permits.risk_weight": {"labs.risky_share": 0.3, "permits.risk_weight": 2},
}
"""Settings that are numbers: what switches them on."""


def switches() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every switch by name, and the settings that turn it on.

    >>> dict(switches())["labs.choice quantal"]
    {'labs.choice': {'kind': 'quantal'}}
    """
    for path, kinds in KINDS.items():
        for kind in kinds:
            named = path in ("labs.bidding", "permits.resale")
            yield f"{path} {kind}", {path: kind if named else {"kind": kind}}
    yield from NUMBERS.items()


def switched(effort: Effort) -> Iterator[dict[str, Any]]:
    """Worlds with each switch, and those of the default in the same turn."""
    for worlds, labs in SHAPES:
        default, seeds = sized(SCENARIO, labs, MONTHS), np.arange(effort.part(worlds))
        for name, changes in switches():
            cells = override(default, changes), default
            on, off = shortest([partial(run_worlds, [cell], seeds) for cell in cells], ROUNDS, enough=0)
            run = Run(f"switch {name}", "ensemble", SCENARIO, seeds.size, labs, MONTHS)
            yield run.row(SWITCHED, "", on / off, limit=LIMIT)
