"""What a lab may report instead of the truth.

A lab's report is a falling list of valuations, one a rung of its ladder, the first of them for the permits that it
holds: any list of numbers is a misreport once it is sorted. Books here have one leading axis, and one lab is looked at
in each market; misreports come on a further axis in front, so that one call clears them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.errors import InputError
from mechanisms.pot import ranked_value

Array = NDArray[Any]

FACTORS = (0.0, 0.5, 0.8, 0.95, 1.05, 1.25, 2.0)
SMALLER, LARGER = (0.25, 0.5, 0.75), (1.25, 1.5, 2.0)
RANKS, REDRAWN = 8, 8
EXTRA = 2
"""Rungs added for demand that is not there."""
NUDGE = 1e-6
"""Share of the highest price by which a bid is put above, an ask below, a price that it is to beat."""


class Reports(NamedTuple):
    """Misreports of one lab in each market: what each does in words, its valuations, its share of the true quantity.

    `valuations` is (reports, markets, rungs) in M$ per permit; `falling` says whether they are sorted.
    """

    kinds: list[str]
    valuations: Array
    share: Array
    falling: bool = True


class Desk(NamedTuple):
    """One lab in each market: its true valuations (0 where it has none), its asks, its possible bids.

    All three are (markets, rungs), prices in M$ per permit.
    """

    book: OrderBook
    lab: Array
    true: Array
    asks: Array
    bids: Array

    @classmethod
    def of(cls, book: OrderBook, lab: Array) -> Desk:
        """Read a lab's rows of each market."""
        _laid_out(book)
        sides = (np.broadcast_to(side, book.price.shape) for side in (book.asks, book.buying))
        return cls(book, lab, *(of_labs(book, x, lab) for x in (np.where(book.present, book.price, 0.0), *sides)))

    @property
    def high(self) -> Array:
        """A price beyond all reports and the reserve, (markets, 1)."""
        top = np.maximum(self.book.price.max(axis=-1, initial=0.0), self.book.reserve)
        return np.asarray(2.0 * top[:, None] + 1.0)

    def one_each(self, changed: Array) -> Array:
        """Change one valuation at a time: (n, markets, rungs) to (rungs * n, markets, rungs)."""
        rung = np.eye(self.book.ladder, dtype=bool)[:, None, None, :]
        return np.where(rung, changed, self.true).reshape(-1, *self.true.shape)

    def targets(self) -> tuple[Array, Array]:
        """Prices seen in the market, and valuations that just beat them, both (targets, markets, rungs)."""
        seen = np.broadcast_to(_seen(self.book)[..., None], (*_seen(self.book).shape, self.book.ladder))
        step = NUDGE * np.where(self.asks, -self.high, self.high)
        return seen, np.maximum(seen + step, 0.0)

    def redrawn(self, seen: Array) -> Array:
        """Each valuation replaced by some price of the market, (REDRAWN, markets, rungs)."""
        index = np.random.default_rng(len(seen)).integers(0, len(seen), (REDRAWN, *seen.shape[1:]))
        return np.take_along_axis(seen, index, axis=0)


Lies = Callable[[OrderBook, Array], Reports]
"""From markets and one lab in each to its misreports."""


def _laid_out(book: OrderBook) -> None:
    if not book.ladder:
        raise InputError("book: misreports are searched where each lab has one order, or a ladder (OrderBook.ladders)")


def of_labs(book: OrderBook, per_order: Array, lab: Array) -> Array:
    """A figure of orders, of one lab in each market, (..., markets, rungs)."""
    table = per_order.reshape(*per_order.shape[:-1], book.ladder, book.labs)
    index = np.broadcast_to(lab[:, None, None], (*table.shape[:-1], 1))
    return np.take_along_axis(table, index, axis=-1)[..., 0]


def _seen(book: OrderBook) -> Array:
    """Prices spread over each market's ranks and at its margin, and the reserve, (targets, markets)."""
    there = book.present.sum(axis=-1)
    ranks = book.orders - there + np.rint(np.linspace(0.0, 1.0, RANKS)[:, None] * np.maximum(there - 1, 0))
    spread = np.take_along_axis(book.ranked, np.minimum(ranks, book.orders - 1).astype(np.intp).T, axis=-1).T
    margin = [ranked_value(book, book.offered + j) for j in (-1, 0, 1, 2)] if book.unit else []
    found = np.stack([*spread, *margin, book.reserve])
    return np.where(np.isfinite(found), found, book.reserve)


def _joined(stacks: dict[str, Array]) -> Reports:
    """Stacks of valuations as reports of true quantities, each list sorted."""
    kinds = [kind for kind, stack in stacks.items() for _ in stack]
    return Reports(kinds, -np.sort(-np.concatenate(list(stacks.values())), axis=-1), np.ones(len(kinds)))


def misreports(book: OrderBook, lab: Array) -> Reports:
    """Prices scaled, moved one by one, capped or raised to a floor; bids and asks withheld; other quantities.

    >>> list(dict.fromkeys(misreports(OrderBook.of([[9.0, 5.0]], supply=1), np.array([0])).kinds))
    ['prices scaled', 'one price moved', 'prices capped', 'prices raised', 'prices redrawn', 'bids withheld',
     'asks withheld']
    """
    desk = Desk.of(book, lab)
    seen, beating = desk.targets()
    last = np.arange(book.ladder) >= np.arange(book.ladder)[:, None, None]
    reports = _joined(
        {
            "prices scaled": np.multiply.outer(np.array(FACTORS), desk.true),
            "one price moved": desk.one_each(np.concatenate([seen, beating])),
            "prices capped": np.minimum(beating, desk.true),
            "prices raised": np.maximum(beating, desk.true),
            "prices redrawn": desk.redrawn(seen),
            "bids withheld": np.where(last & desk.bids, 0.0, desk.true),
            "asks withheld": np.where(last & desk.asks, desk.high, desk.true),
        }
    )
    return reports if book.quantity is None else _with_quantities(desk, reports, beating)


