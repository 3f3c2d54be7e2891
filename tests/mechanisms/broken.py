"""Mechanisms that break one property each, to see that it is found. Nobody registers them but `planted`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from mechanisms import CentralExchange, Draws, OrderBook, mechanism
from mechanisms.clearing import Outcome
from mechanisms.pot import Pot, by_lab
from mechanisms.rationing import in_rounds, per_order
from mechanisms.registry import _plugins
from tests.mechanisms.markets import Array

Rule = Callable[[OrderBook, Draws], Outcome]


@contextmanager
def planted(rule: Rule, batched: bool = True) -> Iterator[CentralExchange]:
    """An exchange with a rule that is registered for as long as the test runs."""
    name = rule.__name__.replace("_", "-")
    mechanism(name, batched=batched)(rule)
    try:
        yield CentralExchange(name)
    finally:
        del _plugins["mechanism", name]


def overcharging(book: OrderBook, draws: Draws) -> Outcome:
    """Winners pay their bid and a fee; sellers get their ask."""
    fills = Pot.of(book, draws).fills
    return Outcome(fills, _at_reports(book, fills) + 0.5 * fills * book.buying)


def subsidising(book: OrderBook, draws: Draws) -> Outcome:
    """Buyers get a tenth off the lowest winning report."""
    pot = Pot.of(book, draws)
    price = np.where(pot.fills.any(axis=-1), pot.lowest_winning, 0.0)[..., None]
    return Outcome(pot.fills, pot.fills * price * np.where(book.buying, 0.9, -1.0))


def wasteful(book: OrderBook, draws: Draws) -> Outcome:
    """The house keeps its last permit back."""
    fills = Pot.of(replace(book, supply=np.maximum(book.supply - 1.0, 0.0)), draws).fills
    return Outcome(fills, _at_reports(book, fills))


def by_number(book: OrderBook, draws: Draws) -> Outcome:
    """The house's permits at the reserve, the lowest number first."""
    return _served(book, np.arange(book.labs, dtype=float))


def with_a_favourite(book: OrderBook, draws: Draws) -> Outcome:
    """A lottery in which lab 0 draws twice."""
    luck = draws.uniform("mechanism", book.labs)
    again = draws.uniform("again", book.labs)
    return _served(book, np.where(np.arange(book.labs) == 0, np.minimum(luck, again), luck))


def fair_draw(book: OrderBook, draws: Draws) -> Outcome:
    """The same without favourites: sound, though chance decides everything."""
    return _served(book, draws.uniform("mechanism", book.labs))


def modest(book: OrderBook, draws: Draws) -> Outcome:
    """Bids above 6 are taken for a mistake and left out."""
    kept = book.price <= 6
    amounts = None if book.quantity is None else book.quantity * kept
    return by_number(replace(book, price=np.where(kept, book.price, -np.inf), quantity=amounts), draws)


def by_ticket(book: OrderBook, draws: Draws) -> Outcome:
    """Every buyer gets the same share of what it asks for, at the reserve: more asked for, more given."""
    wanted = np.where(book.buying, book.amounts, 0.0)
    total = np.maximum(wanted.sum(axis=-1), 1e-9)
    fills = wanted * np.minimum(book.supply / total, 1.0)[..., None]
    return Outcome(fills, fills * book.reserve[..., None])


def _served(book: OrderBook, turn: Array) -> Outcome:
    wishes = np.where(book.buying, book.amounts, 0.0)
    won = in_rounds(by_lab(book, wishes), book.supply, turn)
    fills = per_order(book, wishes, won, dearest_first=True)
    return Outcome(fills, fills * book.reserve[..., None])


def _at_reports(book: OrderBook, fills: Array) -> Array:
    return np.where(book.buying, fills, -1.0 * fills) * np.where(book.present, book.price, 0.0)
