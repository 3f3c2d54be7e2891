"""Every measure of one month, computed by hand."""

import numpy as np
import pytest

from agents.measures import MEASURES, defined_mean, measure_names
from tests.agents.worlds import ran, small

# Net values are [9, 5], [7, 2], [4, 1], [0, -0.5]; three permits are sold at the lowest winning bid, 5. Lab 0 gets two,
# lab 1 one. A violation costs 3 for certain: lab 1 (short of one run worth 2) is deterred, lab 2 runs one worth 4.
HAND = {
    "months": 1,
    "labs.count": 4,
    "labs.units": 2,
    "labs.value": {"values": [[10, 6], [8, 3], [5, 2], [1, 0.5]]},
    "labs.value_shock": 0,
    "labs.value_noise": 0,
    "labs.running_cost": 1,
    "labs.wealth": 2,
    "labs.flop_per_unit": 1e24,
    "permits.cap": 3,
    "permits.grandfathered": 0,
    "enforcement.penalty": 3,
    "enforcement.true_positive_rate": 1,
    "enforcement.false_positive_rate": 0,
    "enforcement.policy": {"kind": "random", "probability": 1},
    "welfare.audit_cost": 0.25,
    "welfare.harm": 2,
    "welfare.false_alarm_cost": 0.5,
}
EXPECTED = {
    "compliance_rate": 0.75,
    "deterrence_rate": 0.5,
    "share_no_demand": 0.25,
    "share_covered": 0.25,
    "share_deterred": 0.25,
    "share_violating": 0.25,
    "tempted": 0.5,
    "price": 5,
    "price_paid": 5,
    "price_received": np.nan,
    "volume": 3,
    "auction_revenue": 15,
    "lab_surplus": 9 + 5 + 7 + 4 - 15 - 3,
    "governor_revenue": 15 + 3,
    "audit_cost": 1,
    "harm": 2,
    "welfare": 25 - 1 - 2 - 1.5,
    "false_alarm_cost": 1.5,
    "allocative_efficiency": 1,
    "run_value": 25 / 21,
    "cap_overrun": 1 / 3,
    "wanted": 6,
    "units_run": 4,
    "collateral_cost": 0,
    "stopped_units": 0,
    "permits_surrendered": 0,
    "relocated_units": 0,
    "leakage_rate": 0,
    "share_relocating": 0,
    "risky_units": 0,
    "uncovered_units": 1,
    "unused_permits": 0,
    "permits_released": 0,
    "resale_volume": 0,
    "exempt_units": 0,
    "resale_price": np.nan,
    "permits_carried_over": 0,
    "reported_compute": 3e24,
    "true_compute": 4e24,
    "hhi": 5 / 9,
    "audits": 4,
    "signals_violators": 1,
    "signals_clean": 0,
    "false_alarms": 3,
    "caught": 1,
    "detection_rate": 1,
    "penalties": 3,
    "fines": 1.5,
    "collateral_seized": 1.5,
    "infeasible_target": 0,
    "multiple_equilibria": 0,
    "wealth": 2 + 7 / 4,
}


@pytest.fixture(scope="module")
def by_hand():
    """The month above."""
    return {name: values[0] for name, values in ran(small(HAND), 3).measures().items()}


def test_the_hand_solved_month_names_every_measure():
    assert set(EXPECTED) == set(MEASURES) == set(measure_names())


@pytest.mark.parametrize("name", EXPECTED)
def test_the_month_solved_by_hand(by_hand, name):
    assert by_hand[name] == pytest.approx(EXPECTED[name], rel=1e-12, nan_ok=True)


def test_its_accounts():
    market = ran(small(HAND), 3)
    assert market.ledger.labs.tolist() == pytest.approx([2 + 14 - 10, 2 + 7 - 5, 2 + 4 - 3, 2])
    assert market.ledger.governor == pytest.approx(15 + 3 - 1)


def test_with_lab_sellers_volume_and_prices_count_both_sides():
    # Every lab holds one permit; labs 2 and 3 sell, and labs 0 and 1 want a second: 5 buys, 2 does not outbid 4.
    market = ran(small({**HAND, "permits.cap": 4, "permits.grandfathered": 1.0}), 3)
    m = {name: values[0] for name, values in market.measures().items()}
    assert market.month.held.tolist() == [2, 1, 1, 0]
    assert (m["volume"], m["price"], m["price_paid"], m["price_received"]) == (1, 4, 4, 4)
    assert m["auction_revenue"] == 0
    assert market.month.paid.tolist() == [4, 0, 0, -4]


def test_unused_permits_and_concentration():
    market = ran(small({**HAND, "permits.cap": 12, "permits.grandfathered": 1.0, "market.mechanism": "vickrey"}), 3)
    m = {name: values[0] for name, values in market.measures().items()}
    assert (m["unused_permits"], m["units_run"], m["cap_overrun"]) == (6, 6, 0)
    assert m["hhi"] == pytest.approx((market.month.held**2).sum() / 144)
    assert m["share_covered"] == 0.75
    assert np.isnan(m["price"])


def test_every_measure_has_a_unit_and_plain_words():
    for name, measure in MEASURES.items():
        assert measure.name == name
        assert measure.unit
        assert len(measure.description.split()) >= 2


def test_the_mean_leaves_out_what_is_undefined():
    values = np.array([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(defined_mean(values), [1.5, np.nan, 0.0])
