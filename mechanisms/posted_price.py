"""Posted price: permits change hands at one fixed price, labs served whole in random order.

References
----------
Hagerty, K. M., Rogerson, W. P. (1987). Robust trading mechanisms. Journal of Economic Theory 42, 94-107.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.errors import InputError
from mechanisms.pot import by_lab, without_own_trades
from mechanisms.rationing import by_turns, served_whole
from mechanisms.registry import mechanism

Array = NDArray[Any]


@mechanism(
    "posted-price",
    batched=True,
    truthful="multi-unit",
    budget="strong",
    monotone="multi-unit",
    padding_proof=True,
    stochastic=True,
    single_price=True,
)
def posted_price(
    book: OrderBook,
    draws: Draws,
    price: Annotated[float, Field(ge=0, description="M$ per permit, at least the reserve price")],
) -> Outcome:
    """Everyone who accepts a fixed price trades at it; the longer side is served lab by lab in random order.

    A lab whose turn it is trades all that it wants at the price, or what is left; its place does not depend on how many
    orders it sends. Lab sellers are served likewise, before the house.

    Raises
    ------
    InputError
        Where the price is below a market's reserve price.

    Examples
    --------
    >>> book = OrderBook.of([9.0, 8.0, 7.0, 1.0], user=[0, 0, 1, 1], supply=2)
    >>> sorted(posted_price(book, Draws(0), price=5.0).fills.tolist())
    [0.0, 0.0, 1.0, 1.0]
    """
    if (book.reserve > price).any():
        least = float(book.reserve.max())
        raise InputError(f"posted-price.price: {price:g} is not in [{least:g}, inf), from the reserve price up")
    wishes = without_own_trades(book, willing(book, price))
    demand, supply = by_lab(book, wishes * book.buying), by_lab(book, wishes * ~book.buying)
    offered = supply.sum(axis=-1)
    volume = np.minimum(demand.sum(axis=-1), offered + book.supply)
    turn = draws.priority("mechanism", book.labs)
    bought, sold = served_whole(demand, volume, turn), served_whole(supply, np.minimum(volume, offered), turn)
    return Outcome(by_turns(book, wishes, bought, sold), price=np.full(book.lead, price))


def willing(book: OrderBook, price: float) -> Array:
    """Permits that each order would trade at this price, (*lead, orders)."""
    accepts = np.where(book.buying, book.price >= price, book.price <= price)
    return book.amounts * accepts
