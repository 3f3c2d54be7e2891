"""The pot view: all valuations in one descending list; the S highest hold the S permits afterwards.

S counts the permits that labs and house offer. ``V[S]`` is the lowest winning and ``V[S+1]`` the highest losing
valuation (M-th and (M+1)-st price). At equal value labs come before the house, among themselves by a random priority
per lab, a lab's orders in their order. Every mechanism that allocates to the highest reports reads its rule from here.

References
----------
Wurman, P. R., Walsh, W. E., Wellman, M. P. (1998). Flexible double auctions for electronic commerce: theory and
implementation. Decision Support Systems 24, 17-27.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook, marked_in
from mechanisms.draws import Draws, served_in_turn, smallest

Array = NDArray[Any]

_LEAST = np.finfo(np.float64).min
_MOST = np.iinfo(np.int8).max
RELATIVE_TOLERANCE = 1e-9
"""Parts of an order below this share of the permits offered are rounding, not trade."""


@dataclass(frozen=True, eq=False)
class Pot:
    """Who holds the permits afterwards, and the valuations at the margin.

    Attributes
    ----------
    lowest_winning, highest_losing : shape lead, ``V[S]`` and ``V[S+1]``; without trade they mean nothing
    holding : (*lead, orders), permits held through each order afterwards (bool in unit markets)
    fills : (*lead, orders), permits bought by bids and sold by asks, a lab's trades with itself taken out
    """

    lowest_winning: Array
    highest_losing: Array
    holding: Array
    fills: Array

    @classmethod
    def of(cls, book: OrderBook, draws: Draws) -> Pot:
        """Rank the book's valuations and hand the permits to the highest.

        >>> pot = Pot.of(OrderBook.of([9.0, 8.0, 5.0, 2.0], supply=3, reserve=1.0), Draws(0))
        >>> float(pot.lowest_winning), float(pot.highest_losing), pot.fills.tolist()
        (5.0, 2.0, [True, True, True, False])
        """
        if not book.orders:
            nothing = np.full(book.lead, np.nan)
            return cls(nothing, nothing, book.price, book.price)
        rank = _unit_margin if book.unit else _margin
        lowest_winning, highest_losing, holding = rank(book, draws)
        if holding.dtype == bool:
            fills = holding if book.no_asks else (holding == book.buying) & book.present
        else:
            fills = np.where(book.buying, holding, book.amounts - holding)
        if not book.ladder:
            fills = without_own_trades(book, fills)
        return cls(lowest_winning, highest_losing, holding, fills)


def ranked_value(book: OrderBook, rank: Array) -> Array:
    """``V[rank]`` of a unit market with the house in closed form, shape lead; rank counts from 1.

    With w the labs' valuations, H house asks at r: ``V[n] = max(w(n), min(r, w(n-H)))``. Ranks below 1 give inf, above
    the number of valuations -inf.

    >>> book = OrderBook.of([9.0, 8.0, 2.0], buying=[True, True, False], supply=2, reserve=5.0)
    >>> [float(ranked_value(book, np.asarray(n))) for n in (1, 2, 3, 4, 5, 6)]
    [9.0, 8.0, 5.0, 5.0, 2.0, -inf]
    """
    labs = _kth(book, rank)
    if (labs >= book.reserve).all():
        return labs
    with_house = np.where(book.supply > 0, np.minimum(book.reserve, _kth(book, rank - book.supply)), -np.inf)
    return np.maximum(labs, with_house)


def _kth(book: OrderBook, rank: Array) -> Array:
    """Value of the rank-th highest lab valuation, inf before the first and -inf after the last."""
    n, k = book.orders, np.asarray(rank).astype(np.intp)
    least, most = (int(k.min()), int(k.max())) if k.ndim else (int(k), int(k))
    if least == most:  # a column is read much faster than one place in each row
        if 1 <= least <= n:
            return np.asarray(book.ranked[..., n - least])
        return np.full(book.lead, np.inf if least < 1 else -np.inf)
    index = np.clip(n - k, 0, n - 1)
    value = book.ranked.reshape(-1).take(index + np.arange(k.size).reshape(k.shape) * n)
    return value if least >= 1 and most <= n else np.where(k < 1, np.inf, np.where(k > n, -np.inf, value))


def _unit_margin(book: OrderBook, draws: Draws) -> tuple[Array, Array, Array]:
    """Margin and holders when every order is for one permit: one sort, and ranking only where the margin is tied."""
    offered = _one_for_all(book.offered)
    lowest_winning = ranked_value(book, offered)
    highest_losing = ranked_value(book, offered + 1)
    holding = book.price >= np.maximum(lowest_winning, _LEAST)[..., None]
    below = book.reserve > lowest_winning
    room = np.where(below, offered - book.supply, offered) if below.any() else offered
    tied = (room >= 0) & (_kth(book, room + 1) == lowest_winning) & np.isfinite(lowest_winning)
    if tied.any():
        _ration(book, draws, holding, lowest_winning, np.broadcast_to(room, book.lead), tied)
    return lowest_winning, highest_losing, holding


def _one_for_all(amounts: Array) -> Array:
    """The amount of all markets where it is the same, as it is in a month whose worlds all offer the cap."""
    first = amounts.reshape(-1)[:1]
    return first.reshape(()) if (amounts == first).all() else amounts


def _ration(book: OrderBook, draws: Draws, holding: Array, value: Array, room: Array, tied: Array) -> None:
    """Among the orders tied at the margin keep `room` less those above it, by lab priority; changes `holding`."""
    flat = (-1, book.orders)
    rows = np.flatnonzero(tied.reshape(-1))
    price, value = book.price.reshape(flat)[rows], value.reshape(-1)[rows, None]
    above, at_margin = price > value, price == value
    places = (room.reshape(-1)[rows] - marked_in(above))[:, None]
    held = holding.reshape(flat)
    if book.ladder:
        held[rows] = _first_labs(book, draws, rows, above, at_margin, places)
    else:
        keys = np.where(at_margin, order_keys(book, draws, rows), np.iinfo(np.uint64).max)
        held[rows] = above | at_margin & smallest(keys, places)
    holding[...] = held.reshape(holding.shape)


def _first_labs(book: OrderBook, draws: Draws, rows: Array, above: Array, at_margin: Array, places: Array) -> Array:
    """Holders in some books of ladders, whose labs hold their first orders: a sort of labs instead of orders."""
    ladders = (len(rows), book.ladder, book.labs)
    sure, tied = (by_column(marked.reshape(ladders)) for marked in (above, at_margin))
    before, several = np.zeros(tied.shape, dtype=np.int32), marked_in(tied > 0) > 1
    if several.any():
        before[several] = served_in_turn(tied[several], _priority(book, draws, rows[several])) - tied[several]
    held = sure + np.clip(places - before, 0, tied)
    return (np.arange(book.ladder)[:, None] < held[:, None, :]).reshape(above.shape)


def _priority(book: OrderBook, draws: Draws, rows: Array | None) -> Array:
    """Each lab's random word, the smaller the sooner, in all books or some of them, (books, labs)."""
    priority = draws.priority("ties", book.labs)
    if rows is None:
        return priority
    return np.broadcast_to(priority, (*book.lead, book.labs)).reshape(-1, book.labs)[rows]


