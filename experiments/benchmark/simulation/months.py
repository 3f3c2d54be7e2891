"""What months cost: beside their floor, beside the plain model, in one small world, and in a map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from agents import PermitMarket
from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation.floor import floor
from experiments.benchmark.simulation.plain import plain
from experiments.benchmark.simulation.rows import FLOOR, MONTH, NANOSECONDS, PLAIN, SECONDS, Limit, Run
from experiments.benchmark.simulation.timing import Work, shortest, sized
from experiments.ensemble import run_worlds
from experiments.maps.running import heatmap
from scenarios import Scenario, override

Rows = Iterator[dict[str, Any]]

FLOOR_LIMITS = {"seed_binary": Limit(most=4), "baseline": Limit(most=5)}
"""Scenarios that are put beside their floor, and how many times its time they may take."""
SHAPES = ((1_000, 100), (10, 10_000))
"""Worlds and labs."""
MONTHS, RUNS = 24, 20
PLAIN_LABS, PLAIN_WORLDS, PLAIN_LIMIT = 1_000, 100, Limit(least=60)
WORLD_LABS, WORLD_LIMIT = 20, Limit(most=0.3)
MAP_SIDE, MAP_WORLDS, MAP_MONTHS, MAP_LABS, MAP_LIMIT = 20, 10, 10, 20, Limit(most=0.3)


def beside_floor(effort: Effort) -> Rows:
    """Worlds with every measure, and their floor in the same run."""
    for scenario in FLOOR_LIMITS:
        for worlds, labs in SHAPES:
            yield from _beside_floor(scenario, effort.part(worlds), labs)


def _beside_floor(name: str, worlds: int, labs: int) -> Rows:
    scenario = sized(name, labs, MONTHS)
    works: list[Work] = [partial(run_worlds, [scenario], np.arange(worlds)), floor(scenario, worlds)]
    seconds, least = shortest(works, runs=RUNS)
    run = Run("months", "ensemble", name, worlds, labs, MONTHS)
    yield from run.timed(seconds)
    yield run.row(NANOSECONDS, "ns", seconds / run.lab_months * 1e9)
    yield run.row(FLOOR, "", seconds / least, limit=FLOOR_LIMITS[name])
    yield from Run("months", "floor", name, worlds, labs, MONTHS).timed(least)


def beside_plain(effort: Effort) -> Rows:
    """Lab-months a second of the ensemble, over those of the plain model in one world; nothing where it is missing."""
    labs, worlds = effort.part(PLAIN_LABS, least=10), effort.part(PLAIN_WORLDS, least=10)
    for name in FLOOR_LIMITS:
        scenario = sized(name, labs, MONTHS)
        alone = plain(scenario)
        if alone is None:
            return
        ours = Run("plain Mesa", "ensemble", name, worlds, labs, MONTHS)
        theirs = Run("plain Mesa", "plain Mesa", name, 1, labs, MONTHS)
        mine, its = shortest([partial(run_worlds, [scenario], np.arange(worlds)), alone])
        yield from ours.timed(mine)
        yield from theirs.timed(its)
        times = (its / theirs.lab_months) / (mine / ours.lab_months)
        yield ours.row(PLAIN, "", times, limit=PLAIN_LIMIT)


def one_world(effort: Effort) -> Rows:
    """One world of twenty labs from its making to the tidy table of its results, by the month."""
    for name in FLOOR_LIMITS:
        scenario = sized(name, WORLD_LABS, MONTHS)
        (seconds,) = shortest([partial(_one_world, scenario)])
        run = Run("one world", "ensemble", name, 1, WORLD_LABS, MONTHS)
        yield from run.timed(seconds)
        yield run.row(MONTH, "ms", seconds / MONTHS * 1e3, limit=WORLD_LIMIT)


def _one_world(scenario: Scenario) -> None:
    market = PermitMarket(scenario, seed=0)
    market.run()
    market.results()


def one_map(effort: Effort) -> Rows:
    """A deterrence map of one mechanism."""
    side = effort.part(MAP_SIDE, least=2)
    scenario = override(sized("seed_binary", MAP_LABS, MAP_MONTHS), {"market.mechanism": "uniform-price"})
    penalties, detections = np.linspace(0.2, 0.8, side), np.linspace(0.25, 0.75, side)
    (seconds,) = shortest([partial(heatmap, scenario, penalties=penalties, detections=detections, seeds=MAP_WORLDS)])
    run = Run("map", "heatmap", "seed_binary", MAP_WORLDS, MAP_LABS, MAP_MONTHS, cells=side**2)
    yield run.row(SECONDS, "s", seconds, limit=MAP_LIMIT)
