"""Search many markets for the report that pays a lab best, all misreports cleared in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing
from mechanisms.draws import Draws
from mechanisms.exchange import CentralExchange
from mechanisms.properties.reports import Lies, Reports, reported
from mechanisms.properties.worth import net_purchases, surpluses

Array = NDArray[Any]

ENTRIES = 2_000_000
"""Orders cleared in one call: enough to be fast, few enough to stay in memory."""

Score = Callable[[Clearing, OrderBook], Array]


class Found(NamedTuple):
    """The best misreport of one lab in each market: what it brings, its place among the reports, the truthful score."""

    gain: Array
    place: Array
    truthful: Array


def flat(book: OrderBook) -> OrderBook:
    """The same markets along one leading axis."""
    return rows(book, np.arange(int(np.prod(book.lead, dtype=int))))


def rows(book: OrderBook, index: ArrayLike) -> OrderBook:
    """Some markets, leading axes flattened; `index` may repeat."""
    markets, some = int(np.prod(book.lead, dtype=int)), np.asarray(index, dtype=np.intp)

    def pick(x: Array, *orders: int) -> Array:
        return np.broadcast_to(x, (*book.lead, *orders)).reshape(markets, *orders)[some]

    return OrderBook(
        pick(book.price, book.orders),
        None if book.quantity is None else pick(book.quantity, book.orders),
        pick(book.buying, book.orders),
        book.user if book.user.ndim == 1 else pick(book.user, book.orders),
        pick(book.supply),
        pick(book.reserve),
        book.labs,
        book.ladder,
    )


def seeds_of(markets: int, seed: int) -> Array:
    """One seed a market, counted up from `seed`."""
    return np.uint64(seed) + np.arange(markets, dtype=np.uint64)


def profit(clearing: Clearing, truth: OrderBook) -> Array:
    """What labs gain, M$."""
    return surpluses(clearing, truth)


def permits_lost(clearing: Clearing, truth: OrderBook) -> Array:
    """Permits that labs sell, less those that they buy."""
    return -net_purchases(clearing)


def best_misreport(
    exchange: CentralExchange, book: OrderBook, lab: Array, seeds: Array, lies: Lies, score: Score = profit
) -> Found:
    """Look for the report that beats the truth by most, for one lab in each market, others truthful.

    Parameters
    ----------
    book : true reports, leading axis markets
    lab : (markets,)
    seeds : (markets,), the same luck for the truth and for every lie

    Returns
    -------
    Found
        Three arrays (markets,).
    """
    parts = [
        _best(exchange, rows(book, part), lab[part], seeds[part], lies, score)
        for part in _chunks(book, lies(rows(book, np.arange(1)), lab[:1]))
    ]
    return Found(*(np.concatenate(x) for x in zip(*parts, strict=True)))


def _chunks(book: OrderBook, reports: Reports) -> Iterator[Array]:
    size = max(1, ENTRIES // max(1, len(reports.kinds) * book.orders))
    markets = len(book.price)
    return (np.arange(start, min(start + size, markets)) for start in range(0, markets, size))


def _best(
    exchange: CentralExchange, book: OrderBook, lab: Array, seeds: Array, lies: Lies, score: Score
) -> tuple[Array, Array, Array]:
    told = reported(book, lab, lies(book, lab))
    truth = score(exchange.clear(book, seeds), book)[np.arange(len(lab)), lab]
    luck = Draws(np.broadcast_to(seeds, told.lead))
    all_labs = score(exchange.clear(told, luck), book)
    scores = np.take_along_axis(all_labs, np.broadcast_to(lab[:, None], (*told.lead, 1)), axis=-1)[..., 0]
    place = np.argmax(scores, axis=0)
    return scores[place, np.arange(len(lab))] - truth, place, truth
