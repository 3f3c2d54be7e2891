"""What labs bid: full value, or what a permit adds to the best that they can do without it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bidding import full_value, outside_option
from agents.economics import expected_penalty
from mechanisms import Draws
from tests.agents.worlds import one_month

EIGHTHS = st.integers(-4, 16).map(lambda n: n / 8)
NONE_ENDOWED, CHANCE = np.zeros(1, dtype=int), Draws(0)


def bids(u, expected):
    """Reports of one lab under the outside option."""
    return outside_option(np.array([u]), NONE_ENDOWED, np.array([expected]), CHANCE)[0]


def best_total(u, expected, held):
    """The most that a lab with so many permits can expect, by trying every number of further units."""
    covered = sum(value for value in u[:held] if value > 0)
    further = [value for value in u[held:] if value > 0]
    return covered + max(sum(further[:m]) - (expected[m - 1] if m else 0.0) for m in range(len(further) + 1))


def by_brute_force(u, expected):
    """What each permit adds, never rising; not positive where there is nothing to run."""
    added = [best_total(u, expected, h + 1) - best_total(u, expected, h) for h in range(len(u))]
    return np.minimum.accumulate(added)


@st.composite
def labs(draw):
    """Net values in eighths and what 1, 2, .. uncovered units cost in expectation under some limit."""
    u = sorted(draw(st.lists(EIGHTHS, min_size=1, max_size=5)), reverse=True)
    found, penalty, risk = (draw(st.integers(0, 8)) / 8 for _ in range(3))
    limit = draw(st.one_of(st.just(np.inf), st.integers(0, 24).map(lambda n: n / 8)))
    return u, expected_penalty(np.arange(1, len(u) + 1), found, penalty, limit, 2 * risk).tolist()


@given(labs())
def test_the_outside_option_bids_what_a_permit_adds(lab):
    u, expected = lab
    wanted = np.array(u) > 0
    reports = bids(u, expected)
    np.testing.assert_allclose(reports[wanted], by_brute_force(u, expected)[wanted], atol=1e-8)
    assert (reports[~wanted] <= 0).all()
    assert (np.diff(reports) <= 0).all()
    assert (reports <= np.maximum(u, 0)).all()


@given(st.lists(st.floats(-1, 2), min_size=1, max_size=5), st.floats(0, 2))
def test_where_the_penalty_is_linear_the_bid_is_the_smaller_of_u_and_e_exactly(values, single):
    u = sorted(values, reverse=True)
    expected = [single * m for m in range(1, len(u) + 1)]
    assert bids(u, expected).tolist() == [min(value, single) for value in u]


def test_beside_labs_with_a_limit_the_others_still_bid_exactly():
    u = np.array([[1 / 3, 1 / 7], [1 / 3, 1 / 7]])
    expected = np.array([[0.11, 0.22], [0.11, 0.11]]) / 3
    both = outside_option(u, np.zeros(2, dtype=int), expected, CHANCE)
    assert both[0].tolist() == [min(value, expected[0, 0]) for value in u[0]]
    np.testing.assert_allclose(both[1], [0.0, 0.0], atol=1e-8)


def test_under_a_limit_that_binds_a_permit_is_worth_what_it_saves():
    assert bids([1.0, 1.0], [0.5, 0.5]).tolist() == [0.0, 0.0]
    assert bids([1.0, 0.2], [0.5, 0.5]).tolist() == pytest.approx([0.3, 0.2])
    assert bids([1.0, 0.2], [0.5, 1.0]).tolist() == [0.5, 0.2]


def test_full_value_bids_are_the_net_values():
    u = np.array([[0.7, 0.2], [0.1, -0.3]])
    assert full_value(u, np.zeros(2, dtype=int), 0 * u, CHANCE) is u


def test_the_month_asks_for_reports_with_the_penalty_as_each_lab_sees_it():
    risks = [0.0, 0.5, 1.0, 4.0] * 2
    settings = {
        "labs.risk_profile": {"values": risks},
        "labs.bidding": "outside-option",
        "enforcement.policy": {"kind": "random", "probability": 0.4},
    }
    month = one_month(settings).month
    single = np.array(risks) * 0.4 * 0.5
    np.testing.assert_allclose(month.reports, np.minimum(month.net_value, single), rtol=1e-12)


def test_endowed_permits_are_offered_and_further_units_asked_for():
    market = one_month({"permits.grandfathered": 0.9, "labs.units": 3})
    book = market.month.clearing.book
    asks = (book.asks.reshape(3, 8)).sum(axis=0)
    np.testing.assert_array_equal(asks, market.month.endowment)
    assert asks.sum() == 8
    offered = np.maximum(market.month.reports, 0.0)[0]
    np.testing.assert_array_equal(book.price.reshape(3, 8)[0][asks > 0], offered[asks > 0])


def test_a_bid_below_the_reserve_or_of_nothing_is_absent():
    market = one_month({"permits.grandfathered": 0.0, "permits.reserve_price": 0.6})
    reports, present = market.month.reports.ravel(), market.month.clearing.book.present
    np.testing.assert_array_equal(present, reports >= 0.6)
    assert 0 < present.sum() < present.size


def test_zero_intelligence_bids_lie_below_values_and_asks_above():
    settings = {"labs.bidding": "zero-intelligence", "labs.count": 40, "labs.units": 1, "permits.cap": 20}
    month = one_month({**settings, "labs.value_shock": 0, "labs.value_noise": 0}, range(200)).month
    u, reports, top = month.net_value[:, 0], month.reports[:, 0], month.net_value.max(axis=(-2, -1))[:, None]
    asks = month.endowment > 0
    share = np.where(asks, (reports - u) / (top - u + 1e-300), reports / u)
    assert ((share >= 0) & (share <= 1 + 1e-12)).all()
    for side in (asks, ~asks):
        assert share[side & (u > 0)].mean() == pytest.approx(0.5, abs=0.02)
