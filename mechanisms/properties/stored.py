"""Stored witnesses: small markets that break what a mechanism does not claim, worked by hand in witnesses.yaml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing
from mechanisms.exchange import CentralExchange
from mechanisms.properties.checks import deficit, gains_lost, imbalance
from mechanisms.properties.search import permits_lost, profit
from mechanisms.properties.witness import in_words, of_lab

Array = NDArray[Any]
FILE = Path(__file__).with_name("witnesses.yaml")

OF_MARKETS: dict[str, Callable[[Clearing], Array]] = {
    "never_in_deficit": deficit,
    "budget_balanced": imbalance,
    "efficient": gains_lost,
}
OF_LABS: dict[str, Callable[[Clearing, OrderBook], Array]] = {
    "truthful": profit,
    "padding_proof": profit,
    "monotone": permits_lost,
}


@dataclass(frozen=True)
class Stored:
    """One entry of witnesses.yaml: a market, the property it breaks, and the lab's report that does it."""

    title: str
    mechanism: str
    breaks: str
    domain: str
    orders: list[dict[str, Any]]
    gain: float
    why: str
    supply: float = 0.0
    reserve: float = 0.0
    seed: int = 0
    lab: str | None = None
    misreport: list[dict[str, Any]] | None = None

    @cached_property
    def names(self) -> list[str]:
        """Labs in the order of their numbers."""
        return sorted({row["user"] for row in self.orders})

    def _book(self, orders: list[dict[str, Any]]) -> OrderBook:
        return OrderBook.from_frame(pd.DataFrame(orders), supply=self.supply, reserve=self.reserve)

    @cached_property
    def book(self) -> OrderBook:
        """The market with true reports."""
        return self._book(self.orders)

    @cached_property
    def misreported(self) -> OrderBook | None:
        """The market with the false report, None where none is needed."""
        if self.misreport is None:
            return None
        others = [row for row in self.orders if row["user"] != self.lab]
        return self._book(others + [{**row, "user": self.lab} for row in self.misreport])

    @property
    def market(self) -> str:
        """All orders in words."""
        return in_words(self.book, self.names)

    @property
    def deed(self) -> str:
        """What the lab reports instead, in words; empty where no report is false."""
        if self.misreported is None or self.lab is None:
            return ""
        return f"{self.lab} {of_lab(self.misreported, self.names.index(self.lab))}"

    def measured(self) -> float:
        """What the mechanism makes of it: M$, permits under ``monotone``; the stored gain if all is well."""
        exchange = CentralExchange(self.mechanism)
        truth = exchange.clear(self.book, self.seed)
        if self.misreported is None or self.lab is None:
            return float(OF_MARKETS[self.breaks](truth))
        lie, score = exchange.clear(self.misreported, self.seed), OF_LABS[self.breaks]
        return float((score(lie, self.book) - score(truth, self.book))[self.names.index(self.lab)])


def stored_witnesses() -> list[Stored]:
    """All of them, in the order of the file.

    >>> witness = next(w for w in stored_witnesses() if w.mechanism == "pay-as-bid")
    >>> witness.market, witness.deed, witness.measured()
    ('A bids 9; B bids 5; house sells 1 at 0', 'A bids 6', 3.0)
    """
    return [Stored(**entry) for entry in yaml.safe_load(FILE.read_text(encoding="utf-8"))]
