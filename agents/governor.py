"""The Governor: what it sees, whom it audits, whom it catches. Arrays are (*lead, labs)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.settings import on
from mechanisms import Draws
from mechanisms.draws import smallest

Array = NDArray[Any]


def signals(violator: Array, enforcement: SimpleNamespace, draws: Draws) -> Array:
    """Noisy signals: raised with probability beta for violators and alpha for clean labs, bool (*lead, labs)."""
    rates = enforcement.true_positive_rate, enforcement.false_positive_rate
    found, mistaken = draws.happens("signals", violator.shape[-1], *rates)
    return np.asarray(found & violator | mistaken & ~violator)


def audits(signal: Array, audit_high: Array, audit_low: Array, capacity: Any, draws: Draws) -> Array:
    """Who is audited: probability pi1 after a signal and pi0 without; over capacity s=1 first, then by lot."""
    labs = signal.shape[-1]
    after_signal, without = draws.happens("audits", labs, audit_high, audit_low)
    chosen = after_signal & signal | without & ~signal
    if not on(capacity < labs):
        return np.asarray(chosen)
    lots = draws.priority("capacity", labs) >> np.uint64(2)
    lots = np.where(signal, lots, lots | np.uint64(1 << 62))
    lots = np.where(chosen, lots, np.uint64(2**63 + 1))
    return np.asarray(chosen & smallest(lots, np.asarray(capacity)))


def catches(violator: Array, audited: Array, enforcement: SimpleNamespace, draws: Draws) -> Array:
    """Violators found by their audit or, where that missed or never came, by a backcheck."""
    labs = violator.shape[-1]
    caught = violator & audited
    if on(enforcement.audit_accuracy < 1):
        caught &= draws.happens("accuracy", labs, enforcement.audit_accuracy)[0]
    if on(enforcement.backcheck):
        caught |= violator & draws.happens("backchecks", labs, enforcement.backcheck)[0]
    return np.asarray(caught)


def collateral(enforcement: SimpleNamespace) -> Any:
    """K, the collateral for one unit, in M$."""
    return enforcement.collateral_share * enforcement.penalty


def seized(units: Array, penalty: Array, enforcement: SimpleNamespace) -> Array:
    """The part of the penalty for so many units that comes out of the collateral, ``min(m*K, pen(m))``."""
    return np.minimum(units * collateral(enforcement), penalty)
