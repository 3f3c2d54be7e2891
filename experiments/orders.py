"""Orders of one's own: read from CSV, checked row by row, and cleared under several mechanisms at once."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import pandas as pd

from experiments.floor import Floor
from mechanisms import CentralExchange, Draws, InputError, OrderBook
from mechanisms.errors import unknown
from mechanisms.frames import COLUMNS, REQUIRED

MOST_ORDERS = 2_000
_NUMBERS, _FLAGS = ("quantity", "price", "time"), ("buying", "divisible", "house")
_YES, _NO = ("true", "1", "yes", "buy", "bid"), ("false", "0", "no", "sell", "ask")

EXAMPLE = pd.DataFrame(
    {
        "quantity": 1.0,
        "price": [10.0, 8.0, 3.0, 9.0, 4.0, 7.0, 6.0],
        "user": list("AAABBCC"),
        "buying": True,
    }
)
"""Bids A 10, 8, 3; B 9, 4; C 7, 6: with four permits for sale VCG payments are 10, 6 and 4."""
EXAMPLE_SUPPLY = 4.0


def read_orders(text: str, name: str = "orders") -> pd.DataFrame:
    r"""Orders of a CSV file with PyMarket's columns: quantity, price, user, buying[, time, divisible][, house].

    Raises
    ------
    InputError
        One line that names the file, the line in it, the column and the value.

    Examples
    --------
    >>> read_orders("price,user,quantity,buying\n9,A,1,true\n2,B,2,no\n").values.tolist()
    [[9.0, 'A', 1.0, True], [2.0, 'B', 2.0, False]]
    >>> read_orders("price,user,quantity,buying\nten,A,1,true\n")
    Traceback (most recent call last):
    mechanisms.errors.InputError: orders, line 2, price: 'ten' is not a number
    """
    lines = csv.reader(StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    header = [column.strip() for column in next(lines, [])]
    _check_header(header, name)
    rows = list(_rows(lines, header, name))
    if len(rows) > MOST_ORDERS:
        raise InputError(f"{name}: {len(rows)} orders are more than {MOST_ORDERS}")
    return pd.DataFrame(rows, columns=header)


def _check_header(header: Sequence[str], name: str) -> None:
    for column in header:
        if column not in COLUMNS:
            raise unknown(f"{name}, line 1: column", column, COLUMNS)
        if header.count(column) > 1:
            raise InputError(f"{name}, line 1: the column {column} appears twice")
    for column in REQUIRED:
        if column not in header:
            raise InputError(f"{name}, line 1: the column {column} is missing; columns are {', '.join(COLUMNS)}")


def _rows(lines: Any, header: Sequence[str], name: str) -> Iterator[list[Any]]:
    """Values line by line; empty lines are skipped."""
    try:
        for fields in lines:
            where = f"{name}, line {lines.line_num}"
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                raise InputError(f"{where}: {len(fields)} values for {len(header)} columns")
            yield [_value(field.strip(), column, where) for field, column in zip(fields, header, strict=True)]
    except csv.Error as error:
        raise InputError(f"{name}, line {lines.line_num}: {error}") from None


def _value(given: Any, column: str, where: str) -> Any:
    """A value of a column; InputError where it is none."""
    if given is None or pd.isna(given) or given == "":
        raise InputError(f"{where}, {column}: is empty")
    if column in _FLAGS:
        return _flag(given, f"{where}, {column}")
    return _number(given, f"{where}, {column}") if column in _NUMBERS else str(given)


def _number(given: Any, where: str) -> float:
    try:
        number = float(given)
    except (TypeError, ValueError):
        raise InputError(f"{where}: {given!r} is not a number") from None
    if not 0 <= number < float("inf"):
        raise InputError(f"{where}: {given} is not in [0, inf)")
    return number


def _flag(given: Any, where: str) -> bool:
    text = str(given).lower()
    if text not in (*_YES, *_NO):
        raise InputError(f"{where}: {given!r} is not true or false")
    return text in _YES


def order_book(orders: pd.DataFrame, supply: float = 0.0, reserve: float = 0.0) -> OrderBook:
    """Check a table of orders row by row, rows counting from 1, and make it a book.

    >>> order_book(EXAMPLE, supply=EXAMPLE_SUPPLY).labs
    3
    >>> order_book(EXAMPLE.assign(price=[10, 8, 3, None, 4, 7, 6]))
    Traceback (most recent call last):
    mechanisms.errors.InputError: row 4, price: is empty
    """
    if orders.empty:
        raise InputError("orders: there are none; type at least one")
    if len(orders) > MOST_ORDERS:
        raise InputError(f"orders: {len(orders)} are more than {MOST_ORDERS}")
    rows = orders.to_dict("records")
    checked = [
        {str(column): _value(value, str(column), f"row {number}") for column, value in row.items()}
        for number, row in enumerate(rows, 1)
    ]
    return OrderBook.from_frame(pd.DataFrame(checked), supply, reserve)


def clear_orders(book: OrderBook, mechanisms: Sequence[str], seed: int = 0) -> tuple[Floor | None, dict[str, str]]:
    """One book under several mechanisms with the same luck, and why some of them refuse it.

    >>> floor, refused = clear_orders(order_book(EXAMPLE, 4), ["uniform-price", "vickrey", "posted-price"])
    >>> floor.totals()["revenue"].tolist(), refused
    ([28.0, 20.0], {'posted-price': 'mechanism.options.price: is required'})
    """
    draws, clearings, refused = Draws(seed, 0), {}, {}
    for name in mechanisms:
        try:
            clearing = CentralExchange(name).clear(book, draws)
        except InputError as error:
            refused[name] = str(error)
        else:
            clearings[clearing.mechanism] = clearing
    return (Floor.of(clearings, draws) if clearings else None), refused
