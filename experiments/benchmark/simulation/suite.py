"""The suite `simulation`: all parts, the one table that holds them, and how it is shown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.benchmark.findings import Effort, Findings
from experiments.benchmark.simulation.growth import SCENARIO, growth
from experiments.benchmark.simulation.months import beside_floor, beside_plain, one_map, one_world
from experiments.benchmark.simulation.readings import readings
from experiments.benchmark.simulation.rows import LAB_MONTHS
from experiments.benchmark.simulation.scaling import scaling
from experiments.benchmark.simulation.shown import across, limits
from experiments.benchmark.simulation.switches import switched
from experiments.charts import growth_chart, scaling_chart

PARTS: tuple[tuple[float, Callable[[Effort], Iterator[dict[str, Any]]]], ...] = (
    (22.0, beside_floor),
    (7.0, beside_plain),
    (1.0, one_world),
    (3.0, one_map),
    (25.0, switched),
    (35.0, growth),
    (65.0, scaling),
)
"""Seconds at full size, about, and what they are spent on."""


def simulation(effort: Effort) -> Findings:
    """Measure months, growth and sweeps; limits are judged at full size alone.

    The suite measures time, so `effort.jobs` changes nothing; its own growth curves run in one process and in two.
    """
    table = pd.DataFrame(_rows(effort))
    if effort.scale < 1:
        table["verdict"] = ""
    growing = table[(table["part"] == "growth") & (table["measure"] == LAB_MONTHS)]
    sweeps = table[table["program"] == "sweep"]
    shown = {"numbers and their limits": limits(table), **_across(growing)}
    figures = {"simulation_growth": growth_chart(growing), "simulation_scaling": scaling_chart(sweeps)}
    return Findings(table, shown, figures, [f"Measured on {machine()}.", *readings(table, effort.scale)])


def _rows(effort: Effort) -> Iterator[dict[str, Any]]:
    whole, before = sum(seconds for seconds, _ in PARTS), 0.0
    for seconds, part in PARTS:
        after = before + seconds / whole
        own = effort.within(before, after)
        yield from part(own)
        own.told(1.0)
        before = after


def _across(growing: pd.DataFrame) -> dict[str, pd.DataFrame]:
    found = {}
    for jobs, rows in growing.groupby("jobs"):
        where = "one process" if jobs == 1 else f"{jobs} processes"
        found[f"lab-months a second of {SCENARIO}, {where}: worlds down, labs across"] = across(rows)
    return found


def machine() -> str:
    """Processor, cores and the versions that decide how fast it is.

    >>> "NumPy" in machine()
    True
    """
    cores = os.cpu_count() or 1
    python = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{_processor()}, {cores} core{'s' if cores > 1 else ''}, {platform.system()}, {python}"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
