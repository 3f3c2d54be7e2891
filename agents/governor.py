"""The Governor: what it sees, whom it audits, whom it catches. Arrays are (*lead, labs)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.economics import punishment
from mechanisms import Draws

if TYPE_CHECKING:
    from agents.model import PermitMarket

Array = NDArray[Any]


def signals(violator: Array, enforcement: SimpleNamespace, draws: Draws) -> Array:
    """Noisy signals: raised with probability beta for violators and alpha for clean labs, bool (*lead, labs)."""
    luck = draws.uniform("signals", violator.shape[-1])
    return _happens(luck, violator, enforcement.true_positive_rate, enforcement.false_positive_rate)


def _happens(luck: Array, case: Array, chance: Any, otherwise: Any) -> Array:
    """Whether luck falls below one chance in a case and below another otherwise, bool (*lead, labs)."""
    return np.asarray((luck < chance) & case | (luck < otherwise) & ~case)


def audits(signal: Array, audit_high: Array, audit_low: Array, capacity: Any, draws: Draws) -> Array:
    """Who is audited: probability pi1 after a signal and pi0 without; over capacity s=1 first, then by lot."""
    labs = signal.shape[-1]
    chosen = _happens(draws.uniform("audits", labs), signal, audit_high, audit_low)
    if np.all(np.asarray(capacity) >= labs):
        return np.asarray(chosen)
    lots = draws.priority("capacity", labs) >> np.uint64(2)
    lots = np.where(signal, lots, lots | np.uint64(1 << 62))
    lots = np.where(chosen, lots, np.uint64(2**63 + 1))
    places = np.broadcast_to(np.minimum(capacity, labs), (*draws.lead, 1)).astype(np.intp)
    last = np.take_along_axis(np.sort(lots, axis=-1), np.maximum(places - 1, 0), axis=-1)
    return np.asarray(chosen & (lots <= last) & (places > 0))


def catches(violator: Array, audited: Array, enforcement: SimpleNamespace, draws: Draws) -> Array:
    """Violators found by their audit or, where that missed or never came, by a backcheck."""
    labs = violator.shape[-1]
    caught = violator & audited
    if np.any(np.asarray(enforcement.audit_accuracy) < 1):
        caught &= draws.uniform("accuracy", labs) < enforcement.audit_accuracy
    if np.any(np.asarray(enforcement.backcheck) > 0):
        caught |= violator & (draws.uniform("backchecks", labs) < enforcement.backcheck)
    return np.asarray(caught)


class Penalties(NamedTuple):
    """Money taken from each lab in M$, (*lead, labs): from its collateral, and as a fine on top."""

    seized: Array
    fine: Array


def collateral(enforcement: SimpleNamespace) -> Any:
    """K, the collateral for one unit, in M$."""
    return enforcement.collateral_share * enforcement.penalty


def penalties(caught: Array, uncovered: Array, enforcement: SimpleNamespace) -> Penalties:
    """What caught labs pay: ``min(m*K, pen(m))`` of the collateral, the rest of pen(m) as a fine."""
    units = uncovered * caught
    owed = punishment(units, enforcement.penalty, enforcement.liability_limit)
    seized = np.minimum(units * collateral(enforcement), owed)
    return Penalties(seized, owed - seized)


class Governor(mesa.Agent):
    """The regulator as a Mesa agent: its account, and the audits of the month."""

    def __init__(self, model: PermitMarket) -> None:
        super().__init__(model)

    @property
    def wealth(self) -> Any:
        """Account in M$: auction revenue and penalties less the cost of audits."""
        balance = self.model.ledger.governor
        return balance.item() if np.ndim(balance) == 0 else balance

    def audit(self) -> Array:
        """Who is audited given this month's signals, bool (*lead, labs)."""
        return self.model.draw_audits()
