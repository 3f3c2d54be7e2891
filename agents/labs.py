"""The labs: what runs are worth to them, and which permits they are handed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.settings import on
from mechanisms import Draws
from mechanisms.draws import smallest

Array = NDArray[Any]

_FLOOR_TOLERANCE = 1e-9


def per_lab(dist: SimpleNamespace, draws: Draws, purpose: str, labs: int) -> Array:
    """One number a lab from a distribution, (*lead, labs), or one that broadcasts where all labs have the same.

    >>> per_lab(SimpleNamespace(distribution="uniform", low=1.0, high=3.0), Draws(0), "values", 2).shape
    (2,)
    """
    if dist.distribution == "constant":
        same = np.asarray(dist.value, dtype=np.float64)
        return same if same.ndim else same.reshape((1,) * (len(draws.lead) + 1))
    if dist.distribution == "listed":
        return np.broadcast_to(np.asarray(dist.values, dtype=np.float64), (*draws.lead, labs))
    if dist.distribution == "uniform":
        return np.asarray(dist.low + (dist.high - dist.low) * draws.uniform(purpose, labs))
    return np.asarray(dist.median * np.exp(dist.sigma * draws.normal(purpose, labs).astype(np.float64)))


def risky(labs: SimpleNamespace, draws: Draws) -> Array | None:
    """Whose models turn out risky when they are evaluated this month, bool (*lead, labs); None where no model does.

    >>> float(risky(SimpleNamespace(count=1000, risky_share=0.25), Draws(0)).mean().round(1))
    0.2
    """
    if not on(labs.risky_share):
        return None
    return draws.happens("evaluation", labs.count, labs.risky_share)[0]


def gross_values(labs: SimpleNamespace, draws: Draws) -> Array:
    """Gross value of each unit of each lab, drawn once a world, (*lead, units, labs), in M$."""
    shape = (*draws.lead, labs.units, labs.count)
    if labs.value.distribution == "listed" and isinstance(labs.value.values[0], tuple):
        return np.broadcast_to(np.asarray(labs.value.values, dtype=np.float64).T, shape)
    first = np.broadcast_to(per_lab(labs.value, draws, "values", labs.count), (*draws.lead, labs.count))
    values = np.empty(shape)
    values[..., 0, :] = first
    for unit in range(1, labs.units):
        # a running product: a power would differ in its last bit between scalars and arrays
        values[..., unit, :] = values[..., unit - 1, :] * (1 - np.asarray(labs.value_decline))
    return values


def monthly_factor(labs: SimpleNamespace, draws: Draws) -> Array | float:
    """The common shock times each lab's own, both lognormal with mean one, broadcasting to (*lead, labs)."""
    noise = _log_noise(labs.value_noise, draws, "noise", labs.count)
    shock = _log_noise(labs.value_shock, draws, "shock", 1)
    if isinstance(noise, np.ndarray):
        if isinstance(shock, np.ndarray):
            noise += shock
        return np.exp(noise, out=noise)
    return np.exp(shock) if isinstance(shock, np.ndarray) else 1.0


def _log_noise(spread: Any, draws: Draws, purpose: str, size: int) -> Array | float:
    """Logarithm of a lognormal factor with mean one, single precision (*lead, size), or 0 where it is one for all."""
    if not on(spread):
        return 0.0
    noise = draws.normal(purpose, size)
    noise *= np.float32(spread)
    noise -= np.float32(0.5 * np.square(spread))
    return noise


def net_values(labs: SimpleNamespace, gross: Array, draws: Draws) -> Array:
    """Net value ``u = v - c`` of each unit this month, shocks on v and not on the cost, (*lead, units, labs)."""
    factor = monthly_factor(labs, draws)
    value = gross * factor[..., None, :] if isinstance(factor, np.ndarray) else gross.copy()
    if on(labs.running_cost):
        value -= np.asarray(labs.running_cost)[..., None]
    return np.asarray(value)


def handed_out(permits: SimpleNamespace) -> Any:
    """Permits that labs get before trading, ``floor(share * Q)``, one number a world or one for all.

    >>> float(handed_out(SimpleNamespace(grandfathered=0.7, cap=10)))
    7.0
    """
    return np.floor(np.asarray(permits.grandfathered) * permits.cap + _FLOOR_TOLERANCE)


def endowments(permits: SimpleNamespace, draws: Draws, labs: int) -> Array:
    """Permits handed to each lab before trading, int (*lead, labs).

    They are shared out as equally as whole permits allow; the remainders go by lottery.

    >>> int(endowments(SimpleNamespace(grandfathered=0.5, cap=14), Draws(0), 5).sum())
    7
    """
    if not on(permits.grandfathered):
        return np.zeros((*draws.lead, labs), dtype=np.int8)
    each, left = np.divmod(handed_out(permits), labs)
    each = each.astype(np.int8 if np.max(each) < np.iinfo(np.int8).max else np.int32)
    if left.any():
        each = each + smallest(draws.lots("endowments", labs), left)
    return np.broadcast_to(each, (*draws.lead, labs))
