"""Who gets what of a scarce amount: equal cuts, labs served in turn or round by round, and a lab's own orders."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.pot import RELATIVE_TOLERANCE, snap

Array = NDArray[Any]


def equal_level(amounts: Array, volume: Array) -> Array:
    """The level t with ``sum(min(amount, t)) = volume``, shape (*lead, 1); the highest amount where that is less.

    Amounts are (*lead, traders), volume has shape lead.

    >>> float(equal_level(np.array([1, 0.5, 2]), np.array(1.8))[0])
    0.65
    """
    if not amounts.shape[-1]:
        return np.zeros_like(volume)[..., None]
    ranked = np.sort(amounts, axis=-1)
    before = np.cumsum(ranked, axis=-1) - ranked
    # If the smaller ones count whole, this is left for each of the others: the first that has so much sets the level.
    share = (volume[..., None] - before) / np.arange(amounts.shape[-1], 0, -1)
    first = np.argmax(ranked >= share, axis=-1)[..., None]
    level, amount = (np.take_along_axis(x, first, axis=-1) for x in (share, ranked))
    return np.where(amount >= level, level, ranked[..., -1:])


def give_up(amounts: Array, gap: Array) -> Array:
    """Take `gap` (shape lead, none if negative) off the amounts in equal shares; who has less gives all that it has.

    >>> [give_up(np.array(q), np.array(g)).round(9).tolist() for q, g in (([1, 2, 3], 0.6), ([1, 0.5, 2], 1.8))]
    [[0.8, 1.8, 2.8], [0.35, 0.0, 1.35]]
    """
    return np.maximum(amounts - equal_level(amounts, np.maximum(gap, 0.0)), 0.0)


def served_whole(wanted: Array, volume: Array, priority: Array) -> Array:
    """Serve traders whole, the smallest priority first, until the volume is used up, (*lead, traders).

    >>> served_whole(np.array([2.0, 3.0, 1.0]), np.array(4.0), np.array([1, 0, 2])).tolist()
    [1.0, 3.0, 0.0]
    """
    order = np.argsort(np.broadcast_to(priority, wanted.shape), axis=-1)
    queue = np.take_along_axis(wanted, order, axis=-1)
    before = np.cumsum(queue, axis=-1) - queue
    served = np.empty(wanted.shape)
    np.put_along_axis(served, order, np.clip(volume[..., None] - before, 0.0, queue), axis=-1)
    return snap(served, wanted, RELATIVE_TOLERANCE * volume[..., None])


def in_rounds(wanted: Array, volume: Array, priority: Array) -> Array:
    """Serve traders one permit a round, in each round the smallest priority first, until the volume is used up.

    >>> in_rounds(np.array([2.0, 3.0, 1.0]), np.array(4.0), np.array([1, 0, 2])).tolist()
    [1.0, 2.0, 1.0]
    """
    rounds = np.floor(equal_level(wanted, volume) * (1.0 + RELATIVE_TOLERANCE))
    full = np.minimum(wanted, rounds)
    left = np.maximum(volume - full.sum(axis=-1), 0.0)
    return full + served_whole(np.minimum(wanted - full, 1.0), left, priority)


def per_order(book: OrderBook, amounts: Array, shares: Array, *, dearest_first: bool) -> Array:
    """Spread each lab's share (*lead, labs) over its orders of these amounts, the dearest or the cheapest first.

    At equal prices a lab buys in the order of its orders and sells in the reverse, as in the pot.

    >>> book = OrderBook.of([5.0, 9.0, 7.0], user=[0, 0, 1])
    >>> per_order(book, np.ones(3), np.array([1.5, 0.0]), dearest_first=True).tolist()
    [0.5, 1.0, 0.0]
    """
    return (_on_ladder if book.ladder else _on_list)(book, amounts, shares, dearest_first)


def _on_ladder(book: OrderBook, amounts: Array, shares: Array, dearest_first: bool) -> Array:
    table = amounts.reshape(*book.lead, book.ladder, book.labs)
    rungs = table if dearest_first else table[..., ::-1, :]
    filled = _in_turn(rungs, np.cumsum(rungs, axis=-2) - rungs, shares[..., None, :])
    return (filled if dearest_first else filled[..., ::-1, :]).reshape(book.price.shape)


def _on_list(book: OrderBook, amounts: Array, shares: Array, dearest_first: bool) -> Array:
    user, place = (np.broadcast_to(x, book.price.shape) for x in (book.user, np.arange(book.orders)))
    eager = (place, -book.price) if dearest_first else (-place, book.price)
    order = np.lexsort((*eager, user), axis=-1)
    queue, owner = (np.take_along_axis(x, order, axis=-1) for x in (amounts, user))
    before = _within(owner, np.cumsum(queue, axis=-1) - queue)
    filled = np.empty(book.price.shape)
    np.put_along_axis(filled, order, _in_turn(queue, before, np.take_along_axis(shares, owner, axis=-1)), axis=-1)
    return filled


def _in_turn(amount: Array, before: Array, share: Array) -> Array:
    """What orders get of a share when others come before them."""
    return snap(np.clip(share - before, 0.0, amount), amount, RELATIVE_TOLERANCE * share)


def _within(owner: Array, before: Array) -> Array:
    """Amounts before each order among its owner's orders alone; owners come in blocks, amounts do not fall."""
    first = np.concatenate([np.ones_like(owner[..., :1]), np.diff(owner, axis=-1)], axis=-1) != 0
    return before - np.maximum.accumulate(np.where(first, before, 0.0), axis=-1)


def by_turns(book: OrderBook, wishes: Array, bought: Array, sold: Array) -> Array:
    """Fills of all orders from what each lab buys and sells, (*lead, labs): its eager orders first, (*lead, orders)."""
    bids = per_order(book, wishes * book.buying, bought, dearest_first=True)
    return bids + per_order(book, wishes * ~book.buying, sold, dearest_first=False)
