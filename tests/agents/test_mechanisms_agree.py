"""Under truthful reports the mechanisms allocate alike, bit for bit: only money moves."""

import numpy as np
import pytest

from scenarios import load_scenario, override, vault_names
from tests.agents.worlds import TRADES, ran, small, state

MONEY = ("price", "price_paid", "price_received", "auction_revenue", "lab_surplus", "governor_revenue", "wealth")
MONEY += ("month.paid", "ledger.labs", "ledger.governor")


def states(scenario, trades, seeds=range(20)):
    """State of the same worlds under each mechanism."""
    return [state(ran(override(scenario, {"market.mechanism": trade}), seeds)) for trade in trades]


def announced_beforehand(name):
    """A scenario of the vault with full-value bids; an optimal policy aims at what all mechanisms agree on."""
    scenario = override(load_scenario(name), {"labs.bidding": "full-value"})
    optimal = scenario.enforcement.policy.kind == "optimal"
    return override(scenario, {"enforcement.policy.target": "loser"}) if optimal else scenario


@pytest.mark.parametrize("name", vault_names())
def test_three_mechanisms_allocate_identically_in_every_scenario(name):
    first, *others = states(announced_beforehand(name), TRADES)
    for part in first.keys() - set(MONEY):
        for other in others:
            np.testing.assert_array_equal(other[part], first[part], err_msg=part)


@pytest.mark.parametrize("name", vault_names())
def test_only_the_money_differs(name):
    uniform, vickrey, double = states(announced_beforehand(name), TRADES)
    assert (vickrey["auction_revenue"] != uniform["auction_revenue"]).any()
    assert (double["price"] != uniform["price"]).any()
    for other in (vickrey, double):
        np.testing.assert_allclose(
            other["lab_surplus"] + other["auction_revenue"], uniform["lab_surplus"] + uniform["auction_revenue"]
        )
        np.testing.assert_allclose(other["welfare"], uniform["welfare"], rtol=0, atol=0)


def test_an_optimal_policy_that_aims_at_the_price_does_see_the_mechanism():
    scenario = load_scenario("targeted_audit")
    uniform, vickrey, _ = states(scenario, TRADES)
    np.testing.assert_array_equal(uniform["month.held"], vickrey["month.held"])
    assert (uniform["audits"] != vickrey["audits"]).any()


UNIT = {"labs.units": 1, "permits.cap": 4, "labs.count": 9, "permits.reserve_price": 0.2, "months": 3}


@pytest.mark.parametrize("cap", [0, 1, 4, 8, 9, 30])
@pytest.mark.parametrize("bidding", ["full-value", "outside-option"])
def test_highest_losing_price_and_vickrey_pay_alike_when_labs_want_one_unit_and_none_sells(cap, bidding):
    scenario = small({**UNIT, "permits.cap": cap, "permits.grandfathered": 0.0, "labs.bidding": bidding})
    uniform, vickrey = states(scenario, ("uniform-price:k=0", "vickrey"), range(50))
    for name in ("month.held", "month.paid", "auction_revenue", "price_paid", "ledger.labs", "ledger.governor"):
        np.testing.assert_array_equal(uniform[name], vickrey[name], err_msg=name)
    assert (uniform["month.paid"] > 0).any() == (cap > 0)


def test_so_they_do_in_the_seed_model():
    uniform, vickrey = states(load_scenario("seed_binary"), ("uniform-price:k=0", "vickrey"), range(50))
    np.testing.assert_array_equal(uniform["month.paid"], vickrey["month.paid"])
    assert (uniform["month.paid"] > 0).any()


def test_with_endowments_buyers_still_pay_alike_but_sellers_get_the_lowest_winning_value():
    scenario = small({**UNIT, "permits.grandfathered": 1.0, "permits.reserve_price": 0.0})
    lowest, highest, vickrey = states(scenario, ("uniform-price:k=0", "uniform-price:k=1", "vickrey"), range(50))
    bought, sold = vickrey["month.bought"] > 0, vickrey["month.sold"] > 0
    assert bought.any()
    assert sold.any()
    np.testing.assert_array_equal(vickrey["month.paid"][bought], lowest["month.paid"][bought])
    np.testing.assert_array_equal(vickrey["month.paid"][sold], highest["month.paid"][sold])
    assert (vickrey["auction_revenue"] <= 0).all()
    assert (vickrey["auction_revenue"] < 0).any()


def test_with_several_units_vickrey_buyers_pay_no_more_than_the_highest_losing_bid():
    scenario = small({"permits.grandfathered": 0.0, "labs.units": 3})
    uniform, vickrey = states(scenario, ("uniform-price:k=0", "vickrey"), range(50))
    np.testing.assert_array_equal(uniform["month.held"], vickrey["month.held"])
    assert (vickrey["month.paid"] <= uniform["month.paid"] + 1e-12).all()
    assert (vickrey["month.paid"] < uniform["month.paid"] - 1e-3).any()
