"""Properties of mechanisms as searches for a witness: each returns the worst one that it finds in a book, or None.

All take ``(exchange, book, seed)``: one market, or thousands along leading axes and cleared in one call; market i is
cleared with seed + i. The reports in `book` are taken for true. Those about misreports look at one lab in each of many
markets (lab i modulo labs in market i), or at `labs` of them, and at every lab of a single market; the luck is the same
for truth and lie, so that a mechanism in which chance decides is held to the truth whatever the lot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing
from mechanisms.draws import Draws
from mechanisms.exchange import CentralExchange
from mechanisms.measures import best_gains, gains_from_trade
from mechanisms.properties.luck import Renamed, renamed
from mechanisms.properties.reports import Lies, misreports, padded, raised, roomier, swapped, told
from mechanisms.properties.search import Score, best_misreport, flat, permits_lost, profit, rows, seeds_of
from mechanisms.properties.witness import Witness
from mechanisms.properties.worth import net_purchases, surpluses

Array = NDArray[Any]

TOLERANCE = 1e-7
"""M$ or permits below which a gain is rounding."""


def individually_rational(exchange: CentralExchange, book: OrderBook, seed: int = 0) -> Witness | None:
    """No truthful lab loses.

    >>> individually_rational(CentralExchange("huang"), OrderBook.of([9.0, 5.0, 4.0], supply=2)) is None
    True
    """
    clearing, seeds = _cleared(exchange, book, seed)
    losses = -surpluses(clearing, clearing.book)
    worst = losses.max(axis=-1, initial=0.0)
    lab = int(losses[worst.argmax()].argmax()) if losses.size else None
    return _witness("individually_rational", exchange, clearing.book, seeds, worst, lab=lab)


def never_in_deficit(exchange: CentralExchange, book: OrderBook, seed: int = 0) -> Witness | None:
    """Weak budget balance: labs pay at least the reserve for each permit of the house.

    >>> print(never_in_deficit(CentralExchange("vickrey"), OrderBook.of([9.0, 3.0], buying=[True, False])))
    never_in_deficit fails under vickrey by 6 with seed 0. Orders: lab 0 bids 9; lab 1 asks 3.
    """
    clearing, seeds = _cleared(exchange, book, seed)
    return _witness("never_in_deficit", exchange, clearing.book, seeds, deficit(clearing))


def budget_balanced(exchange: CentralExchange, book: OrderBook, seed: int = 0) -> Witness | None:
    """Strong budget balance: labs pay what the house earns; without sales of the house that is nothing.

    Where there is a single price the house earns it; otherwise no less than the reserve.

    >>> print(budget_balanced(CentralExchange("pay-as-bid"), OrderBook.of([9.0, 3.0], buying=[True, False])))
    budget_balanced fails under pay-as-bid by 6 with seed 0. Orders: lab 0 bids 9; lab 1 asks 3.
    """
    clearing, seeds = _cleared(exchange, book, seed)
    return _witness("budget_balanced", exchange, clearing.book, seeds, imbalance(clearing))


def efficient(exchange: CentralExchange, book: OrderBook, seed: int = 0) -> Witness | None:
    """The highest reports hold the permits: no gains from trade are left.

    >>> efficient(CentralExchange("uniform-price"), OrderBook.of([9.0, 5.0, 4.0], supply=2)) is None
    True
    """
    clearing, seeds = _cleared(exchange, book, seed)
    return _witness("efficient", exchange, clearing.book, seeds, gains_lost(clearing))


def deficit(clearing: Clearing) -> Array:
    """M$ by which labs pay less than the reserve for the house's permits, shape lead."""
    return np.asarray(clearing.book.reserve * clearing.house_sold - clearing.surplus)


def imbalance(clearing: Clearing) -> Array:
    """M$ that the exchange pays in or keeps beyond the house's sales at one price, shape lead."""
    kept = np.abs(clearing.surplus - np.nan_to_num(clearing.price) * clearing.house_sold)
    known = (clearing.house_sold <= TOLERANCE) | np.isfinite(clearing.price)
    return np.maximum(deficit(clearing), np.where(known, kept, 0.0))


def gains_lost(clearing: Clearing) -> Array:
    """Gains from trade by the reports that were possible and not made, M$, shape lead."""
    return best_gains(clearing.book) - gains_from_trade(clearing)


