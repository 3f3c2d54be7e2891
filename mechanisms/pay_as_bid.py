"""Pay-as-bid auction: winning buyers pay their bids, selling labs get their asks, the exchange keeps the spread.

Buyers pay as in the US sulphur dioxide auctions (where a seller got the bid that it was matched with, not its ask).

References
----------
Krishna, V. (2010). Auction Theory, 2nd ed., section 12.1.
Cason, T. N., Plott, C. R. (1996). EPA's new emissions trading mechanism: a laboratory evaluation. Journal of
Environmental Economics and Management 30, 133-160.
"""

from __future__ import annotations

import numpy as np

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.pot import Pot
from mechanisms.registry import mechanism


@mechanism(
    "pay-as-bid", batched=True, budget="weak", efficient="for reports", monotone="multi-unit", padding_proof=True
)
def pay_as_bid(book: OrderBook, draws: Draws) -> Outcome:
    """Every buyer pays its own bid and every selling lab gets its own ask, which invites both to shade.

    The highest reports hold the permits, as in `mechanisms.pot`; the difference between what buyers pay and sellers get
    is the Governor's.

    >>> book = OrderBook.of([9.0, 7.0, 3.0], buying=[True, True, False], supply=1, reserve=5.0)
    >>> clearing = pay_as_bid(book, Draws(0))
    >>> clearing.payments.tolist()
    [9.0, 7.0, -3.0]
    """
    fills = Pot.of(book, draws).fills
    signed = fills * (book.buying * 2.0 - 1.0)
    return Outcome(fills, signed * np.maximum(book.price, 0.0))
