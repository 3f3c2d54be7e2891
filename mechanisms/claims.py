"""What mechanisms claim, in words: the command line and the app say the same."""

from __future__ import annotations

from typing import NamedTuple

from mechanisms.registry import Facts


class Claim(NamedTuple):
    """A claim in a few words, and what it means in a sentence."""

    words: str
    meaning: str


_TRUTHFUL = {
    "unit": Claim("truthful (one unit)", "Honest reports pay best where each lab wants or offers one permit."),
    "single-order": Claim("truthful (one order)", "Honest reports pay best where each lab sends one order."),
    "multi-unit": Claim("truthful (several units)", "Honest reports pay best, however many permits a lab wants."),
}
_BUDGET = {
    "strong": Claim("strongly budget balanced", "Labs pay exactly what the house earns; the exchange keeps nothing."),
    "weak": Claim("never a deficit", "The exchange never pays in, and may keep some money."),
}
_EFFICIENT = {"for reports": Claim("efficient for reports", "The permits end up with the highest reports.")}
_FLAGS = {
    ("single_price", True): Claim("one price", "All trades of a month are at one price."),
    ("two_sided", True): Claim("two-sided", "Labs may sell the permits that they were handed."),
    ("two_sided", False): Claim("house permits only", "Labs keep the permits that they were handed."),
    ("stochastic", True): Claim("by chance", "Lots decide more than ties."),
}
CLAIMS = (*_TRUTHFUL.values(), *_EFFICIENT.values(), *_BUDGET.values(), *_FLAGS.values())
"""Every claim that can be made."""


def claims_of(facts: Facts) -> list[Claim]:
    """What a mechanism claims.

    >>> [claim.words for claim in claims_of(Facts(truthful="unit", stochastic=True))]
    ['truthful (one unit)', 'never a deficit', 'two-sided', 'by chance']
    """
    found = [_TRUTHFUL.get(facts.truthful), _EFFICIENT.get(facts.efficient), _BUDGET.get(facts.budget)]
    flags = [claim for (name, value), claim in _FLAGS.items() if getattr(facts, name) == value]
    return [claim for claim in found if claim] + flags