def anonymous(exchange: CentralExchange, book: OrderBook, seed: int = 0) -> Witness | None:
    """Labs renamed together with their luck trade and pay as before under the new names.

    That holds exactly also where chance decides: see `mechanisms.properties.luck`.

    >>> anonymous(CentralExchange("lottery"), OrderBook.of([9.0, 5.0, 4.0], supply=2)) is None
    True
    """
    plain, seeds = _cleared(exchange, book, seed)
    names = np.random.default_rng(seed).permutation(book.labs)
    other = renamed(plain.book, names)
    turned = exchange.clear(other, Renamed(Draws(seeds), names))
    permits = np.abs(net_purchases(plain)[..., names] - net_purchases(turned))
    money = np.abs(plain.lab_payments[..., names] - turned.lab_payments)
    apart = np.maximum(permits, money).max(axis=-1, initial=0.0)
    return _witness(
        "anonymous",
        exchange,
        plain.book,
        seeds,
        apart,
        misreport=other.one(int(apart.argmax())),
        kind="labs renamed: " + ", ".join(f"{old} is now {new}" for new, old in enumerate(names)),
    )


def truthful(exchange: CentralExchange, book: OrderBook, seed: int = 0, labs: int | None = None) -> Witness | None:
    """No lab gains from a report that is scaled, withheld, moved, flattened or swapped, others truthful.

    >>> print(truthful(CentralExchange("uniform-price:k=0"), OrderBook.of([9.0, 4.0], supply=1)))
    None
    """
    lies: list[Lies] = [misreports] if book.ladder == 1 else [misreports, swapped]
    return _worst("truthful", exchange, flat(book), seed, labs, lies, profit)


def padding_proof(exchange: CentralExchange, book: OrderBook, seed: int = 0, labs: int | None = None) -> Witness | None:
    """No lab gains by asking for more than it wants, at no more than its lowest true price.

    >>> padding_proof(CentralExchange("posted-price", price=4.0), OrderBook.of([9.0, 5.0], supply=1)) is None
    True
    """
    return _worst("padding_proof", exchange, roomier(flat(book)), seed, labs, [padded], profit)


def monotone(exchange: CentralExchange, book: OrderBook, seed: int = 0, labs: int | None = None) -> Witness | None:
    """A lab that raises one of its prices, of a bid or of an ask, does not end up with fewer permits.

    >>> monotone(CentralExchange("vickrey"), OrderBook.of([9.0, 5.0, 4.0], supply=2)) is None
    True
    """
    return _worst("monotone", exchange, flat(book), seed, labs, [raised], permits_lost)


def _worst(
    name: str,
    exchange: CentralExchange,
    book: OrderBook,
    seed: int,
    labs: int | None,
    lies: list[Lies],
    score: Score,
) -> Witness | None:
    index, lab = tried(len(book.price), book.labs, labs)
    markets, seeds = rows(book, index), seeds_of(len(book.price), seed)[index]
    found = [best_misreport(exchange, markets, lab, seeds, some, score) for some in lies]
    some = int(np.argmax([one.gain.max() for one in found]))
    worst = int(found[some].gain.argmax())
    misreport, kind = told(rows(markets, [worst]), lab[[worst]], lies[some], int(found[some].place[worst]))
    return _witness(
        name, exchange, markets, seeds, found[some].gain, lab=int(lab[worst]), misreport=misreport, kind=kind
    )


def _cleared(exchange: CentralExchange, book: OrderBook, seed: int) -> tuple[Clearing, Array]:
    """All markets of a book along one axis, cleared, and their seeds."""
    markets = flat(book)
    seeds = seeds_of(len(markets.price), seed)
    return exchange.clear(markets, seeds), seeds


def _witness(
    name: str, exchange: CentralExchange, markets: OrderBook, seeds: Array, gain: Array, **details: Any
) -> Witness | None:
    """The market with the largest gain, if it is one."""
    worst = int(gain.argmax())
    if gain[worst] <= TOLERANCE:
        return None
    return Witness(name, exchange.label, markets.one(worst), int(seeds[worst]), float(gain[worst]), **details)


def tried(markets: int, labs: int, most: int | None) -> tuple[Array, Array]:
    """Which lab to look at in which market: all of a single market, else one of each, or as many as asked for.

    >>> [x.tolist() for x in tried(3, 2, None)], [x.tolist() for x in tried(1, 2, None)]
    ([[0, 1, 2], [0, 1, 0]], [[0, 0], [0, 1]])
    """
    count = min(labs, most or (labs if markets == 1 else 1))
    index = np.repeat(np.arange(markets), count)
    return index, (index + np.tile(np.arange(count), markets)) % labs
