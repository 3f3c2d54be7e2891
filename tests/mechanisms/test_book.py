"""Reading orders: what becomes of a table, and what is refused in one line."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given

from mechanisms import CentralExchange, InputError, OrderBook
from tests.mechanisms.contract import same
from tests.mechanisms.markets import Market, markets

NA_FLAGS = pd.array([True, None], dtype="boolean")
NA_PRICES = pd.array([1.5, None], dtype="Float64")


def table(**columns: Any) -> pd.DataFrame:
    """Two orders, one of them a bid, with columns changed or added."""
    good = {"quantity": [1.0, 2.0], "price": [9.0, 4.0], "user": ["A", "B"], "buying": [True, False]}
    return pd.DataFrame({**good, **columns})


def refused(frame: pd.DataFrame, **house: Any) -> str:
    """The one line with which a table is refused."""
    with pytest.raises(InputError) as error:
        OrderBook.from_frame(frame, **house)
    assert "\n" not in str(error.value)
    return str(error.value)


BAD_COLUMNS = [
    ({"price": [np.nan, 1]}, "price: nan is not in [0, inf)"),
    ({"price": [np.inf, 1]}, "price: inf is not in [0, inf)"),
    ({"price": [1, -0.5]}, "price: -0.5 is not in [0, inf)"),
    ({"price": ["cheap", 1]}, "price: 'cheap' is not a number"),
    ({"price": NA_PRICES}, "price: nan is not in [0, inf)"),
    ({"quantity": [1, -2]}, "quantity: -2 is not in [0, inf)"),
    ({"quantity": [1, np.inf]}, "quantity: inf is not in [0, inf)"),
    ({"quantity": [np.nan, 1]}, "quantity: nan is not in [0, inf)"),
    ({"quantity": [1, [2]]}, "quantity: [2] is not a number"),
    ({"buying": ["yes", "no"]}, "buying: 'yes' is not true or false"),
    ({"buying": [1, 2]}, "buying: 2 is not true or false"),
    ({"buying": [1.0, np.nan]}, "buying: nan is not true or false"),
    ({"buying": NA_FLAGS}, "buying: <NA> is not true or false"),
    ({"house": [False, "x"]}, "house: 'x' is not true or false"),
    ({"divisible": [None, True]}, "divisible: None is not true or false"),
    ({"user": ["A", None]}, "user: row 1 names no user"),
    ({"house": [True, False]}, "house: row 0 buys; the house only sells"),
    ({"prise": 1}, "column: 'prise' is not known; did you mean 'price'?"),
    ({0: 1}, "column: 0 is not known; known: buying, divisible, house, price, quantity, time, user"),
]


@pytest.mark.parametrize(("columns", "message"), BAD_COLUMNS)
def test_bad_column(columns: dict[Any, Any], message: str) -> None:
    assert (
        refused(table().assign(**columns) if 0 not in columns else table().assign(x=1).rename(columns={"x": 0}))
        == message
    )


@pytest.mark.parametrize("name", ["quantity", "price", "user", "buying"])
def test_missing_column(name: str) -> None:
    expected = f"{name}: the column is missing; columns are quantity, price, user, buying, time, divisible, house"
    assert refused(table().drop(columns=name)) == expected
    assert refused(table().rename(columns={name: name + "s"})) == expected


def test_column_that_appears_twice() -> None:
    assert refused(table().assign(time=1).rename(columns={"time": "price"})) == "price: the column appears twice"


def test_house_with_two_prices() -> None:
    rows = table(buying=False, house=True)
    assert refused(rows) == "house: rows ask 9 and 4; the house has one reserve price"


@pytest.mark.parametrize(
    ("house", "message"),
    [
        ({"supply": -1}, "supply: -1 is not in [0, inf)"),
        ({"supply": "many"}, "supply: 'many' is not a number"),
        ({"supply": [1, 2]}, "supply: shape (2,) does not fit ()"),
        ({"reserve": np.inf}, "reserve: inf is not in [0, inf)"),
        ({"reserve": -0.1}, "reserve: -0.1 is not in [0, inf)"),
    ],
)
def test_bad_house(house: dict[str, Any], message: str) -> None:
    assert refused(table(), **house) == message


def test_reserve_that_contradicts_the_house_rows() -> None:
    rows = table(house=[False, True])
    assert refused(rows, reserve=3.0) == "reserve: 3 is not the price 4 of the house's rows"
    assert refused(rows, supply=1) == "supply: goes with reserve=4, the price of the house's rows"
    assert float(OrderBook.from_frame(rows, supply=1, reserve=4.0).supply) == 3


BAD_ARRAYS = [
    ({"price": [[1, 2], [1, 2, 3]]}, "price: [1, 2] is not a number"),
    ({"quantity": [1, 1, 1]}, "quantity: shape (3,) does not fit (2,)"),
    ({"buying": ["no", True]}, "buying: 'no' is not true or false"),
    ({"buying": [np.nan, True]}, "buying: nan is not true or false"),
    ({"buying": [True] * 3}, "buying: shape (3,) does not fit (2,)"),
    ({"user": [1, 2, 3]}, "user: shape (3,) does not fit (2,)"),
    ({"supply": [1, 2]}, "supply: shape (2,) does not fit ()"),
]


@pytest.mark.parametrize(("arrays", "message"), BAD_ARRAYS)
def test_bad_arrays(arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        OrderBook.of(**{"price": [1.0, 2.0], **arrays})
    assert str(error.value) == message


def test_indivisible_orders() -> None:
    whole = table(divisible=[True, False])
    with pytest.raises(InputError, match=r"^divisible: row 1 asks for a whole quantity above 1; vickrey fills"):
        CentralExchange("vickrey").clear(OrderBook.from_frame(whole))
    clearing = CentralExchange("vickrey").clear(OrderBook.from_frame(whole.assign(quantity=[2.0, 1.0])))
    assert clearing.fills.tolist() == [1.0, 1.0]


def test_empty_table() -> None:
    book = OrderBook.from_frame(table().iloc[:0], supply=3, reserve=1.0)
    assert book.orders == 0
    assert book.to_frame()[["quantity", "price", "house"]].values.tolist() == [[3.0, 1.0, True]]
    bare = OrderBook.from_frame(pd.DataFrame(columns=["quantity", "price", "user", "buying"]))
    assert CentralExchange("vickrey").clear(bare).to_frame().empty


@given(markets())
def test_a_table_is_read_as_it_stands(market: Market) -> None:
    """Any index, any column order, integers or floats, flags as 0 and 1: the same market."""
    frame = pd.DataFrame(market._asdict()).drop(columns=["supply", "reserve"])
    frame["user"] = frame["user"].map({0: "x", 1: None, 2: "y"}.get).fillna("z")
    variant = frame.iloc[:, ::-1].set_axis(np.full(len(frame), 7)).assign(buying=market.buying.astype(float))
    exchange = CentralExchange("vickrey")
    one, other = (
        exchange.clear(OrderBook.from_frame(f, market.supply, market.reserve), seed=4) for f in (frame, variant)
    )
    same(one, other)


@given(markets())
def test_to_frame_and_back(market: Market) -> None:
    book = market.book()
    again = OrderBook.from_frame(book.to_frame(), reserve=0.0 if market.supply else market.reserve)
    assert again.supply == book.supply
    kept = np.unique(market.user[market.present])
    assume(len(kept) == book.labs)  # a table holds no orders that are absent, so a lab without orders has no number
    found = CentralExchange("vickrey").clear(again)
    want = CentralExchange("vickrey").clear(book)
    np.testing.assert_array_equal(found.fills[: book.present.sum()], want.fills[book.present])
    np.testing.assert_array_equal(found.lab_payments, want.lab_payments)


def test_labs_are_numbered_by_their_sorted_names() -> None:
    for users in (["b", "a"], ["b", "a", "b"]):
        price = [5.0, 3.0, 1.0][: len(users)]
        frame = pd.DataFrame({"price": price, "quantity": 1, "user": users, "buying": True})
        for book in (OrderBook.of(price, user=users, supply=1), OrderBook.from_frame(frame, supply=1)):
            assert CentralExchange().clear(book).bought.tolist() == [0, 1]


def test_one_user_for_all() -> None:
    for users in (7, [7], [7, 7]):
        book = OrderBook.of([5.0, 3.0], user=users, buying=[True, False])
        assert CentralExchange("vickrey").clear(book).volume == 0


def test_ladders_are_padded_to_the_largest_endowment() -> None:
    book = OrderBook.ladders(np.array([[5.0, -1.0]]), np.array([0, 2]), supply=0, reserve=0.0)
    assert book.price.tolist() == [5.0, 0.0, -np.inf, 0.0]
    assert book.asks.tolist() == [False, True, False, True]
    assert float(book.offered) == 2


def test_ladders_are_the_plain_book_of_the_same_orders() -> None:
    rng = np.random.default_rng(6)
    values = -np.sort(-rng.integers(-3, 7, (20, 3, 4)).astype(float), axis=-2)
    endowment, supply, reserve = rng.integers(0, 3, (20, 4)), rng.integers(0, 3, 20), rng.integers(0, 4, 20)
    ladder = OrderBook.ladders(values, endowment, supply, reserve)
    asks = np.arange(3)[:, None] < endowment[:, None, :]
    flat = (20, 12)
    users = np.tile(np.arange(4), 3)
    price = np.maximum(values, 0).reshape(flat)
    plain = OrderBook.of(price, buying=~asks.reshape(flat), user=users, supply=supply, reserve=reserve)
    for name in ("price", "buying", "user", "supply", "reserve", "present", "asks", "amounts", "offered"):
        np.testing.assert_array_equal(getattr(ladder, name), getattr(plain, name), err_msg=name)
