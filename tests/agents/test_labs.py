"""Who the labs are: values, shocks, risk, endowments."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labs import endowments, gross_values, monthly_factor, per_lab
from mechanisms import Draws
from tests.agents.worlds import one_month

MANY = Draws(range(500))
LABS = 40
DRAWN = 500 * LABS


def values(**distribution):
    """Draws of one distribution, (worlds, labs)."""
    return per_lab(SimpleNamespace(**distribution), MANY, "values", LABS)


def test_uniform_values_fill_their_interval_evenly():
    drawn = values(distribution="uniform", low=0.5, high=2.0)
    assert 0.5 <= drawn.min() < 0.51
    assert 1.99 < drawn.max() < 2.0
    shares = np.histogram(drawn, bins=15, range=(0.5, 2.0))[0] / DRAWN
    assert (np.abs(shares - 1 / 15) < 4.5 * np.sqrt(14 / 225 / DRAWN)).all()


def test_lognormal_values_have_their_median_and_spread():
    logs = np.log(values(distribution="lognormal", median=0.6, sigma=0.5))
    assert logs.mean() == pytest.approx(np.log(0.6), abs=4 * 0.5 / np.sqrt(DRAWN))
    assert logs.std() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(2 * DRAWN))
    assert (np.exp(logs) > 0.6).mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(DRAWN))


def test_constant_and_listed_values_are_as_given():
    assert np.broadcast_to(values(distribution="constant", value=0.7), (500, LABS)).tolist() == [[0.7] * LABS] * 500
    numbers = tuple(float(lab) for lab in range(LABS))
    assert values(distribution="listed", values=numbers).tolist() == [list(numbers)] * 500


def test_equal_bounds_and_no_spread_are_constants():
    assert (values(distribution="uniform", low=0.5, high=0.5) == 0.5).all()
    assert (values(distribution="lognormal", median=0.5, sigma=0.0) == 0.5).all()


@pytest.mark.parametrize("decline", [0.0, 0.3, 1.0])
def test_each_further_unit_is_worth_less_by_the_decline(decline):
    labs = SimpleNamespace(units=4, count=3, value_decline=decline, value=SimpleNamespace(distribution="constant"))
    labs.value.value = 2.0
    drawn = gross_values(labs, Draws(0))
    np.testing.assert_allclose(drawn, 2.0 * (1 - decline) ** np.arange(4)[:, None] * np.ones(3), rtol=1e-15)


def test_a_matrix_gives_each_labs_units_and_knows_no_decline():
    rows = ((3.0, 2.0), (9.0, 0.0), (1.0, 1.0))
    month = one_month(
        {
            "labs.count": 3,
            "labs.value": {"values": rows},
            "labs.value_decline": 0.9,
            "labs.value_noise": 0,
            "labs.value_shock": 0,
        }
    ).month
    np.testing.assert_allclose(month.net_value.T, np.array(rows) - 0.1)


@pytest.mark.parametrize(("shock", "noise"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.3), (0.3, 0.4)])
def test_shocks_have_mean_one_and_their_own_spread(shock, noise):
    labs = SimpleNamespace(value_shock=shock, value_noise=noise, count=LABS)
    months = (monthly_factor(labs, MANY.at(m)) for m in range(40))
    factor = np.stack([np.broadcast_to(month, (500, LABS)) for month in months]).astype(np.float64)
    logs = np.log(factor)
    common = logs.mean(axis=-1)
    assert factor.mean() == pytest.approx(1.0, abs=4 * (shock + noise / np.sqrt(LABS)) / np.sqrt(20_000) + 1e-12)
    assert (logs - common[..., None]).std() == pytest.approx(noise * np.sqrt(1 - 1 / LABS), rel=0.01, abs=1e-12)
    assert common.std() == pytest.approx(np.sqrt(shock**2 + noise**2 / LABS), rel=0.02, abs=1e-12)


def test_shocks_multiply_the_value_and_not_the_cost():
    change = {"labs.value_shock": 0.4, "labs.value_noise": 0.3, "labs.value": {"distribution": "constant"}}
    free, costly = (one_month({**change, "labs.running_cost": cost}, 3).month.net_value for cost in (0.0, 0.25))
    np.testing.assert_allclose(free - costly, 0.25)
    np.testing.assert_allclose(free[1] / free[0], 0.8)
    assert len(np.unique(free[0])) == 8


@given(st.integers(0, 200), st.floats(0, 1), st.integers(1, 12), st.integers(0, 2**64 - 1))
def test_endowments_are_whole_equal_within_one_and_add_up(cap, share, labs, seed):
    handed = endowments(SimpleNamespace(cap=cap, grandfathered=share), Draws(seed), labs)
    assert handed.dtype.kind == "i"
    assert handed.shape == (labs,)
    assert handed.sum() == int(np.floor(share * cap + 1e-9))
    assert handed.max() - handed.min() <= 1


@pytest.mark.parametrize(("share", "cap", "total"), [(0.29, 100, 29), (0.57, 100, 57), (1.0, 7, 7), (0.999, 10, 9)])
def test_the_share_is_rounded_down_but_not_by_the_machine(share, cap, total):
    assert endowments(SimpleNamespace(cap=cap, grandfathered=share), Draws(0), 3).sum() == total


def test_the_remainder_goes_by_a_fair_lottery_each_month_anew():
    settings = SimpleNamespace(cap=11, grandfathered=1.0)
    draws = Draws(range(4000))
    extra = endowments(settings, draws, 8) - 1
    assert (extra.sum(axis=1) == 3).all()
    assert (np.abs(extra.mean(axis=0) - 3 / 8) < 4.5 * np.sqrt(15 / 64 / 4000)).all()
    assert (endowments(settings, draws.at(1), 8) != extra + 1).any()
