"""What labs would do under audits that they expect equals what they do under them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents import PermitMarket
from agents.prospects import Prospects
from tests.agents.strategies import SHARE, scenarios
from tests.agents.worlds import small


@given(scenarios(), st.integers(0, 2**32), SHARE)
def test_violators_are_the_labs_that_would_choose_to_run_without_a_permit(scenario, seed, found):
    market = PermitMarket(scenario, [seed, seed + 1])
    market.step()
    expected = (market.units_under(found) > 0).sum(axis=-1)
    np.testing.assert_array_equal(Prospects(market).violators(found)[:, 0], expected)
    each = np.array([[found], [found / 2]])
    expected = (market.units_under(each) > 0).sum(axis=-1)
    np.testing.assert_array_equal(Prospects(market).violators(each)[:, 0], expected)


def test_the_gain_is_that_of_the_best_number_of_units():
    for limit in (None, 0.7):
        market = PermitMarket(small({"labs.units": 4, "enforcement.liability_limit": limit}), range(10))
        market.step()
        u, held, owed = market.month.net_value, market.month.held, np.inf if limit is None else limit
        best = np.zeros(held.shape)
        for further in range(1, 5):
            runs = (np.arange(4)[:, None] >= held[:, None, :]) & (np.arange(4)[:, None] < (held + further)[:, None, :])
            gain = (u * runs).sum(axis=1) - 0.3 * np.minimum(further * 0.5, owed)
            best = np.maximum(best, np.where(held + further <= 4, gain, 0.0))
        np.testing.assert_allclose(Prospects(market).gain(0.3), best, atol=1e-9)
