"""Why an order won or lost, and what it pays: its rank, whom it displaced, and what the mechanism's own rule adds.

Everything is computed from the clearing, its book and the draws that it was cleared with; the words are the page's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.floor import Floor, names_of
from mechanisms import Clearing, Draws, OrderBook, resolve
from mechanisms.margin import Margin
from mechanisms.muda import half_price
from mechanisms.posted_price import willing
from mechanisms.pot import Pot, by_lab, order_keys
from mechanisms.registry import Bound

Array = NDArray[Any]

HOUSE = "the house"
_TINY = 1e-9


@dataclass(frozen=True)
class Valuation:
    """A valuation in the list of all, or the part of it that matters here."""

    user: str
    price: float
    amount: float
    order: int | None = None
    """Its place in the book; None for the house."""


@dataclass(frozen=True)
class Reduction:
    """What McAfee's and Huang's rules read at the margin of the efficient trades; NaN where there is no such order.

    Attributes
    ----------
    last_bid, last_ask : the last bid and ask that would trade, b_k and s_k
    next_bid, next_ask : the first that would not, b_(k+1) and s_(k+1)
    price : McAfee's price between those two
    supported : whether all trade at that price
    marginal : whether the order asked about is the last bid or ask
    """

    last_bid: float
    last_ask: float
    next_bid: float
    next_ask: float
    price: float
    supported: bool
    marginal: bool


@dataclass(frozen=True)
class Turn:
    """A lab's place in the draw, among labs that want to trade on its side, and what it got.

    `before` are permits that the labs before it got; `accepts`: whether the order trades at the price at all.
    """

    place: int
    of: int
    got: float
    wanted: float
    before: float
    accepts: bool
    price: float


@dataclass(frozen=True)
class Half:
    """MUDA's halves: which one the lab is in, the other half's price (NaN: none), and whether the order accepts it."""

    number: int
    price: float
    accepts: bool


@dataclass(frozen=True)
class Explanation:
    """An order, what became of it under one mechanism, and why.

    Attributes
    ----------
    mechanism, options : the rule's name and options
    efficient : whether the rule gives permits to the highest reports
    order, user, unit, buying, price, quantity, fill, payment, outcome : as in `Floor.orders`
    rank : its place in the list of all valuations, bids, asks and the house's permits, in permits and from 1
    valuations, offered : permits in that list, and permits on offer: the highest `offered` hold them
    lowest_winning, highest_losing : valuations at the margin; NaN where there is none
    displaced : where the highest reports trade: valuations of others on the other side of the margin that its trade
        displaces, cheapest first: who would have had the permits that it bought, or who has those that it sold
    reduction, turn, half : what the mechanism's own rule adds, None for others
    """

    mechanism: str
    options: dict[str, Any]
    efficient: bool
    order: int
    user: str
    unit: int
    buying: bool
    price: float
    quantity: float
    fill: float
    payment: float
    outcome: str
    rank: float
    valuations: float
    offered: float
    lowest_winning: float
    highest_losing: float
    displaced: tuple[Valuation, ...]
    reduction: Reduction | None = None
    turn: Turn | None = None
    half: Half | None = None


def explain(floor: Floor, label: str, order: int) -> Explanation:
    """Why an order, by its place in the book, won or lost under a mechanism.

    >>> from experiments.orders import EXAMPLE, clear_orders, order_book
    >>> floor, _ = clear_orders(order_book(EXAMPLE, supply=4), ["vickrey"])
    >>> best = explain(floor, "vickrey", 1)
    >>> best.user, best.price, best.rank, best.payment, [(v.user, v.price) for v in best.displaced]
    ('A', 8.0, 3.0, 6.0, [('C', 6.0)])
    """
    clearing, draws = floor.clearings[label], floor.draws
    book, rule = clearing.book, resolve("mechanism", label)
    efficient = rule.plugin.facts.efficient == "for reports"
    rows = floor.orders(label).set_index("order").loc[[order]].to_dict("records")
    pot = Pot.of(book, draws)
    return Explanation(
        mechanism=rule.plugin.name,
        options=rule.options,
        efficient=efficient,
        order=order,
        buying=bool(book.buying[order]),
        **{name: rows[0][name] for name in ("user", "unit", "price", "quantity", "fill", "payment", "outcome")},
        rank=_ahead(book, draws, order) + 1,
        valuations=float(book.amounts.sum() + book.supply),
        offered=float(book.offered),
        lowest_winning=_finite(pot.lowest_winning),
        highest_losing=_finite(pot.highest_losing),
        displaced=displaced(clearing, pot, order) if efficient else (),
        **_own_rule(clearing, draws, rule, order),
    )


def _finite(value: Any) -> float:
    return float(value) if np.isfinite(value) else np.nan


def _ahead(book: OrderBook, draws: Draws, order: int) -> float:
    """Permits of valuations that come before an order's; the house comes after orders at the reserve."""
    keys, price = order_keys(book, draws), book.price[order]
    before = (book.price > price) | ((book.price == price) & (keys < keys[order]))
    return float(book.amounts[before].sum() + (book.supply if book.reserve > price else 0.0))


