"""Audit policies in the market: what they announce, whom they deter, what they cannot reach."""

import numpy as np
import pytest

from agents import PermitMarket
from mechanisms import InputError
from scenarios import load_scenario, override
from tests.agents.worlds import TRADES, means, ran, small

VALUES = [130.0, 110.0, 90.0, 80.0, 70.0, 65.0, 60.0, 40.0, 35.0, 20.0]
ONE_UNIT = {
    "months": 1,
    "labs.count": 10,
    "labs.units": 1,
    "labs.value": {"values": VALUES},
    "labs.value_shock": 0.0,
    "labs.value_noise": 0.0,
    "labs.running_cost": 0.0,
    "permits.cap": 5,
    "permits.grandfathered": 0.0,
    "enforcement.penalty": 215.75,
    "enforcement.true_positive_rate": 0.6,
    "enforcement.policy": {"kind": "optimal"},
}


def listed(**changes):
    """Ten labs with listed values, five permits, the price 70 that the reference takes."""
    return small({**ONE_UNIT, **{path.replace("__", "."): value for path, value in changes.items()}})


def test_optimal_audits_of_the_reference_from_the_model():
    market = ran(listed(), range(20))
    np.testing.assert_array_equal(market.measures()["price"], 70.0)
    np.testing.assert_allclose(market.rates.high, 0.54075, atol=5e-6)
    assert (market.rates.low == 0).all()
    assert (market.measures()["compliance_rate"] == 1).all()
    assert (market.measures()["infeasible_target"] == 0).all()


def test_where_the_target_is_out_of_reach_it_says_so_and_labs_are_not_deterred():
    market = ran(listed(enforcement__penalty=50.0), range(20))
    assert (market.rates.high == 1).all()
    assert (market.measures()["infeasible_target"] == 1).all()
    strongest = 0.6 * 50
    assert (market.month.uncovered == ((market.month.held == 0) & (np.array(VALUES) > strongest))).all()
    assert (market.measures()["uncovered_units"] == 4).all()


def test_audits_without_a_signal_rise_up_to_their_ceiling():
    rates = ran(listed(enforcement__penalty=100.0), 0).rates
    assert (rates.high.item(), rates.low.item(), rates.infeasible.item()) == (1.0, 0.0, True)
    policy = {"kind": "optimal", "ceiling_low": 0.6}
    raised = ran(listed(enforcement__penalty=100.0, enforcement__policy=policy), 0)
    assert raised.rates.low.item() == pytest.approx((0.7 - 0.6) / 0.4)
    assert raised.measures()["infeasible_target"].tolist() == [0]
    assert raised.measures()["compliance_rate"].tolist() == [1]


def test_routine_audits_without_a_signal_count_towards_the_target():
    routine = ran(listed(enforcement__policy={"kind": "optimal", "low": 0.1}), 0)
    assert routine.rates.high.item() == pytest.approx(0.47408, abs=5e-6)
    assert routine.rates.low.item() == 0.1
    assert routine.measures()["compliance_rate"].tolist() == [1]


def test_where_signals_mislead_labs_without_one_are_audited_first():
    settings = {"enforcement__true_positive_rate": 0.2, "enforcement__false_positive_rate": 0.7}
    market = ran(listed(**settings, enforcement__policy={"kind": "optimal", "ceiling_low": 1.0}), 0)
    assert (market.rates.high.item(), market.rates.low.item()) == (0.0, pytest.approx(70 / 215.75 / 0.8))
    assert market.measures()["compliance_rate"].tolist() == [1]


def test_the_target_is_the_price_or_the_highest_losing_report():
    def high(trade, target=None):
        changes = {"market__mechanism": trade, "enforcement__policy": {"kind": "optimal", "target": target}}
        return ran(listed(**changes), 0).rates.high.item() * 0.6 * 215.75

    assert high("uniform-price") == high("uniform-price", "price") == pytest.approx(70.0)
    assert high("uniform-price:k=0") == pytest.approx(65.0)
    assert high("double-auction") == pytest.approx(67.5)
    assert high("vickrey") == high("vickrey", "loser") == high("uniform-price", "loser") == pytest.approx(65.0)


def test_a_price_target_needs_a_mechanism_with_one_price():
    scenario = listed(market__mechanism="vickrey", enforcement__policy={"kind": "optimal", "target": "price"})
    with pytest.raises(
        InputError, match=r"^enforcement\.policy\.target: price needs a mechanism with one price[^\n]+$"
    ):
        PermitMarket(scenario)