def _with_quantities(desk: Desk, reports: Reports, beating: Array) -> Reports:
    """The same and reports of smaller and larger quantities, half of it also at other prices."""
    shares = np.array([*SMALLER, *LARGER, *[0.5] * len(beating)])
    kinds = [f"quantity times {share:g}" for share in shares]
    same = np.broadcast_to(desk.true, (len(SMALLER) + len(LARGER), *desk.true.shape))
    lists = np.concatenate([reports.valuations, same, beating])
    return Reports(reports.kinds + kinds, lists, np.concatenate([reports.share, shares]))


def swapped(book: OrderBook, lab: Array) -> Reports:
    """Two neighbouring prices of a ladder exchanged, or all redrawn: rising reports, as from labs without ladders."""
    desk = Desk.of(book, lab)
    order = np.tile(np.arange(book.ladder), (book.ladder - 1, 1))
    for i in range(book.ladder - 1):
        order[i, [i, i + 1]] = i + 1, i
    exchanged, redrawn = np.moveaxis(desk.true[:, order], 1, 0), desk.redrawn(desk.targets()[0])[:2]
    kinds = ["two prices swapped"] * len(exchanged) + ["prices redrawn"] * len(redrawn)
    return Reports(kinds, np.concatenate([exchanged, redrawn]), np.ones(len(kinds)), falling=False)


def raised(book: OrderBook, lab: Array) -> Reports:
    """One valuation raised at a time."""
    desk = Desk.of(book, lab)
    targets = np.concatenate([*desk.targets(), desk.true[None] * 1.25, desk.true[None] + desk.high])
    return _joined({"one price raised": desk.one_each(np.maximum(targets, desk.true))})


def padded(book: OrderBook, lab: Array) -> Reports:
    """More demand, at no more than the lab's lowest price: on the last rungs of a roomier book, or more quantity."""
    desk = Desk.of(book, lab)
    if book.quantity is not None:
        same = np.broadcast_to(desk.true, (len(LARGER), *desk.true.shape))
        return Reports([f"quantity times {share:g}" for share in LARGER], same, np.array(LARGER))
    there = of_labs(book, book.present, lab)
    lowest = np.where(there, desk.true, desk.high).min(axis=-1, keepdims=True)
    low, rung = np.minimum(np.concatenate(desk.targets()), lowest), np.arange(book.ladder)
    return _joined(
        {
            f"{extra} more permits asked for": np.where(rung >= book.ladder - extra, low, desk.true)
            for extra in range(1, EXTRA + 1)
        }
    )


def roomier(book: OrderBook) -> OrderBook:
    """The same market with rungs on which nobody has an order, for unit orders.

    >>> roomier(OrderBook.of([[9.0, 5.0]], supply=1)).price.tolist()
    [[9.0, 5.0, -inf, -inf, -inf, -inf]]
    """
    _laid_out(book)
    if book.quantity is not None:
        return book
    room = np.full((*book.lead, EXTRA * book.labs), -np.inf)
    sides = book.buying | ~book.present  # a ladder must not rise from an ask that is not there to a bid
    return OrderBook(
        np.concatenate([book.price, room], axis=-1),
        None,
        np.concatenate([sides, room < 0], axis=-1),
        np.tile(np.arange(book.labs), book.ladder + EXTRA),
        book.supply,
        book.reserve,
        book.labs,
        book.ladder + EXTRA,
    )


def reported(book: OrderBook, lab: Array, reports: Reports) -> OrderBook:
    """The markets with one lab's misreports in place of the truth, leading axes (reports, markets).

    A bid at or below 0 or below the reserve is no order; an ask offers no more than there is.

    >>> book, lab = OrderBook.of([[9.0, 5.0]], supply=1), np.array([0])
    >>> reported(book, lab, Reports(["shaded"], np.array([[[6.0]]]), np.ones(1))).price.tolist()
    [[[6.0, 5.0]]]
    """
    lead, sides = reports.valuations.shape[:2], np.broadcast_to(book.buying, book.price.shape)
    mine = np.tile(np.arange(book.labs), book.ladder) == lab[:, None]
    told = np.repeat(reports.valuations, book.labs, axis=-1)
    bids = np.where((told > 0) & (told >= book.reserve[:, None]), told, -np.inf)
    told = np.where(sides, bids, np.where(book.present, told, -np.inf))
    price, quantity = np.where(mine, told, book.price), None
    if book.quantity is not None:
        share = reports.share[:, None, None]
        quantity = book.quantity * np.where(mine, np.where(sides, share, np.minimum(share, 1.0)), 1.0)
        quantity = np.where(price > -np.inf, quantity, 0.0)
        price = np.where(quantity > 0, price, -np.inf)
    return OrderBook(
        price,
        quantity,
        np.broadcast_to(sides, price.shape),
        np.tile(np.arange(book.labs), book.ladder),
        np.broadcast_to(book.supply, lead),
        np.broadcast_to(book.reserve, lead),
        book.labs,
        book.ladder if reports.falling else 0,
    )


def told(market: OrderBook, lab: Array, lies: Lies, place: int) -> tuple[OrderBook, str]:
    """One misreport of the lab of a single market, and what it does in words."""
    reports = lies(market, lab)
    return reported(market, lab, reports).one(place), reports.kinds[place]