def displaced(clearing: Clearing, pot: Pot, order: int) -> tuple[Valuation, ...]:
    """Valuations of others that an order's trade displaces, the cheapest first; under Vickrey it pays just these.

    A lab that buys m permits displaces the m highest losing valuations of others, one that sells m lets the m lowest
    winning ones in; of these the j-th highest of its filled orders has the j-th lowest.
    """
    book, fills = clearing.book, clearing.outcome.fills.astype(np.float64)
    lab, buys = book.user[order], bool(book.buying[order])
    mine = np.flatnonzero((book.user == lab) & (book.buying == buys) & (fills > 0))
    mine = mine[np.argsort(-book.price[mine], kind="stable")]
    if order not in mine:
        return ()
    filled = fills[mine]
    start = float(filled[: mine.tolist().index(order)].sum())
    others = _others(book, pot, int(lab), losing=buys)
    taken = _first(sorted(others, key=lambda v: -v.price if buys else v.price), 0.0, float(filled.sum()))
    return tuple(_first(sorted(taken, key=lambda v: v.price), start, start + fills[order]))


def _others(book: OrderBook, pot: Pot, lab: int, *, losing: bool) -> list[Valuation]:
    """Valuations of all others that hold no permit afterwards, or of those that do; the house's among them."""
    holding = pot.holding.astype(np.float64)
    house_sold = float(np.where(book.buying, pot.fills, -1.0 * pot.fills).sum())
    amounts = book.amounts - holding if losing else holding
    names = names_of(book)
    found = [
        Valuation(str(names[book.user[i]]), float(book.price[i]), float(amounts[i]), int(i))
        for i in np.flatnonzero((amounts > 0) & (book.user != lab) & book.present)
    ]
    house = house_sold if losing else float(book.supply) - house_sold
    return [*found, *([Valuation(HOUSE, float(book.reserve), house)] if house > 0 else [])]


def _first(ranked: list[Valuation], start: float, end: float) -> list[Valuation]:
    """The part of a list of valuations that lies between two counts of permits."""
    found, before = [], 0.0
    for value in ranked:
        amount = min(end, before + value.amount) - max(start, before)
        if amount > _TINY:
            found.append(Valuation(value.user, value.price, amount, value.order))
        before += value.amount
    return found


def _own_rule(clearing: Clearing, draws: Draws, rule: Bound, order: int) -> dict[str, Any]:
    """What a mechanism's own rule adds; nothing for rules that are all in the list of valuations, or not ours."""
    name, book = rule.plugin.name, clearing.book
    if name in ("mcafee", "huang"):
        return {"reduction": _reduction(book, draws, rule, order)}
    if name == "lottery":
        return {"turn": _turn(clearing, draws, book.amounts * book.buying, order, float(book.reserve))}
    if name == "posted-price":
        price = float(rule.options["price"])
        return {"turn": _turn(clearing, draws, willing(book, price), order, price)}
    return {"half": _half(book, draws, order)} if name == "muda" else {}


def _reduction(book: OrderBook, draws: Draws, rule: Bound, order: int) -> Reduction:
    margin = Margin(book, draws)
    last_bid, last_ask, next_bid, next_ask = (
        _finite(x) for x in (margin.last_bid, margin.last_ask, margin.next_bid, margin.next_ask)
    )
    bid, ask = next_bid, next_ask
    if rule.options.get("missing") == "bounds":
        bid = bid if np.isfinite(bid) else min(rule.options["low"], np.nan_to_num(ask, nan=np.inf))
        ask = ask if np.isfinite(ask) else max(rule.options["high"], np.nan_to_num(next_bid, nan=-np.inf))
    price = (bid + ask) / 2
    supported = rule.plugin.name == "mcafee" and last_ask <= price <= last_bid
    marginal = any(bool(side[order]) for side in margin.last_orders)
    return Reduction(last_bid, last_ask, next_bid, next_ask, price, supported, marginal)


def _turn(clearing: Clearing, draws: Draws, wishes: Array, order: int, price: float) -> Turn:
    book = clearing.book
    side, lab = book.buying == book.buying[order], book.user[order]
    wanted, got = by_lab(book, wishes * side), by_lab(book, clearing.outcome.fills * side)
    turn = draws.priority("mechanism", book.labs)
    earlier = (turn < turn[lab]) & (wanted > 0)
    return Turn(
        place=int(earlier.sum()) + 1,
        of=int((wanted > 0).sum()),
        got=float(got[lab]),
        wanted=float(wanted[lab]),
        before=float(got[earlier].sum()),
        accepts=bool(wishes[order] > 0),
        price=price,
    )


def _half(book: OrderBook, draws: Draws, order: int) -> Half:
    """The half that an order's lab is in, and the other half's price, its permits of the house included."""
    units = int(np.ceil(book.supply))
    left = draws.uniform("halves", book.labs + units) < 0.5
    mine = bool(left[book.user[order]])
    others = left[book.user] != mine
    house = np.clip(book.supply - np.arange(units), 0.0, 1.0)[left[book.labs :] != mine]
    prices = np.append(np.where(book.present, book.price, 0.0)[others], np.full(house.size, float(book.reserve)))
    sides = np.append(book.buying[others], np.zeros(house.size, dtype=bool))
    amounts = np.append(book.amounts[others], house)
    price = _finite(half_price(OrderBook.of(prices, amounts, sides), draws)) if prices.size else np.nan
    own = book.price[order]
    return Half(1 if mine else 2, price, bool(own > price if book.buying[order] else own < price))
