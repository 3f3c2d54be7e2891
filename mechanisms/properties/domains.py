"""Random books of the three domains on which claims are made: one permit a lab, one order a lab, several permits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.errors import unknown

Array = NDArray[Any]

HIGHEST = 8.0
ABSENT = 0.1
RESERVES = np.array([0.0, 0.0, 0.25, 0.5, 1.0])
UNITS = 3


def random_books(domain: str, books: int, seed: int = 0, reserve: float = 3.0) -> OrderBook:
    """Many random books of one domain, the same ones for a seed.

    In ``unit`` each of up to 8 labs bids for one permit or asks for one. In ``single-order`` each of up to 6 labs has
    one order for some eighths of permits, up to 3. In ``multi-unit`` 4 labs have falling values for up to 3 permits,
    and may hold as many. The house offers up to 4 permits. Every second book has whole prices, so that ties abound; the
    others have any prices in [0, 8] M$.

    Parameters
    ----------
    domain : ``unit``, ``single-order`` or ``multi-unit``
    books : number of markets, the leading axis
    reserve : highest reserve price drawn, M$ per permit; a posted price must be at least that

    Examples
    --------
    >>> [random_books(domain, 100).price.shape for domain in DOMAINS]
    [(100, 8), (100, 6), (100, 12)]
    """
    if domain not in DOMAINS:
        raise unknown("domain", domain, DOMAINS)
    rng = np.random.default_rng([seed, list(DOMAINS).index(domain)])
    house = rng.integers(0, 5, books), reserve * rng.choice(RESERVES, books)
    return DOMAINS[domain](rng, books, *house)


def _prices(rng: np.random.Generator, *shape: int) -> Array:
    """Continuous prices and, in every second market, whole ones."""
    prices = rng.uniform(0.0, HIGHEST, shape)
    prices[::2] = np.floor(prices[::2])
    return prices


def _unit(rng: np.random.Generator, books: int, supply: Array, reserve: Array) -> OrderBook:
    shape = (books, 8)
    present = rng.random(shape) >= ABSENT
    return OrderBook.of(_prices(rng, *shape), present, rng.random(shape) < 0.6, None, supply, reserve)


def _single_order(rng: np.random.Generator, books: int, supply: Array, reserve: Array) -> OrderBook:
    shape = (books, 6)
    eighths = rng.integers(1, 25, shape) / 8 * (rng.random(shape) >= ABSENT)
    parts = supply + rng.integers(0, 8, books) / 8 * (supply > 0)
    return OrderBook.of(_prices(rng, *shape), eighths, rng.random(shape) < 0.6, None, parts, reserve)


def _multi_unit(rng: np.random.Generator, books: int, supply: Array, reserve: Array) -> OrderBook:
    labs = 4
    values = -np.sort(-_prices(rng, books, UNITS, labs), axis=-2)
    wanted = rng.integers(0, UNITS + 1, (books, labs))
    values = np.where(np.arange(UNITS)[:, None] < wanted[:, None, :], values, 0.0)
    endowment = rng.integers(1, UNITS + 1, (books, labs)) * (rng.random((books, labs)) < 0.4)
    return OrderBook.ladders(values, endowment, supply, reserve)


DOMAINS: dict[str, Callable[[np.random.Generator, int, Array, Array], OrderBook]] = {
    "unit": _unit,
    "single-order": _single_order,
    "multi-unit": _multi_unit,
}
