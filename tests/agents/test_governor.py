"""Signals, audits, what comes out, and what it costs: small exact cases and frequencies."""

from types import SimpleNamespace

import numpy as np
import pytest

from agents import governor
from agents.economics import detection, punishment
from agents.governor import audits, catches, signals
from mechanisms import Draws
from tests.agents.worlds import one_month, ran, small

WORLDS = Draws(range(4000))
ALL_VIOLATE = {"permits.cap": 0, "labs.risk_profile.value": 0.0, "labs.value": {"distribution": "constant"}}


def near(frequency, probability, trials):
    """Whether a frequency is within four standard errors of its probability."""
    return abs(frequency - probability) <= 4 * np.sqrt(probability * (1 - probability) / trials) + 1e-12


def rules(**changes):
    """Enforcement as the phases read it."""
    settings = {"penalty": 0.5, "collateral_share": 0.5, "liability_limit": np.inf, "audit_accuracy": 1.0}
    return SimpleNamespace(**{**settings, "backcheck": 0.0, **changes})


@pytest.mark.parametrize(("beta", "alpha"), [(0.8, 0.1), (1.0, 0.0), (0.0, 1.0), (0.35, 0.35)])
def test_signals_come_at_the_rate_of_violators_and_of_clean_labs(beta, alpha):
    violator = np.broadcast_to([True, False], (4000, 2))
    seen = signals(violator, SimpleNamespace(true_positive_rate=beta, false_positive_rate=alpha), WORLDS)
    assert near(seen[:, 0].mean(), beta, 4000)
    assert near(seen[:, 1].mean(), alpha, 4000)


@pytest.mark.parametrize(("high", "low"), [(0.8, 0.1), (1.0, 0.0), (0.0, 0.5)])
def test_audits_come_at_the_rate_after_a_signal_and_without(high, low):
    signal = np.broadcast_to([True, False], (4000, 2))
    audited = audits(signal, high, low, np.inf, WORLDS)
    assert near(audited[:, 0].mean(), high, 4000)
    assert near(audited[:, 1].mean(), low, 4000)


@pytest.mark.parametrize("capacity", [0, 1, 3, 5, 8, 20])
def test_capacity_takes_labs_with_a_signal_first(capacity):
    signal = np.broadcast_to(np.arange(8) < 3, (4000, 8))
    audited = audits(signal, 1.0, 1.0, capacity, WORLDS)
    assert (audited.sum(axis=1) == min(capacity, 8)).all()
    assert (audited[:, :3].sum(axis=1) == min(capacity, 3)).all()


def test_places_go_by_a_fair_lot_and_only_to_labs_chosen_for_an_audit():
    signal = np.broadcast_to(np.arange(8) < 4, (4000, 8))
    share = audits(signal, 1.0, 1.0, 6, WORLDS).mean(axis=0)
    assert (share[:4] == 1).all()
    assert all(near(lab, 0.5, 4000) for lab in share[4:])
    unlimited, limited = (audits(signal, 0.5, 0.5, capacity, WORLDS) for capacity in (np.inf, 2))
    assert (limited <= unlimited).all()
    np.testing.assert_array_equal(limited.sum(axis=1), np.minimum(unlimited.sum(axis=1), 2))


def test_each_world_has_its_own_capacity():
    signal = np.zeros((3, 8), dtype=bool)
    audited = audits(signal, 1.0, 1.0, np.array([[0.0], [5.0], [np.inf]]), Draws([1, 1, 1]))
    assert audited.sum(axis=1).tolist() == [0, 5, 8]


