"""The exchange's record: what a clearing says, order by order, lab by lab and as a table."""

import numpy as np
import pandas as pd
import pytest

from mechanisms import CentralExchange, InputError, OrderBook

ROWS = pd.DataFrame(
    {
        "quantity": [1.0, 2.0, 1.0, 1.0, 0.0],
        "price": [9.0, 3.0, 7.0, 2.0, 8.0],
        "user": ["B", "Governor", "A", "A", "C"],
        "buying": [True, False, True, True, True],
        "house": [False, True, False, False, False],
    },
    index=[10, 10, 11, 12, 13],
)


def test_rows_of_the_table() -> None:
    clearing = CentralExchange().clear(OrderBook.from_frame(ROWS))
    assert clearing.fills.tolist() == [1, 2, 1, 0, 0]
    assert clearing.payments.tolist() == [7, 0, 7, 0, 0]
    np.testing.assert_array_equal(clearing.prices, [7, np.nan, 7, np.nan, np.nan])
    assert clearing.bought.tolist() == [1, 1, 0], "labs in sorted order"
    assert (clearing.volume, clearing.house_sold, clearing.surplus, clearing.price) == (2, 2, 14, 7)


def test_table_keeps_the_columns_and_the_index() -> None:
    clearing = CentralExchange().clear(OrderBook.from_frame(ROWS))
    table = clearing.to_frame()
    pd.testing.assert_frame_equal(table[ROWS.columns.tolist()], ROWS)
    assert table["fill"].tolist() == clearing.fills.tolist()
    assert table["payment"].tolist() == clearing.payments.tolist()
    assert table["unit_price"].isna().tolist() == [False, True, False, True, True]


def test_house_rows_sell_in_turn_and_supply_after_them() -> None:
    house = pd.DataFrame({"quantity": [1.5, 1.0], "price": 3.0, "user": "G", "buying": False, "house": True})
    bid = pd.DataFrame({"quantity": [4.0], "price": 5.0, "user": "A", "buying": True, "house": False})
    book = OrderBook.from_frame(pd.concat([house, bid]), supply=2, reserve=3.0)
    clearing = CentralExchange().clear(book)
    assert clearing.fills.tolist() == [1.5, 1.0, 4.0]
    assert clearing.house_sold == 4
    assert book.to_frame()["quantity"].tolist() == [4.0, 4.5]


def test_no_minus_zero() -> None:
    book = OrderBook.of([1.0, 2.0], buying=[True, False])
    for name in ("uniform-price", "vickrey"):
        assert not np.signbit(CentralExchange(name).clear(book).payments).any()


def test_a_table_is_of_one_market() -> None:
    many = OrderBook.of([[1.0], [2.0]], supply=1)
    with pytest.raises(InputError, match=r"^to_frame: the clearing holds many markets"):
        CentralExchange().clear(many).to_frame()
    with pytest.raises(InputError, match=r"^to_frame: the book holds many markets"):
        many.to_frame()


def test_absent_orders_have_no_price_in_the_table() -> None:
    table = CentralExchange().clear(OrderBook.of([4.0, 0.0], supply=1)).to_frame()
    assert table["price"].isna().tolist() == [False, True]


@pytest.mark.parametrize("name", ["uniform-price", "vickrey"])
def test_lab_figures_sum_order_figures(name: str) -> None:
    book = OrderBook.of([[9.0, 8, 3, 1], [2.0, 9, 3, 5]], buying=[True, True, False, True], user=[0, 1, 0, 1], supply=1)
    clearing = CentralExchange(name).clear(book)
    of_labs = clearing.payments[:, [0, 1]] + clearing.payments[:, [2, 3]]
    np.testing.assert_array_equal(clearing.lab_payments, of_labs)
    np.testing.assert_array_equal(clearing.surplus, clearing.payments.sum(axis=-1))
    np.testing.assert_array_equal(clearing.house_sold, clearing.bought.sum(axis=-1) - clearing.sold.sum(axis=-1))
