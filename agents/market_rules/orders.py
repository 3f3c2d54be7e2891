"""From reports to orders: which of a lab's units permits are for, how many a unit needs, and orders in whole lots.

Arrays of reports are (*lead, rungs, labs), in M$ per permit, the dearest unit first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_TOLERANCE = 1e-9


def exempt_units(threshold: Any, flop_per_unit: Any, units: int) -> Array:
    """Units a month that a lab may run without permits: so many as stay within a threshold, ``floor(T / f)``.

    >>> exempt_units(np.array([0.0, 3e25, 3.5e25, 9e25]), 1e25, 4).tolist()
    [0, 3, 3, 4]
    """
    fit = np.floor(np.asarray(threshold) / flop_per_unit * (1 + _TOLERANCE))
    return np.minimum(fit, units).astype(np.int32)


def from_unit(reports: Array, first: Array) -> Array:
    """Reports without each lab's first units (*lead, labs), with zeros at the end.

    >>> from_unit(np.array([[0.9, 0.8], [0.5, 0.3]]), np.array([0, 1])).tolist()
    [[0.9, 0.3], [0.5, 0.0]]
    """
    rungs, later = reports.shape[-2], np.zeros(reports.shape)
    for skipped in range(rungs):
        some = np.asarray(first == skipped)
        if some.any():
            mask = some.astype(np.float64)[..., None, :]
            later[..., : rungs - skipped, :] += reports[..., skipped:, :] * mask
    return later


def per_permit(reports: Array, risky: Array, weight: Any) -> Array:
    """Reports for single permits where risky labs, bool (*lead, labs), need `weight` of them for each unit.

    Each permit of a unit is reported at the same part of what the unit is worth. `weight` has shape lead or is one for
    all worlds.

    >>> per_permit(np.array([[0.9, 0.8], [0.5, 0.2]]), np.array([False, True]), 2).T.tolist()
    [[0.9, 0.5, 0.0, 0.0], [0.4, 0.4, 0.1, 0.1]]
    """
    *lead, units, labs = reports.shape
    if np.ndim(weight):
        permits = np.zeros((*lead, units * int(np.max(weight)), labs))
        for each in np.unique(weight):
            some = weight == each
            permits[some, : units * int(each)] = per_permit(reports[some], risky[some], int(each))
        return permits
    permits = np.empty((*lead, units * weight, labs))
    heavy = risky.astype(np.float64)[..., None, :]  # products of one kind of number are the fastest
    np.multiply(reports, 1 - heavy, out=permits[..., :units, :])
    permits[..., units:, :] = 0.0
    part = reports / weight
    part *= heavy
    each_unit = permits.reshape(*lead, units, weight, labs)
    each_unit += part[..., None, :]
    return permits


def in_lots(reports: Array, lot: int) -> Array:
    """Reports for whole lots: what its permits are worth on average, one that a lab has no use for nothing.

    >>> in_lots(np.array([[0.9], [0.5], [0.3]]), 2).ravel().tolist()
    [0.7, 0.15]
    """
    rungs = reports.shape[-2]
    lots = np.zeros((*reports.shape[:-2], -(-rungs // lot), reports.shape[-1]))
    for rung in range(rungs):
        lots[..., rung // lot, :] += np.maximum(reports[..., rung, :], 0.0)
    return lots / lot
