"""A witness: one market in which a property fails, with the lab, its false report and what that brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Witness:
    """The worst failure of a property that was found.

    Attributes
    ----------
    property : what fails
    mechanism : label of the mechanism
    book : the market with its true reports, printable with ``book.to_frame()``
    seed : ties and chance; clearing `book` with it shows what truth brings
    gain : M$ that a lab gains or loses, the exchange pays or keeps, or gains from trade fall short; for the monotone
        allocation permits lost
    lab : number of the lab, None where the property is about the whole market
    misreport : the same market with the false report, None where the property is not about reports
    kind : what the lab does, in words

    Examples
    --------
    >>> from mechanisms import CentralExchange
    >>> from mechanisms.properties import truthful
    >>> print(truthful(CentralExchange("pay-as-bid"), OrderBook.of([9.0, 5.0], supply=1)))
    truthful fails under pay-as-bid by 4 with seed 0. Orders: lab 0 bids 9; lab 1 bids 5; house sells 1 at 0. Lab 0
    (one price moved) reports: bids 5.
    """

    property: str
    mechanism: str
    book: OrderBook
    seed: int
    gain: float
    lab: int | None = None
    misreport: OrderBook | None = None
    kind: str = ""

    def __str__(self) -> str:
        """One paragraph that says what happens."""
        text = (
            f"{self.property} fails under {self.mechanism} by {self.gain:.6g} with seed {self.seed}. "
            f"Orders: {in_words(self.book)}."
        )
        if self.misreport is None:
            return text if self.lab is None else f"{text} It is lab {self.lab} that loses."
        return f"{text} Lab {self.lab} ({self.kind}) reports: {of_lab(self.misreport, self.lab)}."


def in_words(book: OrderBook, names: Sequence[str] = ()) -> str:
    """All orders of one market, lab by lab; labs without names are numbered.

    >>> in_words(OrderBook.of([9.0, 4.0, 3.0], [1, 2.5, 1], [True, True, False], [0, 0, 1], supply=2, reserve=1.0))
    'lab 0 bids 9, 4 for 2.5; lab 1 asks 3; house sells 2 at 1'
    """
    known = names or [f"lab {lab}" for lab in range(book.labs)]
    there = [lab for lab in range(book.labs) if (book.present & (book.user == lab)).any()]
    labs = [f"{known[lab]} {of_lab(book, lab)}" for lab in there]
    house = [f"house sells {float(book.supply):g} at {float(book.reserve):g}"] if float(book.supply) else []
    return "; ".join(labs + house) or "none"


def of_lab(book: OrderBook, lab: int | None) -> str:
    """Orders of one lab in words, the dearest first."""
    mine = book.present & (book.user == lab)
    sides = (("asks", mine & ~book.buying), ("bids", mine & book.buying))
    return " and ".join(f"{verb} {_list(book, some)}" for verb, some in sides if some.any()) or "nothing"


def _list(book: OrderBook, some: Array) -> str:
    index = np.flatnonzero(some)
    index = index[np.argsort(-book.price[index], kind="stable")]
    return ", ".join(_order(float(book.price[i]), float(book.amounts[i])) for i in index)


def _order(price: float, amount: float) -> str:
    return f"{price:g}" if amount == 1 else f"{price:g} for {amount:g}"
