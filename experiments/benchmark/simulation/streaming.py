"""Time and peak memory of sweeps of rising size: ``python -m`` this module with axis, repeats and sizes."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from experiments.sweeps.running import sweep

SCENARIO, LABS, MONTHS = "seed_binary", 20, 10
WORLDS, CELLS = 50, 16
"""Worlds of each cell where cells are varied, and cells where worlds are."""
CHUNK = 100
"""Cells of a chunk where cells are varied, so that the smallest sweep already has several."""
STATUS = Path("/proc/self/status")


def size_of(axis: str, number: int) -> dict[str, int]:
    """Cells and worlds of a sweep.

    >>> size_of("cells", 100), size_of("seeds", 100)
    ({'cells': 100, 'worlds': 50}, {'cells': 16, 'worlds': 100})
    """
    return {"cells": number, "worlds": WORLDS} if axis == "cells" else {"cells": CELLS, "worlds": number}


def plan(axis: str, number: int) -> dict[str, Any]:
    """A sweep over penalties that keeps every measure of each cell."""
    size = size_of(axis, number)
    axes = {"enforcement.penalty": np.linspace(0.2, 0.8, size["cells"]).tolist()}
    found = {"scenario": SCENARIO, "set": {"labs.count": LABS, "months": MONTHS}, "axes": axes, "seeds": size["worlds"]}
    return found | ({"chunk": CHUNK} if axis == "cells" else {})


def measured(axis: str, repeats: int, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Seconds of each sweep and the process's peak memory after it, in MB; sizes rise, so a peak belongs to its size.

    The smallest comes once more, first, to warm up.

    >>> [found["size"] for found in measured("cells", 1, [2, 4])]
    [2, 2, 4]
    """
    for number in [sizes[0], *list(sizes) * repeats]:
        with TemporaryDirectory() as folder:
            started = time.perf_counter()
            sweep(plan(axis, number), out=Path(folder) / "sweep")
            yield {"size": number, "seconds": time.perf_counter() - started, "peak": peak_megabytes()}


def peak_megabytes() -> float:
    """Most memory that this process has held so far; NaN where the system does not tell.

    Linux's own figure comes first: `resource` also counts the process that started this one.
    """
    if STATUS.exists():
        lines = (line.split() for line in STATUS.read_text(encoding="ascii").splitlines())
        return next((int(words[1]) / 1024 for words in lines if words[:1] == ["VmHWM:"]), math.nan)
    try:
        import resource
    except ImportError:
        return math.nan
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    """A line of JSON for each sweep."""
    axis, repeats, *sizes = sys.argv[1:]
    for found in measured(axis, int(repeats), [int(size) for size in sizes]):
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
