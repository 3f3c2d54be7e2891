"""MUDA: the traders are split in halves at random, and each half trades at the price that the other half has formed.

So nobody's report moves the price that it trades at. Every lab is a trader, and so is every permit of the house.

References
----------
Segal-Halevi, E., Hassidim, A., Aumann, Y. (2018). MUDA: a truthful multi-unit double-auction mechanism. AAAI 32.
arXiv:1712.06848.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.pot import Pot, by_lab, without_own_trades
from mechanisms.rationing import by_turns, served_whole
from mechanisms.registry import mechanism
from mechanisms.vickrey import vickrey

Array = NDArray[Any]

Rationing = Annotated[
    Literal["lottery", "vickrey"],
    Field(description="who of a half's longer side trades: by turns, or the best reports"),
]


@mechanism(
    "muda",
    batched=True,
    truthful="multi-unit",
    budget="weak",
    monotone="multi-unit",
    padding_proof=True,
    stochastic=True,
)
def muda(book: OrderBook, draws: Draws, rationing: Rationing = "lottery") -> Outcome:
    """Traders are split in halves at random, and each half trades at the price at which the other half would clear.

    A half's price is the midpoint of its own V[S+1] and V[S]; without a bid or an ask it has none, and the other half
    does not trade. Units worth strictly more (bids) or less (asks) than the price take part; the shorter side trades in
    full. On the longer side, with ``lottery``, traders come in random order and each trades all that it wants until the
    volume is used up; all money goes from buyers to sellers (strong budget balance). With ``vickrey`` the best units
    trade: who buys (sells) m of them pays (gets) the m best losing units of others, the price standing in where there
    are fewer; the exchange keeps the rest.

    There is no loop over books, with one exception: ``vickrey`` takes some 50 microseconds for each winner of the
    longer side where labs have several orders that are not laid out as ladders of one permit each.

    >>> book = OrderBook.of([9.0, 8.0, 3.0, 4.0], buying=[True, True, False, False])
    >>> muda(book, Draws(10)).payments.tolist()
    [5.5, 6.5, -6.5, -5.5]
    """
    traders = _with_house_units(book)
    left = _per_order(traders, draws.uniform("halves", traders.labs) < 0.5)
    halves = _only(traders, left), _only(traders, ~left)
    prices = [half_price(half, draws) for half in halves]
    trade = _by_turns if rationing == "lottery" else _by_reports
    outcomes = [trade(half, draws, price) for half, price in zip(halves, reversed(prices), strict=True)]
    fills, payments = (_of_labs(book, one + other) for one, other in zip(*outcomes, strict=True))
    return Outcome(fills, payments)


def half_price(half: OrderBook, draws: Draws) -> Array:
    """Midpoint of V[S+1] and V[S], shape lead; NaN without a bid or without an ask.

    >>> float(half_price(OrderBook.of([9.0, 4.0, 6.0], buying=[True, True, False]), Draws(0)))
    7.5
    """
    pot = Pot.of(half, draws)
    both = np.isfinite(pot.lowest_winning) & np.isfinite(pot.highest_losing)
    low, high = (np.where(both, x, np.nan) for x in (pot.highest_losing, pot.lowest_winning))
    return np.asarray((low + high) / 2)


def _by_turns(half: OrderBook, draws: Draws, price: Array) -> tuple[Array, Array]:
    """Fills and payments of a half at a price, the longer side served in random order."""
    wishes = _wishes(half, price)
    demand, supply = by_lab(half, wishes * half.buying), by_lab(half, wishes * ~half.buying)
    volume = np.minimum(demand.sum(axis=-1), supply.sum(axis=-1))
    turn = draws.priority("mechanism", half.labs)
    fills = by_turns(half, wishes, served_whole(demand, volume, turn), served_whole(supply, volume, turn))
    return fills, _at_price(half, fills, price)


def _by_reports(half: OrderBook, draws: Draws, price: Array) -> tuple[Array, Array]:
    """Fills and payments of a half at a price, the longer side served by its reports.

    It bids for what the shorter side trades, in an auction by the rule of Vickrey with the price as the reserve. For
    sellers everything is mirrored: they bid their asks with the sign turned, and so do they pay.
    """
    wishes = _wishes(half, price)
    demand, supply = ((wishes * side).sum(axis=-1) for side in (half.buying, ~half.buying))
    buyers_compete = (demand > supply)[..., None]
    sign = np.where(buyers_compete, 1.0, -1.0)
    compete = wishes * (half.buying == buyers_compete)
    auction = replace(
        half,
        price=np.where(compete > 0, sign * half.price, -np.inf),
        quantity=None if half.quantity is None else compete,
        buying=np.full(half.orders, True),
        supply=np.minimum(demand, supply),
        reserve=sign[..., 0] * np.nan_to_num(price),
    )
    won, money = _vickrey(auction, draws)
    rest = wishes - compete
    return won + rest, money + _at_price(half, rest, price)


def _vickrey(book: OrderBook, draws: Draws) -> tuple[Array, Array]:
    """Fills and payments under `vickrey`, also where labs' unit orders do not fall along their ladders."""
    if not (book.ladder and book.unit):
        fills, payments, _ = vickrey(book, draws)
        return fills, np.asarray(payments)
    table = (*book.lead, book.ladder, book.labs)
    order = np.argsort(-book.price.reshape(table), axis=-2, kind="stable")
    falling = np.take_along_axis(book.price.reshape(table), order, axis=-2).reshape(book.price.shape)
    fills, payments, _ = vickrey(replace(book, price=falling), draws)
    back = np.argsort(order, axis=-2)
    fills, payments = (
        np.take_along_axis(np.reshape(x, table), back, axis=-2).reshape(book.price.shape) for x in (fills, payments)
    )
    return fills, payments


