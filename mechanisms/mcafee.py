"""McAfee's double auction: one price if the first pair that misses out supports it, else the last trade is given up.

References
----------
McAfee, R. P. (1992). A dominant strategy double auction. Journal of Economic Theory 56, 434-450.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, ValidationInfo

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.margin import Margin, at_prices
from mechanisms.registry import mechanism

Array = NDArray[Any]


def _goes_with_bounds(value: float | None, info: ValidationInfo) -> float | None:
    wanted = info.data.get("missing") == "bounds"
    if wanted and value is None:
        raise ValueError("is required with missing: bounds")
    if not wanted and value is not None:
        raise ValueError(f"{value:g} goes with missing: bounds")
    least = info.data.get("low")
    if value is not None and least is not None and value < least:
        raise ValueError(f"{value:g} is not in [{least:g}, inf), from low upwards")
    return value


def _bound(description: str) -> Any:
    return Field(ge=0, validate_default=True, description=description)


Low = Annotated[float | None, _bound("stands in for a missing bid"), AfterValidator(_goes_with_bounds)]
High = Annotated[float | None, _bound("stands in for a missing ask"), AfterValidator(_goes_with_bounds)]


@mechanism("mcafee", batched=True, truthful="unit", budget="weak", monotone="single-order")
def mcafee(
    book: OrderBook,
    draws: Draws,
    missing: Annotated[
        Literal["reduce", "bounds"],
        Field(description="what a missing (k+1)-th trader means: no price, or low and high"),
    ] = "reduce",
    low: Low = None,
    high: High = None,
) -> Outcome:
    """All trade at one price if the first pair that misses out supports it; else the last pair only sets the prices.

    k trades are efficient. If ``p = (b_(k+1) + s_(k+1)) / 2`` lies in [s_k, b_k], all k take place at p; otherwise k-1,
    at which buyers pay b_k and sellers get s_k. Where the (k+1)-th bid or ask is missing there is no p (``reduce``), or
    `low` stands in for the bid, at most s_(k+1), and `high` for the ask, at least b_(k+1) (``bounds``). A permit of the
    house is a seller like any other.

    An order for q permits counts as q orders: the last trade is that of one permit, or of what the last bid or ask
    trades if that is less.

    >>> for bids, asks in (((9.0, 8.0), (4.0, 3.0)), ((9.0, 4.0), (8.0, 3.0))):
    ...     book = OrderBook.of([*bids, *asks], buying=[True, True, False, False])
    ...     print(mcafee(book, Draws(0)).payments.tolist())
    [8.0, 0.0, 0.0, -4.0]
    [6.0, 0.0, 0.0, -6.0]
    """
    margin = Margin(book, draws)
    bid, ask = _next_pair(margin, low, high)
    price = (bid + ask) / 2
    supported = (margin.last_ask <= price) & (price <= margin.last_bid)
    fills = margin.without_last_trade(~supported)
    pays, gets = (np.where(supported, price, last) for last in (margin.last_bid, margin.last_ask))
    return Outcome(fills, at_prices(book, fills, pays, gets))


def _next_pair(margin: Margin, low: float | None, high: float | None) -> tuple[Array, Array]:
    """The first bid and ask that do not trade or what stands in for them, NaN where nothing does.

    Like a report, a bound does not cross the report that it is paired with: a price below ``b_(k+1)`` would make
    outbidding the last buyer pay.
    """
    bid, ask = margin.next_bid, margin.next_ask
    below = np.nan if low is None else np.minimum(low, ask)
    above = np.nan if high is None else np.maximum(high, bid)
    return np.where(np.isfinite(bid), bid, below), np.where(np.isfinite(ask), ask, above)
