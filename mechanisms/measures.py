"""Measures of one clearing: how much was traded, what it was worth to whom, and at what price.

Values are M$ per permit of each order of the book, (*lead, orders), in the book's order (rows of the house left out);
by default the reports count as the values. The house values its permits at the reserve. Hence, always::

    gains_from_trade = buyers_surplus + sellers_surplus + revenue - reserve * house_sold

Every measure has the shape of the book's leading axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing
from mechanisms.draws import Draws
from mechanisms.errors import InputError
from mechanisms.pot import Pot

Array = NDArray[Any]


def volume(clearing: Clearing) -> Array:
    """Permits that labs bought, from each other and from the house.

    >>> from mechanisms import CentralExchange
    >>> float(volume(CentralExchange("vickrey").clear(OrderBook.of([9.0, 6.0, 4.0], supply=2))))
    2.0
    """
    return clearing.volume


def revenue(clearing: Clearing) -> Array:
    """What labs paid less what labs received, in M$: the Governor's revenue, negative where the exchange pays in.

    >>> from mechanisms import CentralExchange
    >>> float(revenue(CentralExchange("vickrey").clear(OrderBook.of([9.0, 6.0, 4.0], supply=2))))
    8.0
    """
    return clearing.surplus


def gains_from_trade(clearing: Clearing, value: ArrayLike | None = None) -> Array:
    """Value of the permits to their buyers less their value to labs and house that sold them, in M$.

    Zero without trade. Money does not enter.

    >>> from mechanisms import CentralExchange
    >>> book = OrderBook.of([9.0, 6.0, 2.0], buying=[True, True, False], supply=1, reserve=3.0)
    >>> float(gains_from_trade(CentralExchange("vickrey").clear(book)))
    10.0
    """
    return _gains(clearing.book, clearing.outcome.fills, _values(clearing.book, value))


def best_gains(book: OrderBook, value: ArrayLike | None = None) -> Array:
    """Gains from trade if every lab reported its values to an efficient mechanism, in M$.

    A value at or below 0 or below the reserve makes no bid, as a report would not. A bid that is absent from the book
    because it was too low counts with its value where every order is for one permit; where it is absent from a book
    with quantities its quantity is unknown, so there pass the book of true values.

    >>> shaded = OrderBook.of([[9.0, 0.0], [7.0, 0.0]], user=[0, 0], supply=2)
    >>> best_gains(shaded).tolist(), best_gains(shaded, [[9.0, 8.0], [7.0, 6.0]]).tolist()
    ([9.0, 7.0], [17.0, 13.0])
    """
    values = _values(book, value)
    absent = 0.0 if book.quantity is not None else np.where(book.buying, 1.0, 0.0)
    amounts = np.where(book.present, book.amounts, absent)
    truth = OrderBook.of(np.maximum(values, 0.0), amounts, book.buying, book.user, book.supply, book.reserve)
    return _gains(truth, Pot.of(truth, Draws()).fills, values)


def efficiency(clearing: Clearing, value: ArrayLike | None = None) -> Array:
    """Gains from trade as a share of the best gains; NaN where there is nothing to gain.

    At most 1 if each lab's values fall along its permits, those in hand first, and no lab bids the reserve for a permit
    that is worth less to it: the best gains leave such a permit out.

    >>> from mechanisms import CentralExchange
    >>> clearing = CentralExchange("uniform-price").clear(OrderBook.of([9.0, 6.0], supply=1))
    >>> float(efficiency(clearing)), float(efficiency(clearing, value=[9.0, 12.0]))
    (1.0, 0.75)
    """
    gains, best = gains_from_trade(clearing, value), best_gains(clearing.book, value)
    return _ratio(gains, best)


def buyers_surplus(clearing: Clearing, value: ArrayLike | None = None) -> Array:
    """Value of the permits that labs bought less what they paid, in M$.

    >>> from mechanisms import CentralExchange
    >>> book = OrderBook.of([9.0, 6.0, 2.0], buying=[True, True, False], supply=1, reserve=3.0)
    >>> float(buyers_surplus(CentralExchange("uniform-price").clear(book)))
    3.0
    """
    return _surplus(clearing, clearing.book.buying, value)


def sellers_surplus(clearing: Clearing, value: ArrayLike | None = None) -> Array:
    """What labs received for permits less the value of these permits to them, in M$; the house is not among them.

    >>> from mechanisms import CentralExchange
    >>> book = OrderBook.of([9.0, 6.0, 2.0], buying=[True, True, False], supply=1, reserve=3.0)
    >>> float(sellers_surplus(CentralExchange("uniform-price").clear(book)))
    4.0
    """
    return _surplus(clearing, ~clearing.book.buying, value)


def price_paid(clearing: Clearing) -> Array:
    """Average price that buyers paid, M$ per permit; NaN where nobody bought.

    >>> from mechanisms import CentralExchange
    >>> float(price_paid(CentralExchange("vickrey").clear(OrderBook.of([9.0, 8.0, 7.0], user=[0, 0, 1], supply=2))))
    3.5
    """
    return _average(clearing, clearing.book.buying, clearing.bought)


def price_received(clearing: Clearing) -> Array:
    """Average price that labs received for permits they sold, M$ per permit; NaN where no lab sold.

    >>> from mechanisms import CentralExchange
    >>> book = OrderBook.of([9.0, 6.0, 2.0], buying=[True, True, False], supply=1, reserve=3.0)
    >>> float(price_received(CentralExchange("uniform-price").clear(book)))
    6.0
    """
    return _average(clearing, ~clearing.book.buying, clearing.sold)


def _values(book: OrderBook, value: ArrayLike | None) -> Array:
    """True values of the book's orders, by default their prices, 0 where there is no order."""
    if value is None:
        return np.where(book.present, book.price, 0.0)
    values = np.asarray(value, dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError(f"value: {values[~np.isfinite(values)][0]:g} is not a finite number")
    try:
        return np.broadcast_to(values, book.price.shape)
    except ValueError:
        raise InputError(f"value: shape {values.shape} does not fit {book.price.shape}") from None


def _gains(book: OrderBook, fills: Array, values: Array) -> Array:
    """Each permit bought at its buyer's value, less each permit sold at its seller's."""
    signed = np.where(book.buying, fills, -1.0 * fills)
    return np.asarray((values * signed).sum(axis=-1) - book.reserve * signed.sum(axis=-1))


def _surplus(clearing: Clearing, side: Array, value: ArrayLike | None) -> Array:
    book, fills = clearing.book, clearing.outcome.fills
    worth = _values(book, value) * np.where(book.buying, fills, -1.0 * fills)
    return np.asarray(np.where(side, worth - clearing.order_payments, 0.0).sum(axis=-1))


def _average(clearing: Clearing, side: Array, permits: Array) -> Array:
    """Money per permit on one side; the rule's single price itself, where it has one, free of rounding."""
    traded = permits.sum(axis=-1, dtype=np.float64)
    if clearing.outcome.payments is None:
        return np.where(traded > 0, clearing.price, np.nan)
    return _ratio(np.abs(np.where(side, clearing.order_payments, 0.0).sum(axis=-1)), traded)


def _ratio(part: Array, whole: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / np.where(whole > 0, whole, np.nan))