def test_without_trade_the_target_is_the_highest_losing_report():
    market = ran(listed(permits__cap=0, enforcement__penalty=300.0), 0)
    assert np.isnan(market.measures()["price"]).all()
    assert market.rates.high.item() * 0.6 * 300 == pytest.approx(130.0)
    assert market.measures()["compliance_rate"].tolist() == [1]


def test_outside_option_labs_bid_against_the_strongest_policy():
    weak = ran(listed(labs__bidding="outside-option", enforcement__penalty=100.0), 0)
    assert weak.month.reports.max() == pytest.approx(60.0)
    np.testing.assert_array_equal(weak.month.reports[0], np.minimum(VALUES, 60.0))
    assert weak.measures()["infeasible_target"].tolist() == [1]
    raised = {"kind": "optimal", "ceiling_low": 0.5}
    ceiling = ran(listed(labs__bidding="outside-option", enforcement__penalty=100.0, enforcement__policy=raised), 0)
    np.testing.assert_allclose(ceiling.month.reports[0], np.minimum(VALUES, 80.0))
    strong = ran(listed(labs__bidding="outside-option"), 0)
    np.testing.assert_array_equal(strong.month.reports[0], np.minimum(VALUES, 0.6 * 215.75))
    assert strong.measures()["infeasible_target"].tolist() == [0]


@pytest.mark.parametrize(
    ("edge", "infeasible", "compliance"),
    [
        ({"enforcement__true_positive_rate": 1.0}, 0, 1.0),
        ({"enforcement__true_positive_rate": 0.0}, 1, 0.5),
        ({"enforcement__backcheck": 1.0}, 0, 1.0),
        ({"enforcement__audit_accuracy": 0.0}, 1, 0.5),
        ({"enforcement__penalty": 0.0}, 1, 0.5),
        ({"enforcement__liability_limit": 0.0}, 1, 0.5),
    ],
)
@pytest.mark.parametrize("trade", TRADES)
def test_edges_of_the_optimal_policy_in_the_model(edge, infeasible, compliance, trade):
    market = ran(listed(market__mechanism=trade, **edge), range(3))
    assert (market.measures()["infeasible_target"] == infeasible).all()
    assert (market.measures()["compliance_rate"] == compliance).all()


def test_with_certain_backchecks_nobody_need_be_audited():
    assert (ran(listed(enforcement__backcheck=1.0), range(3)).measures()["audits"] == 0).all()


OPTIONS = [
    ({"kind": "random", "probability": 0.3}, {"probability": 0.6}, {}),
    ({"kind": "signal"}, {"high": 0.5}, {}),
    ({"kind": "signal"}, {"low": 0.6}, {}),
    ({"kind": "optimal"}, {"target": "loser"}, {}),
    ({"kind": "optimal"}, {"ceiling_low": 0.5}, {"enforcement.true_positive_rate": 0.2}),
    ({"kind": "optimal"}, {"low": 0.5}, {}),
    ({"kind": "budgeted", "audits": 3}, {"audits": 9}, {}),
    ({"kind": "targeted"}, {"good": 0.2}, {}),
    ({"kind": "targeted"}, {"bad": 0.9}, {}),
    ({"kind": "targeted"}, {"discount": 0.0}, {"months": 8}),
    ({"kind": "escalating"}, {"high": 0.3}, {}),
    ({"kind": "escalating"}, {"low": 0.6}, {}),
    ({"kind": "escalating", "low": 0.3}, {"rise": 0.0}, {}),
    ({"kind": "escalating", "low": 0.3}, {"persistence": 0.0}, {"months": 8}),
]


@pytest.mark.parametrize(("policy", "option", "given"), OPTIONS)
def test_every_option_of_a_policy_moves_the_number_of_audits(policy, option, given):
    base = small({"labs.count": 40, "permits.cap": 40, "enforcement.penalty": 1.0, **given})
    audits = [means(override(base, {"enforcement.policy": p}), range(20))["audits"] for p in (policy, policy | option)]
    assert audits[0] != audits[1]


def test_no_audits_deter_nobody():
    market = ran(override(load_scenario("baseline"), {"enforcement.policy.kind": "none", "months": 2}), range(5))
    deterrence = market.measures()["deterrence_rate"]
    assert (deterrence == 0).all()
    assert (market.measures()["audits"] == 0).all()
    assert (market.measures()["caught"] == 0).all()


def test_random_audits_do_not_look_at_signals():
    settings = {"enforcement.policy": {"kind": "random", "probability": 0.5}, "labs.count": 40}
    clear, blurred = (
        ran(small({**settings, "enforcement.false_positive_rate": alpha}), range(20)) for alpha in (0.0, 1.0)
    )
    np.testing.assert_array_equal(clear.month.audited, blurred.month.audited)
    assert (clear.month.signal != blurred.month.signal).any()
