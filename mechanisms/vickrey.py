"""Vickrey (VCG) auction: each lab pays what its trade costs the others, by their reports.

A net buyer of m permits pays the m highest losing valuations of the others, a net seller of m receives the m lowest
winning valuations of the others. The j-th highest filled order pays the j-th lowest of them; parts of a quantity count
pro rata.

References
----------
Vickrey, W. (1961). Counterspeculation, auctions, and competitive sealed tenders. Journal of Finance 16, 8-37.
Krishna, V. (2010). Auction Theory, 2nd ed., section 12.2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.margin import at_prices
from mechanisms.pot import Pot, ranked_value
from mechanisms.registry import mechanism

Array = NDArray[Any]


@mechanism(
    "vickrey",
    batched=True,
    truthful="multi-unit",
    budget="none",
    efficient="for reports",
    monotone="multi-unit",
    padding_proof=True,
)
def vickrey(book: OrderBook, draws: Draws) -> Outcome:
    """Each lab pays the reports that its own permits displace; truthful bidding is best for everyone.

    >>> book = OrderBook.of([10.0, 8, 3, 9, 4, 7, 6], user=list("AAABBCC"), supply=4)
    >>> vickrey(book, Draws(0)).payments.tolist()
    [4.0, 6.0, 0.0, 6.0, 0.0, 4.0, 0.0]
    """
    pot = Pot.of(book, draws)
    if book.ladder == 1 and book.unit:  # a lab's own order stands on one side of the margin, the others' on the other
        return Outcome(pot.fills, at_prices(book, pot.fills, pot.highest_losing, pot.lowest_winning))
    if book.ladder and book.unit and book.orders:
        return Outcome(pot.fills, _ladder_payments(book, pot))
    if book.ladder == 1:
        return Outcome(pot.fills, _single_order_payments(book, pot))
    markets = math.prod(book.lead)
    holding, fills = (x.reshape(markets, book.orders) for x in (pot.holding, pot.fills))
    payments = [_market_payments(book.one(i), holding[i], fills[i]) for i in range(markets)]
    return Outcome(pot.fills, np.reshape(payments, book.price.shape))


def _ladder_payments(book: OrderBook, pot: Pot) -> Array:
    """Payments when labs' unit orders are laid out as ladders: no loop over labs or markets."""
    shape = (*book.lead, book.ladder, book.labs)
    value, filled = book.price.reshape(shape), pot.fills.reshape(shape)
    orders, endowed, held = (x.reshape(shape).sum(axis=-2) for x in (book.present, book.asks, pot.holding))
    rung, ask = np.arange(book.ladder)[:, None], book.asks.reshape(shape)
    buys, sells = held - endowed, endowed - held
    deep, wide = int(buys.max()), int(np.where(buys > 0, orders - held, 0).max())
    losing = np.stack([ranked_value(book, book.offered + 1 + j) for j in range(deep + wide + 1)])
    paid = _displaced(losing, value, held, 1, max(deep, 1), wide)
    place = np.clip(held[..., None, :] - rung - 1, 0, max(deep, 1) - 1)
    payments = np.where(filled & ~ask, np.take_along_axis(paid, place, axis=-2), 0.0)
    if (sells > 0).any():
        deep, wide = int(sells.max()), int(np.where(sells > 0, held, 0).max())
        winning = np.stack([ranked_value(book, book.offered - j) for j in range(deep + wide + 1)])
        received = -_displaced(-winning, -value, held - 1, -1, deep, wide)
        place = np.clip(rung - held[..., None, :], 0, deep - 1)
        payments = np.where(filled & ask, -np.take_along_axis(received, place, axis=-2), payments)
    return payments.reshape(book.price.shape)


