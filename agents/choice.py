"""Run choice: how many further units a lab runs without a permit. Arrays are (*lead, units, labs)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.economics import expected_penalty, hurdle, worth_it
from agents.month import units_each

Array = NDArray[Any]


def linear_in_units(units: int, penalty: Any, liability_limit: Any) -> Array:
    """Where a lab's punishment is the same for each of its uncovered units."""
    if callable(penalty) or units == 1:
        return np.asarray(units == 1)
    return np.asarray(np.asarray(liability_limit) >= units * np.asarray(penalty))


def uncovered_units(
    net_value: Array, held: Array, detection: Any, penalty: Any, liability_limit: Any, risk_profile: Any
) -> Array:
    """Units that a rational lab runs without a permit, int (*lead, labs).

    Parameters
    ----------
    net_value : (*lead, units, labs), u in M$, not rising along units
    held : int (*lead, labs), permits
    detection, penalty, liability_limit, risk_profile : broadcast to (*lead, labs)

    Examples
    --------
    >>> uncovered_units(np.array([[0.9], [0.4], [0.2]]), np.array([1]), 0.5, 0.6, np.inf, 1.0).tolist()
    [1]
    """
    units, rules = net_value.shape[-2], (detection, penalty, liability_limit, risk_profile)
    linear = linear_in_units(units, penalty, liability_limit)
    beyond_permits: Any = 0
    if linear.any():
        worth_running = net_value > _over_units(hurdle(expected_penalty(1, *rules)))
        beyond_permits = np.maximum(units_each(worth_running) - held, 0)
    if linear.all():
        return np.asarray(beyond_permits)
    return np.where(linear, beyond_permits, _best_units(net_value, held, rules)).astype(np.int32)


def _best_units(net_value: Array, held: Array, rules: tuple[Any, Any, Any, Any]) -> Array:
    """Units beyond the permits that gain most, ties to fewer, each number of them tried in turn."""
    best, upto = np.zeros(held.shape), np.zeros(held.shape, dtype=np.int32)
    for unit, (own, _, value, gain) in enumerate(_unit_by_unit(net_value, held, *rules)):
        better = worth_it(gain - best, value) & (own > 0)
        best = best * ~better + gain * better
        np.maximum(upto, better * np.int32(unit + 1), out=upto)
    return np.asarray(np.maximum(upto - held, 0))


def quantal_units(
    net_value: Array,
    held: Array,
    detection: Any,
    penalty: Any,
    liability_limit: Any,
    risk_profile: Any,
    precision: Any,
    uniform: Array,
    aftermath: Any = 0.0,
) -> Array:
    """Units run without a permit under logit choice, ``P(m) ~ exp(precision * gain(m))``, gain(0) = 0.

    Only units with u > 0 are options; one uniform a lab, (*lead, labs), decides. `aftermath`, in M$, is what any
    violation costs later, (*lead, labs).
    """
    rules = detection, penalty, liability_limit, risk_profile
    options, utilities, top = [], [], np.zeros(held.shape)
    for own, further, _, gain in _unit_by_unit(net_value, held, *rules):
        options.append((further > 0) & (own > 0))
        utilities.append((gain - aftermath) * precision * options[-1])
        np.maximum(top, utilities[-1], out=top)
    upto = [np.exp(-top)]
    for option, utility in zip(options, utilities, strict=True):
        upto.append(upto[-1] + np.exp(utility - top) * option)
    draw, chosen = uniform * upto[-1], np.zeros(held.shape, dtype=np.int32)
    for below, option in zip(upto, options, strict=False):
        chosen += (below <= draw) & option
    return chosen


def _over_units(per_lab: Any) -> Any:
    """Make a figure of labs (*lead, labs) or (*lead, 1) broadcast along units."""
    if callable(per_lab):
        return per_lab.over_units()
    return np.asarray(per_lab)[..., None, :] if np.ndim(per_lab) else np.asarray(per_lab)


def _unit_by_unit(
    net_value: Array, held: Array, detection: Any, penalty: Any, liability_limit: Any, risk_profile: Any
) -> Iterator[tuple[Array, Array, Array, Array]]:
    """For running on up to each unit: its own value, units beyond the permits, their summed value, and gain(m)."""
    value = np.zeros(held.shape)
    for unit in range(net_value.shape[-2]):
        own, further = net_value[..., unit, :], np.maximum(unit + 1 - held, 0)
        value = value + own * ((further > 0) & (own > 0))
        yield own, further, value, value - expected_penalty(further, detection, penalty, liability_limit, risk_profile)
