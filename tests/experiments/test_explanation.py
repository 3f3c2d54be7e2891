"""Why an order won or lost: the reasons are those of the rule, and add up to what it paid."""

import numpy as np
import pandas as pd
import pytest

from experiments import auction_floor
from experiments.explanation import HOUSE, explain
from experiments.floor import FILLED, OUTCOMES, PASSED_OVER, UNFILLED
from experiments.orders import EXAMPLE, clear_orders, order_book
from mechanisms import OrderBook

EFFICIENT = ["uniform-price", "vickrey", "double-auction", "pay-as-bid"]


def frame(bids, asks, quantity=1.0):
    users = [f"{side}{i}" for side, prices in (("b", bids), ("s", asks)) for i in range(len(prices))]
    return pd.DataFrame(
        {
            "quantity": quantity,
            "price": [*bids, *asks],
            "user": users,
            "buying": [*[True] * len(bids), *[False] * len(asks)],
        }
    )


def cleared(book, name, seed=0):
    floor, refused = clear_orders(book, [name], seed)
    assert not refused
    return floor, next(iter(floor.clearings))


def all_of(floor, label):
    return [explain(floor, label, int(order)) for order in floor.orders(label)["order"]]


def random_book(seed):
    """Several orders a lab, both sides, quantities and ties."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 12))
    whole = rng.integers(1, 4, n).astype(float) if seed % 2 else rng.uniform(0.2, 3.0, n)
    sides = rng.random(n) < 0.6
    user = rng.integers(0, 5, n)
    sides = sides[np.unique(user, return_index=True)[1]][np.searchsorted(np.unique(user), user)]  # one side a lab
    return OrderBook.of(rng.integers(1, 9, n), whole, sides, user, rng.integers(0, 4), 2.0)


@pytest.mark.parametrize("seed", range(20))
def test_under_vickrey_an_order_pays_what_it_displaces(seed):
    floor, label = cleared(random_book(seed), "vickrey", seed)
    for found in all_of(floor, label):
        worth = sum(value.price * value.amount for value in found.displaced)
        assert abs(found.payment) == pytest.approx(worth, abs=1e-9)
        assert all(value.user != found.user for value in found.displaced)


def test_in_a_month_too_and_the_displaced_are_on_the_other_side_of_the_margin():
    told = [one for seed in range(4) for one in all_of(auction_floor("thin_market", ["vickrey"], seed, 2), "vickrey")]
    assert any(found.payment < 0 for found in told)
    for found in told:
        assert abs(found.payment) == pytest.approx(sum(v.price * v.amount for v in found.displaced), abs=1e-12)
        wins = found.rank <= found.offered
        assert (found.outcome == FILLED) == (wins == found.buying)
        for value in found.displaced:
            assert value.price <= found.lowest_winning if found.buying else value.price >= found.highest_losing


def test_the_worked_example_names_whom_each_order_displaces():
    floor, label = cleared(order_book(EXAMPLE, supply=4), "vickrey")
    told = {(found.user, found.price): [(v.user, v.price) for v in found.displaced] for found in all_of(floor, label)}
    assert told[("A", 10.0)] == [("B", 4.0)]
    assert told[("A", 8.0)] == told[("B", 9.0)] == [("C", 6.0)]
    assert told[("C", 7.0)] == [("B", 4.0)]
    assert told[("C", 6.0)] == []


def test_a_permit_that_the_house_would_keep_costs_its_reserve():
    floor, label = cleared(order_book(frame([9.0], []), supply=2, reserve=1.5), "vickrey")
    (found,) = all_of(floor, label)
    assert [(v.user, v.price, v.order) for v in found.displaced] == [(HOUSE, 1.5, None)]


@pytest.mark.parametrize("name", EFFICIENT)
def test_the_highest_reports_are_never_passed_over(name):
    floor = auction_floor("thin_market", [name], seed=1)
    orders = floor.orders(name)
    assert set(orders["outcome"]) == {FILLED, UNFILLED}
    assert sorted(round(found.rank) for found in all_of(floor, name)) == sorted(
        {found.rank for found in all_of(floor, name)}
    )


def test_mcafee_gives_up_the_last_trade_only_where_the_next_pair_does_not_support_it():
    floor, label = cleared(order_book(frame([9.0, 8.0], [4.0, 3.0])), "mcafee")
    told = {found.price: found for found in all_of(floor, label)}
    assert [told[p].outcome for p in (9.0, 8.0, 4.0, 3.0)] == [FILLED, PASSED_OVER, PASSED_OVER, FILLED]
    assert [told[p].reduction.marginal for p in (9.0, 8.0, 4.0, 3.0)] == [False, True, True, False]
    assert not told[9.0].reduction.supported
    assert np.isnan(told[9.0].reduction.price)
    floor, label = cleared(order_book(frame([9.0, 4.0], [8.0, 3.0])), "mcafee")
    told = {found.price: found for found in all_of(floor, label)}
    assert told[9.0].reduction.supported
    assert (told[9.0].reduction.next_bid, told[9.0].reduction.next_ask, told[9.0].reduction.price) == (4.0, 8.0, 6.0)
    assert told[4.0].outcome == UNFILLED


def test_bounds_stand_in_for_a_missing_pair():
    floor, label = cleared(order_book(frame([9.0, 8.0], [4.0, 3.0])), "mcafee:missing=bounds,low=2,high=10")
    found = explain(floor, label, 0)
    assert found.reduction.price == 6.0
    assert found.reduction.supported
    assert abs(found.payment) == 6.0


def test_huang_leaves_the_marginal_pair_out_and_the_longer_side_shares_the_cut():
    orders = pd.concat([frame([6.7, 6.6, 6.5, 6.4, 6.3, 6.0], []), frame([], [1.0, 2.0, 3.0, 4.0, 6.1])])
    orders["quantity"] = [1.0] * 6 + [1, 1, 2, 2, 1]
    floor, label = cleared(order_book(orders.reset_index(drop=True)), "huang")
    told = all_of(floor, label)
    assert {found.price for found in told if found.reduction.marginal} == {6.0, 4.0}
    assert [found.fill for found in told if found.outcome == "filled in part"] == pytest.approx([0.8] * 5)


@pytest.mark.parametrize("name", ["lottery", "posted-price:price=0.4"])
def test_labs_are_served_in_the_order_of_the_draw(name):
    floor = auction_floor("thin_market", [name], seed=3, month=2)
    turns = {found.user: found.turn for found in all_of(floor, name) if found.buying and found.turn.wanted}
    places = sorted(turn.place for turn in turns.values())
    assert places == list(range(1, len(turns) + 1))
    before = 0.0
    for turn in sorted(turns.values(), key=lambda turn: turn.place):
        assert turn.before == before
        before += turn.got
    assert before == float(floor.clearings[name].volume)
    if name != "lottery":
        served = [turn.got == turn.wanted for turn in sorted(turns.values(), key=lambda turn: turn.place)]
        assert served == sorted(served, reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_half_trades_at_the_price_that_is_told(seed):
    floor = auction_floor("thin_market", ["muda"], seed=seed)
    told = all_of(floor, "muda")
    assert any(found.fill for found in told)
    for found in told:
        if found.fill:
            assert abs(found.payment) == pytest.approx(found.half.price, rel=1e-12)
            assert found.half.accepts


def test_every_outcome_has_its_name():
    floor = auction_floor("baseline", ["lottery"], seed=1)
    orders = floor.orders("lottery")
    assert set(orders["outcome"]) <= set(OUTCOMES)
    assert PASSED_OVER in set(orders["outcome"])
    assert (orders["fill"][orders["outcome"] == FILLED] == 1).all()
