"""Lottery: the house's permits go to labs drawn at random, one a round, at the reserve price.

References
----------
Boyce, J. R. (1994). Allocation of goods by lottery. Economic Inquiry 32.
"""

from __future__ import annotations

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.pot import by_lab
from mechanisms.rationing import in_rounds, per_order
from mechanisms.registry import mechanism


@mechanism(
    "lottery",
    batched=True,
    truthful="multi-unit",
    budget="strong",
    monotone="multi-unit",
    padding_proof=True,
    stochastic=True,
    two_sided=False,
    single_price=True,
)
def lottery(book: OrderBook, draws: Draws) -> Outcome:
    """The house sells at the reserve price to labs drawn at random, one permit a round; permits handed out stay put.

    Rounds go on until nobody wants more or nothing is left, all in the same random order. Where less than one permit
    is left or wanted, that part changes hands.

    >>> book = OrderBook.of([9.0, 8.0, 7.0, 1.0], user=[0, 0, 0, 1], supply=2, reserve=0.5)
    >>> lottery(book, Draws(0)).fills.tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    wishes = book.amounts * book.buying
    won = in_rounds(by_lab(book, wishes), book.supply, draws.priority("mechanism", book.labs))
    return Outcome(per_order(book, wishes, won, dearest_first=True), price=book.reserve)
