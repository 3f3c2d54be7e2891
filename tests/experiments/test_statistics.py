"""Means and intervals against SciPy's own t-interval."""

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import CONFIDENCE, interval


def test_interval_is_scipys_t_interval():
    values = np.random.default_rng(1).normal(3.0, 2.0, size=(4, 25))
    found = interval(values)
    low, high = stats.t.interval(CONFIDENCE, 24, loc=values.mean(axis=1), scale=stats.sem(values, axis=1))
    np.testing.assert_allclose(found.mean, values.mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(found.low, low, rtol=1e-12)
    np.testing.assert_allclose(found.high, high, rtol=1e-12)
    assert (found.n == 25).all()


def test_undefined_worlds_do_not_count():
    values = np.array([[1.0, np.nan, 4.0, 2.0, np.nan]])
    defined = values[~np.isnan(values)]
    found = interval(values)
    low, high = stats.t.interval(CONFIDENCE, 2, loc=defined.mean(), scale=stats.sem(defined))
    assert found.n.tolist() == [3]
    np.testing.assert_allclose([found.mean[0], found.low[0], found.high[0]], [defined.mean(), low, high], rtol=1e-12)


@pytest.mark.parametrize(("values", "mean", "n"), [([np.nan, np.nan], np.nan, 0), ([2.5, np.nan], 2.5, 1)])
def test_no_interval_below_two_worlds(values, mean, n):
    found = interval(np.array(values))
    np.testing.assert_equal([float(found.mean), float(found.low), float(found.high)], [mean, np.nan, np.nan])
    assert found.n == n


def test_equal_values_have_an_interval_of_no_width():
    found = interval(np.full(7, 0.1))
    assert [float(x) for x in found[:3]] == pytest.approx([0.1] * 3, abs=1e-15)


def test_the_order_in_memory_does_not_matter():
    values = np.random.default_rng(2).random((6, 50))
    for one, other in zip(interval(values), interval(np.asfortranarray(values)), strict=True):
        np.testing.assert_array_equal(one, other)
