"""Maps run in blocks of worlds, kept apart by mechanism, bidding rule and block: a change computes only itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
MAP_SECONDS = 2.5
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

    @property
    def cells(self) -> int:
        """Cells of one map."""
        return len(self.x[1]) * len(self.y[1])


def map_worlds(scenario: Scenario, mechanisms: Sequence[str], cells: int) -> int:
    """Worlds a cell that fit the time for the slowest map, from 2 to 10; one map more leaves the others as they are.

    >>> from scenarios import load_scenario
    >>> map_worlds(load_scenario("seed_binary"), ["vickrey", "huang"], 400)
    10
    """
    one = max(compute.seconds(scenario, name, 1) for name in mechanisms) * cells
    return int(np.clip(MAP_SECONDS / max(one, 1e-9), 2, MOST_WORLDS))


def mechanism_seconds(request: MapRequest) -> dict[str, float]:
    """Time that each mechanism is likely to take under all bidding rules, searches for an equilibrium included."""
    found = dict.fromkeys(request.mechanisms, 0.0)
    for (name, _), cell in zip(product(request.mechanisms, request.rules), request.labels.values(), strict=True):
        found[name] += request.cells * compute.seconds(request.base, name, request.worlds)
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
    one = request.cells * compute.seconds(request.base, mechanism, 1)
    size = max(1, int(_BLOCK_SECONDS / max(one, 1e-9)))
    return [(first, min(size, request.worlds - first)) for first in range(0, request.worlds, size)]


def run_map(request: MapRequest, progress: Progress) -> Heatmap:
    """The maps of all mechanisms and bidding rules."""
    found: list[list[Heatmap]] = []
    work = list(_work(request))
    total, done = sum(len(blocks) for *_, blocks in work), 0
    for mechanism, rule, blocks in work:
        parts = []
        for first, count in blocks:
            progress(done / total)
            sides = (request.measure, request.x, request.y)
            parts.append(_block(request.scenario, mechanism, rule, *sides, first, count))
            done += 1
        found.append(parts)
    progress(1.0)
    return beside([_joined(parts) for parts in found], request.labels)


def _work(request: MapRequest) -> Iterator[tuple[str, str, list[tuple[int, int]]]]:
    for mechanism, rule in product(request.mechanisms, request.rules):
        yield mechanism, rule, _blocks(request, mechanism)


def _joined(parts: list[Heatmap]) -> Heatmap:
    """The same map in further worlds."""
    seeds, worlds = (np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in ("seeds", "worlds"))
    return replace(parts[0], seeds=seeds, worlds=worlds)


@st.cache_data(max_entries=64, show_spinner=False)
def drawn_map(request: MapRequest, difference: bool) -> dict[str, Spec]:
    """Every panel of maps that have been run, or of their differences to the first one."""
    found = run_map(request, lambda share: None)
    panels = map_panels(found.difference() if difference else found)
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
