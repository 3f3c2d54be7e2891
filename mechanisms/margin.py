"""The traders at the margin of the pot: who trades last, who is the first not to trade, and how to leave a trade out.

In the literature's numbering k trades are efficient; ``b_k`` and ``s_k`` are the last bid and the last ask that trade,
``b_(k+1)`` and ``s_(k+1)`` the first of each side that do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.draws import Draws
from mechanisms.pot import Pot, order_keys

Array = NDArray[Any]

_HUGE = np.finfo(np.float64).max


@dataclass(frozen=True, eq=False)
class Margin:
    """The margin of a book's pot; reports have shape lead.

    Examples
    --------
    >>> book = OrderBook.of([9.0, 4.0, 8.0, 3.0], buying=[True, True, False, False])
    >>> margin = Margin(book, Draws(0))
    >>> [float(x) for x in (margin.last_bid, margin.last_ask, margin.next_bid, margin.next_ask)]
    [9.0, 3.0, 4.0, 8.0]
    """

    book: OrderBook
    draws: Draws

    @cached_property
    def pot(self) -> Pot:
        """Who would hold the permits if all k trades took place."""
        return Pot.of(self.book, self.draws)

    @cached_property
    def bought(self) -> Array:
        """Permits bought by each order in the k trades, (*lead, orders); bool in unit markets."""
        return self.pot.fills * self.book.buying

    @cached_property
    def sold(self) -> Array:
        """Permits sold by each lab's order in the k trades, (*lead, orders); bool in unit markets."""
        return self.pot.fills * ~self.book.buying

    @cached_property
    def house_sold(self) -> Array:
        """Permits sold by the house in the k trades, shape lead."""
        return np.clip(self.bought.sum(axis=-1) - self.sold.sum(axis=-1), 0.0, self.book.supply)

    @cached_property
    def last_bid(self) -> Array:
        """``b_k``, the lowest bid that trades; inf where none does."""
        return _lowest(self.book, self.bought.astype(bool))

    @cached_property
    def last_ask(self) -> Array:
        """``s_k``, the highest ask that trades, the house's among them; -inf where none does."""
        labs = _highest(self.book, self.sold.astype(bool))
        return np.where(self.house_sold > 0, np.maximum(labs, self.book.reserve), labs)

    @cached_property
    def next_bid(self) -> Array:
        """``b_(k+1)``, the highest bid that does not win in full; -inf where all do."""
        holding = self.pot.holding
        short = ~holding if holding.dtype == bool else holding < self.book.amounts
        return _highest(self.book, self.book.buying & self.book.present & short)

    @cached_property
    def next_ask(self) -> Array:
        """``s_(k+1)``, the lowest ask that does not sell all, the house's among them; inf where all do."""
        labs = _lowest(self.book, self.book.asks & self.pot.holding.astype(bool))
        return np.where(self.house_sold < self.book.supply, np.minimum(labs, self.book.reserve), labs)

    @cached_property
    def last_orders(self) -> tuple[Array, Array]:
        """Mark the last bid and the last lab ask to trade, bool (*lead, orders); no ask where the house sells last.

        Of equal bids the last in the order of priority trades last, of equal asks the one that would keep its permit
        first; the house sells before labs that ask as much.
        """
        price = self.book.price
        bids = self.bought.astype(bool) & (price == self.last_bid[..., None])
        asks = self.sold.astype(bool) & (price == self.last_ask[..., None])
        if (bids.sum(axis=-1) > 1).any() or (asks.sum(axis=-1) > 1).any():
            keys = order_keys(self.book, self.draws)
            bids &= keys == np.where(bids, keys, 0).max(axis=-1, keepdims=True)
            asks &= keys == np.where(asks, keys, np.iinfo(keys.dtype).max).min(axis=-1, keepdims=True)
        return bids, asks

    @cached_property
    def last_house_unit(self) -> Array:
        """The permit that the house sells last (a part, if that is all), 0 where a lab sells last; shape lead."""
        return np.where(self.last_orders[1].any(axis=-1), 0.0, np.minimum(self.house_sold, 1.0))

    def without_last_trade(self, where: Any = True) -> Array:
        """Fills of the k trades, in some markets (`where`, shape lead) without the last permit traded, (*lead, orders).

        >>> book = OrderBook.of([9.0, 7.0, 2.0], [1, 2, 3], buying=[True, True, False])
        >>> Margin(book, Draws(0)).without_last_trade().tolist()
        [1.0, 1.0, 2.0]
        """
        fills, (bids, asks) = self.pot.fills, self.last_orders
        last = (bids | asks) & np.asarray(where)[..., None]
        if fills.dtype == bool:
            return fills & ~last
        bid, ask = ((fills * side).sum(axis=-1) for side in (bids, asks))
        permit = np.minimum(np.minimum(bid, ask + self.last_house_unit), 1.0)
        return fills - last * permit[..., None]


def at_prices(book: OrderBook, fills: Array, pays: Array, gets: Array) -> Array:
    """Payments where all buyers pay one price and all selling labs get one price (shape lead), (*lead, orders)."""
    pays, gets = (np.where(np.isfinite(x), x, 0.0)[..., None] for x in (pays, gets))
    return np.asarray(fills * book.buying * pays - fills * ~book.buying * gets)


# np.where is four times slower than these: on random bids and asks the processor mispredicts every second branch.


def _lowest(book: OrderBook, some: Array) -> Array:
    """Lowest price of some orders, inf where there are none, shape lead."""
    least = np.maximum(book.price, ~some * _HUGE).min(axis=-1, initial=_HUGE)
    return np.where(some.any(axis=-1), least, np.inf)


def _highest(book: OrderBook, some: Array) -> Array:
    """Highest price of some orders, -inf where there are none, shape lead."""
    most = np.minimum(book.price, some * _HUGE).max(axis=-1, initial=0.0)
    return np.where(some.any(axis=-1), most, -np.inf)
