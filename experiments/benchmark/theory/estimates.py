"""Estimates from independent markets, each with its standard error: means, ratios of means, standard deviations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Columns = Mapping[str, Array]
"""What a simulation gives: by name, one number a market; NaN where a market has none."""


class Estimate(NamedTuple):
    """A number with its standard error, which is 0 for a single market."""

    value: float
    error: float


Estimator = Callable[[Columns], Estimate]


def mean(name: str) -> Estimator:
    """Mean over the markets that have the number.

    >>> mean("price")({"price": np.array([1.0, 3.0, np.nan])})
    Estimate(value=2.0, error=1.0)
    """

    def estimate(columns: Columns) -> Estimate:
        values = columns[name].astype(np.float64)
        values = values[~np.isnan(values)]
        if not values.size:
            return Estimate(np.nan, np.nan)
        return Estimate(float(values.mean()), _error(values - values.mean()))

    return estimate


def ratio(part: str, whole: str) -> Estimator:
    """Ratio of two means; the error is that of the linearised ratio (Cochran 1977, section 6.4).

    >>> found = ratio("gains", "best")({"gains": np.array([1.0, 2.0]), "best": np.array([2.0, 4.0])})
    >>> found.value, found.error
    (0.5, 0.0)
    """

    def estimate(columns: Columns) -> Estimate:
        parts, wholes = (columns[name].astype(np.float64) for name in (part, whole))
        share = parts.mean() / wholes.mean()
        return Estimate(float(share), _error(parts - share * wholes) / float(wholes.mean()))

    return estimate


def spread(name: str) -> Estimator:
    """Standard deviation over markets; its error follows from the fourth moment.

    >>> spread("revenue")({"revenue": np.array([1.0, 3.0])})
    Estimate(value=1.4142135623730951, error=0.0)
    """

    def estimate(columns: Columns) -> Estimate:
        values = columns[name].astype(np.float64)
        squares = np.square(values - values.mean())
        found = float(np.sqrt(squares.sum() / (values.size - 1)))
        return Estimate(found, _error(squares - squares.mean()) / (2 * found))

    return estimate


def _error(deviations: Array) -> float:
    """Standard error of a mean, from deviations that sum to zero."""
    n = deviations.size
    return float(np.sqrt(np.square(deviations).sum() / (n - 1) / n)) if n > 1 else 0.0
