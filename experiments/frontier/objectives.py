"""What the Governor may want most, as one number a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import MEASURES
from experiments.statistics import Interval, interval

Array = NDArray[Any]
Worlds = Mapping[str, Array]
"""Measure -> one number a world."""

LEAST_AUDITS = 1.0
"""Audits a month on average, below which compliance per audit is left undefined: it would be a ratio of accidents."""


@dataclass(frozen=True)
class Objective:
    """One aim; larger is better.

    Attributes
    ----------
    name, unit, description : as a measure's
    value : worlds of a policy, and the same worlds without audits -> one number a world
    """

    name: str
    unit: str
    description: str
    value: Callable[[Worlds, Worlds], Array]

    def found(self, worlds: Worlds, unaudited: Worlds) -> Interval:
        """Mean over worlds with its 95% interval."""
        return interval(self.value(worlds, unaudited))


def _per_audit(worlds: Worlds, unaudited: Worlds) -> Array:
    gained = worlds["compliance_rate"] - unaudited["compliance_rate"]
    effort = worlds["audits"].mean()
    return gained * worlds["labs"] / effort if effort >= LEAST_AUDITS else np.full_like(gained, np.nan)


OBJECTIVES = {
    "welfare": Objective(
        "welfare", MEASURES["welfare"].unit, MEASURES["welfare"].description, lambda worlds, _: worlds["welfare"]
    ),
    "compliance-per-audit": Objective(
        "compliance-per-audit",
        "labs per audit",
        "labs that comply beyond those that would without any audit, over the mean number of audits (at least one)",
        _per_audit,
    ),
}
