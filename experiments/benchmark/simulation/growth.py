"""Lab-months a second from one lab to a hundred thousand and from one world to ten thousand, on one core and on two."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation.plain import plain
from experiments.benchmark.simulation.rows import Run
from experiments.benchmark.simulation.timing import shortest, sized
from experiments.ensemble import run_worlds, worlds_together

Rows = Iterator[dict[str, Any]]

SCENARIO, MONTHS = "seed_binary", 10
LABS = (1, 10, 100, 1_000, 10_000, 100_000)
WORLDS = (1, 10, 100, 1_000, 10_000)
LARGEST, LEAST_LARGEST = 1_000_000, 100
"""Labs in all worlds together; combinations beyond are left out."""
PLAIN_LARGEST = 10_000
JOBS = (1, 2)
RUNS = 2


def growth(effort: Effort) -> Rows:
    """Every combination of labs and worlds up to the largest, in one process and in two; and the plain model."""
    largest = effort.part(LARGEST, LEAST_LARGEST)
    sizes = [(worlds, labs) for worlds in WORLDS for labs in LABS if worlds * labs <= largest]
    work = np.cumsum([(worlds * labs + 1_000) / jobs for jobs in JOBS for worlds, labs in sizes])
    shares = iter(work / work[-1])
    for jobs in JOBS:
        if jobs > 1:
            _start_workers(jobs)
        for worlds, labs in sizes:
            yield from _ensemble(worlds, labs, jobs)
            effort.told(float(next(shares)))
    yield from _plain(effort.part(PLAIN_LARGEST, LEAST_LARGEST))


def _start_workers(jobs: int) -> None:
    """Two chunks, so that processes are there and have imported everything when times are taken."""
    labs = 1_000
    scenario = sized(SCENARIO, labs, 1)
    run_worlds([scenario], np.arange(jobs * worlds_together(scenario)), jobs=jobs)


def _ensemble(worlds: int, labs: int, jobs: int) -> Rows:
    scenario = sized(SCENARIO, labs, MONTHS)
    (seconds,) = shortest([partial(run_worlds, [scenario], np.arange(worlds), jobs=jobs)], RUNS, enough=0.1)
    yield from Run("growth", "ensemble", SCENARIO, worlds, labs, MONTHS, jobs=jobs).timed(seconds)


def _plain(largest: int) -> Rows:
    for labs in (size for size in LABS if size <= largest):
        work = plain(sized(SCENARIO, labs, MONTHS))
        if work is not None:
            (seconds,) = shortest([work], RUNS, enough=0.1)
            yield from Run("growth", "plain Mesa", SCENARIO, 1, labs, MONTHS).timed(seconds)
