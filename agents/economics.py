"""The model's formulas as pure functions of scalars or arrays; money in M$.

Symbols: P `penalty`, K collateral, L `liability_limit`, pi1 `audit_high`, pi0 `audit_low`, beta `true_positive_rate`,
p_b `backcheck`, E expected penalty, u net value of a unit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.settings import on

Array = NDArray[Any]

GAIN_TOLERANCE = 1e-9
"""A gain counts above this times max(1, |u|), so that a lab at the edge stays within the rules."""

_NUDGE = 1 + 1e-12


def signal_detection(
    audit_high: ArrayLike, audit_low: ArrayLike, true_positive_rate: ArrayLike, audit_accuracy: ArrayLike = 1.0
) -> Array:
    """Probability that an audit finds a violation, ``p_s = accuracy * (beta*pi1 + (1-beta)*pi0)``.

    >>> float(signal_detection(0.5, 0.0, 0.8))
    0.4
    """
    beta, high, low = np.asarray(true_positive_rate), np.asarray(audit_high), np.asarray(audit_low)
    return np.asarray(audit_accuracy) * (beta * high + (1 - beta) * low)


def detection(
    audit_high: ArrayLike,
    audit_low: ArrayLike,
    true_positive_rate: ArrayLike,
    audit_accuracy: ArrayLike = 1.0,
    backcheck: ArrayLike = 0.0,
) -> Array:
    """Probability that a violation is found at all, ``p_eff = p_s + (1 - p_s) * p_b``.

    >>> float(detection(0.5, 0.0, 0.8, backcheck=0.5))
    0.7
    """
    p_s = signal_detection(audit_high, audit_low, true_positive_rate, audit_accuracy)
    return np.asarray(p_s + (1 - p_s) * np.asarray(backcheck))


def random_audits(detection_wanted: ArrayLike, audit_accuracy: ArrayLike = 1.0, backcheck: ArrayLike = 0.0) -> Array:
    """Probability of a random audit that yields a given p_eff; outside [0, 1] where none does, NaN where any does.

    >>> round(float(random_audits(0.6, audit_accuracy=0.8, backcheck=0.2)), 6)
    0.625
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        return _needed_detection(np.asarray(detection_wanted), np.asarray(backcheck), np.asarray(audit_accuracy))


def _needed_detection(wanted: Array, backcheck: Array, audit_accuracy: Array) -> Array:
    """The share of violators that audits must reach, before the accuracy of audits, for p_eff to be as wanted."""
    return np.asarray((wanted - backcheck) / ((1 - backcheck) * audit_accuracy))


def punishment(units: ArrayLike, penalty: Any, liability_limit: ArrayLike = np.inf) -> Array:
    """What a lab caught with so many uncovered units owes, ``pen(m) = min(m*(K + phi), L)``, in M$.

    A penalty that does not go by the unit is a function of the units (`agents.penalties.Schedule`).

    >>> punishment([0, 1, 3], 0.5, 1.2).tolist()
    [0.0, 0.5, 1.2]
    """
    owed = penalty(units) if callable(penalty) else np.asarray(units) * np.asarray(penalty)
    return np.minimum(owed, liability_limit) if on(np.isfinite(liability_limit)) else np.asarray(owed)


def expected_penalty(
    units: ArrayLike,
    detection: ArrayLike,
    penalty: Any,
    liability_limit: ArrayLike = np.inf,
    risk_profile: ArrayLike = 1.0,
) -> Array:
    """Expected punishment as the lab sees it, ``risk_profile * p_eff * pen(m)``, in M$; E is that for one unit.

    >>> float(expected_penalty(1, 0.5, 0.6))
    0.3
    """
    return np.asarray(np.asarray(risk_profile) * detection * punishment(units, penalty, liability_limit))


def worth_it(gain: Array, value: Array) -> Array:
    """Whether a gain from units of net value `value` counts: above rounding, so a unit is run iff u > E."""
    return gain > GAIN_TOLERANCE * np.maximum(1.0, np.abs(value))


def hurdle(expected: ArrayLike) -> Array:
    """Net value above which one unit is run without a permit: where ``u - E`` is worth it, solved for u (E >= 0).

    >>> bool(0.3 > hurdle(0.3)), bool(0.3001 > hurdle(0.3))
    (False, True)
    """
    single = np.asarray(expected)
    return np.maximum(single + GAIN_TOLERANCE, single / (1 - GAIN_TOLERANCE))


