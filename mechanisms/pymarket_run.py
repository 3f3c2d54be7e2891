"""Running PyMarket's code on an order book: the book as PyMarket's table, its transactions as fills and payments.

Chance comes from the draws: a `RandomState` where the algorithm takes one (``r``), and NumPy's global generator for the
length of the call. That generator, the warning filters and matplotlib's backend are as before afterwards.
"""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.errors import InputError

Array = NDArray[Any]

P2P_LIMIT = 2_000
"""PyMarket's p2p holds orders**3 / 4 booleans: 2 GB at this many orders."""

# NumPy's global generator, the warning filters and matplotlib.use belong to the process, not to a thread.
_PROCESS = threading.RLock()


@cache
def load_pymarket() -> ModuleType:
    """Import PyMarket at first use (1 s), with `matplotlib.use` out of its reach.

    >>> load_pymarket().__name__
    'pymarket'
    """
    import matplotlib as mpl

    with _PROCESS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        use, mpl.use = mpl.use, lambda *_, **__: None
        try:
            import pymarket
        finally:
            mpl.use = use
    return pymarket


@contextmanager
def undisturbed(seed: int) -> Iterator[None]:
    """Seed NumPy's global generator and silence PyMarket's outdated calls; leave both as they were.

    >>> with undisturbed(0):
    ...     first = np.random.random()
    >>> with undisturbed(0):
    ...     first == np.random.random()
    True
    """
    with _PROCESS, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"pymarket\.")
        state = np.random.get_state()  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002


@dataclass(frozen=True)
class Table:
    """A book as PyMarket reads it.

    Attributes
    ----------
    bids : PyMarket's table; users are numbered from 0, the house last
    place : (rows,), where each order stands in the book; ``book.orders`` is the house
    quantity : (rows,), permits of each order
    bid : (rows,), the row of `bids` that the order is part of
    grain : all quantities are whole multiples of it
    """

    bids: pd.DataFrame
    place: Array
    quantity: Array
    bid: Array
    grain: float

    @classmethod
    def of(cls, book: OrderBook, *, merge_equal: bool = False) -> Table:
        """Leave absent orders out, number the users and, if asked, merge a user's orders of one side and price.

        >>> book = OrderBook.of([9.0, 9.0, 1.0], user=list("BBA"), buying=[True, True, False], supply=4, reserve=2.0)
        >>> Table.of(book, merge_equal=True).bids[["quantity", "price", "user"]].values.tolist()
        [[2.0, 9.0, 1.0], [1.0, 1.0, 0.0], [4.0, 2.0, 2.0]]
        """
        amounts = np.append(book.amounts, book.supply)
        # Sums of whole multiples of a power of two are exact in any order.
        grain = 2.0 ** (np.ceil(np.log2(max(amounts.sum(), 1e-300))) - 50)
        rounded = np.round(amounts / grain) * grain
        place = np.flatnonzero(rounded)
        orders = pd.DataFrame(
            {
                "quantity": rounded[place],
                "price": np.append(book.price, book.reserve)[place],
                "user": np.unique(np.append(book.user, book.labs)[place], return_inverse=True)[1],
                "buying": np.append(book.buying, False)[place],
                "time": 0,
                "divisible": True,
            }
        )
        if not merge_equal:
            return cls(orders, place, rounded[place], np.arange(len(orders)), grain)
        keys = ["user", "buying", "price"]
        bid = orders.groupby(keys, sort=False).ngroup().to_numpy()
        bids = orders.drop_duplicates(keys).assign(quantity=np.bincount(bid, rounded[place]))
        return cls(bids.reset_index(drop=True), place, rounded[place], bid, grain)

    def outcome(self, book: OrderBook, filled: Array, money: Array) -> Outcome:
        """Fills and payments of the book's orders from those of PyMarket's bids, the first order of a bid first."""
        before = pd.Series(self.quantity).groupby(self.bid).cumsum().to_numpy() - self.quantity
        part = np.clip(filled[self.bid] - before, 0.0, self.quantity)
        fills, payments = np.zeros((2, book.orders + 1))
        fills[self.place] = part
        payments[self.place] = money[self.bid] * _share(part, filled[self.bid])
        fills, payments = fills[:-1], payments[:-1]
        dust = 16 * self.grain
        fills = np.where(np.abs(fills - book.amounts) <= dust, book.amounts, fills)
        return Outcome(np.where(fills <= dust, 0.0, fills), np.where(fills <= dust, 0.0, payments))