@pytest.mark.parametrize("accuracy", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("backcheck", [0.0, 0.4, 1.0])
def test_audits_find_with_their_accuracy_and_backchecks_find_what_is_left(accuracy, backcheck):
    violator = np.broadcast_to([True, True, False, False], (4000, 4))
    audited = np.broadcast_to([True, False, True, False], (4000, 4))
    caught = catches(violator, audited, rules(audit_accuracy=accuracy, backcheck=backcheck), WORLDS)
    assert near(caught[:, 0].mean(), accuracy + (1 - accuracy) * backcheck, 4000)
    assert near(caught[:, 1].mean(), backcheck, 4000)
    assert not caught[:, 2:].any()


@pytest.mark.parametrize(
    ("share", "limit", "seized", "fine"),
    [
        (0.5, np.inf, [0.25, 0.75], [0.25, 0.75]),
        (1.0, np.inf, [0.5, 1.5], [0.0, 0.0]),
        (0.0, np.inf, [0.0, 0.0], [0.5, 1.5]),
        (0.5, 1.0, [0.25, 0.75], [0.25, 0.25]),
        (0.5, 0.6, [0.25, 0.6], [0.25, 0.0]),
        (0.5, 0.1, [0.1, 0.1], [0.0, 0.0]),
        (0.5, 0.0, [0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_collateral_goes_first_and_the_fine_is_the_rest(share, limit, seized, fine):
    caught, uncovered = np.array([True, True, False, True]), np.array([1, 3, 2, 0])
    units, enforcement = caught * uncovered, rules(collateral_share=share, liability_limit=limit)
    owed = punishment(units, enforcement.penalty, limit)
    taken = governor.seized(units, owed, enforcement)
    assert taken.tolist() == pytest.approx([*seized, 0.0, 0.0])
    assert (owed - taken).tolist() == pytest.approx([*fine, 0.0, 0.0])


@pytest.mark.parametrize(("limit", "seized", "fine"), [(None, 0.5, 0.5), (0.8, 0.5, 0.3), (0.2, 0.2, 0.0)])
def test_caught_labs_of_the_model_pay_so_much(limit, seized, fine):
    caught_all = {"enforcement.backcheck": 1.0, "enforcement.liability_limit": limit}
    month = one_month({**ALL_VIOLATE, **caught_all}).month
    assert month.uncovered.tolist() == [2] * 8
    assert month.caught.all()
    assert month.seized.tolist() == pytest.approx([seized] * 8)
    assert month.fine.tolist() == pytest.approx([fine] * 8)
    assert month.penalty.tolist() == pytest.approx([seized + fine] * 8)


@pytest.mark.parametrize(
    "settings",
    [
        {"policy": {"kind": "signal", "high": 0.7, "low": 0.2}},
        {"policy": {"kind": "signal", "high": 0.7, "low": 0.2}, "audit_accuracy": 0.5, "backcheck": 0.3},
        {"policy": {"kind": "random", "probability": 0.6}, "audit_accuracy": 0.8},
        {"policy": {"kind": "none"}, "backcheck": 0.25},
        {"policy": {"kind": "none"}},
        {"policy": {"kind": "signal", "high": 1.0, "low": 0.0}, "true_positive_rate": 0.0},
    ],
)
def test_violators_are_caught_as_often_as_the_formula_says(settings):
    enforcement = {f"enforcement.{name}": value for name, value in settings.items()}
    market = ran(small({**ALL_VIOLATE, **enforcement, "months": 1}), range(1000))
    assert (market.month.uncovered > 0).all()
    rule = market.parameters.enforcement
    formula = detection(
        market.rates.high, market.rates.low, rule.true_positive_rate, rule.audit_accuracy, rule.backcheck
    )
    assert market.detection == pytest.approx(formula)
    assert near(market.month.caught.mean(), float(formula), 8000)


def test_capacity_of_the_model_is_kept_and_does_not_change_what_labs_expect():
    limits = [small({"enforcement.audit_capacity": limit, "enforcement.penalty": 0.1}) for limit in (None, 1)]
    free, tight = (ran(scenario, range(50)) for scenario in limits)
    assert tight.measures()["audits"].max() == 1
    assert free.measures()["audits"].max() > 1
    np.testing.assert_array_equal(free.month.uncovered, tight.month.uncovered)


def test_nobody_who_did_not_violate_is_penalised_however_often_audited():
    everyone = {"enforcement.policy": {"kind": "random", "probability": 1.0}, "enforcement.false_positive_rate": 1.0}
    market = ran(small({**everyone, "enforcement.penalty": 0.6}), range(100))
    clean = market.month.uncovered == 0
    assert market.month.audited.all()
    assert clean.any()
    assert (~clean).any()
    assert (market.month.penalty[clean] == 0).all()
    assert (market.month.penalty[~clean] > 0).all()


def test_the_cost_of_false_alarms_lowers_welfare_and_nothing_else():
    free, costly = (
        ran(small({"welfare.false_alarm_cost": cost, "enforcement.penalty": 0.3}), range(20)) for cost in (0.0, 0.25)
    )
    one, other = free.measures(), costly.measures()
    np.testing.assert_allclose(other["welfare"], one["welfare"] - 0.25 * one["false_alarms"])
    np.testing.assert_array_equal(other["false_alarm_cost"], 0.25 * one["false_alarms"])
    assert one["false_alarms"].any()
    for name in set(one) - {"welfare", "false_alarm_cost"}:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
