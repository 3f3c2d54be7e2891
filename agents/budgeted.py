"""The policy `budgeted`: so many audits a month and no more, so that violators are safer the more of them there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agents.economics import AuditRates, detection
from agents.policies import Announced, Observed
from mechanisms import InputError, policy

Array = NDArray[Any]
Places = Annotated[int, Field(ge=0, le=1_000_000)]


@policy("budgeted", after_clearing=True)
def budgeted(
    announced: Announced, observed: Observed, audits: Places = 10, expect: Literal["fewest", "most"] = "fewest"
) -> AuditRates:
    """So many audits every month, suspects first and then by lot; labs foresee how many violators share them.

    Each further violator makes it less likely that any of them is found, so that labs may rightly expect few violators
    of each other, or many. `expect` says which they do; months in which the two differ are counted. Bids reckon with
    no violator at all. Signals must not mislead: `enforcement.true_positive_rate` is at least the rate of false ones.
    """
    if np.any(np.asarray(announced.true_positive_rate) < announced.false_positive_rate):
        raise InputError(
            "enforcement.policy: budgeted needs a true_positive_rate no lower than the false_positive_rate"
        )
    places = np.asarray(np.minimum(audits, announced.audit_capacity), dtype=np.float64)
    if observed.labs is None:
        return AuditRates(*shared_rates(0.0, places, announced), places=places)
    labs, a = observed.labs, announced
    rates = shared_rates(np.arange(a.labs + 1.0), places, a)
    found = detection(*rates, a.true_positive_rate, a.audit_accuracy, a.backcheck)

    def answer(expected: Array) -> Array:
        return labs.violators(_entry(found, expected))

    few, many = self_fulfilling(answer, 0.0, np.maximum), self_fulfilling(answer, float(a.labs), np.minimum)
    chosen = shared_rates(few if expect == "fewest" else many, places, a)
    return AuditRates(*chosen, several=few < many, places=places)


def shared_rates(violators: Any, places: Any, announced: Announced) -> tuple[Array, Array]:
    """pi1 and pi0 where so many places are shared by all expected signals, and what is left by the other labs.

    >>> enforcement = Announced(0.5, 0.8, 0.1, 1.0, 0.0, np.inf, True, labs=100)
    >>> [[round(float(x), 3) for x in shared_rates(v, 20, enforcement)] for v in (0, 50)]
    [[1.0, 0.111], [0.444, 0.0]]
    """
    a, n = announced, announced.labs
    signals = np.asarray(a.true_positive_rate * violators + a.false_positive_rate * (n - violators))
    return _share(places, signals), _share(places - np.minimum(places, signals), n - signals)


def _entry(table: Array, place: Array) -> Array:
    """Entries of a table, one for all worlds or a row for each, at places (*lead, 1)."""
    index = place.astype(np.intp)
    if table.ndim == 1:
        return np.asarray(table[index])
    return np.take_along_axis(table, np.broadcast_to(index, (*table.shape[:-1], 1)), axis=-1)


def _share(places: Any, labs: Array) -> Array:
    """Places for each lab, at most one; where there is no lab all are served, unless there is no place either."""
    none = np.where(np.asarray(places) > 0, 1.0, 0.0)
    shape = np.broadcast_shapes(np.shape(places), labs.shape)
    with np.errstate(over="ignore"):  # next to no lab is expected: all are served
        return np.minimum(np.divide(places, labs, out=np.broadcast_to(none, shape).copy(), where=labs > 0), 1.0)


def self_fulfilling(answer: Callable[[Array], Array], start: float, step: np.ufunc) -> Array:
    """The number of violators that answers to itself: the least one from 0 up, or the greatest from all labs down.

    `answer` does not fall as the number expected rises. Steps then go one way, `step` (np.maximum or np.minimum) keeps
    them to it through rounding, and they end at the nearest number that answers to itself (Tarski 1955).

    >>> answer = lambda expected: np.where(expected < 2, 1.0, 5.0)
    >>> float(self_fulfilling(answer, 0.0, np.maximum)), float(self_fulfilling(answer, 9.0, np.minimum))
    (1.0, 5.0)
    """
    expected, found = np.broadcast_arrays(start, answer(np.asarray(start)))
    while np.any(found != expected):
        expected, found = found, step(found, answer(found))
    return expected