def _share(part: Array, whole: Array) -> Array:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0))


def run(name: str, cls: type, book: OrderBook, draws: Draws, options: Mapping[str, Any]) -> Outcome:
    """Clear one book with a PyMarket mechanism; `name` is for messages.

    Raises
    ------
    InputError
        Too many orders for p2p, or transactions that do not fit the bids.

    Examples
    --------
    >>> book = OrderBook.of([9.0, 3.0], buying=[True, False])
    >>> run("p2p", load_pymarket().mechanisms.P2PTrading, book, Draws(0), {"p_coef": 1.0}).payments.tolist()
    [9.0, -9.0]
    """
    own = load_pymarket().mechanisms
    table = Table.of(book, merge_equal=issubclass(cls, own.MudaAuction))
    if issubclass(cls, own.P2PTrading) and len(table.bids) > P2P_LIMIT:
        limit = f"at most {P2P_LIMIT:,} are allowed; pymarket:huang and pymarket:muda take more"
        raise InputError(f"{name}: {len(table.bids):,} orders, the house's counted as one; {limit}")
    if table.bids["buying"].nunique() < 2:
        return Outcome(np.zeros(book.orders), np.zeros(book.orders))
    seed = int(draws.priority("mechanism", 1)[0]) % 2**32
    with undisturbed(seed):
        auction = _mended(cls)(table.bids.copy(), **options)
        if "r" in inspect.signature(auction.algo).parameters:
            auction.kwargs.setdefault("r", np.random.RandomState(seed))
        transactions, extra = auction.run()
    return table.outcome(book, *_accounts(name, table, transactions.get_df(), extra or {}))


@cache
def _mended(cls: Any) -> Any:
    """The same mechanism with our split of merged bids, unless it brings its own."""
    inherits = cls._cleanup is load_pymarket().mechanisms.Mechanism._cleanup
    return type(cls.__name__, (cls,), {"_cleanup": _split_merged}) if inherits else cls


def _split_merged(auction: Any, merged: Any) -> Any:
    """Transactions of the bids that each merged bid stands for, pro rata to their quantities."""
    if not auction.merge:
        return merged
    split = type(merged)()
    for bid, traded, *rest in merged.trans:
        quantity = auction.old_bids.loc[auction.maping[bid], "quantity"]
        for row, share in (quantity / quantity.sum()).items():
            split.add_transaction(row, traded * share, *rest)
    return split


def _accounts(name: str, table: Table, trades: pd.DataFrame, extra: Mapping[str, Any]) -> tuple[Array, Array]:
    """Permits traded and money paid (+) or received (-) by each of PyMarket's bids, fees included."""
    bid = trades["bid"].to_numpy(dtype=np.intp)
    amount, price = (trades[column].to_numpy(dtype=np.float64) for column in ("quantity", "price"))
    buying, user, quantity = (table.bids[column].to_numpy() for column in ("buying", "user", "quantity"))
    if not np.isin(bid, table.bids.index).all():
        raise InputError(f"{name}: a transaction names bid {bid[~np.isin(bid, table.bids.index)][0]}; there is none")
    filled = np.bincount(bid, amount, len(quantity)).astype(np.float64)  # integers where nothing trades
    if not ((filled >= 0) & (filled <= quantity + 1e-6 * quantity.sum())).all():
        raise InputError(f"{name}: a bid's transactions are not in [0, the bid's quantity]")
    bought, sold = filled[buying].sum(), filled[~buying].sum()
    if abs(bought - sold) > 1e-6 * quantity.sum():
        raise InputError(f"{name}: its transactions buy {bought:g} permits and sell {sold:g}")
    money = np.bincount(bid, amount * price, len(quantity)) * np.where(buying, 1.0, -1.0)
    if "fees" in extra:
        fees = np.asarray(extra["fees"], dtype=np.float64)
        money += fees[user] * _share(filled, np.bincount(user, filled)[user])
    return filled, money