def _wishes(half: OrderBook, price: Array) -> Array:
    """Permits of each order that are strictly better than the price, a lab's trades with itself left out."""
    level = price[..., None]
    better = np.where(half.buying, half.price > level, half.price < level)
    return without_own_trades(half, half.amounts * better)


def _at_price(half: OrderBook, fills: Array, price: Array) -> Array:
    """Money of these fills at one price, + paid, - received."""
    return np.asarray(fills * (half.buying * 2.0 - 1.0) * np.nan_to_num(price)[..., None])


def _per_order(book: OrderBook, per_lab: Array) -> Array:
    """What holds for a lab, for each of its orders, (*lead, orders)."""
    labs = np.broadcast_to(per_lab, (*book.lead, book.labs))
    return np.take_along_axis(labs, np.broadcast_to(book.user, book.price.shape), axis=-1)


def _only(book: OrderBook, some: Array) -> OrderBook:
    """The book without all other orders."""
    amounts = None if book.quantity is None else book.quantity * some
    return replace(book, price=np.where(some, book.price, -np.inf), quantity=amounts)


def _with_house_units(book: OrderBook) -> OrderBook:
    """The same book with each permit of the house as an ask of a further lab."""
    units = int(np.ceil(book.supply.max(initial=0.0)))
    amounts = np.clip(book.supply[..., None] - np.arange(units), 0.0, 1.0)
    asks = np.where(amounts > 0, book.reserve[..., None], -np.inf)
    names = book.labs + np.arange(units)
    return replace(
        book,
        price=_beside(book, book.price, asks, -np.inf),
        quantity=None if book.unit else _beside(book, book.amounts, amounts, 0.0),
        buying=_beside(book, book.buying, np.zeros(units, dtype=bool), False),
        user=_beside(book, book.user, names, names),
        supply=np.zeros(book.lead),
        reserve=np.zeros(book.lead),
        labs=book.labs + units,
    )


def _beside(book: OrderBook, per_order: Array, first: Array, below: Any) -> Array:
    """Put columns for the house's permits beside a figure of orders: `first` on the first rung, `below` on others."""
    rungs, lead = max(book.ladder, 1), per_order.shape[:-1]
    table = per_order.reshape(*lead, rungs, per_order.shape[-1] // rungs)
    house = np.empty((*lead, rungs, first.shape[-1]), dtype=per_order.dtype)
    house[...] = below
    house[..., 0, :] = first
    both = np.concatenate([table, house], axis=-1)
    return both.reshape(*lead, rungs * both.shape[-1])


def _of_labs(book: OrderBook, per_trader: Array) -> Array:
    """Take the house's columns off again."""
    rungs = max(book.ladder, 1)
    table = per_trader.reshape(*book.lead, rungs, per_trader.shape[-1] // rungs)
    return np.ascontiguousarray(table[..., : book.orders // rungs]).reshape(book.price.shape)
