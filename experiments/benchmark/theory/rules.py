"""Rules of permit markets: price ceiling and containment reserve under unit demand, in closed form."""

from __future__ import annotations

from functools import partial
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from agents.market_rules.offers import house_offer
from experiments.benchmark.theory.estimates import Columns, mean
from experiments.benchmark.theory.rows import Experiment, Row
from mechanisms import CentralExchange, Draws, OrderBook

Array = NDArray[Any]

MARKETS = 200_000
LABS, PERMITS = 10, 3
CEILING = 0.6
TRIGGER, RESERVE = 0.5, 2

HIGHEST_LOSING = CentralExchange("uniform-price", k=0.0)


def under_steps(steps: dict[str, float], draws: Draws) -> Columns:
    """Labs with one U[0,1] value each report it to a house whose supply has steps."""
    values = np.minimum(draws.uniform("values", LABS), steps.get("ceiling", np.inf))[..., None, :]
    none = np.zeros((*draws.lead, LABS), dtype=np.int32)
    house = np.full(draws.lead, float(PERMITS))
    supply, price = house_offer(values, np.zeros(draws.lead), house, 0.0, **steps)
    found = HIGHEST_LOSING.clear(OrderBook.ladders(values, none, supply, price), draws)
    return {"price": found.price, "released": np.maximum(found.volume - PERMITS, 0.0), "revenue": found.surplus}


def least(permits: int, step: float) -> float:
    """``E min(V, step)``, V the highest losing of the labs' values: Beta(n-Q, Q+1) for Q permits.

    >>> round(least(3, 1.0), 9) == round((10 - 3) / 11, 9)
    True
    """
    a, b = LABS - permits, permits + 1
    return float(a / (a + b) * betainc(a + 1, b, step) + step * (1 - betainc(a, b, step)))


def beyond(step: float, most: int) -> float:
    """Expected permits that labs with values above a step want beyond the regular ones, at most so many.

    >>> round(beyond(0.0, 99), 9)
    7.0
    """
    chance = [comb(LABS, n) * (1 - step) ** n * step ** (LABS - n) for n in range(LABS + 1)]
    return sum(p * min(max(n - PERMITS, 0), most) for n, p in enumerate(chance))


CASE = f"n = {LABS} labs, Q = {PERMITS} permits, values U[0,1], truthful, highest losing bid"

PRICE_CEILING = Experiment(
    "Price ceiling",
    f"{CASE}; ceiling {CEILING}",
    "price min(V, C), V ~ Beta(n-Q, Q+1) the (Q+1)-th highest value; released (N - Q)+, N ~ Bin(n, 1-C) "
    "(Roberts & Spence 1976)",
    partial(under_steps, {"ceiling": CEILING}),
    (
        Row("price", least(PERMITS, CEILING), mean("price")),
        Row("permits released", beyond(CEILING, LABS), mean("released")),
        Row("revenue", PERMITS * least(PERMITS, CEILING) + CEILING * beyond(CEILING, LABS), mean("revenue")),
    ),
    MARKETS,
    LABS,
)
CONTAINMENT = Experiment(
    "Containment reserve",
    f"{CASE}; {RESERVE} further permits at {TRIGGER}",
    "price min(V, t) + max(W - t, 0), V and W the (Q+1)-th and (Q+R+1)-th highest values; released min((N - Q)+, R), "
    "N ~ Bin(n, 1-t) (RGGI Model Rule 2017)",
    partial(under_steps, {"trigger": TRIGGER, "extra": RESERVE}),
    (
        Row(
            "price",
            least(PERMITS, TRIGGER) + least(PERMITS + RESERVE, 1.0) - least(PERMITS + RESERVE, TRIGGER),
            mean("price"),
        ),
        Row("permits released", beyond(TRIGGER, RESERVE), mean("released")),
    ),
    MARKETS,
    LABS,
)

EXPERIMENTS = (PRICE_CEILING, CONTAINMENT)