def clearing_price_seed(marginal_value: ArrayLike, running_cost: ArrayLike) -> Array:
    """Clearing price of the seed model, ``p = v* - c`` with v* the marginal winner's value, in M$.

    >>> float(clearing_price_seed(0.75, 0.25))
    0.5
    """
    return np.asarray(marginal_value) - np.asarray(running_cost)


class AuditRates(NamedTuple):
    """An audit policy's answer.

    Attributes
    ----------
    high, low : probabilities of an audit after a signal and without one, as labs reckon with them
    infeasible : where the policy misses its target
    several : where more than one number of violators is what labs would expect of each other
    aftermath : M$, what a violation costs a lab in later months, beyond this month's penalty
    places : audits a month that are all used, signals first and then by lot; inf where probabilities decide
    """

    high: Array
    low: Array
    infeasible: Array | bool = False
    several: Array | bool = False
    aftermath: Array | float = 0.0
    places: Array | float = np.inf


def optimal_audits(
    target: ArrayLike,
    penalty: ArrayLike,
    true_positive_rate: ArrayLike,
    *,
    audit_low: ArrayLike = 0.0,
    audit_accuracy: ArrayLike = 1.0,
    backcheck: ArrayLike = 0.0,
    ceiling_low: ArrayLike = 0.0,
    false_positive_rate: ArrayLike = 0.0,
) -> AuditRates:
    """Fewest audits of clean labs that make a violation cost `target` in expectation, for risk 1 and a linear penalty.

    ``x = (t/P - p_b) / ((1 - p_b) * accuracy)``, ``pi1 = min{1, max(0, (x - (1-beta)*pi0) / beta)}``; where pi1 caps
    at 1, pi0 rises towards ``min{1, (x - beta)/(1 - beta)}``, never above `ceiling_low`. For pi0 = p_b = 0 and
    accuracy 1 this is the seed's ``min{1, (v* - c)/(P*beta)}``. Where clean labs raise more signals than violators
    (`false_positive_rate` above beta), labs without a signal are audited first: pi0 up to `ceiling_low`, then pi1.

    Returns
    -------
    AuditRates
        `infeasible` where even that leaves the expected penalty below the target.

    Examples
    --------
    >>> [round(float(optimal_audits(70, 215.75, 0.6, audit_low=low).high), 5) for low in (0.0, 0.1)]
    [0.54075, 0.47408]
    >>> rates = optimal_audits(70, 50, 0.6)
    >>> float(rates.high), bool(rates.infeasible)
    (1.0, True)
    """
    settings = (target, penalty, true_positive_rate, audit_accuracy, backcheck, audit_low)
    t, p, beta, accuracy, p_b, low = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in settings))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        needed = _needed_detection(t / p, p_b, accuracy)
    helpless = (p <= 0) | (p_b >= 1) | (accuracy <= 0)
    x = np.where(helpless, np.where(t <= p * p_b, 0.0, np.inf), needed) * _NUDGE
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        high = np.where(beta > 0, (x - (1 - beta) * low) / beta, np.where(x > low, np.inf, 0.0))
        raised = np.where(beta < 1, (x - beta) / (1 - beta), 0.0)
    low = np.where(high > 1, np.clip(raised, low, np.maximum(np.minimum(ceiling_low, 1.0), low)), low)
    high = np.clip(high, 0.0, 1.0)
    misleading = beta < false_positive_rate
    if misleading.any():
        turned = _without_signal_first(x, beta, *np.broadcast_arrays(audit_low, ceiling_low))
        high, low = (np.where(misleading, *pair) for pair in zip(turned, (high, low), strict=True))
    reached = detection(high, low, beta, accuracy, p_b) * p
    return AuditRates(high, low, reached < t - GAIN_TOLERANCE * np.maximum(1.0, np.abs(t)))


def _without_signal_first(x: Array, beta: Array, floor: Array, ceiling: Array) -> tuple[Array, Array]:
    """pi1 and pi0 that find a share x of violators, pi0 as high as it may be."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        wanted = np.where(beta < 1, x / (1 - beta), np.where(x > 0, np.inf, 0.0))
        low = np.clip(wanted, floor, np.maximum(np.minimum(ceiling, 1.0), floor))
        high = np.where(beta > 0, (x - (1 - beta) * low) / beta, np.where(x > low, np.inf, 0.0))
    return np.clip(high, 0.0, 1.0), low
