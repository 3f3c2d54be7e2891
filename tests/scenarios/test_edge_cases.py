"""Cases at the edge that work by the rules."""

import numpy as np
import pytest

from agents import PermitMarket
from scenarios import Scenario, override

TRADES = ("uniform-price", "vickrey", "double-auction")
SMALL = Scenario(months=3, labs={"count": 6, "units": 2}, permits={"cap": 7})
SEEDS = range(5)


@pytest.fixture(params=TRADES)
def run(request):
    """Run a small scenario with changes under each mechanism; give its measures and the market."""

    def changed(changes, base=SMALL):
        market = PermitMarket(override(base, {"market.mechanism": request.param, **changes}), SEEDS)
        market.run()
        return market.measures(), market

    return changed


def test_a_cap_of_zero(run):
    m, market = run({"permits.cap": 0})
    assert (m["volume"] == 0).all()
    assert np.isnan(m["price"]).all()
    assert np.isnan(m["cap_overrun"]).all()
    assert np.isnan(m["hhi"]).all()
    assert np.isnan(m["allocative_efficiency"]).all()
    assert (m["share_covered"] == 0).all()
    assert (market.month.held == 0).all()


def test_a_cap_above_demand(run):
    m, market = run({"permits.cap": 50, "permits.grandfathered": 0.0, "permits.reserve_price": 0.01})
    want = (market.month.net_value > 0.01).sum(axis=(1, 2))
    assert (m["compliance_rate"] == 1).all()
    np.testing.assert_array_equal(m["volume"][:, -1], want)
    np.testing.assert_allclose(m["price_paid"], 0.01)
    assert (m["cap_overrun"] == 0).all()


def test_more_permits_than_units_handed_out(run):
    m, market = run({"permits.cap": 20, "permits.grandfathered": 1.0})
    assert (market.month.endowment >= 3).all()
    assert (m["compliance_rate"] == 1).all()
    assert (m["volume"] == 0).all()
    np.testing.assert_array_equal(m["unused_permits"], 20 - m["units_run"])


def test_everything_grandfathered_leaves_the_house_nothing(run):
    m, market = run({"permits.grandfathered": 1.0})
    assert (market.month.endowment.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(market.month.bought.sum(axis=1), market.month.sold.sum(axis=1))
    assert (m["volume"] > 0).any()
    if market.exchange.name != "vickrey":
        np.testing.assert_allclose(m["auction_revenue"], 0.0, atol=1e-12)
    else:
        assert (m["auction_revenue"] <= 1e-12).all()


def test_one_lab(run):
    m, market = run({"labs.count": 1, "permits.cap": 1, "permits.grandfathered": 0.0})
    assert market.month.held.tolist() == [[1]] * 5
    assert (m["hhi"] == 1).all()
    assert (m["volume"] == 1).all()
    if market.exchange.name == "vickrey":
        assert (m["auction_revenue"] == 0).all()


def test_labs_that_are_all_equal(run):
    alike = {"labs.value": {"distribution": "constant", "value": 0.6}, "labs.value_noise": 0, "labs.value_shock": 0}
    m, market = run({**alike, "labs.value_decline": 0.0, "permits.grandfathered": 0.0})
    np.testing.assert_allclose(m["price_paid"], 0.5)
    assert (market.month.held.sum(axis=1) == 7).all()
    np.testing.assert_allclose(m["allocative_efficiency"], 1.0)


def test_no_buyer(run):
    m, market = run({"labs.running_cost": 100.0})
    assert (m["wanted"] == 0).all()
    assert (m["share_no_demand"] == 1).all()
    assert (m["volume"] == 0).all()
    assert np.isnan(m["run_value"]).all()
    assert np.isnan(m["deterrence_rate"]).all()
    assert (market.ledger.labs == 0).all()


def test_no_seller(run):
    m, _ = run({"permits.reserve_price": 50.0, "permits.grandfathered": 0.0})
    assert (m["volume"] == 0).all()
    assert np.isnan(m["price"]).all()
    assert (m["auction_revenue"] == 0).all()


def test_no_penalty_deters_nobody(run):
    m, market = run({"enforcement.penalty": 0.0})
    assert (m["units_run"] == m["wanted"]).all()
    assert (m["penalties"] == 0).all()
    assert np.nanmax(m["deterrence_rate"]) == 0
    assert (market.ledger.collateral == 0).all()


def test_no_liability_is_no_penalty(run):
    none, _ = run({"enforcement.penalty": 0.0})
    limited, _ = run({"enforcement.liability_limit": 0.0})
    np.testing.assert_array_equal(none["units_run"], limited["units_run"])
    assert (limited["penalties"] == 0).all()


def test_no_places_for_audits(run):
    m, _ = run({"enforcement.audit_capacity": 0})
    assert (m["audits"] == 0).all()
    assert (m["caught"] == 0).all()


def test_values_of_zero_and_units_worth_nothing(run):
    m, _ = run({"labs.value": {"values": [0.0] * 6}, "labs.running_cost": 0.0})
    assert (m["wanted"] == 0).all()
    worthless, _ = run({"labs.value_decline": 1.0, "labs.running_cost": 0.0})
    assert (worthless["wanted"] == 6).all()


def test_one_month_and_many():
    for months in (1, 1200):
        market = PermitMarket(override(SMALL, {"months": months, "labs.count": 2}), 0)
        market.run()
        assert market.measures()["price"].shape == (months,)
        assert np.isfinite(market.measures()["welfare"]).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"labs.value.high": 1e12, "labs.value_noise": 3, "labs.value_shock": 3},
        {"labs.value": {"distribution": "lognormal", "median": 1e12, "sigma": 5}},
        {"labs.risk_profile.value": 1e12, "enforcement.penalty": 1e12, "labs.bidding": "outside-option"},
        {"labs.choice": {"kind": "quantal", "precision": 1e12}, "labs.value.high": 1e12},
        {"labs.wealth": -1e12, "labs.flop_per_unit": 1e40, "welfare.harm": 1e12, "welfare.audit_cost": 1e12},
        {
            "labs.running_cost": 1e12,
            "permits.reserve_price": 1e12,
            "permits.cap": 10_000_000,
            "permits.grandfathered": 0,
        },
    ],
)
def test_the_largest_numbers_stay_numbers(run, changes):
    m, _ = run(changes)
    for name, values in m.items():
        assert not np.isinf(values).any(), name
    assert np.isfinite(m["welfare"]).all()
