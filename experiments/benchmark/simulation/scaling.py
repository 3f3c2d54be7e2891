"""Whether a sweep's time grows linearly in cells and seeds, and its memory not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation import streaming
from experiments.benchmark.simulation.rows import PEAK, PEAK_SLOPE, SLOPE, Limit, Run

Rows = Iterator[dict[str, Any]]

LARGEST = {"cells": 2_000, "seeds": 10_000}
LEAST_LARGEST = {"cells": 8, "seeds": 80}
SHARES = (8, 4, 2, 1)
"""The largest size is divided by these."""
REPEATS = 2
LINEAR, FLAT = Limit(0.95, 1.05), Limit(-0.05, 0.05)
ROOT = Path(__file__).parents[3]


class Slope(NamedTuple):
    """Slope of a line through points on logarithmic axes, and its standard error."""

    slope: float
    error: float


def fitted_slope(sizes: Sequence[float], values: Sequence[float]) -> Slope:
    """Power of the size with which a number grows, by least squares of logarithm on logarithm.

    >>> fitted = fitted_slope([1, 2, 4, 8], [3, 6, 12, 24])
    >>> round(fitted.slope, 12), round(fitted.error, 6)
    (1.0, 0.0)
    """
    x, y = np.log(sizes), np.log(values)
    x, y = x - x.mean(), y - y.mean()
    slope = (x * y).sum() / np.square(x).sum()
    variance = np.square(y - slope * x).sum() / (x.size - 2)
    return Slope(float(slope), float(np.sqrt(variance / np.square(x).sum())))


def scaling(effort: Effort) -> Rows:
    """Sweeps of rising size, along cells and along seeds, and the slopes of their times and peaks."""
    for i, (axis, largest) in enumerate(LARGEST.items()):
        top = effort.part(largest, LEAST_LARGEST[axis])
        sizes = [top // share for share in SHARES]
        part = effort.within(i / len(LARGEST), (i + 1) / len(LARGEST))
        yield from observed(axis, pd.DataFrame(_in_a_fresh_process(axis, sizes, part)))


def observed(axis: str, found: pd.DataFrame) -> Rows:
    """Rows of what a process measured: columns size, seconds, peak; its first sweep only warmed it up."""
    sizes = found["size"].drop_duplicates().tolist()
    taken = found.iloc[1:].groupby("size")
    seconds, peaks = taken["seconds"].min(), taken["peak"].first()
    for size in sizes:
        run = _run(axis, size)
        yield from run.timed(float(seconds[size]))
        yield run.row(PEAK, "MB", float(peaks[size]))
    for measure, values, limit in ((SLOPE, seconds, LINEAR), (PEAK_SLOPE, peaks, FLAT)):
        slope, error = fitted_slope(sizes, [values[size] for size in sizes])
        yield _run(axis, sizes[-1]).row(measure, "", slope, error=error, limit=limit)


def _run(axis: str, size: int) -> Run:
    sizes = streaming.size_of(axis, size)
    part = f"sweep, more {axis}"
    return Run(part, "sweep", streaming.SCENARIO, labs=streaming.LABS, months=streaming.MONTHS, **sizes)


def _in_a_fresh_process(axis: str, sizes: Sequence[int], effort: Effort) -> Iterator[dict[str, Any]]:
    """What a process that has done nothing else measures; memory that others have used does not count there."""
    command = [sys.executable, "-m", streaming.__name__, axis, *map(str, (REPEATS, *sizes))]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    ahead = np.cumsum([sizes[0], *list(sizes) * REPEATS])
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}, text=True) as process:
        for line, done in zip(process.stdout or (), ahead, strict=False):
            yield json.loads(line)
            effort.told(float(done / ahead[-1]))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
