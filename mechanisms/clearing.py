"""What the Central Exchange decided: fills and payments of every order, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mechanisms.book import OrderBook, count_in
from mechanisms.errors import InputError
from mechanisms.pot import by_lab

Array = NDArray[Any]


class Outcome(NamedTuple):
    """A mechanism's answer.

    Attributes
    ----------
    fills : (*lead, orders), permits traded per order, >= 0
    payments : (*lead, orders), money per order, + paid, - received; None where every trade is at `price`
    price : shape lead, the rule's single price; None where it has none
    """

    fills: Array
    payments: Array | None = None
    price: Array | None = None


@dataclass(frozen=True, eq=False)
class Clearing:
    """The exchange's record of one clearing of a book (or of many books).

    Attributes `fills`, `payments`, `prices` follow the rows of the frame that the book was read from, or the book's
    own orders, shape (*lead, orders).
    """

    book: OrderBook
    mechanism: str
    outcome: Outcome

    def one(self, index: int) -> Clearing:
        """The clearing of one market of many (leading axes flattened).

        >>> from mechanisms import CentralExchange
        >>> clearings = CentralExchange("uniform-price").clear(OrderBook.of([[9.0, 7.0], [5.0, 4.0]], supply=1))
        >>> clearings.one(1).fills.tolist(), float(clearings.one(1).price)
        ([1.0, 0.0], 5.0)
        """
        place = np.unravel_index(index, self.book.lead)
        parts = (None if part is None else np.asarray(part[place]) for part in self.outcome)
        return Clearing(self.book.one(index), self.mechanism, Outcome._make(parts))

    @cached_property
    def bought(self) -> Array:
        """Permits that each lab bought, (*lead, labs)."""
        fills = self.outcome.fills
        return by_lab(self.book, fills if self.book.no_asks else fills * self.book.buying)

    @cached_property
    def sold(self) -> Array:
        """Permits that each lab sold, (*lead, labs)."""
        if self.book.no_asks:
            return np.zeros(self.bought.shape, dtype=self.bought.dtype)
        return by_lab(self.book, self.outcome.fills * ~self.book.buying)

    @cached_property
    def volume(self) -> Array:
        """Permits bought, shape lead."""
        return count_in(self.bought, self.book.ladder)

    @cached_property
    def house_sold(self) -> Array:
        """Permits that the house sold, shape lead."""
        return np.asarray(self.volume - self.sold.sum(axis=-1))

    @cached_property
    def price(self) -> Array:
        """The rule's single price, shape lead; NaN where it has none or nothing traded."""
        price = self.outcome.price
        return np.full(self.book.lead, np.nan) if price is None else np.where(self.volume > 0, price, np.nan)

    @cached_property
    def order_payments(self) -> Array:
        """Money of the book's own orders, + paid, - received, (*lead, orders)."""
        if self.outcome.payments is not None:
            return self.outcome.payments
        signed = self.outcome.fills * (self.book.buying * 2.0 - 1.0)
        return np.asarray(signed * self._money_per_permit)

    @cached_property
    def lab_payments(self) -> Array:
        """Money that each lab paid (+) or received (-), (*lead, labs)."""
        if self.outcome.payments is not None:
            return by_lab(self.book, self.outcome.payments)
        permits = (self.bought if self.book.no_asks else self.bought - self.sold).astype(np.float64)
        permits *= self._money_per_permit
        return permits

    @property
    def _money_per_permit(self) -> Array:
        """The single price, 0 where nothing traded, (*lead, 1)."""
        price: Any = np.nan if self.outcome.price is None else self.outcome.price
        return np.where(self.volume > 0, price, 0.0)[..., None]

    @cached_property
    def surplus(self) -> Array:
        """Sum of lab payments = auction revenue, shape lead."""
        return np.asarray(self.lab_payments.sum(axis=-1))

    @cached_property
    def fills(self) -> Array:
        """Permits traded per order, (*lead, orders)."""
        fills = self._rows(self.outcome.fills.astype(np.float64))
        if self.book.source is not None and self.book.source.house_rows.size:
            amounts = self.book.source.house_amounts
            before = np.cumsum(amounts) - amounts
            fills[..., self.book.source.house_rows] = np.clip(self.house_sold[..., None] - before, 0.0, amounts)
        return fills

    @cached_property
    def payments(self) -> Array:
        """Money per order, + paid, - received, (*lead, orders); 0 for the house's orders."""
        return self._rows(self.order_payments) + 0.0  # no -0.0 on the screen

    @cached_property
    def prices(self) -> Array:
        """Money per permit of each filled order, NaN where unfilled (and for the house), (*lead, orders)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            prices = np.abs(self.payments) / np.where(self.fills > 0, self.fills, np.nan)
        if self.book.source is not None:
            prices[..., self.book.source.house_rows] = np.nan
        return prices

    def _rows(self, per_order: Array) -> Array:
        """Spread a figure of the book's orders over the rows of the frame that they came from."""
        source = self.book.source
        if source is None:
            return per_order
        rows = np.zeros((*self.book.lead, len(source.frame)))
        rows[..., source.lab_rows] = per_order
        return rows

    def to_frame(self) -> pd.DataFrame:
        """One market's orders with fill, price and payment, as a table.

        >>> from mechanisms import CentralExchange
        >>> clearing = CentralExchange("uniform-price").clear(OrderBook.of([9.0, 7.0, 5.0], supply=2))
        >>> clearing.to_frame()[["price", "fill", "payment"]].values.tolist()
        [[9.0, 1.0, 7.0], [7.0, 1.0, 7.0], [5.0, 0.0, 0.0]]
        """
        if self.book.lead:
            raise InputError("to_frame: the clearing holds many markets; clear them one by one")
        book = self.book
        if book.source is not None:
            table = book.source.frame.copy()
        else:
            table = pd.DataFrame(
                {"quantity": book.amounts, "price": book.price, "user": book.user, "buying": book.buying}
            )
            table["price"] = table["price"].where(book.present)
        table["fill"], table["unit_price"], table["payment"] = self.fills, self.prices, self.payments
        return table
