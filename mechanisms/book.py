"""The order book: bids, asks and the Governor's own permits (the house) as arrays, for one market or thousands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mechanisms.checked import fit, flags, numbers
from mechanisms.errors import InputError
from mechanisms.frames import Source, frame_of, orders_in

Array = NDArray[Any]

_BUFFER = np.getbufsize()
_BYTE = 2**7
"""Below this counts fit a byte."""


@dataclass(frozen=True, eq=False)
class OrderBook:
    """Orders of one market, or of many markets of one shape along leading axes.

    Build one with `of` (arrays), `from_frame` (PyMarket's table) or `ladders` (a month of labs). A bid at or below 0 or
    below the reserve is no order.

    Attributes
    ----------
    price : array (*lead, orders), money per permit; -inf marks 'no order'
    quantity : array (*lead, orders) of permits, or None where every order is for one permit
    buying : bool array (*lead, orders) or (orders,)
    user : int array (*lead, orders) or (orders,), the lab of each order, numbered 0 .. labs-1
    supply : array lead, permits that the house offers at `reserve`
    reserve : array lead, money per permit
    labs : int
    ladder : int
        k > 0: orders are laid out (k, labs), each lab's prices do not rise along k and its asks come first.
    """

    price: Array
    quantity: Array | None
    buying: Array
    user: Array
    supply: Array
    reserve: Array
    labs: int
    ladder: int = 0
    source: Source | None = None

    @property
    def lead(self) -> tuple[int, ...]:
        """Shape of the leading axes: () for one market."""
        return self.price.shape[:-1]

    @property
    def orders(self) -> int:
        """Orders per market, absent ones included."""
        return int(self.price.shape[-1])

    @cached_property
    def present(self) -> Array:
        """Which orders exist, bool (*lead, orders)."""
        return self.price > -np.inf

    @cached_property
    def amounts(self) -> Array:
        """Permits of each order, 0 where there is none, (*lead, orders)."""
        return self.present.astype(np.float64) if self.quantity is None else self.quantity

    @cached_property
    def asks(self) -> Array:
        """Which orders offer permits, bool (*lead, orders)."""
        return ~self.buying & self.present

    @cached_property
    def no_asks(self) -> bool:
        """Whether the house alone sells."""
        return bool(self.buying.all())

    @cached_property
    def offered(self) -> Array:
        """Permits offered by labs and house together, shape lead."""
        if self.no_asks:
            return np.asarray(self.supply)
        if self.quantity is None:
            return marked_in(self.asks) + self.supply
        return np.asarray(np.where(self.asks, self.quantity, 0.0).sum(axis=-1) + self.supply)

    @cached_property
    def ranked(self) -> Array:
        """Prices in ascending order, (*lead, orders): the one sort from which unit mechanisms read."""
        return np.sort(self.price, axis=-1)

    @property
    def unit(self) -> bool:
        """Whether every order is for one permit and the house's permits are whole."""
        return self.quantity is None and bool((self.supply == np.floor(self.supply)).all())

    def one(self, index: int) -> OrderBook:
        """One market of many (leading axes flattened)."""

        def pick(x: Array) -> Array:
            return x.reshape(math.prod(self.lead), self.orders)[index] if x.ndim > 1 else x

        return OrderBook(
            pick(self.price),
            None if self.quantity is None else pick(self.quantity),
            pick(self.buying),
            pick(self.user),
            self.supply.reshape(-1)[index],
            self.reserve.reshape(-1)[index],
            self.labs,
            self.ladder,
            self.source,
        )

    @classmethod
    def of(
        cls,
        price: ArrayLike,
        quantity: ArrayLike = 1.0,
        buying: ArrayLike = True,
        user: ArrayLike | None = None,
        supply: ArrayLike = 0.0,
        reserve: ArrayLike = 0.0,
    ) -> OrderBook:
        """Build a book from arrays, checked.

        Parameters
        ----------
        price : (*lead, orders), finite and >= 0, money per permit
        quantity : broadcast to price, finite and >= 0; 0 means no order
        buying : broadcast to price
        user : labels of labs, (orders,) or like price, numbered in sorted order; None: every order is its own lab
        supply, reserve : broadcast to lead, >= 0

        Raises
        ------
        InputError
            One line naming the field.

        Examples
        --------
        >>> book = OrderBook.of([9.0, 4.0, 3.0], buying=[True, True, False], supply=1, reserve=3.5)
        >>> book.lead, book.orders, float(book.offered)
        ((), 3, 2.0)
        """
        prices = np.atleast_1d(numbers("price", price))
        lead, n = prices.shape[:-1], prices.shape[-1]
        amounts = fit("quantity", numbers("quantity", quantity), prices.shape)
        sides = fit("buying", flags("buying", buying), (n,) if np.ndim(buying) < 2 else prices.shape)
        house = fit("supply", numbers("supply", supply), lead)
        floor = fit("reserve", numbers("reserve", reserve), lead)
        users, labs, ladder = _users(user, prices.shape)
        too_low = sides & ((prices <= 0) | (prices < floor[..., None]))
        absent = (amounts == 0) | too_low
        unit = bool(((amounts == 1) | absent).all())
        return cls(
            np.where(absent, -np.inf, prices),
            None if unit else np.where(absent, 0.0, amounts),
            sides,
            users,
            house,
            floor,
            labs,
            ladder,
        )

    @classmethod
    def ladders(cls, values: Array, endowment: Array, supply: ArrayLike, reserve: ArrayLike) -> OrderBook:
        """Build the month's book: each lab's first permits as asks, its further units as bids.

        Parameters
        ----------
        values : (*lead, units, labs), money per permit, not rising along units
        endowment : int (*lead, labs), permits that each lab holds before trading
        supply, reserve : broadcast to lead

        Examples
        --------
        >>> book = OrderBook.ladders(np.array([[5.0, 4.0], [3.0, -1.0]]), np.array([1, 0]), supply=1, reserve=2.0)
        >>> book.price.tolist(), book.buying.tolist()
        ([5.0, 4.0, 3.0, -inf], [False, True, True, True])
        """
        lead, labs = values.shape[:-2], values.shape[-1]
        house, floor = (_full(x, lead) for x in (supply, reserve))
        most = int(endowment.max(initial=0))
        rungs = max(values.shape[-2], most)
        if rungs > values.shape[-2]:
            beyond = np.zeros((*lead, rungs - values.shape[-2], labs))
            values = np.concatenate([values, beyond], axis=-2)
        bids = _bids(endowment, rungs) if most else _all_bids(labs, rungs)
        absent = values <= 0
        if floor.any():
            absent |= values < floor[..., None, None]
        price, known = values, {}
        if absent.any():
            absent &= bids
            price = np.maximum(values, 0.0, order="C")
            price.reshape(-1)[np.flatnonzero(absent)] = -np.inf
            known["present"] = ~absent.reshape(*lead, rungs * labs)
        price, bids = (x.reshape(*x.shape[:-2], rungs * labs) for x in (price, bids))
        book = cls(price, None, bids, _each_rung(labs, rungs), house, floor, labs, rungs)
        if most:
            known["offered"] = count_in(endowment) + house
        vars(book).update(known)  # no need to look through the orders again
        return book

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, supply: float = 0.0, reserve: float = 0.0) -> OrderBook:
        """Read PyMarket's table: columns quantity, price, user, buying[, time, divisible][, house].

        Rows with ``house`` true are the Governor's asks; they share one price, which is the reserve. `supply` adds
        house permits that stand in no row.

        Examples
        --------
        >>> df = pd.DataFrame({"quantity": [1, 2], "price": [9.0, 7.0], "user": ["A", "B"], "buying": [True, True]})
        >>> OrderBook.from_frame(df, supply=2).amounts.tolist()
        [1.0, 2.0]
        """
        orders, source = orders_in(frame, supply, reserve)
        return cls(**cls.of(**orders)._fields() | {"source": source})

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def to_frame(self) -> pd.DataFrame:
        """Return the orders of one market as PyMarket's table, the house as the last row (user -1).

        >>> OrderBook.of([9.0, 7.0], supply=1, reserve=2.0).to_frame()["price"].tolist()
        [9.0, 7.0, 2.0]
        """
        if self.lead:
            raise InputError("to_frame: the book holds many markets; take one with book.one(index)")
        return frame_of(self)


