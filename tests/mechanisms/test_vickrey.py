"""Vickrey payments against "others' best without me", and what they make of misreports."""

import numpy as np
import pytest
from hypothesis import given

from mechanisms import CentralExchange, OrderBook
from tests.mechanisms import oracle
from tests.mechanisms.contract import NEAR, SEEDS, MechanismContract
from tests.mechanisms.markets import Market, ladders, markets

VICKREY = CentralExchange("vickrey")


class TestVickrey(MechanismContract):
    spec = "vickrey"


@given(markets(), SEEDS)
def test_each_lab_pays_what_it_costs_the_others(market: Market, seed: int) -> None:
    clearing = VICKREY.clear(market.book(), seed)
    for lab, payment in oracle.vcg_payments(market, clearing.fills).items():
        assert clearing.payments[market.user == lab].sum() == pytest.approx(payment, abs=1e-6)


@given(ladders(), SEEDS)
def test_each_lab_on_a_ladder_pays_what_it_costs_the_others(book: OrderBook, seed: int) -> None:
    clearing = VICKREY.clear(book, seed)
    for place, where in enumerate(np.ndindex(book.lead)):
        one = book.one(place)
        price = np.where(one.present, one.price, 0.0)
        house = float(one.supply), float(one.reserve)
        market = Market(price, one.amounts, one.buying, one.user, *house)
        for lab, payment in oracle.vcg_payments(market, clearing.fills[where]).items():
            assert clearing.lab_payments[where][lab] == pytest.approx(payment, abs=1e-6)


@given(markets(), SEEDS)
def test_without_lab_sellers_the_house_gets_at_least_its_reserve(market: Market, seed: int) -> None:
    market = market._replace(buying=np.full(len(market.price), True))
    clearing = VICKREY.clear(market.book(), seed)
    assert clearing.surplus >= market.reserve * clearing.house_sold - NEAR


@given(markets("unit", one_each=True), SEEDS)
def test_with_unit_demand_buyers_pay_the_highest_losing_report(market: Market, seed: int) -> None:
    book = market.book()
    vickrey, low, high = (
        CentralExchange(name).clear(book, seed).payments for name in ("vickrey", "uniform-price:k=0", "uniform-price")
    )
    np.testing.assert_array_equal(vickrey[market.buying], low[market.buying])
    np.testing.assert_array_equal(vickrey[~market.buying], high[~market.buying])


@given(markets("eighths", one_each=True), SEEDS)
def test_one_order_a_lab_pays_the_same_however_labs_are_numbered(market: Market, seed: int) -> None:
    """Numbered in the order of the book they are cleared without a loop over markets, otherwise one by one."""
    places = np.arange(len(market.price))
    kept = market._replace(price=market.price + places / 64)  # no ties, which are settled by lab
    turned = kept._replace(user=places[::-1].copy())
    in_order, one_by_one = (VICKREY.clear(m.book(), seed) for m in (kept, turned))
    assert in_order.book.ladder == 1
    np.testing.assert_allclose(in_order.payments, one_by_one.payments, atol=NEAR)


def test_flat_values_keep_the_others_price() -> None:
    """A lab whose own losing values tie must still pay the loser above them."""
    values = np.array([[9.0, 5.0], [3.0, 1.0], [3.0, 1.0]])
    book = OrderBook.ladders(values, np.zeros(2, dtype=int), supply=1, reserve=0.0)
    assert VICKREY.clear(book).lab_payments.tolist() == [5.0, 0.0]


def test_witness_a_reserve_above_a_labs_ask() -> None:
    """A bid below the reserve is no order; a lab that would sell for less makes bidding the reserve a lie that pays."""
    truth, lie = (
        VICKREY.clear(OrderBook.of([bid, 0.0], buying=[True, False], reserve=2.0)).payments for bid in (1.0, 2.0)
    )
    assert truth.tolist() == [0.0, 0.0]
    assert lie.tolist() == [0.0, -2.0]