def _displaced(top: Array, value: Array, first: Array, step: int, deep: int, wide: int) -> Array:
    """The t-th highest valuation of the others on the other side of the margin, t <= deep, (*lead, t, labs).

    `top` (t, *lead) lists that side for all labs; a lab's own entries in it, at most `wide`, are value[first],
    value[first + step], ... The c-th of them stands before the t-th of the others exactly if those before it do and it
    is at least ``top[t + c - 1]``.
    """
    rungs = value.shape[-2]
    own = []
    for c in range(wide):
        index = first + c * step
        inside = (index >= 0) & (index < rungs)
        mine = np.take_along_axis(value, np.clip(index, 0, rungs - 1)[..., None, :], axis=-2)[..., 0, :]
        own.append(np.where(inside, mine, -np.inf))
    others = np.empty((*value.shape[:-2], deep, value.shape[-1]))
    for t in range(deep):
        others[..., t, :] = top[t][..., None]
        before: Any = True
        for c in range(wide):
            before = before & (own[c] >= top[t + c][..., None])
            others[..., t, :] = np.where(before, top[t + c + 1][..., None], others[..., t, :])
    return others


def _single_order_payments(book: OrderBook, pot: Pot) -> Array:
    """Payments when each lab has one order of any quantity: no loop over markets."""
    house_sold = np.where(book.buying, pot.fills, -1.0 * pot.fills).sum(axis=-1)
    value = _with_house(np.where(book.present, book.price, 0.0), book.reserve)
    order = np.argsort(value, axis=-1, kind="stable")
    losing = _with_house(book.amounts - pot.holding, house_sold)
    winning = _with_house(1.0 * pot.holding, book.supply - house_sold)
    value, losing, winning = (np.take_along_axis(x, order, axis=-1) for x in (value, losing, winning))
    payments = np.empty(book.price.shape)
    for lab in range(book.labs):
        theirs, filled, buys = order != lab, pot.fills[..., lab], book.buying[..., lab]
        paid = _first(value[..., ::-1], (losing * theirs)[..., ::-1], np.where(buys, filled, 0.0))
        payments[..., lab] = paid - _first(value, winning * theirs, np.where(buys, 0.0, filled))
    return payments


def _with_house(per_order: Array, house: Array) -> Array:
    return np.concatenate([per_order, house[..., None]], axis=-1)


def _first(value: Array, amount: Array, volume: Array) -> Array:
    """What the first permits of a list are worth, as many as `volume`."""
    before = np.cumsum(amount, axis=-1) - amount
    return np.asarray((np.clip(volume[..., None] - before, 0.0, amount) * value).sum(axis=-1))


def _market_payments(book: OrderBook, holding: Array, fills: Array) -> Array:
    """Payments of one market with any quantities, (orders,)."""
    payments = np.zeros(book.orders)
    house_sold = float(np.where(book.buying, fills, -1.0 * fills).sum())
    value = np.append(np.where(book.present, book.price, 0.0), book.reserve)
    losing = np.append(book.amounts - holding, house_sold)
    winning = np.append(holding, book.supply - house_sold)
    owner = np.append(book.user, -1)
    for lab in np.unique(book.user[fills > 0]):
        mine = np.flatnonzero((book.user == lab) & (fills > 0))
        mine = mine[np.argsort(-book.price[mine], kind="stable")]
        buys = bool(book.buying[mine[0]])
        amount = np.where(owner == lab, 0.0, losing if buys else winning)
        cost = _cheapest_first(value, amount, fills[mine], highest=buys)
        payments[mine] = cost if buys else -cost
    return payments


def _cheapest_first(value: Array, amount: Array, filled: Array, *, highest: bool) -> Array:
    """Split the highest (or lowest) valuations over filled orders, the first order getting the lowest of them."""
    order = np.argsort(-value if highest else value, kind="stable")
    value, amount = value[order], amount[order]
    before = np.cumsum(amount) - amount
    taken = np.clip(filled.sum() - before, 0.0, amount)
    if highest:
        value, taken = value[::-1], taken[::-1]
    volume = np.concatenate([[0.0], np.cumsum(taken)])
    money = np.concatenate([[0.0], np.cumsum(taken * value)])
    upto = np.concatenate([[0.0], np.cumsum(filled)])
    return np.diff(np.interp(upto, volume, money))
