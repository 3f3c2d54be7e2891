"""Uniform-price auction: every trade at one price between the lowest winning and the highest losing valuation.

References
----------
Wurman, P. R., Walsh, W. E., Wellman, M. P. (1998). Flexible double auctions for electronic commerce.
Krishna, V. (2010). Auction Theory, 2nd ed., chapter 12.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.pot import Pot
from mechanisms.registry import mechanism


def price_between(pot: Pot, k: float) -> NDArray[Any]:
    """``k*V[S] + (1-k)*V[S+1]``, never outside the two by rounding, shape lead."""
    low, high = pot.highest_losing, pot.lowest_winning
    if k in (0, 1):
        return high if k else low
    with np.errstate(invalid="ignore"):
        return np.clip(k * high + (1 - k) * low, low, high)


@mechanism(
    "uniform-price",
    batched=True,
    budget="strong",
    efficient="for reports",
    monotone="multi-unit",
    padding_proof=True,
    single_price=True,
)
def uniform_price(
    book: OrderBook,
    draws: Draws,
    k: Annotated[float, Field(ge=0, le=1, description="weight of the lowest winning valuation")] = 1.0,
) -> Outcome:
    """Everyone trades at one price, the lowest winning report (k=1) or the highest losing one (k=0).

    Truthful only at k=0 and when each lab wants one permit and none sells.

    >>> book = OrderBook.of([10.0, 8, 3, 9, 4, 7, 6], user=list("AAABBCC"), supply=4)
    >>> [float(uniform_price(book, Draws(0), k=k).price) for k in (0.0, 1.0)]
    [6.0, 7.0]
    """
    pot = Pot.of(book, draws)
    return Outcome(pot.fills, price=price_between(pot, k))
