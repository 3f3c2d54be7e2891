"""Formulas as pure functions: detection, punishment, optimal audits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from agents.economics import (
    clearing_price_seed,
    detection,
    expected_penalty,
    optimal_audits,
    punishment,
    random_audits,
    signal_detection,
    worth_it,
)

PROBABILITY = st.floats(0, 1)
MONEY = st.floats(0, 10)


def test_optimal_audits_of_the_reference():
    assert float(optimal_audits(70, 215.75, 0.6).high) == pytest.approx(0.54075, abs=5e-6)
    assert float(optimal_audits(70, 215.75, 0.6, audit_low=0.1).high) == pytest.approx(0.47408, abs=5e-6)
    weak = optimal_audits(70, 50, 0.6)
    assert (float(weak.high), float(weak.low), bool(weak.infeasible)) == (1.0, 0.0, True)


@given(st.floats(0.01, 1), st.floats(0.05, 1), st.floats(0.05, 2))
def test_without_extras_the_rate_is_the_seeds_formula(target, beta, penalty):
    rates = optimal_audits(target, penalty, beta)
    assert float(rates.high) == pytest.approx(min(1.0, target / (penalty * beta)), rel=1e-9)
    assert float(rates.low) == 0.0
    assert bool(rates.infeasible) == (target > penalty * beta * (1 + 1e-9) + 1e-9)


@given(MONEY, MONEY, PROBABILITY, PROBABILITY, PROBABILITY, PROBABILITY, PROBABILITY)
def test_optimal_audits_reach_the_target_or_say_that_they_cannot(target, penalty, beta, low, accuracy, p_b, ceiling):
    settings = {"audit_accuracy": accuracy, "backcheck": p_b}
    rates = optimal_audits(target, penalty, beta, audit_low=low, ceiling_low=ceiling, **settings)
    reached = float(detection(rates.high, rates.low, beta, accuracy, p_b)) * penalty
    strongest = float(detection(1.0, max(low, ceiling), beta, accuracy, p_b)) * penalty
    assert 0 <= rates.high <= 1
    assert low <= rates.low <= max(low, ceiling)
    assert bool(rates.infeasible) == (reached < target - 1e-9 * max(1, target))
    if rates.infeasible:
        assert reached == pytest.approx(strongest, rel=1e-9, abs=1e-9)


@given(MONEY, st.floats(0.1, 10), st.floats(0.05, 1), st.floats(0.05, 1), st.floats(0, 0.95))
def test_optimal_audits_are_no_more_than_the_target_asks(target, penalty, beta, accuracy, p_b):
    rates = optimal_audits(target, penalty, beta, audit_accuracy=accuracy, backcheck=p_b)
    fewer = detection(max(0.0, float(rates.high) - 1e-6), 0.0, beta, accuracy, p_b) * penalty
    assert rates.high == 0 or fewer < target


@pytest.mark.parametrize(
    ("settings", "high", "low", "infeasible"),
    [
        ({"true_positive_rate": 0.0}, 1.0, 0.0, True),
        ({"true_positive_rate": 0.0, "ceiling_low": 0.7}, 1.0, 0.5, False),
        ({"true_positive_rate": 1.0}, 0.5, 0.0, False),
        ({"true_positive_rate": 1.0, "target": 1.5, "ceiling_low": 1.0}, 1.0, 0.0, True),
        ({"true_positive_rate": 0.25, "ceiling_low": 1.0}, 1.0, 1 / 3, False),
        ({"true_positive_rate": 0.25, "ceiling_low": 0.2}, 1.0, 0.2, True),
        ({"backcheck": 1.0}, 0.0, 0.0, False),
        ({"backcheck": 1.0, "target": 1.5}, 1.0, 0.0, True),
        ({"backcheck": 0.5}, 0.0, 0.0, False),
        ({"audit_accuracy": 0.0}, 1.0, 0.0, True),
        ({"audit_accuracy": 0.0, "backcheck": 0.6}, 0.0, 0.0, False),
        ({"penalty": 0.0}, 1.0, 0.0, True),
        ({"penalty": 0.0, "target": 0.0}, 0.0, 0.0, False),
        ({"target": 0.0}, 0.0, 0.0, False),
        ({"audit_low": 0.9}, (0.5 - 0.2 * 0.9) / 0.8, 0.9, False),
    ],
)
def test_optimal_audits_at_the_edges(settings, high, low, infeasible):
    given_ = {"target": 0.5, "penalty": 1.0, "true_positive_rate": 0.8, **settings}
    rates = optimal_audits(given_.pop("target"), given_.pop("penalty"), given_.pop("true_positive_rate"), **given_)
    assert float(rates.high) == pytest.approx(high, rel=1e-9)
    assert float(rates.low) == pytest.approx(low, rel=1e-9)
    assert bool(rates.infeasible) is infeasible


def test_optimal_audits_take_arrays_world_by_world():
    targets, penalties = np.array([[70.0], [70.0], [10.0]]), np.array([[215.75], [50.0], [50.0]])
    many = optimal_audits(targets, penalties, 0.6)
    assert many.high.shape == (3, 1)
    for row in range(3):
        one = optimal_audits(targets[row, 0], penalties[row, 0], 0.6)
        assert (many.high[row, 0], many.low[row, 0], many.infeasible[row, 0]) == one[:3]


@given(PROBABILITY, PROBABILITY, PROBABILITY, PROBABILITY, PROBABILITY)
def test_detection_is_a_probability_by_the_two_chances(high, low, beta, accuracy, p_b):
    found = float(detection(high, low, beta, accuracy, p_b))
    missed_by_audit = 1 - float(signal_detection(high, low, beta, accuracy))
    assert found == pytest.approx(1 - missed_by_audit * (1 - p_b), abs=1e-12)
    assert -1e-12 <= found <= 1 + 1e-12
    assert missed_by_audit == pytest.approx(1 - accuracy * (beta * high + (1 - beta) * low), abs=1e-12)


@given(st.floats(0.01, 0.99), st.floats(0.1, 1), st.floats(0, 0.9))
def test_random_audits_yield_the_detection_wanted(wanted, accuracy, p_b):
    rate = float(random_audits(wanted, accuracy, p_b))
    assert float(detection(rate, rate, 0.3, accuracy, p_b)) == pytest.approx(wanted, abs=1e-9)


def test_random_audits_that_cannot_exist():
    assert random_audits(0.9, audit_accuracy=0.5) > 1
    assert random_audits(0.1, backcheck=0.5) < 0
    assert random_audits(0.5, audit_accuracy=0.0) == np.inf
    assert np.isnan(random_audits(1.0, backcheck=1.0))


@given(st.integers(0, 20), MONEY, MONEY, PROBABILITY, st.floats(0, 3))
def test_punishment_is_linear_up_to_the_limit(units, penalty, limit, p_eff, risk):
    assert float(punishment(units, penalty)) == units * penalty
    assert float(punishment(units, penalty, limit)) == min(units * penalty, limit)
    expected = float(expected_penalty(units, p_eff, penalty, limit, risk))
    assert expected == pytest.approx(risk * p_eff * min(units * penalty, limit))


def test_a_gain_counts_above_its_tolerance_only():
    assert worth_it(np.array([1e-9, 1.1e-9, 0.0, -1.0]), np.array([0.5] * 4)).tolist() == [False, True, False, False]
    assert worth_it(np.array([2e-9, 5e-8]), np.array([10.0, 10.0])).tolist() == [False, True]


def test_the_seeds_price_is_the_marginal_value_less_the_cost():
    assert clearing_price_seed([0.75, 0.5], 0.25).tolist() == [0.5, 0.25]


@pytest.mark.parametrize("seed", range(40))
def test_optimal_audits_are_the_cheapest_that_reach_the_target(seed):
    """A linear program over pi1 and pi0 finds no cheaper audits of clean labs, and none at all where infeasible."""
    rng = np.random.default_rng(seed)
    t, beta, alpha, accuracy, backcheck, floor, ceiling = rng.random(7)
    floor, ceiling = sorted((floor / 2, ceiling))
    rates = optimal_audits(
        t,
        1.0,
        beta,
        audit_low=floor,
        audit_accuracy=accuracy,
        backcheck=backcheck,
        ceiling_low=ceiling,
        false_positive_rate=alpha,
    )
    needed = (t - backcheck) / (1 - backcheck) / accuracy
    program = linprog([alpha, 1 - alpha], [[-beta, beta - 1]], [-needed], bounds=[(0, 1), (floor, ceiling)])
    assert bool(rates.infeasible) == (program.status == 2)
    if not rates.infeasible:
        assert alpha * rates.high + (1 - alpha) * rates.low == pytest.approx(program.fun, abs=1e-6)
