"""Where violating starts to pay, in closed form: the line to which a map of the seed model is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.maps.axes import MapAxis
from experiments.maps.formulas import announced_detection
from mechanisms import get_plugin
from scenarios import Scenario, override, rules_on
from scenarios.decisions import Rational
from scenarios.distributions import Constant, Uniform

Array = NDArray[Any]

STEPS = 200


def keenest_loser(scenario: Scenario) -> float | None:
    """Expected penalty at which the keenest lab without a permit is indifferent, in M$; None without a closed form.

    Closed form for full-value bids of one unit a lab, values uniform without shocks, one risk profile, no reserve:
    the (Q+1)-th highest of n uniforms is on average ``(n-Q)/(n+1)``.

    >>> from scenarios import load_scenario
    >>> keenest_loser(override(load_scenario("seed_binary"), {"labs.value_noise": 0.0}))
    0.47619047619047616
    """
    labs, permits = scenario.labs, scenario.permits
    value, risk = labs.value, labs.risk_profile
    if not (isinstance(value, Uniform) and isinstance(risk, Constant) and isinstance(labs.choice, Rational)):
        return None
    plain = labs.units == 1 and labs.value_shock == labs.value_noise == 0 and labs.bidding == "full-value"
    tight = permits.cap < labs.count and permits.reserve_price == 0 and value.low >= labs.running_cost
    tight = tight and labs.relocation_cost is None and not rules_on(permits)
    if not (plain and tight and risk.value > 0 and _efficient_for_reports(scenario)):
        return None
    share = (labs.count - permits.cap) / (labs.count + 1)
    return (value.low + share * (value.high - value.low) - labs.running_cost) / risk.value


def _efficient_for_reports(scenario: Scenario) -> bool:
    return get_plugin("mechanism", scenario.market.mechanism).facts.efficient == "for reports"


def flip_points(scenario: Scenario, x: MapAxis, y: MapAxis) -> pd.DataFrame:
    """Points on the map at which ``p * P`` is `keenest_loser`: columns of the axes; empty without a closed form.

    The line is solved for p_eff where that is an axis, else for the penalty, along the other axis. Enforcement has no
    part in whether there is a closed form.
    """
    axes = {axis.name: axis for axis in (x, y)}
    name = next((name for name in ("detection", "penalty") if name in axes), None)
    along = next((axis for axis in (x, y) if axis.name != name), x)
    none_anywhere = along.path.startswith("enforcement.") and keenest_loser(scenario) is None
    if name is None or not along.numeric or none_anywhere:
        return pd.DataFrame({x.name: [], y.name: []}, dtype=np.float64)
    solve = _needed_detection if name == "detection" else _needed_penalty
    points = pd.DataFrame([*_solved(scenario, along, solve)], columns=[along.name, name], dtype=np.float64)
    low, high = axes[name].places[[0, -1]]
    return points[points[name].between(low, high)][[x.name, y.name]].reset_index(drop=True)


def _solved(
    scenario: Scenario, along: MapAxis, solve: Callable[[Scenario], float | None]
) -> Iterator[tuple[float, float]]:
    """Value along the axis, and what the other one must be there; the penalty's own axis in fine steps."""
    fine = np.linspace(along.places[0], along.places[-1], STEPS).tolist() if along.name == "penalty" else along.values
    for value in fine:
        changes = along.changes(value, scenario)
        found = None if changes is None else solve(override(scenario, changes))
        if found is not None:
            yield value, found


def _needed_detection(scenario: Scenario) -> float | None:
    threshold, enforcement = keenest_loser(scenario), scenario.enforcement
    limit = enforcement.liability_limit
    owed = enforcement.penalty if limit is None else min(enforcement.penalty, limit)
    return None if threshold is None or owed <= 0 else threshold / owed


def _needed_penalty(scenario: Scenario) -> float | None:
    threshold, found = keenest_loser(scenario), announced_detection(scenario)
    if threshold is None or not found:
        return None
    limit = scenario.enforcement.liability_limit
    penalty = threshold / found
    return None if limit is not None and penalty > limit else penalty
