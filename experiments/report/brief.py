"""Everything that a policy brief says about a scenario, computed once: comparison, map, frontier, sensitivity."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.comparison import Comparison, compare
from experiments.defaults import BRIEF_MAP_WORLDS, BRIEF_SAMPLE, BRIEF_WORLDS, MECHANISMS
from experiments.ensemble import Progress, as_scenario
from experiments.frontier.results import Frontier
from experiments.frontier.running import policy_frontier
from experiments.maps.results import Heatmap
from experiments.maps.running import plan_map
from experiments.sweeps.running import sweep
from experiments.sweeps.sensitivity import sensitivity
from scenarios import Scenario
from scenarios.fields import bounds, known_entries, setting_of

MAP_CELLS = 9
"""Penalties and detection probabilities of the brief's map, along each axis."""
FRONTIER_POINTS, FRONTIER_ROUNDS = 12, 0
"""Policies tried of each kind; the brief does not search between them."""
SENSITIVITY_SEEDS = 4
MEASURES = ("compliance_rate", "welfare")
"""Measures whose sensitivity is told."""
SETTINGS = (
    "enforcement.penalty",
    "enforcement.penalty_rule.share",
    "enforcement.penalty_rule.curvature",
    "enforcement.true_positive_rate",
    "enforcement.false_positive_rate",
    "permits.cap",
    "labs.running_cost",
    "labs.value_noise",
    "welfare.harm",
)
"""Settings that are varied by half of their own value, where the scenario has them and that is not 0."""
_PARTS = {"comparison": 0.2, "map": 0.3, "frontier": 0.3, "sensitivity": 0.2}
"""Shares of the time, roughly."""


@dataclass(frozen=True, eq=False)
class Brief:
    """A policy brief's contents.

    Attributes
    ----------
    scenario : what the brief is about
    comparison : mechanisms side by side, and in equilibrium too where asked for
    heatmap : compliance by penalty and probability of detection, under the first mechanism
    frontier : audit policies
    sensitivity : Sobol indices by measure
    command : what was typed, empty where nothing was
    """

    scenario: Scenario
    comparison: Comparison
    heatmap: Heatmap
    frontier: Frontier
    sensitivity: dict[str, pd.DataFrame]
    command: str = ""


def report(
    scenario: str | Scenario,
    mechanisms: Sequence[str] = MECHANISMS,
    *,
    bidding: Sequence[str] | None = None,
    seeds: int = BRIEF_WORLDS,
    first_seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
    command: str = "",
) -> Brief:
    """Compute a policy brief.

    Parameters
    ----------
    scenario : Scenario, or its name or path
    mechanisms : to compare, the first one leads; the map is drawn for it
    bidding : bidding rules side by side; None for the scenario's own
    seeds : worlds of the comparison; map, frontier and sensitivity take fewer, and few make for a quick look
    first_seed : seed of the first world
    jobs : processes; -1: one a core
    progress : told the share done

    Returns
    -------
    Brief
        For `experiments.report.files.brief_files`, which makes the page and its tables.

    Examples
    --------
    >>> from scenarios import load_scenario, override
    >>> small = override(load_scenario("thin_market"), {"months": 2})
    >>> brief = report(small, ["vickrey"], seeds=2)
    >>> brief.comparison.labels, sorted(brief.sensitivity)
    (('vickrey',), ['compliance_rate', 'welfare'])
    """
    chosen, ahead = as_scenario(scenario), _shares(progress)
    found = compare(chosen, mechanisms, seeds, first_seed=first_seed, jobs=jobs, progress=next(ahead), bidding=bidding)
    worlds = found.seeds[: min(found.seeds.size, BRIEF_MAP_WORLDS)]
    plan = plan_map(
        chosen,
        [mechanisms[0]],
        measure="compliance_rate",
        penalties=_around(chosen.enforcement.penalty, "enforcement.penalty"),
        detections=f"0.05:0.95:{MAP_CELLS}",
    )
    heatmap = plan.run(worlds, jobs, next(ahead))
    audits = policy_frontier(
        chosen,
        points=min(FRONTIER_POINTS, seeds),
        rounds=FRONTIER_ROUNDS,
        seeds=int(worlds.size),
        first_seed=first_seed,
        jobs=jobs,
        progress=next(ahead),
    )
    return Brief(chosen, found, heatmap, audits, _sensitivity(chosen, seeds, first_seed, jobs, next(ahead)), command)


def _shares(progress: Progress | None) -> Iterator[Progress | None]:
    """For each part a progress of its own, which fills its share of the whole."""
    before = 0.0
    for share in _PARTS.values():
        yield None if progress is None else _within(progress, before, share)
        before += share


def _within(progress: Progress, before: float, share: float) -> Progress:
    return lambda done: progress(before + share * done)


def _around(own: float, path: str, count: int | None = MAP_CELLS) -> str:
    """A range from half to one and a half times a setting's own value, within what is allowed."""
    lowest, highest = bounds(known_entries()[path].interval)
    low, high = max(0.5 * own, lowest), min(1.5 * own, highest)
    low, high = (low, high) if own else (0.0, 1.0)
    if isinstance(own, int):
        low, high = math.floor(low), math.ceil(high)
    return f"{low:.6g}:{high:.6g}" + ("" if count is None else f":{count}")


def varied(scenario: Scenario) -> dict[str, str]:
    """Ranges of the settings whose influence is told, by path.

    >>> from scenarios import load_scenario
    >>> varied(load_scenario("baseline"))["enforcement.penalty"]
    '0.25:0.75'
    """
    group = scenario.enforcement.penalty_rule
    there = [path for path in SETTINGS if "_rule." not in path or hasattr(group, path.rpartition(".")[2])]
    own = {path: setting_of(scenario, path) for path in there}
    ranges = {path: _around(value, path, None) for path, value in own.items() if value}
    return {path: text for path, text in ranges.items() if len(set(text.split(":"))) == 2}


def _sensitivity(
    scenario: Scenario, worlds: int, first_seed: int, jobs: int, progress: Progress | None
) -> dict[str, pd.DataFrame]:
    """Sobol indices of each measure over the ranges above."""
    plan: dict[str, Any] = {
        "scenario": scenario.model_dump(mode="json"),
        "axes": varied(scenario),
        "sample": {"method": "saltelli", "size": min(BRIEF_SAMPLE, 2 ** math.ceil(math.log2(worlds)))},
        "seeds": SENSITIVITY_SEEDS,
        "first_seed": first_seed,
        "measures": list(MEASURES),
    }
    with tempfile.TemporaryDirectory() as folder:
        found = sweep(plan, out=f"{folder}/sweep", jobs=jobs, progress=progress)
        return {measure: sensitivity(found, measure) for measure in MEASURES}
