"""Closed forms: each is a best response in the very market that it was derived in, and refused in any other."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.closed_forms import buyers_bid, linear_buyer, linear_seller, pay_as_bid
from mechanisms import InputError
from scenarios import Scenario, override

UNIT = {"units": 1, "value_shock": 0, "value_noise": 0, "running_cost": 0, "value": {"low": 0, "high": 1}}
PAY_AS_BID = Scenario(
    months=1,
    labs={**UNIT, "count": 5, "bidding": "pay-as-bid-equilibrium"},
    permits={"cap": 2, "grandfathered": 0},
    market={"mechanism": "pay-as-bid"},
)
PAIRS = override(
    PAY_AS_BID,
    {
        "labs.count": 4,
        "labs.bidding": "buyers-bid",
        "permits": {"cap": 2, "grandfathered": 1},
        "market": {"mechanism": "double-auction", "options": {"k": 1}},
    },
)
BARGAIN = override(
    PAIRS, {"labs.count": 2, "labs.bidding": "linear-double-auction", "permits.cap": 1, "market.options": {"k": 0.25}}
)
REDUCED = override(
    PAY_AS_BID,
    {
        "labs.count": 2,
        "labs.units": 2,
        "labs.value_decline": 0,
        "labs.bidding": "demand-reduction",
        "market": {"mechanism": "uniform-price", "options": {"k": 0}},
    },
)


def first_month(scenario, worlds=20_000):
    market = PermitMarket(scenario, seed=range(worlds))
    market.step()
    return market


def test_pay_as_bid_is_the_expected_best_losing_value_below_ones_own():
    rng = np.random.default_rng(1)
    for labs, permits in ((5, 2), (10, 3), (20, 10)):
        others = np.sort(rng.random((200_000, labs - 1)), axis=1)[:, labs - 1 - permits]
        for value in (0.3, 0.6, 0.9):
            below = others[others < value]
            assert abs(pay_as_bid(value, labs, permits) - below.mean()) < 4 * below.std() / np.sqrt(below.size)


def test_pay_as_bid_near_zero_tends_to_its_share():
    assert pay_as_bid([1e-200, 1e-9], 20, 5) == pytest.approx([1e-200 * 15 / 16, 1e-9 * 15 / 16])


def test_revenue_is_that_of_the_uniform_price():
    spread = first_month(PAY_AS_BID).measures()["auction_revenue"][:, 0]
    assert abs(spread.mean() - 1.0) < 4 * spread.std() / np.sqrt(spread.size)


def test_bids_move_with_the_range_of_values():
    wide = override(PAY_AS_BID, {"labs.value": {"low": 3, "high": 5}, "labs.running_cost": 1})
    net = first_month(wide, 4).month.net_value
    np.testing.assert_allclose(first_month(wide, 4).month.reports, 2 + 2 * pay_as_bid((net - 2) / 2, 5, 2), rtol=1e-12)


@pytest.mark.parametrize(("k", "wanted"), [(0.0, 0.75), (0.25, 0.8203), (0.5, 27 / 32), (0.75, 0.8203), (1.0, 0.75)])
def test_one_buyer_and_one_seller_reach_the_efficiency_of_the_linear_equilibrium(k, wanted):
    market = first_month(override(BARGAIN, {"market.options": {"k": k}}), 60_000)
    u, seller = market.month.net_value[:, 0], market.month.endowment == 1
    buyer_less_seller = np.where(seller, -u, u).sum(axis=-1)
    traded = market.month.bought.sum(axis=-1) > 0
    possible = np.maximum(buyer_less_seller, 0).mean()
    assert (buyer_less_seller * traded).mean() / possible == pytest.approx(wanted, abs=0.01)


def test_linear_bids_trade_at_half_where_the_gain_is_a_quarter():
    value, cost = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 1, 101))
    trades = linear_buyer(value, 0.5) >= linear_seller(cost, 0.5) - 1e-9
    np.testing.assert_array_equal(trades, value - cost >= 0.25 - 1e-9)


def test_buyers_shade_and_sellers_do_not():
    month = first_month(PAIRS, 50).month
    selling = (month.endowment == 1)[:, None, :]
    np.testing.assert_allclose(month.reports, np.where(selling, month.net_value, 2 / 3 * month.net_value))
    assert buyers_bid(1.0, 4) == 0.8


def test_demand_reduction_gives_each_lab_a_permit_for_nothing():
    market = first_month(REDUCED, 20_000)
    assert (market.month.held == 1).all()
    assert (market.measures()["auction_revenue"] == 0).all()
    u = market.month.net_value[:, 0]
    assert u.sum() / (2 * u.max(axis=-1)).sum() == pytest.approx(0.75, abs=0.005)


@pytest.mark.parametrize(
    ("base", "change", "says"),
    [
        (PAY_AS_BID, {"market.mechanism": "vickrey"}, "holds for market.mechanism pay-as-bid, not vickrey"),
        (PAY_AS_BID, {"labs.units": 2}, "holds for labs.units 1, not 2"),
        (PAY_AS_BID, {"labs.value": {"value": 1, "distribution": "constant"}}, "distribution uniform, not constant"),
        (PAY_AS_BID, {"labs.value_noise": 0.2}, "holds for labs.value_noise 0, not 0.2"),
        (PAY_AS_BID, {"labs.value_shock": 0.1}, "holds for labs.value_shock 0, not 0.1"),
        (PAY_AS_BID, {"permits.grandfathered": 0.5}, "holds for permits.grandfathered 0, not 0.5"),
        (PAY_AS_BID, {"permits.cap": 5}, r"permits.cap 5 is not in \[1, 4\]"),
        (PAY_AS_BID, {"labs.running_cost": 0.1}, r"labs.running_cost 0.1 is not in \[0, 0\]"),
        (PAY_AS_BID, {"permits.reserve_price": 0.1}, r"permits.reserve_price 0.1 is not in \[0, 0\]"),
        (PAY_AS_BID, {"labs.value": {"low": 1, "high": 1}}, "labs.value.high above labs.value.low, not 1"),
        (PAIRS, {"labs.count": 5}, "labs.count 5 is odd"),
        (PAIRS, {"permits.cap": 3}, "holds for permits.cap 2, not 3"),
        (PAIRS, {"market.options": {"k": 0.5}}, "holds for market.options.k 1, not 0.5"),
        (BARGAIN, {"labs.count": 4}, "holds for labs.count 2, not 4"),
        (REDUCED, {"labs.value_decline": 0.2}, "holds for labs.value_decline 0, not 0.2"),
        (REDUCED, {"permits.cap": 3}, "holds for permits.cap 2, not 3"),
    ],
)
def test_outside_its_model_a_closed_form_is_refused_in_one_line(base, change, says):
    with pytest.raises(InputError, match=rf"^labs\.bidding: [a-z-]+ .*{says}$"):
        PermitMarket(override(base, change))


def test_cells_of_a_grid_prepare_rules_of_their_own():
    cells = [override(PAY_AS_BID, {"permits.cap": cap}) for cap in (1, 2, 3)]
    together = PermitMarket(cells, seed=range(4))
    together.run()
    for i, cell in enumerate(cells):
        alone = PermitMarket(cell, seed=range(4))
        alone.run()
        np.testing.assert_array_equal(together.month.reports[4 * i : 4 * i + 4], alone.month.reports)
