"""What trades are worth to labs by their true reports, in M$."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing
from mechanisms.pot import by_lab

Array = NDArray[Any]


def net_purchases(clearing: Clearing) -> Array:
    """Permits bought less permits sold, (*lead, labs).

    >>> from mechanisms import CentralExchange
    >>> book = OrderBook.of([9.0, 5.0, 3.0], buying=[True, True, False], supply=1, reserve=4.0)
    >>> net_purchases(CentralExchange("vickrey").clear(book)).tolist()
    [1.0, 1.0, -1.0]
    """
    return np.asarray(clearing.bought * 1.0 - clearing.sold)


def surpluses(clearing: Clearing, truth: OrderBook) -> Array:
    """What each lab gains from a clearing by the reports in `truth`, (*lead, labs).

    The permits that a lab holds in the end serve its highest true values first; what goes beyond its true orders is
    worth nothing to it. `truth` has the leading axes of the clearing, or its last ones.

    >>> from mechanisms import CentralExchange
    >>> truth, shaded = (OrderBook.of([bid, 5.0], supply=1) for bid in (9.0, 6.0))
    >>> surpluses(CentralExchange("pay-as-bid").clear(shaded), truth).tolist()
    [3.0, 0.0]
    """
    value, amount = _valuations(truth)
    endowed = by_lab(truth, np.where(truth.asks, truth.amounts, 0.0))
    gained = _worth(value, amount, endowed + net_purchases(clearing)) - _worth(value, amount, endowed)
    return gained - clearing.lab_payments


def _valuations(book: OrderBook) -> tuple[Array, Array]:
    """Each lab's valuations from the highest down, and the permits of each, (rungs, *lead, labs)."""
    shape = (*book.lead, book.ladder, book.labs)
    price, amount = np.where(book.present, book.price, 0.0), book.amounts
    if book.ladder:
        value, count = price.reshape(shape), amount.reshape(shape)
    else:
        mine = book.user[..., :, None] == np.arange(book.labs)
        value, count = (np.where(mine, x[..., None], 0.0) for x in (price, amount))
        order = np.argsort(-value, axis=-2, kind="stable")
        value, count = (np.take_along_axis(x, order, axis=-2) for x in (value, count))
    return np.moveaxis(value, -2, 0), np.moveaxis(count, -2, 0)


def _worth(value: Array, amount: Array, held: Array) -> Array:
    """Value of the permits held; rung by rung, because the leading axes may be long."""
    worth = np.zeros(held.shape)
    for price, wanted in zip(value, amount, strict=True):
        used = np.clip(held, 0.0, wanted)
        worth += used * price
        held = held - used
    return worth