def order_keys(book: OrderBook, draws: Draws, rows: Array | None = None) -> Array:
    """Distinct words that order tied orders: the lab's random priority, then the order's place, (*lead, orders).

    With `rows`, places on the flattened leading axes, those of some books alone, (rows, orders).
    """
    low_bits = np.uint64(max(book.orders - 1, 1).bit_length())
    priority = _priority(book, draws, rows) >> low_bits << low_bits
    user, shape = book.user, book.price.shape
    if rows is not None:
        user = user if user.ndim == 1 else np.broadcast_to(user, shape).reshape(-1, book.orders)[rows]
        shape = len(rows), book.orders
    if user.ndim > 1:
        by_order = np.take_along_axis(np.broadcast_to(priority, (*shape[:-1], book.labs)), user, axis=-1)
    else:
        by_order = priority[..., user]
    return np.broadcast_to(by_order | np.arange(book.orders, dtype=np.uint64), shape)


def _margin(book: OrderBook, draws: Draws) -> tuple[Array, Array, Array]:
    """Margin and holders for any quantities: the marginal order holds in part."""
    offered, amounts = book.offered[..., None], book.amounts
    order = np.lexsort((order_keys(book, draws), -book.price), axis=-1)
    price = np.take_along_axis(book.price, order, axis=-1)
    amount = np.take_along_axis(amounts, order, axis=-1)
    reserve, supply = book.reserve[..., None], book.supply[..., None]
    after_house = price < reserve
    before = np.cumsum(amount, axis=-1) - amount + np.where(after_house, supply, 0.0)
    grain = RELATIVE_TOLERANCE * offered
    held = snap(np.clip(offered - before, 0.0, amount), amount, grain)
    before_house = np.where(after_house, 0.0, amount).sum(axis=-1, keepdims=True)
    house_held = snap(np.clip(offered - before_house, 0.0, supply), supply, grain)

    def margin(lab: Array, house: Array, empty: float, pick: Any) -> Array:
        labs = pick(np.where(lab > 0, price, empty), axis=-1, initial=empty)
        return np.asarray(pick([labs, np.where(house > 0, reserve, empty)[..., 0]], axis=0))

    lowest_winning = margin(held, house_held, np.inf, np.min)
    highest_losing = margin(amount - held, supply - house_held, -np.inf, np.max)
    holding = np.empty_like(held)
    np.put_along_axis(holding, order, held, axis=-1)
    return lowest_winning, highest_losing, holding


