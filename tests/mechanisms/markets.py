"""Hypothesis draws small markets full of trouble: ties, zeros, excess supply, crossing bids, lab sellers, a reserve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mechanisms import OrderBook

Array = NDArray[Any]

PRICES = st.integers(0, 12).map(lambda n: n / 2)
UNITS = st.sampled_from([1.0, 1.0, 1.0, 1.0, 0.0])
EIGHTHS = st.integers(0, 20).map(lambda n: n / 8)
SUPPLIES = {"unit": st.integers(0, 4).map(float), "eighths": EIGHTHS}
AMOUNTS = {"unit": UNITS, "eighths": EIGHTHS}


class Market(NamedTuple):
    """The rows of one book as plain arrays, in the order in which `OrderBook.of` takes them."""

    price: Array
    quantity: Array
    buying: Array
    user: Array
    supply: float
    reserve: float

    def book(self) -> OrderBook:
        return OrderBook.of(*self)

    @property
    def present(self) -> Array:
        too_low = self.buying & ((self.price <= 0) | (self.price < self.reserve))
        return (self.quantity > 0) & ~too_low

    def rows(self, index: Array) -> Market:
        """The same market with other rows: a permutation or a choice of them."""
        return Market(*(column[index] for column in self[:4]), *self[4:])


@st.composite
def one_kind(draw: st.DrawFn, kind: str, labs: int, orders: int, one_each: bool, distinct: bool) -> Market:
    n = draw(st.integers(1, orders))
    prices = st.lists(PRICES, min_size=n, max_size=n, unique=distinct)
    amounts = st.lists(AMOUNTS[kind], min_size=n, max_size=n)
    users = st.just(range(n)) if one_each else st.lists(st.integers(0, labs - 1), min_size=n, max_size=n)
    return Market(
        np.array(draw(prices)),
        np.array(draw(amounts)),
        np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))),
        np.array(draw(users)),
        draw(SUPPLIES[kind]),
        draw(st.sampled_from([0.0, 0.0, 0.5, 2.0, 3.0])),
    )


def markets(
    kind: str | None = None, labs: int = 3, orders: int = 8, one_each: bool = False, distinct: bool = False
) -> st.SearchStrategy[Market]:
    """Markets of whole permits (`unit`), of eighths of permits, or of either kind."""
    kinds = [kind] if kind else ["unit", "eighths"]
    return st.one_of(*(one_kind(k, labs, orders, one_each, distinct) for k in kinds))


@st.composite
def batches(draw: st.DrawFn) -> tuple[Market, Array]:
    """Many markets of one shape on leading axes, and a seed for each."""
    kind, lead = draw(st.sampled_from(["unit", "eighths"])), draw(st.sampled_from([(3,), (2, 2)]))
    shape = (*lead, draw(st.integers(1, 6)))

    def fill(shape: tuple[int, ...], elements: st.SearchStrategy[Any], kind: type = float) -> Array:
        return draw(hnp.arrays(kind, shape, elements=elements))

    market = Market(
        fill(shape, PRICES),
        fill(shape, AMOUNTS[kind]),
        fill(draw(st.sampled_from([shape, shape[-1:]])), st.booleans(), bool),
        fill(shape[-1:], st.integers(0, 2), int),
        fill(lead, SUPPLIES[kind]),
        fill(lead, st.sampled_from([0.0, 1.0, 3.0])),
    )
    return market, fill(lead, st.integers(0, 2**64 - 1), np.uint64)


@st.composite
def ladders(draw: st.DrawFn, units: int = 4) -> OrderBook:
    """A month's book in several worlds: values that do not rise along units, endowments that may exceed them."""
    lead = draw(st.sampled_from([(), (2,)]))
    shape = (*lead, draw(st.integers(1, units)), draw(st.integers(1, 4)))
    values = draw(hnp.arrays(float, shape, elements=st.integers(-2, 6).map(float)))
    endowment = draw(hnp.arrays(int, (*lead, shape[-1]), elements=st.integers(0, units + 1)))
    supply = draw(hnp.arrays(float, lead, elements=st.integers(0, 5).map(float)))
    reserve = draw(hnp.arrays(float, lead, elements=st.sampled_from([0.0, 1.0, 3.0])))
    return OrderBook.ladders(-np.sort(-values, axis=-2), endowment, supply, reserve)
