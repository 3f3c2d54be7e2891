"""The auction floor shows the month's own book and prices."""

import numpy as np
import pytest

from agents import PermitMarket
from experiments import auction_floor, compare
from experiments.floor import floor_of
from mechanisms import InputError
from scenarios import load_scenario, override

MECHANISMS = ["uniform-price", "vickrey", "double-auction"]


def month_of(scenario, mechanism, seed, month):
    market = PermitMarket(override(load_scenario(scenario), {"market.mechanism": mechanism}), seed=seed)
    for _ in range(month):
        market.step()
    return market.month


@pytest.mark.parametrize("month", [1, 5])
def test_prices_are_those_of_the_month(month):
    floor = auction_floor("thin_market", MECHANISMS, seed=4, month=month)
    assert floor.prices["label"].tolist() == MECHANISMS
    for row in floor.prices.itertuples():
        clearing = month_of("thin_market", row.label, 4, month).clearing
        np.testing.assert_equal([row.price, row.volume], [float(clearing.price), float(clearing.volume)])
        bought = clearing.book.buying & (clearing.fills > 0)
        assert (row.paid_low, row.paid_high) == (clearing.prices[bought].min(), clearing.prices[bought].max())
        assert row.paid_mean == pytest.approx(clearing.payments[bought].sum() / clearing.volume, rel=1e-12)
    uniform = floor.prices.iloc[0]
    assert uniform["paid_low"] == uniform["paid_high"] == pytest.approx(uniform["price"], rel=1e-12)


def test_truthful_labs_send_every_mechanism_the_same_orders():
    assert auction_floor("thin_market", MECHANISMS).same_orders


def test_curves_are_the_orders_as_steps():
    floor = auction_floor("thin_market", ["vickrey"], seed=2)
    book = month_of("thin_market", "vickrey", 2, 1).clearing.book
    demand, supply = (floor.curves.query(f"side == '{side}'") for side in ("demand", "supply"))
    bids = np.sort(book.price[book.buying & book.present])[::-1]
    assert demand["permits"].min() == 0
    assert demand["permits"].max() == bids.size
    assert (demand["price"].diff().dropna() <= 0).all()
    assert demand["price"].iloc[[0, -1]].tolist() == [bids[0], bids[-1]]
    assert supply["permits"].max() == book.asks.sum() + book.supply
    assert (supply["price"].diff().dropna() >= 0).all()


def test_a_comparison_shows_the_floor_of_its_own_mechanisms():
    own = override(load_scenario("thin_market"), {"market.options": {"k": 0.0}, "months": 1})
    found = compare(own, ["uniform-price", "uniform-price:k=1"], seeds=2)
    floor = floor_of(found.cells, seed=0)
    prices = dict(zip(floor.prices["label"], floor.prices["price"], strict=True))
    assert prices == {label: found.months[label]["price"][0, 0] for label in found.labels}
    assert prices["uniform-price:k=0"] < prices["uniform-price"]


def test_a_month_without_trade_has_no_prices():
    floor = auction_floor(override(load_scenario("thin_market"), {"permits.cap": 0}), ["uniform-price"])
    assert floor.prices.loc[0, "volume"] == 0
    assert floor.prices.loc[0, ["price", "paid_low", "paid_mean", "paid_high"]].isna().all()


@pytest.mark.parametrize("month", [0, 25])
def test_a_month_beyond_the_scenario_is_refused(month):
    with pytest.raises(InputError, match=rf"month: {month} is not in \[1, 24\]"):
        auction_floor("thin_market", MECHANISMS, month=month)
