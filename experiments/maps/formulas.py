"""Axes that are no setting themselves but yield one: p_eff by random audits, and permits per lab."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.economics import detection, random_audits
from agents.model import Worlds
from mechanisms import InputError, get_plugin
from scenarios import Scenario

_REACHED = 1e-12
MOST_PERMITS_PER_LAB = 1e6


@dataclass(frozen=True)
class Formula:
    """What an axis yields instead of a setting.

    Attributes
    ----------
    sets : path of the setting
    title, symbol : in words with the unit, and as tables call it
    limits : what its values may be, both included
    settle : the value nearest to one asked for that a scenario can have
    solve : the setting that yields a value in a scenario; None where none does
    place : its value in a scenario; None where it has none
    reads : settings that `solve` depends on
    column, read : name of what the cells also tell, and where they have it
    unreached : why a cell may have no value
    """

    sets: str
    title: str
    symbol: str
    limits: tuple[float, float]
    settle: Callable[[float, Scenario], float]
    solve: Callable[[float, Scenario], Any]
    place: Callable[[Scenario], float | None]
    reads: tuple[str, ...]
    column: str
    read: Callable[[Scenario], float]
    unreached: str

    def settled(self, value: float, scenario: Scenario, where: str) -> float:
        """A value within the limits as a scenario can have it; InputError outside them."""
        low, high = self.limits
        if value < low or value > high:
            raise InputError(f"{where}: {value:g} is not in [{low:g}, {high:g}]")
        return float(value) if math.isnan(value) else self.settle(float(value), scenario)


def announced_detection(scenario: Scenario) -> float | None:
    """p_eff of the audits that the Governor announces; None where audits answer to the auction, or labs differ in it.

    >>> from scenarios import load_scenario
    >>> announced_detection(load_scenario("no_enforcement")), announced_detection(load_scenario("targeted_audit"))
    (0.0, None)
    """
    policy = get_plugin("policy", scenario.enforcement.policy.kind)
    if policy.after_clearing or policy.remembers:
        return None
    truthful = scenario.model_copy(update={"labs": scenario.labs.model_copy(update={"bidding": "full-value"})})
    found = np.unique(Worlds(truthful).detection)
    return float(found[0]) if found.size == 1 else None


def _audits(wanted: float, scenario: Scenario) -> dict[str, Any] | None:
    """Random audits that yield p_eff; None where accuracy (too low) or backchecks (too many) rule that out."""
    accuracy, backcheck = scenario.enforcement.audit_accuracy, scenario.enforcement.backcheck
    chance = float(np.clip(np.nan_to_num(random_audits(wanted, accuracy, backcheck), nan=0.0), 0.0, 1.0))
    if abs(float(detection(chance, chance, 0.5, accuracy, backcheck)) - wanted) > _REACHED:
        return None
    return {"kind": get_plugin("policy", "random").name, "probability": chance}


def _whole(ratio: float, scenario: Scenario) -> int:
    """The nearest whole number of permits, a half upwards."""
    return math.floor(ratio * scenario.labs.count * (1 + _REACHED) + 0.5)


def _cap(ratio: float, scenario: Scenario) -> int | None:
    """Permits that yield a ratio to the labs; None where no whole number does."""
    cap = _whole(ratio, scenario)
    return cap if math.isclose(cap, ratio * scenario.labs.count, rel_tol=1e-9) else None


FORMULAS: dict[str, Formula] = {
    "detection": Formula(
        sets="enforcement.policy",
        title="p_eff, probability that a violation is found",
        symbol="p_eff",
        limits=(0.0, 1.0),
        settle=lambda value, scenario: value,
        solve=_audits,
        place=announced_detection,
        reads=("enforcement.audit_accuracy", "enforcement.backcheck"),
        column="audit_probability",
        read=lambda cell: float(cell.enforcement.policy.options["probability"]),
        unreached="no audit probability reaches this",
    ),
    "permits_per_lab": Formula(
        sets="permits.cap",
        title="Q/N, permits per lab (the cap rounded to whole permits)",
        symbol="Q/N",
        limits=(0.0, MOST_PERMITS_PER_LAB),
        settle=lambda value, scenario: _whole(value, scenario) / scenario.labs.count,
        solve=_cap,
        place=lambda scenario: scenario.permits.cap / scenario.labs.count,
        reads=("labs.count",),
        column="permits",
        read=lambda cell: cell.permits.cap,
        unreached="no whole number of permits makes this",
    ),
}
"""By the name of the axis."""
