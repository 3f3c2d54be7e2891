"""Points of a sweep in order: a full grid, or a sample that covers the axes evenly; any stretch of them on demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.sweeps.axes import Axis
from mechanisms import InputError

Array = NDArray[Any]
Point = tuple[Any, ...]

METHODS = ("grid", "latin-hypercube", "sobol", "saltelli")
Method = Literal["grid", "latin-hypercube", "sobol", "saltelli"]
LARGEST_SAMPLE = 2**30
BLOCK = 1024
"""Sobol points made at a time; a power of two keeps them balanced."""


def count_points(axes: Sequence[Axis], method: Method, size: int) -> int:
    """How many points there are; a saltelli sample of n takes n * (axes + 2) for first-order and total indices.

    >>> count_points([Axis("a", (1, 2)), Axis("b", (1, 2, 3))], "grid", 0)
    6
    """
    if method == "grid":
        return math.prod(len(axis.values) for axis in axes)
    if not 1 <= size <= LARGEST_SAMPLE:
        raise InputError(f"sample.size: {size} is not in [1, {LARGEST_SAMPLE}]")
    if method != "latin-hypercube" and size & (size - 1):
        near = 2 ** round(math.log2(size))
        raise InputError(f"sample.size: {size} is not a power of two, which {method} points need; such as {near}")
    return size * (len(axes) + 2) if method == "saltelli" else size


def points(axes: Sequence[Axis], method: Method, size: int, seed: int) -> Callable[[int, int], list[Point]]:
    """A function that gives the points from one number up to another, as values of the axes.

    A grid and a Sobol sample are made stretch by stretch, in memory that does not grow with their size. A Latin
    hypercube and a saltelli sample hold 8 bytes a number.

    References
    ----------
    McKay, Beckman & Conover (1979), Technometrics 21. Sobol' (1967); Owen (1998) for scrambling.
    Saltelli et al. (2010), Computer Physics Communications 181.

    Examples
    --------
    >>> points([Axis("a", (1, 2)), Axis("b", ("x", "y"))], "grid", 0, 0)(1, 3)
    [(1, 'y'), (2, 'x')]
    """
    if method == "grid":
        return lambda start, stop: _grid(axes, start, stop)
    shares = {"latin-hypercube": _latin, "sobol": _sobol, "saltelli": _saltelli}[method]
    return lambda start, stop: [_values(axes, row) for row in shares(len(axes), seed, size, start, stop).tolist()]


def _values(axes: Sequence[Axis], row: list[float]) -> Point:
    return tuple(axis.at(share) for axis, share in zip(axes, row, strict=True))


def _grid(axes: Sequence[Axis], start: int, stop: int) -> list[Point]:
    """Combinations in order, the last axis fastest."""
    places = np.unravel_index(np.arange(start, stop), [len(axis.values) for axis in axes])
    columns = [[axis.values[i] for i in place.tolist()] for axis, place in zip(axes, places, strict=True)]
    return list(zip(*columns, strict=True))


def _sobol(axes: int, seed: int, size: int, start: int, stop: int) -> Array:
    block = min(BLOCK, size)
    found = [_sobol_block(axes, seed, block, i) for i in range(start // block, -(-stop // block))]
    return np.concatenate(found)[start % block :][: stop - start]


def _sobol_block(axes: int, seed: int, block: int, number: int) -> Array:
    from scipy.stats import qmc  # takes longer to import than all else here

    engine = qmc.Sobol(axes, rng=np.random.default_rng(seed))
    if number:
        engine.fast_forward(number * block)
    return engine.random(block)


def _latin(axes: int, seed: int, size: int, start: int, stop: int) -> Array:
    return _whole_latin(axes, seed, size)[start:stop]


@lru_cache(maxsize=2)
def _whole_latin(axes: int, seed: int, size: int) -> Array:
    from scipy.stats import qmc

    return qmc.LatinHypercube(axes, rng=np.random.default_rng(seed)).random(size)


def _saltelli(axes: int, seed: int, size: int, start: int, stop: int) -> Array:
    return _whole_saltelli(axes, seed, size)[start:stop]


@lru_cache(maxsize=2)
def _whole_saltelli(axes: int, seed: int, size: int) -> Array:
    from SALib.sample import sobol

    problem = {"num_vars": axes, "names": [str(i) for i in range(axes)], "bounds": [[0.0, 1.0]] * axes}
    return np.asarray(sobol.sample(problem, size, calc_second_order=False, seed=np.random.default_rng(seed)))
