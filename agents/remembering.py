"""Policies that remember what became of each lab: two groups (`targeted`), and rising suspicion (`escalating`)."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agents.economics import AuditRates, detection
from agents.policies import Announced, Observed, Probability
from mechanisms import InputError, policy

Array = NDArray[Any]
Memory = dict[str, Any]
OF_LABS = {"governor_chooses": False}
"""Marks an option that describes labs and not what the Governor does."""
Discount = Annotated[float, Field(ge=0, le=0.99, json_schema_extra=OF_LABS)]


@policy("targeted", after_clearing=True, remembers=True)
def targeted(
    announced: Announced,
    observed: Observed,
    memory: Memory,
    good: Probability = 0.05,
    bad: Probability = 0.3,
    discount: Discount = 0.9,
) -> AuditRates:
    """Two groups, whatever the signals: labs that were caught are audited more often, until an audit finds nothing.

    All labs start in the good group (Harrington 1988). Labs look ahead, with the monthly `discount` factor and as if
    every month to come were like this one: in the bad group they comply to get out, so that few audits deter more than
    they would by themselves. Bids reckon with this month's audits alone.
    """
    if np.any(np.asarray(bad) < good):
        raise InputError("enforcement.policy: targeted audits the bad group at least as often; bad is below good")
    if observed.labs is None:
        memory["bad"] = _grouped(memory.get("bad", np.asarray(False)), observed)
        memory["chance"] = _by_group(memory["bad"], bad, good)
        return AuditRates(memory["chance"], memory["chance"])
    a, in_bad, chance = announced, memory["bad"], memory["chance"]
    found = [detection(q, q, a.true_positive_rate, a.audit_accuracy, a.backcheck) for q in (good, bad)]
    gain_good, gain_bad = (observed.labs.gain(p) for p in found)
    missed = np.asarray(bad) * (1 - np.asarray(a.audit_accuracy)) * (1 - np.asarray(a.backcheck))
    apart = worth_of_good_standing(gain_good, gain_bad, found[0], np.asarray(bad), missed, discount)
    at_stake = _by_group(in_bad, discount * (np.asarray(bad) - missed), discount * found[0])
    return AuditRates(chance, chance, aftermath=at_stake * apart)


def _grouped(bad: Array, observed: Observed) -> Array:
    """Who is in the bad group after last month: caught labs enter, labs whose audit found nothing leave."""
    if observed.caught is None or observed.audited is None:
        return bad
    return np.asarray((bad & ~observed.audited) | observed.caught)


def _by_group(bad: Array, in_bad: Any, in_good: Any) -> Array:
    """A figure of each lab by its group; processors guess badly at random groups, so that products cost a third."""
    return np.asarray(bad * in_bad + ~bad * in_good)


def worth_of_good_standing(
    gain_good: Any, gain_bad: Any, caught: Any, released: Any, slipped: Any, discount: Any
) -> Array:
    """What being in the good group instead of the bad one is worth to a lab that acts in its own interest, in M$.

    Parameters
    ----------
    gain_good, gain_bad : at least 0, M$ a month that the lab gains in each group by violating
    caught : probability that a violator in the good group is caught, which puts it into the bad one
    released, slipped : probability that a lab in the bad group gets out if it complies, and if it violates
    discount : factor a month, below 1

    Notes
    -----
    The difference D of the two values solves ``(1-d) D = max(0, g - d c D) - max(d r D, b + d s D)``. In the good group
    a lab never loses by violating: were g below d c D, D would be above 0, and yet at most 0 by the equation. In the
    bad group it does what leaves it the smaller D, each of which follows from one linear equation.

    Examples
    --------
    Harrington's numbers: at a cost of .7655 a lab in the bad group is indifferent, ``.9 * .3 * D = .7655 - .3``.

    >>> float(worth_of_good_standing(0.7155, 0.4655, 0.05, 0.3, 0.0, 0.9).round(3))
    1.724
    """
    g, b, c, r, s, d = (
        np.asarray(x, dtype=np.float64) for x in (gain_good, gain_bad, caught, released, slipped, discount)
    )

    leaving = 1 - d + d * c
    return np.minimum(g / (leaving + d * r), (g - b) / (leaving + d * s))


@policy("escalating", remembers=True)
def escalating(
    announced: Announced,
    observed: Observed,
    memory: Memory,
    high: Probability = 0.8,
    low: Probability = 0.1,
    rise: Probability = 0.5,
    persistence: Probability = 0.8,
) -> AuditRates:
    """Audits after signals, more often the more a lab is suspected: suspicion rises when it is caught, and fades.

    Suspicion is in [0, 1]: each month it is multiplied by `persistence`, and being caught adds `rise`. At suspicion x
    an audit has probability ``high + (1 - high) x`` after a signal and ``low + (1 - low) x`` without. Labs know their
    own and reckon with this month's audits alone.
    """
    suspicion = memory.get("suspicion", np.asarray(0.0))
    if observed.caught is not None:
        suspicion = np.minimum(1.0, np.asarray(persistence) * suspicion + np.asarray(rise) * observed.caught)
    memory["suspicion"] = suspicion
    return AuditRates(high + (1 - np.asarray(high)) * suspicion, low + (1 - np.asarray(low)) * suspicion)
