"""Labs that can move abroad and permits weighed by risk, under unit demand, in closed form.

References
----------
Roberts, M. J., Spence, M. (1976). Effluent charges and licenses under uncertainty. Journal of Public Economics 5,
193-208 (a cost at which anyone may go without a permit is a ceiling to its price).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from agents import PermitMarket
from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from experiments.benchmark.theory.rules import CASE, LABS, PERMITS, beyond, least
from mechanisms import Draws
from scenarios import Scenario, override

MARKETS = 100_000
COST, SPREAD, PLACES = 0.6, 0.5, 3
SHARE, WEIGHT = 0.4, 2
STRICT = {"enforcement.penalty": 9.0, "enforcement.policy": {"kind": "random", "probability": 1.0}}
UNIT = Scenario(
    months=1,
    labs={
        "count": LABS,
        "units": 1,
        "value": {"low": 0, "high": 1},
        "value_shock": 0,
        "value_noise": 0,
        "running_cost": 0,
    },
    permits={"cap": PERMITS, "grandfathered": 0},
    market={"mechanism": "uniform-price", "options": {"k": 0.0}},
)


def measured(changes: Mapping[str, Any], draws: Draws) -> Columns:
    """A month's measures in worlds of ten labs."""
    worlds = PermitMarket(override(UNIT, changes), seed=draws.priority("values", 1)[..., 0])
    worlds.run()
    return {name: values[..., 0] for name, values in worlds.measures().items()}


def worth_moving(places: int) -> float:
    """``n E max(0, 1 - m)``, m the least of so many lognormal costs: labs that move where nobody gets a permit.

    >>> worth_moving(1) < worth_moving(2) < LABS
    True
    """

    def share(z: float) -> float:
        density = places * norm.sf(z) ** (places - 1) * norm.pdf(z)
        return float(max(0.0, 1 - COST * np.exp(SPREAD * z - SPREAD**2 / 2)) * density)

    kink = (np.log(1 / COST) + SPREAD**2 / 2) / SPREAD
    return LABS * float(quad(share, -12, kink)[0])


def enough_above(price: float) -> float:
    """Chance that labs report more than Q permits above a price: a risky one reports its value in equal parts."""
    light, heavy = (1 - SHARE) * (1 - price), SHARE * max(0.0, 1 - WEIGHT * price)
    each, total = np.array([1 - light - heavy, light, *[0.0] * (WEIGHT - 2), heavy]), np.ones(1)
    for _ in range(LABS):
        total = np.convolve(total, each)
    return float(total[PERMITS + 1 :].sum())


def weighed_price() -> float:
    """Expected (Q+1)-th highest report for a permit.

    >>> 0.4 < weighed_price() < least(PERMITS, 1.0)
    True
    """
    return float(quad(enough_above, 0, 1 / WEIGHT)[0] + quad(enough_above, 1 / WEIGHT, 1)[0])


EXPERIMENTS = (
    Experiment(
        "Labs that can move",
        f"{CASE}; moving costs {COST}, violating more",
        "a permit is worth min(u, m): price min(V, m), V ~ Beta(n-Q, Q+1); moved (N - Q)+, N ~ Bin(n, 1-m)",
        partial(measured, {**STRICT, "labs.relocation_cost": COST}),
        (
            Row("price", least(PERMITS, COST), mean("price")),
            Row("units run abroad", beyond(COST, LABS), mean("relocated_units")),
            Row("leakage rate", beyond(COST, LABS) / (LABS - PERMITS), mean("leakage_rate")),
            Row("units run without a permit at home", 0.0, mean("uncovered_units")),
        ),
        MARKETS,
        LABS,
    ),
    *(
        Experiment(
            "Labs that can move",
            f"n = {LABS} labs, no permits, jurisdictions: {places}, costs lognormal, mean {COST}, log s.d. {SPREAD}",
            "n E max(0, 1 - m), m the least of the costs",
            partial(
                measured,
                {
                    **STRICT,
                    "permits.cap": 0,
                    "labs.relocation_cost": COST,
                    "labs.relocation_spread": SPREAD,
                    "labs.jurisdictions": places,
                },
            ),
            [Row("units run abroad", worth_moving(places), mean("relocated_units"))],
            MARKETS,
            LABS,
        )
        for places in (1, PLACES)
    ),
    Experiment(
        "Risk weights",
        f"{CASE}; {SHARE:.0%} of labs need {WEIGHT} permits for a unit; no penalty",
        "price: integral over p of the chance that Q + 1 permits are reported above p, each lab reporting none, 1 or "
        f"{WEIGHT} there; permits needed n (1 + s (w - 1))",
        partial(measured, {"enforcement.penalty": 0.0, "labs.risky_share": SHARE, "permits.risk_weight": WEIGHT}),
        (
            Row("price", weighed_price(), mean("price")),
            Row("cap overrun", LABS * (1 + SHARE * (WEIGHT - 1)) / PERMITS - 1, mean("cap_overrun")),
        ),
        MARKETS,
        LABS,
    ),
)
