"""The Governor: what it sees, whom it audits, whom it catches. Arrays are (*lead, labs)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms import Draws
from mechanisms.draws import smallest

Array = NDArray[Any]


def signals(violator: Array, enforcement: SimpleNamespace, draws: Draws) -> Array:
    """Noisy signals: raised with probability beta for violators and alpha for clean labs, bool (*lead, labs)."""
    luck = draws.luck("signals", violator.shape[-1])
    return _happens(luck, violator, enforcement.true_positive_rate, enforcement.false_positive_rate)


def _happens(luck: Array, case: Array, chance: Any, otherwise: Any) -> Array:
    """Whether luck falls below one chance in a case and below another otherwise, bool (*lead, labs)."""
    return np.asarray(_below(luck, chance) & case | _below(luck, otherwise) & ~case)


def _below(luck: Array, chance: Any) -> Array:
    """Whether luck falls below a chance, which is first made as coarse as luck is."""
    return np.asarray(luck < np.asarray(chance, dtype=luck.dtype))


def audits(signal: Array, audit_high: Array, audit_low: Array, capacity: Any, draws: Draws) -> Array:
    """Who is audited: probability pi1 after a signal and pi0 without; over capacity s=1 first, then by lot."""
    labs = signal.shape[-1]
    chosen = _happens(draws.luck("audits", labs), signal, audit_high, audit_low)
    if np.all(np.asarray(capacity) >= labs):
        return np.asarray(chosen)
    lots = draws.priority("capacity", labs) >> np.uint64(2)
    lots = np.where(signal, lots, lots | np.uint64(1 << 62))
    lots = np.where(chosen, lots, np.uint64(2**63 + 1))
    return np.asarray(chosen & smallest(lots, np.asarray(capacity)))


def catches(violator: Array, audited: Array, enforcement: SimpleNamespace, draws: Draws) -> Array:
    """Violators found by their audit or, where that missed or never came, by a backcheck."""
    labs = violator.shape[-1]
    caught = violator & audited
    if np.any(np.asarray(enforcement.audit_accuracy) < 1):
        caught &= _below(draws.luck("accuracy", labs), enforcement.audit_accuracy)
    if np.any(np.asarray(enforcement.backcheck) > 0):
        caught |= violator & _below(draws.luck("backchecks", labs), enforcement.backcheck)
    return np.asarray(caught)


def collateral(enforcement: SimpleNamespace) -> Any:
    """K, the collateral for one unit, in M$."""
    return enforcement.collateral_share * enforcement.penalty


def seized(units: Array, penalty: Array, enforcement: SimpleNamespace) -> Array:
    """The part of the penalty for so many units that comes out of the collateral, ``min(m*K, pen(m))``."""
    return np.minimum(units * collateral(enforcement), penalty)