def snap(held: Array, amount: Array, grain: Array) -> Array:
    """Take rounding out: nearly nothing is nothing, nearly all is all."""
    grain = np.minimum(grain, amount / 2)
    held = np.where(held < grain, 0.0, held)
    return np.where(amount - held < grain, amount, held)


def by_lab(book: OrderBook, per_order: Array) -> Array:
    """Sum a figure of orders over each lab's orders, (*lead, labs)."""
    if book.ladder:
        return by_column(per_order.reshape(*book.lead, book.ladder, book.labs))
    flat = np.broadcast_to(per_order, book.price.shape).reshape(-1, book.orders)
    markets = np.arange(len(flat))[:, None] * book.labs
    places = (np.broadcast_to(book.user, book.price.shape).reshape(flat.shape) + markets).ravel()
    sums = np.bincount(places, weights=flat.ravel().astype(np.float64), minlength=len(flat) * book.labs)
    return sums.reshape(*book.lead, book.labs)


def by_column(rungs: Array) -> Array:
    """Sum over rungs, (*lead, labs) from (*lead, rungs, labs): rung by rung, much faster than along that axis.

    Marks (bool) of fewer than 128 rungs are counted in bytes, int8.

    >>> by_column(np.array([[True, False], [True, True]]))
    array([2, 1], dtype=int8)
    """
    count = rungs.shape[-2]
    parts = rungs.view(np.int8) if rungs.dtype == bool else rungs
    first = parts[..., 0, :]
    if count == 1:
        return np.asarray(first)
    sums = first.astype(np.int32) if parts is not rungs and count > _MOST else first.copy()
    for rung in range(1, count):
        sums += parts[..., rung, :]
    return sums


def without_own_trades(book: OrderBook, fills: Array) -> Array:
    """Fills with each lab's purchases from itself cancelled, its least eager orders first."""
    bought, sold = (by_lab(book, np.where(side, fills, 0.0)) for side in (book.buying, book.asks))
    both = np.minimum(bought, sold)
    if not both.any():
        return fills
    both = both.reshape(-1, book.labs)
    shape = (-1, book.orders)
    out = np.array(fills, dtype=np.float64).reshape(shape)
    price = book.price.reshape(shape)
    users, buying = (np.broadcast_to(x, book.price.shape).reshape(shape) for x in (book.user, book.buying))
    for market, lab in np.argwhere(both > 0):
        for side, sign in ((True, 1.0), (False, -1.0)):
            mine = np.flatnonzero((users[market] == lab) & (buying[market] == side))
            mine = mine[np.argsort(sign * price[market, mine], kind="stable")]
            filled = out[market, mine]
            kept = filled - np.clip(both[market, lab] - (np.cumsum(filled) - filled), 0.0, filled)
            out[market, mine] = np.where(kept < RELATIVE_TOLERANCE * both[market, lab], 0.0, kept)
    return out.reshape(fills.shape)
