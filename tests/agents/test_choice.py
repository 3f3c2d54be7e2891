"""Run choice against brute force over the number of further units, and logit choice against its closed form."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.choice import quantal_units, uncovered_units
from scenarios import Scenario
from tests.agents.worlds import ran, small

EIGHTHS = st.integers(-4, 16).map(lambda n: n / 8)


@st.composite
def labs(draw):
    """One lab on a grid of eighths, where gains are equal or clearly apart: u, held, and what enforcement asks."""
    u = sorted(draw(st.lists(EIGHTHS, min_size=1, max_size=5)), reverse=True)
    held = draw(st.integers(0, 6))
    found, penalty = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])), draw(st.integers(0, 12)) / 8
    limit = draw(st.one_of(st.just(np.inf), st.integers(0, 24).map(lambda n: n / 8)))
    return np.array(u), held, (found, penalty, limit, draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])))


def gains(u, held, found, penalty, limit, risk):
    """gain(m) for m = 0, 1, .. of the further units worth running, by the definition."""
    further = [value for value in u[held:] if value > 0]
    return [sum(further[:m]) - risk * found * min(m * penalty, limit) for m in range(len(further) + 1)]


@given(labs())
def test_the_number_of_uncovered_units_gains_most_and_ties_go_to_fewer(lab):
    u, held, enforcement = lab
    gain = gains(u, held, *enforcement)
    best = next(m for m, value in enumerate(gain) if value >= max(gain) - 1e-7)
    assert uncovered_units(u[:, None], np.array([held]), *enforcement).tolist() == [best]


@given(st.lists(labs(), min_size=1, max_size=6))
def test_labs_side_by_side_choose_as_they_would_alone(many):
    units = max(len(u) for u, _, _ in many)
    u = np.stack([np.pad(u, (0, units - len(u)), constant_values=-1.0) for u, _, _ in many], axis=-1)
    held = np.array([held for _, held, _ in many])
    together = uncovered_units(u, held, *np.array([enforcement for *_, enforcement in many]).T)
    alone = [uncovered_units(u[:, None], np.array([held]), *e)[0] for u, held, e in many]
    assert together.tolist() == alone


@pytest.mark.parametrize("limit", [np.inf, 0.5])
@pytest.mark.parametrize(("edge", "runs"), [(0.0, 0), (1e-10, 0), (1e-8, 1), (-1e-8, 0)])
def test_a_lab_at_the_edge_runs_only_for_a_gain_that_counts(limit, edge, runs):
    u = np.array([[0.5 + edge], [-1.0]])
    assert uncovered_units(u, np.array([0]), 1.0, 0.5, limit, 1.0).tolist() == [runs]


def test_the_tolerance_grows_with_the_value():
    u = np.array([[1e6 + 1e-4, 1e6 + 1e-2]])
    assert uncovered_units(u, np.array([0, 0]), 1.0, 1e6, np.inf, 1.0).tolist() == [0, 1]


def test_a_liability_limit_makes_all_or_nothing_of_small_units():
    u = np.array([[0.6], [0.5], [0.4]])
    assert uncovered_units(u, np.array([0]), 1.0, 0.7, np.inf, 1.0).tolist() == [0]
    assert uncovered_units(u, np.array([0]), 1.0, 0.7, 1.0, 1.0).tolist() == [3]
    assert uncovered_units(u, np.array([2]), 1.0, 0.7, 1.0, 1.0).tolist() == [0]


@given(labs(), st.floats(0, 50), st.floats(0, 0.999))
def test_logit_choice_is_the_inverse_of_its_cumulative_probabilities(lab, precision, uniform):
    u, held, enforcement = lab
    utility = precision * np.array(gains(u, held, *enforcement))
    upto = np.cumsum(np.exp(utility - utility.max()))
    upto /= upto[-1]
    assume(np.abs(upto - uniform).min() > 1e-9)
    drawn = quantal_units(
        u[:, None], np.array([held]), *enforcement, precision=precision, uniform=np.array([uniform])
    ).tolist()
    assert drawn == [int((upto <= uniform).sum())]


def test_the_model_violates_as_often_as_the_closed_form_says():
    values, precision, expected = np.linspace(0.1, 1.0, 10), 5.0, 0.4 * 1.25
    scenario = Scenario(
        months=1,
        labs={
            "count": 10,
            "units": 1,
            "value": {"values": values.tolist()},
            "value_shock": 0,
            "value_noise": 0,
            "running_cost": 0,
            "choice": {"kind": "quantal", "precision": precision},
        },
        permits={"cap": 0},
        enforcement={"penalty": 1.25, "policy": {"kind": "random", "probability": 0.4}},
    )
    worlds = 20_000
    frequency = (ran(scenario, range(worlds)).month.uncovered > 0).mean(axis=0)
    probability = 1 / (1 + np.exp(-precision * (values - expected)))
    error = np.sqrt(probability * (1 - probability) / worlds)
    assert (np.abs(frequency - probability) < 4 * error).all()


def test_precision_goes_from_a_coin_toss_to_rational_choice():
    def uncovered(choice):
        return ran(small({"labs.choice": choice, "labs.count": 30}), range(40)).month

    rational = uncovered({"kind": "rational"})
    sharp = uncovered({"kind": "quantal", "precision": 1e9})
    np.testing.assert_array_equal(sharp.uncovered, rational.uncovered)
    toss = uncovered({"kind": "quantal", "precision": 0.0})
    short = toss.wanted - toss.held == 1
    assert toss.uncovered[short].mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(short.sum()))
