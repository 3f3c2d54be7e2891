"""Orders of one's own: files and tables are checked row by row, and cleared as the exchange clears them."""

import pandas as pd
import pytest

from experiments.orders import EXAMPLE, MOST_ORDERS, clear_orders, order_book, read_orders
from mechanisms import CentralExchange, InputError, OrderBook
from mechanisms.frames import COLUMNS

HEAD = "quantity,price,user,buying\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            f"o, line 1: the column quantity is missing; columns are {', '.join(COLUMNS)}",
        ),
        ("quantity,prize,user,buying\n", "o, line 1: column: 'prize' is not known; did you mean 'price'?"),
        ("price,price,user,buying\n", "o, line 1: the column price appears twice"),
        (HEAD + "1,9,A,true\n\n1,x,B,true\n", "o, line 4, price: 'x' is not a number"),
        (HEAD + "1,-9,A,true\n", "o, line 2, price: -9 is not in [0, inf)"),
        (HEAD + "nan,9,A,true\n", "o, line 2, quantity: nan is not in [0, inf)"),
        (HEAD + "1,9,,true\n", "o, line 2, user: is empty"),
        (HEAD + "1,9,A,maybe\n", "o, line 2, buying: 'maybe' is not true or false"),
        (HEAD + "1,9,A\n", "o, line 2: 3 values for 4 columns"),
        (HEAD + "1,9,A,1\n" * (MOST_ORDERS + 1), f"o: {MOST_ORDERS + 1} orders are more than {MOST_ORDERS}"),
    ],
)
def test_a_bad_file_gets_one_line_with_its_place(text, said):
    with pytest.raises(InputError) as error:
        read_orders(text, "o")
    assert str(error.value) == said


def test_a_file_of_a_spreadsheet_is_read():
    found = read_orders('\ufeffbuying, user ,price,quantity\r\nTRUE,"Lab, Inc.",9.5,2\r\nno,B,1,0.5\r\n')
    assert found.to_dict("records") == [
        {"buying": True, "user": "Lab, Inc.", "price": 9.5, "quantity": 2.0},
        {"buying": False, "user": "B", "price": 1.0, "quantity": 0.5},
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price": [10, 8, None, 9, 4, 7, 6]}, "row 3, price: is empty"),
        ({"user": ["A", None, *"ABBCC"]}, "row 2, user: is empty"),
        ({"quantity": -1.0}, "row 1, quantity: -1.0 is not in [0, inf)"),
    ],
)
def test_a_bad_row_of_the_table_is_named(changes, said):
    with pytest.raises(InputError) as error:
        order_book(EXAMPLE.assign(**changes))
    assert str(error.value) == said
    with pytest.raises(InputError, match="orders: there are none"):
        order_book(EXAMPLE[:0])


def test_all_clear_the_same_book_and_those_that_cannot_say_why():
    names = ["uniform-price", "uniform-price:k=0", "vickrey", "pay-as-bid"]
    floor, refused = clear_orders(order_book(EXAMPLE, supply=4), [*names, "posted-price", "vickry"])
    totals = floor.totals().set_index("label")
    assert totals["revenue"].to_dict() == dict(zip(names, [28.0, 24.0, 20.0, 34.0], strict=True))
    assert (totals["efficiency"] == 1).all()
    assert list(refused) == ["posted-price", "vickry"]
    assert "did you mean 'vickrey'" in refused["vickry"]
    own = CentralExchange("vickrey").clear(OrderBook.from_frame(EXAMPLE, supply=4), 0)
    rows = floor.orders("vickrey").set_index("order").sort_index()
    assert rows["payment"].tolist() == own.payments.tolist()
    assert clear_orders(order_book(EXAMPLE), ["posted-price"])[0] is None


def test_orders_of_house_rows_and_quantities_stand_on_the_curves():
    rows = [(2, 9, "A", True, False), (3, 4, "B", True, False), (1, 2, "C", False, False), (3, 3, "gov", False, True)]
    book = order_book(pd.DataFrame(rows, columns=["quantity", "price", "user", "buying", "house"]))
    floor, _ = clear_orders(book, ["uniform-price"])
    demand, supply = (floor.curves.query(f"side == '{side}'")["permits"].max() for side in ("demand", "supply"))
    assert (demand, supply) == (5, 4)
    places = floor.orders("uniform-price").set_index("user")["permits"]
    assert places.to_dict() == {"A": 1.0, "B": 3.5, "C": 0.5}
    assert floor.prices["volume"].tolist() == [4.0]
