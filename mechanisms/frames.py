"""PyMarket's table of orders: its columns, read into what a book is made of, and written from a book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mechanisms.checked import flags, numbers
from mechanisms.errors import InputError, unknown

if TYPE_CHECKING:
    from mechanisms.book import OrderBook

Array = NDArray[Any]

COLUMNS = ("quantity", "price", "user", "buying", "time", "divisible", "house")
REQUIRED = COLUMNS[:4]


@dataclass(frozen=True, eq=False)
class Source:
    """Where the orders of a book stand in the frame it was read from."""

    frame: pd.DataFrame
    lab_rows: Array
    house_rows: Array
    indivisible: int | None

    @property
    def house_amounts(self) -> Array:
        """Permits in the house's rows, (rows,)."""
        return self.frame["quantity"].to_numpy(dtype=np.float64)[self.house_rows]


def orders_in(frame: pd.DataFrame, supply: float, reserve: float) -> tuple[dict[str, Any], Source]:
    """The orders of a table as arguments of `OrderBook.of`, and where they stand in the table.

    InputError, one line naming the column, where the table is no book.

    >>> rows = pd.DataFrame({"quantity": [1, 2], "price": [9, 3], "user": ["B", -1], "buying": [True, False]})
    >>> orders, source = orders_in(rows.assign(house=[False, True]), supply=0.0, reserve=0.0)
    >>> orders["price"].tolist(), float(orders["supply"]), orders["reserve"], source.house_rows.tolist()
    ([9.0], 2.0, 3.0, [1])
    """
    _check_columns(frame)
    is_house = _column(frame, "house", False)
    prices, amounts = (numbers(name, frame[name]) for name in ("price", "quantity"))
    sides = flags("buying", frame["buying"].to_numpy())
    if (sides & is_house).any():
        raise InputError(f"house: row {int(np.argmax(sides & is_house))} buys; the house only sells")
    lab_rows, house_rows = np.flatnonzero(~is_house), np.flatnonzero(is_house)
    users = frame["user"].to_numpy()[lab_rows]
    if pd.isna(users).any():
        raise InputError(f"user: row {lab_rows[pd.isna(users)][0]} names no user")
    if house_rows.size:
        reserve = _house_price(prices[house_rows], supply, reserve)
    total = numbers("supply", supply) + amounts[house_rows].sum()
    indivisible = np.flatnonzero(~_column(frame, "divisible", True) & (amounts > 1))
    orders = {
        "price": prices[lab_rows],
        "quantity": amounts[lab_rows],
        "buying": sides[lab_rows],
        "user": pd.factorize(users, sort=True)[0],
        "supply": total,
        "reserve": reserve,
    }
    return orders, Source(frame, lab_rows, house_rows, int(indivisible[0]) if indivisible.size else None)


def frame_of(book: OrderBook) -> pd.DataFrame:
    """The orders of one market as a table: the one it was read from, if no house permits stand outside it."""
    if book.source is not None and not float(book.supply - book.source.house_amounts.sum()):
        return book.source.frame.copy()
    keep = book.present
    house = float(book.supply) > 0
    tail = [1.0] * house
    return pd.DataFrame(
        {
            "quantity": np.append(book.amounts[keep], float(book.supply) * np.array(tail)),
            "price": np.append(book.price[keep], float(book.reserve) * np.array(tail)),
            "user": np.append(book.user[keep], np.array([-1] * house, dtype=int)),
            "buying": np.append(book.buying[keep], np.array([False] * house, dtype=bool)),
            "time": 0,
            "divisible": True,
            "house": np.append(np.zeros(keep.sum(), dtype=bool), np.array([True] * house, dtype=bool)),
        }
    )


def _check_columns(frame: pd.DataFrame) -> None:
    for name in REQUIRED:
        if name not in frame.columns:
            raise InputError(f"{name}: the column is missing; columns are {', '.join(COLUMNS)}")
    for name in frame.columns:
        if name not in COLUMNS:
            raise unknown("column", name, COLUMNS)
    if not frame.columns.is_unique:
        raise InputError(f"{frame.columns[frame.columns.duplicated()][0]}: the column appears twice")


def _column(frame: pd.DataFrame, name: str, default: bool) -> Array:
    return flags(name, frame[name].to_numpy() if name in frame.columns else np.full(len(frame), default))


def _house_price(prices: Array, supply: float, reserve: float) -> float:
    price = float(prices[0])
    if (prices != price).any():
        raise InputError(
            f"house: rows ask {price:g} and {prices[prices != price][0]:g}; the house has one reserve price"
        )
    if reserve not in (0.0, price):
        raise InputError(f"reserve: {reserve:g} is not the price {price:g} of the house's rows")
    if supply and reserve != price:
        raise InputError(f"supply: goes with reserve={price:g}, the price of the house's rows")
    return price
