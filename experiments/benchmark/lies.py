"""What lies pay: the regret of telling the truth under each mechanism, in the books of truthful labs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import PermitMarket
from mechanisms.properties import Regret, regret
from scenarios import Scenario

Array = NDArray[Any]

MEASURES = {
    "regret": ("mean", "share of a truthful lab's mean surplus"),
    "largest regret": ("largest", "share of a truthful lab's mean surplus"),
    "regret gain": ("mean_gain", "M$ a month"),
    "largest regret gain": ("largest_gain", "M$ a month"),
}
"""Name to the field of `mechanisms.properties.Regret`, and its unit."""
DRAWN = {"regret": ".0~%", "regret gain": ".2f"}
"""Measures with a figure, and the format of its axis."""


def truthful_regret(scenario: Scenario, seeds: Array) -> Regret:
    """Regret in the books that truthful labs make in the first month of some worlds.

    >>> from scenarios import load_scenario, override
    >>> thin = override(load_scenario("thin_market"), {"market.mechanism": "vickrey"})
    >>> truthful_regret(thin, np.arange(2)).largest_gain
    0.0
    """
    market = PermitMarket(scenario, seed=seeds)
    market.discover_prices()
    return regret(market.exchange, market.month.clearing.book, seed=int(seeds[0]))


def regret_rows(cells: Mapping[str, Scenario], seeds: Array) -> Iterator[dict[str, Any]]:
    """A row a mechanism and measure; the mean stands without an interval, labs of one market being no sample."""
    for label, cell in cells.items():
        found = truthful_regret(cell, seeds)
        for measure, (field, unit) in MEASURES.items():
            numbers = {"mean": getattr(found, field), "low": np.nan, "high": np.nan, "n": found.cases}
            yield {"mechanism": label, "measure": measure, "unit": unit, **numbers}
