"""Means and confidence intervals over worlds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Array = NDArray[Any]

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Mean over the worlds where a measure is defined, its 95% t-interval, and how many worlds those are."""

    mean: Array
    low: Array
    high: Array
    n: Array


def interval(values: Array) -> Interval:
    """Mean and 95% t-interval along the last axis, NaN left out.

    The interval is NaN for fewer than two worlds.

    >>> [round(float(x), 3) for x in interval(np.array([1.0, 2.0, 3.0, np.nan]))]
    [2.0, -0.484, 4.484, 3.0]
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    defined = ~np.isnan(values)
    n = defined.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(defined, values, 0.0).sum(axis=-1) / n
        spread = np.where(defined, values - mean[..., None], 0.0)
        error = np.sqrt(np.square(spread).sum(axis=-1) / (n - 1) / n)
        half = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), (1 + CONFIDENCE) / 2) * error, np.nan)
    return Interval(mean, mean - half, mean + half, n)
