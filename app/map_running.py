"""Maps run in blocks of worlds, kept apart by mechanism, bidding rule and block: a change computes only itself.

What takes long runs in the background, one mechanism a job.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import streamlit as st

from app import compute
from app.chart_files import Spec, specification
from app.compute import Progress
from app.map_axes import Side, path_of
from experiments import Heatmap, heatmap
from experiments.charts import map_panels
from experiments.ensemble import under_mechanisms
from experiments.maps.cells import map_cells
from experiments.maps.results import beside
from scenarios import Scenario, parse

MOST_WORLDS = 10
MAP_SECONDS = 0.65
"""What one map may take before a cell gets fewer than the most worlds."""
_BLOCK_SECONDS = 2.0


@dataclass(frozen=True)
class MapRequest:
    """All that a map follows from; the scenario as JSON."""

    scenario: str
    mechanisms: tuple[str, ...]
    rules: tuple[str, ...]
    measure: str
    x: Side
    y: Side
    worlds: int

    @property
    def base(self) -> Scenario:
        """The scenario itself."""
        return parse(json.loads(self.scenario))

    @property
    def labels(self) -> dict[str, Scenario]:
        """The scenario under each mechanism and bidding rule."""
        return under_mechanisms(self.base, self.mechanisms, self.rules)


def _seconds(scenario: Scenario, mechanism: str, worlds: int, x: Side, y: Side) -> float:
    """Time that one map under one bidding rule is likely to take."""
    return compute.seconds(scenario, mechanism, worlds, len(x[1]) * len(y[1]), (path_of(x[0]), path_of(y[0])))


def map_worlds(scenario: Scenario, mechanisms: Sequence[str], x: Side, y: Side) -> int:
    """Worlds a cell that fit the time for the slowest map, from 2 to 10; one map more leaves the others as they are.

    >>> from scenarios import load_scenario
    >>> map_worlds(load_scenario("seed_binary"), ["vickrey", "huang"], ("penalty", (0.2, 0.8)), ("detection", (0.5,)))
    10
    """

    def fits(worlds: int) -> bool:
        return all(_seconds(scenario, name, worlds, x, y) <= MAP_SECONDS for name in mechanisms)

    return next((worlds for worlds in range(MOST_WORLDS, 2, -1) if fits(worlds)), 2)


def mechanism_seconds(request: MapRequest) -> dict[str, float]:
    """Time that each mechanism is likely to take under all bidding rules, searches for an equilibrium included."""
    found = dict.fromkeys(request.mechanisms, 0.0)
    for (name, _), cell in zip(product(request.mechanisms, request.rules), request.labels.values(), strict=True):
        found[name] += _seconds(request.base, name, request.worlds, request.x, request.y)
        found[name] += compute.search_seconds(cell) * _searches(cell, request)
    return found


def _searches(cell: Scenario, request: MapRequest) -> int:
    """Searches for an equilibrium: enforcement leaves bids alone where a permit is worth what it lets a lab do."""
    anew = compute.searches_anew(cell)
    sides = [
        len(side[1]) if anew or not path_of(side[0]).startswith("enforcement") else 1 for side in (request.x, request.y)
    ]
    return int(np.prod(sides))


@st.cache_data(max_entries=256, show_spinner=False)
def _block(
    scenario: str, mechanism: str, rule: str, measure: str, x: Side, y: Side, first: int, worlds: int
) -> Heatmap:
    base = parse(json.loads(scenario))
    return heatmap(base, [mechanism], measure=measure, x=x, y=y, bidding=[rule], seeds=worlds, first_seed=first)


def _blocks(request: MapRequest, mechanism: str) -> list[tuple[int, int]]:
    """First world and number of worlds of each block."""
    whole = _seconds(request.base, mechanism, request.worlds, request.x, request.y)
    size = int(np.clip(request.worlds * _BLOCK_SECONDS / whole, 1, request.worlds))
    return [(first, min(size, request.worlds - first)) for first in range(0, request.worlds, size)]


def background_map(request: MapRequest, progress: Progress) -> Heatmap:
    """The maps of a request in one go: the work of a job."""
    return heatmap(
        request.base,
        request.mechanisms,
        measure=request.measure,
        x=request.x,
        y=request.y,
        bidding=request.rules,
        seeds=request.worlds,
        progress=progress,
    )


def run_map(request: MapRequest, progress: Progress, ready: Mapping[str, Heatmap] = {}) -> Heatmap:
    """The maps of all mechanisms and bidding rules; those of some mechanisms may be ready."""
    work = {name: _blocks(request, name) for name in request.mechanisms if name not in ready}
    total, done = len(request.rules) * sum(map(len, work.values())), 0
    found: list[Heatmap] = []
    for name in request.mechanisms:
        if name in ready:
            found.append(ready[name])
            continue
        for rule in request.rules:
            parts = []
            for first, count in work[name]:
                progress(done / total)
                sides = (request.measure, request.x, request.y)
                parts.append(_block(request.scenario, name, rule, *sides, first, count))
                done += 1
            found.append(_joined(parts))
    progress(1.0)
    return beside(found, request.labels)


def _joined(parts: list[Heatmap]) -> Heatmap:
    """The same map in further worlds."""
    seeds, worlds = (np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in ("seeds", "worlds"))
    return replace(parts[0], seeds=seeds, worlds=worlds)


@st.cache_data(max_entries=64, show_spinner=False)
def drawn_map(request: MapRequest, difference: bool, _found: Heatmap) -> dict[str, Spec]:
    """Every panel of maps that have been run, or of their differences to the first one."""
    panels = map_panels(_found.difference() if difference else _found)
    return {name: specification(panel) for name, panel in panels.items()}


def cell_scenario(found: Heatmap, x: float, y: float) -> Scenario | None:
    """The scenario of the cell nearest to two places; None where nothing reaches it.

    >>> found = heatmap("seed_binary", penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=1)
    >>> cell_scenario(found, 0.79, 0.3).enforcement.penalty
    0.8
    """
    axes = [
        replace(axis, values=(axis.values[int(np.abs(axis.places - place).argmin())],))
        for axis, place in ((found.x, x), (found.y, y))
    ]
    return map_cells(found.scenario, *axes)[0][0]