def _bids(endowment: Array, rungs: int) -> Array:
    """Which rungs of each lab's ladder lie beyond its endowment, bool (*lead, rungs, labs)."""
    few = endowment.astype(np.int8 if rungs < _BYTE else np.int32, copy=False)
    return np.asarray(np.arange(rungs, dtype=few.dtype)[:, None] >= few[..., None, :])


def marked_in(marked: Array) -> Array:
    """How many are marked along the last axis.

    >>> marked_in(np.array([[True, False, True], [False, False, False]])).tolist()
    [2, 0]
    """
    return count_in(marked.view(np.int8), 1)


def count_in(counts: Array, most: int = _BYTE - 1) -> Array:
    """Sum of whole numbers along the last axis, as int32; where they are bytes, none is negative or above `most`.

    >>> count_in(np.full((2, 3), 100, dtype=np.int8)).tolist()
    [300, 300]
    """
    if counts.dtype != np.int8:
        return sum_in(counts)
    if most * counts.shape[-1] < 2 * _BYTE:
        return sum_in(counts.view(np.uint8)).astype(np.int32)
    return np.asarray(np.einsum("...j->...", counts, dtype=np.int32, casting="safe"))


def sum_in(values: Array) -> Array:
    """Sum along the last axis; for rows of some hundred numbers twice as fast as NumPy's own sum.

    A row's sum is the same alone and among others, to the last bit; einsum keeps to that up to the size of its buffer.

    >>> sum_in(np.array([[1.0, 2.5], [3.0, 0.0]])).tolist()
    [3.5, 3.0]
    """
    if values.shape[-1] > _BUFFER:
        return np.asarray(values.sum(axis=-1, dtype=values.dtype))
    return np.asarray(np.einsum("...j->...", values))


def _full(amount: ArrayLike, lead: tuple[int, ...]) -> Array:
    """An amount, or one a market, as an array of shape lead."""
    given = np.asarray(amount, dtype=np.float64)
    return given if given.shape == lead else np.broadcast_to(given, lead)


@lru_cache(maxsize=16)
def _all_bids(labs: int, rungs: int) -> Array:
    """The sides of ladders without asks."""
    bids = np.full((rungs, labs), True)
    bids.flags.writeable = False
    return bids


@lru_cache(maxsize=16)
def _each_rung(labs: int, rungs: int) -> Array:
    """The lab of each order of a ladder."""
    user = np.tile(np.arange(labs), rungs)
    user.flags.writeable = False
    return user


def _users(user: ArrayLike | None, shape: tuple[int, ...]) -> tuple[Array, int, int]:
    """Lab numbers from 0, how many there are, and the ladder's height (1 where each order is its own lab)."""
    n = shape[-1]
    if user is None:
        return np.arange(n), n, 1
    given = np.asarray(user)
    fit("user", given, shape)
    names, codes = np.unique(given, return_inverse=True)
    codes = np.broadcast_to(codes.reshape(given.shape), shape if given.ndim > 1 else (n,))
    if n == 0 or np.array_equal(codes, np.arange(n)):
        return np.arange(n), n, 1
    return codes, len(names), 0
