"""Huang's multi-unit double auction: the marginal buyer and seller set the prices and are left out.

References
----------
Huang, P., Scheller-Wolf, A., Sycara, K. (2002). Design of a multi-unit double auction e-market. Computational
Intelligence 18, 596-617.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.margin import Margin, at_prices
from mechanisms.pot import RELATIVE_TOLERANCE
from mechanisms.rationing import give_up
from mechanisms.registry import mechanism

Array = NDArray[Any]


@mechanism("huang", batched=True, truthful="unit", budget="weak", monotone="multi-unit")
def huang(book: OrderBook, draws: Draws) -> Outcome:
    """The last buyer and the last seller set the two prices and do not trade; the longer side gives up equal shares.

    Demand and supply cross at bid L and ask K: buyers pay b_L, sellers get s_K, both orders are left out whole. Of what
    remains the shorter side trades in full; on the longer side each order, the house counted as one, gives up an equal
    share of the difference, and who has less than that share drops out. Of the house only the last permit is left out
    where it is the marginal seller. Orders at one price are ranked as in `mechanisms.pot`, so that ties do not keep the
    curves from crossing.

    >>> book = OrderBook.of([9.0, 8.0, 3.0, 1.0, 2.0, 7.0], buying=[True] * 3 + [False] * 3)
    >>> huang(book, Draws(0)).payments.tolist()
    [8.0, 0.0, 0.0, -2.0, 0.0, 0.0]
    """
    margin = Margin(book, draws)
    bid, ask = margin.last_orders
    house = margin.house_sold - margin.last_house_unit
    buys, sells = _balanced(book, margin.bought * ~bid, margin.sold * ~ask, house)
    fills = buys + sells
    return Outcome(fills, at_prices(book, fills, margin.last_bid, margin.last_ask))


def _balanced(book: OrderBook, buys: Array, sells: Array, house: Array) -> tuple[Array, Array]:
    """What bids and asks trade once the longer side has given up the difference, (*lead, orders) each."""
    gap = sells.sum(axis=-1) + house - buys.sum(axis=-1)
    gap = np.where(np.abs(gap) > RELATIVE_TOLERANCE * book.offered, gap, 0.0)
    if not gap.any():
        return buys, sells
    sellers = np.concatenate([sells, house[..., None]], axis=-1)
    return give_up(buys, -gap), give_up(sellers, gap)[..., :-1]
