"""Every claim of a mechanism on random books of its own domain, and what it does not claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.exchange import CentralExchange
from mechanisms.properties import checks
from mechanisms.properties.domains import DOMAINS, random_books
from mechanisms.properties.witness import Witness
from mechanisms.registry import Facts

Array = NDArray[Any]
Property = Callable[[CentralExchange, OrderBook, int], Witness | None]

PROPERTIES: dict[str, Property] = {
    "individually_rational": checks.individually_rational,
    "never_in_deficit": checks.never_in_deficit,
    "budget_balanced": checks.budget_balanced,
    "efficient": checks.efficient,
    "truthful": checks.truthful,
    "anonymous": checks.anonymous,
    "monotone": checks.monotone,
    "padding_proof": checks.padding_proof,
}


GRADED = ("truthful", "monotone")
"""Claimed up to a domain; all else is claimed everywhere or not at all."""


class Claim(NamedTuple):
    """A property on a domain: ``unit``, ``single-order`` or ``multi-unit``."""

    property: str
    domain: str


class Checked(NamedTuple):
    """A claim, the number of books it was tested on, and the worst witness against it, if there is one."""

    claim: Claim
    books: int
    witness: Witness | None


def claims_of(facts: Facts) -> list[Claim]:
    """What a mechanism claims: of all that no lab loses and that names do not matter, the rest as it declares.

    >>> [claim.domain for claim in claims_of(Facts(truthful="single-order")) if claim.property == "truthful"]
    ['unit', 'single-order']
    """
    return [Claim(name, domain) for name in PROPERTIES for domain in _domains(name, facts)]


def unclaimed_of(facts: Facts) -> list[Claim]:
    """What it does not claim, each on the narrowest demand: for all of these there are stored witnesses.

    >>> unclaimed_of(Facts(truthful="unit", monotone="multi-unit", budget="weak", padding_proof=True))[-2:]
    [Claim(property='truthful', domain='single-order'), Claim(property='truthful', domain='multi-unit')]
    >>> [claim.property for claim in unclaimed_of(Facts(budget="none"))]
    ['never_in_deficit', 'efficient', 'truthful', 'monotone', 'padding_proof']
    """
    missing = {name: [d for d in DOMAINS if d not in _domains(name, facts)] for name in PROPERTIES}
    if facts.budget == "none":
        del missing["budget_balanced"]  # what runs a deficit is not balanced either
    narrowest = {name: some[:1] if len(some) == len(DOMAINS) else some for name, some in missing.items()}
    return [Claim(name, domain) for name, some in narrowest.items() for domain in some]


def _domains(name: str, facts: Facts) -> list[str]:
    """Domains on which a property is claimed, from the narrowest to the widest."""
    if name in GRADED:
        widest = getattr(facts, name)
        return [] if widest == "no" else list(DOMAINS)[: list(DOMAINS).index(widest) + 1]
    claimed = {
        "individually_rational": True,
        "anonymous": True,
        "never_in_deficit": facts.budget != "none",
        "budget_balanced": facts.budget == "strong",
        "efficient": facts.efficient == "for reports",
        "padding_proof": facts.padding_proof,
    }
    return list(DOMAINS) if claimed[name] else []


def check_claims(
    exchange: CentralExchange, books: int = 100, seed: int = 0, reserve: float = 3.0, facts: Facts | None = None
) -> list[Checked]:
    """Look for witnesses against every claim, on random books of each domain.

    Part of what truthfulness means is that other labs ask no less than the reserve: a bid below it is no order, and
    bidding the reserve pays where a lab would sell for less. So asks below it are raised, but for the lab looked at.

    Parameters
    ----------
    books : markets for each claim
    reserve : highest reserve price drawn, M$ per permit; a posted price must be at least that
    facts : what is claimed, by default what the mechanism declares

    Examples
    --------
    >>> [checked.claim for checked in check_claims(CentralExchange("vickrey"), books=20) if checked.witness]
    []
    """
    claims = claims_of(facts or exchange.rule.plugin.facts)
    return [Checked(claim, books, _check(exchange, claim, books, seed, reserve)) for claim in claims]


def _check(exchange: CentralExchange, claim: Claim, books: int, seed: int, reserve: float) -> Witness | None:
    book = random_books(claim.domain, books, seed, reserve)
    if claim.property in ("truthful", "padding_proof"):
        book = _others_ask_the_reserve(book, checks.tried(books, book.labs, None)[1])
    return PROPERTIES[claim.property](exchange, book, seed)


def _others_ask_the_reserve(book: OrderBook, lab: Array) -> OrderBook:
    others = book.asks & (book.user != lab[:, None])
    return replace(book, price=np.where(others, np.maximum(book.price, book.reserve[:, None]), book.price))
