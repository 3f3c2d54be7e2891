"""The auction floor: an order is explained in words, and orders of one's own are cleared under every mechanism."""

import re

import pandas as pd

from app.order_words import explained
from experiments import auction_floor
from experiments.explanation import explain
from experiments.orders import clear_orders, order_book
from tests.app.reading import open_app, page_text, without_traceback


def own_page(**query):
    app = open_app("Auction floor", **query)
    return without_traceback(app.radio(key="floor_which").set_value("Orders of your own").run())


def totals(app):
    return pd.DataFrame(app.table[-1].value)


def test_an_order_is_told_under_the_mechanism_that_is_marked():
    app = open_app("Auction floor", mechanisms="vickrey,mcafee")
    floor = auction_floor("thin_market", ["vickrey", "mcafee"])
    order = int(floor.orders("vickrey")["order"].iloc[0])
    without_traceback(app.selectbox(key="floor_order").set_value(order).run())
    words = " ".join(re.sub("<[^>]+>", " ", page_text(app)).split())
    assert explained(explain(floor, "vickrey", order))[-1] in words
    without_traceback(app.radio(key="floor_label").set_value("mcafee").run())
    again = " ".join(re.sub("<[^>]+>", " ", page_text(app)).split())
    assert again != words
    assert explained(explain(floor, "mcafee", order))[-1] in again
    without_traceback(app.multiselect(key="mechanisms").set_value(["vickrey"]).run())
    assert app.selectbox(key="floor_order").value == order


def test_the_example_is_cleared_under_all_chosen_mechanisms():
    app = own_page(mechanisms="uniform-price,vickrey,pay-as-bid")
    found = totals(app).loc["Auction revenue (M$)"]
    assert found.to_dict() == {"uniform-price": "28", "vickrey": "20", "pay-as-bid": "34"}
    without_traceback(app.number_input(key="own_reserve").set_value(8.0).run())
    assert totals(app).loc["Permits traded"].tolist() == ["3", "3", "3"]
    assert totals(app).loc["Auction revenue (M$)", "vickrey"] == "24"
    without_traceback(app.checkbox(key="own_all").check().run())
    assert {"huang", "muda", "lottery", "double-auction"} <= set(totals(app).columns)


def test_a_mechanism_that_refuses_the_orders_says_so_and_others_go_on():
    app = own_page(mechanisms="vickrey,posted-price:price=2")
    without_traceback(app.number_input(key="own_reserve").set_value(3.0).run())
    assert ["posted-price:price=2 does not clear these orders" in said.value for said in app.info] == [True]
    assert list(totals(app).columns) == ["vickrey"]


def test_each_reason_has_its_words():
    orders = pd.DataFrame(
        {"quantity": 1.0, "price": [9, 8, 2, 4, 3], "user": list("ABXCD"), "buying": [True, True, True, False, False]}
    )
    rules = ("mcafee", "huang", "lottery", "posted-price:price=3.5", "muda", "pay-as-bid", "uniform-price", "vickrey")
    floor, _ = clear_orders(order_book(orders, supply=0), rules)
    second = {label: " ".join(explained(explain(floor, label, 1))) for label in floor.clearings}
    assert "No further pair misses out" in second["mcafee"]
    assert "gives it up" in second["mcafee"]
    assert "This order is one of those two." in second["huang"]
    assert "labs that want to buy at the reserve price" in second["lottery"]
    assert "at the posted price 3.5" in second["posted-price:price=3.5"]
    assert "half" in second["muda"]
    assert "pays its own bid" in second["pay-as-bid"]
    assert "the lowest winning valuation, 8" in second["uniform-price"]
    assert "by their own bids: C (4)" in second["vickrey"]
    assert "above its 2" in " ".join(explained(explain(floor, "vickrey", 2)))
    assert "does not accept" in " ".join(explained(explain(floor, "posted-price:price=3.5", 2)))
    assert "It gets" in " ".join(explained(explain(floor, "vickrey", 3)))
