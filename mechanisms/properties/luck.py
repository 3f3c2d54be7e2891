"""The same luck under other names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.draws import Draws

Array = NDArray[Any]


class Renamed(Draws):
    """Draws in which lab i has the luck that lab ``names[i]`` has in others.

    So a mechanism that treats labs alike gives, for labs renamed together with their luck, the same result under the
    new names: exactly, whether chance decides ties or everything. As luck is the same for all labs in distribution,
    names then change nothing in distribution either. What is drawn for others than labs stays as it is.

    >>> plain, turned = Draws(7), Renamed(Draws(7), np.array([1, 0]))
    >>> bool((turned.uniform("halves", 3) == plain.uniform("halves", 3)[[1, 0, 2]]).all())
    True
    """

    def __init__(self, draws: Draws, names: Array) -> None:
        self.__dict__ |= draws.__dict__
        self._plain, self._names = draws, names

    def at(self, month: int) -> Draws:
        """The same worlds in another month."""
        return Renamed(self._plain.at(month), self._names)

    def world(self, index: int) -> Draws:
        """One world of many."""
        return Renamed(self._plain.world(index), self._names)

    def _spread(self, per_seed: Array) -> Array:
        """Whatever is drawn for labs, labs renamed."""
        drawn, labs = super()._spread(per_seed), len(self._names)
        if drawn.ndim == len(self.lead) or drawn.shape[-1] < labs:
            return drawn
        return np.concatenate([drawn[..., self._names], drawn[..., labs:]], axis=-1)


def renamed(book: OrderBook, names: Array) -> OrderBook:
    """The same market with the orders of lab ``names[i]`` under the name of lab i.

    >>> renamed(OrderBook.of([9.0, 5.0]), np.array([1, 0])).price.tolist()
    [5.0, 9.0]
    """
    if not book.ladder:
        fields = book._fields() | {"user": np.argsort(names)[book.user]}
        return OrderBook(**fields)

    def turn(x: Array) -> Array:
        table = np.broadcast_to(x, book.price.shape).reshape(*book.lead, book.ladder, book.labs)
        return table[..., names].reshape(book.price.shape)

    fields = book._fields() | {"price": turn(book.price), "buying": turn(book.buying)}
    return OrderBook(**fields | {"quantity": None if book.quantity is None else turn(book.quantity)})
