"""Labs that decide by chance, by what they fear to lose, or by what they have seen, beside the closed forms."""

from __future__ import annotations

from functools import partial
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.choice import quantal_units, uncovered_units
from agents.minds import learned, loss_averse
from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import Draws

Array = NDArray[Any]

GROUP, MARKETS = "How labs decide", 100_000
FOUND, PENALTY = 0.4, 0.8
PRECISION, GAINS = 20.0, (-0.1, 0.0, 0.1)
PRIOR, STRENGTH, SEEN, TRUE = 0.1, 20, 60, 0.5


def logit(draws: Draws) -> Columns:
    """One lab for each gain u - E decides about its one unit."""
    values = np.array(GAINS) + FOUND * PENALTY
    net = np.broadcast_to(values, (*draws.lead, 1, values.size))
    held, luck = np.zeros((*draws.lead, values.size), dtype=np.int32), draws.luck("choice", values.size)
    runs = quantal_units(net, held, FOUND, PENALTY, np.inf, 1.0, PRECISION, luck)
    return {f"gain {gain}": runs[..., i] for i, gain in enumerate(GAINS)}


def aversion(weight: float, draws: Draws) -> Columns:
    """One lab with a unit worth U[0,1] to which a loss counts more than a gain."""
    net = draws.uniform("values", 1)[..., None]
    held = np.zeros((*draws.lead, 1), dtype=np.int32)
    return {"violates": uncovered_units(net, held, loss_averse(FOUND, weight), PENALTY, np.inf, 1.0)[..., 0]}


def belief(draws: Draws) -> Columns:
    """What labs think of detection after violations that were found with a probability unknown to them."""
    found = (draws.uniform("catches", SEEN) < TRUE).sum(axis=-1)
    return {"belief": learned(PRIOR, STRENGTH, found, SEEN)}


def aversion_rows(weight: float) -> Experiment:
    """Share of violators by the closed form."""
    threshold = PENALTY * weight * FOUND / (1 + (weight - 1) * FOUND)
    return Experiment(
        GROUP,
        f"loss aversion {weight:g}, p_eff {FOUND}, P {PENALTY}, values U[0,1], no permits",
        "a unit is run where u > P a p / (1 + (a-1) p) (linear value function of Tversky & Kahneman 1992)",
        partial(aversion, weight),
        [Row("share of labs that violate", 1 - threshold, mean("violates"))],
        MARKETS,
    )


EXPERIMENTS = (
    Experiment(
        GROUP,
        f"quantal choice, precision {PRECISION:g}",
        "logit: P(violate) = 1/(1 + exp(-precision (u - E)))",
        logit,
        [Row(f"violates at u - E = {g:g}", 1 / (1 + exp(-PRECISION * g)), mean(f"gain {g}")) for g in GAINS],
        MARKETS,
        len(GAINS),
    ),
    *(aversion_rows(weight) for weight in (1.0, 2.25)),
    Experiment(
        GROUP,
        f"belief learning, prior {PRIOR} worth {STRENGTH} violations, {SEEN} seen, found with probability {TRUE}",
        "mean of a Beta posterior: (strength prior + found) / (strength + seen)",
        belief,
        [Row("mean belief", (STRENGTH * PRIOR + SEEN * TRUE) / (STRENGTH + SEEN), mean("belief"))],
        MARKETS,
        SEEN,
    ),
)
