"""Audit policies: how often the Governor audits after a signal (pi1) and without one (pi0)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agents.economics import GAIN_TOLERANCE, AuditRates, detection, optimal_audits
from mechanisms import InputError, policy

if TYPE_CHECKING:
    from agents.prospects import Prospects

Array = NDArray[Any]
Probability = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Announced:
    """Enforcement as announced; numbers, or arrays that broadcast to (*lead, labs)."""

    penalty: Any
    true_positive_rate: Any
    false_positive_rate: Any
    audit_accuracy: Any
    backcheck: Any
    audit_capacity: Any
    single_price: bool
    labs: int = 1


@dataclass(frozen=True)
class Observed:
    """What the Governor has seen: after the clearing its price and reports, and last month's lab by lab.

    `price` and `highest_losing` have shape (*lead, 1) and are None before the clearing; `signal`, `audited` and
    `caught` are bool (*lead, labs) from last month, None in the first. `labs` answers what labs would do under audits
    that they expect; None before the clearing.
    """

    month: int
    price: Array | None = None
    highest_losing: Array | None = None
    signal: Array | None = None
    audited: Array | None = None
    caught: Array | None = None
    labs: Prospects | None = None


def check_rates(name: str, answer: Sequence[Any], shape: tuple[int, ...]) -> AuditRates:
    """A policy's answer as arrays: probabilities that broadcast to `shape`, (*lead, labs), and infeasible worlds."""
    rates = AuditRates(*(np.asarray(part) for part in answer))
    for rate in rates[:1] if rates.low is rates.high else rates[:2]:
        if not (rate.min() >= 0 and rate.max() <= 1):
            wrong = rate[~((rate >= 0) & (rate <= 1))]
            raise InputError(f"enforcement.policy: {name} gave {wrong.flat[0]:g}, which is not in [0, 1]")
    for part in (rates.high, rates.low, rates.aftermath):
        try:
            np.broadcast_to(part, shape)
        except ValueError:
            raise InputError(f"enforcement.policy: {name} gave shape {np.shape(part)}, not {shape}") from None
    infeasible = np.asarray(rates.infeasible)
    by_world = infeasible.ndim and infeasible.shape == shape[:-1]
    return rates._replace(infeasible=infeasible[..., None] if by_world else infeasible)


@policy("none", fixed=True)
def no_audits(announced: Announced, observed: Observed) -> AuditRates:
    """Nobody is audited."""
    return AuditRates(np.asarray(0.0), np.asarray(0.0))


@policy("random", fixed=True)
def random_policy(announced: Announced, observed: Observed, probability: Probability = 0.5) -> AuditRates:
    """Every lab is audited with the same probability, signal or not."""
    return AuditRates(np.asarray(probability), np.asarray(probability))


@policy("signal", fixed=True)
def signal_policy(
    announced: Announced, observed: Observed, high: Probability = 0.8, low: Probability = 0.1
) -> AuditRates:
    """Labs with a signal are audited with probability `high`, the others with `low`."""
    return AuditRates(np.asarray(high), np.asarray(low))


@policy("optimal", after_clearing=True)
def optimal_policy(
    announced: Announced,
    observed: Observed,
    target: Literal["price", "loser"] | None = None,
    ceiling_low: Probability = 0.0,
    low: Probability = 0.0,
) -> AuditRates:
    """Audit suspects just often enough that a violation costs the clearing price, or the highest losing report.

    `target` is ``price`` by default where the mechanism has one price and ``loser`` elsewhere. Labs without a signal
    are audited with probability `low` at least, and up to `ceiling_low` where that is needed; where signals mislead
    they come first. Risk 1 and a linear penalty are assumed. Infeasible where the strongest audits do not reach the
    target, or where a losing report lies at what the strongest audits cost: such a bid says nothing of how much more
    the lab would gain.
    """
    if target == "price" and not announced.single_price:
        raise InputError("enforcement.policy.target: price needs a mechanism with one price; allowed here: loser")
    most_low = np.maximum(ceiling_low, low)
    if observed.highest_losing is None:
        return AuditRates(np.asarray(1.0), np.asarray(most_low))
    loser, wanted = observed.highest_losing, observed.highest_losing
    if observed.price is not None and target != "loser" and announced.single_price:
        wanted = np.where(np.isnan(observed.price), loser, observed.price)
    a = announced
    rates = optimal_audits(
        wanted,
        a.penalty,
        a.true_positive_rate,
        audit_accuracy=a.audit_accuracy,
        backcheck=a.backcheck,
        audit_low=low,
        ceiling_low=ceiling_low,
        false_positive_rate=a.false_positive_rate,
    )
    strongest = detection(1.0, most_low, a.true_positive_rate, a.audit_accuracy, a.backcheck) * a.penalty
    hidden = (loser > 0) & (loser >= strongest - GAIN_TOLERANCE * np.maximum(1.0, loser))
    return rates._replace(infeasible=rates.infeasible | hidden)
