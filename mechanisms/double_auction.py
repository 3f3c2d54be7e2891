"""k-double auction: bids and asks meet at one price between the marginal valuations.

References
----------
Chatterjee, K., Samuelson, W. (1983). Bargaining under incomplete information. Operations Research 31, 835-851.
Satterthwaite, M. A., Williams, S. R. (1989). The rate of convergence to efficiency in the buyer's bid double auction
as the market becomes large. Review of Economic Studies 56, 477-498.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.pot import Pot
from mechanisms.registry import mechanism
from mechanisms.uniform_price import price_between


@mechanism(
    "double-auction",
    batched=True,
    budget="strong",
    efficient="for reports",
    monotone="multi-unit",
    padding_proof=True,
    single_price=True,
)
def double_auction(
    book: OrderBook,
    draws: Draws,
    k: Annotated[float, Field(ge=0, le=1, description="weight of the upper end: 1 is the buyer's-bid auction")] = 0.5,
) -> Outcome:
    """Bids and asks meet at one price that splits the gap between the marginal reports (k=1/2: in the middle).

    >>> book = OrderBook.of([9.0, 4.0, 3.0, 8.0], buying=[True, True, False, False])
    >>> float(double_auction(book, Draws(0)).price)
    6.0
    """
    pot = Pot.of(book, draws)
    return Outcome(pot.fills, price=price_between(pot, k))
