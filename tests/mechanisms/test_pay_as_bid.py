"""Pay-as-bid: its contract, its shading, and its revenue in equilibrium."""

import numpy as np
import pytest
from hypothesis import given
from scipy.special import beta, betainc

from mechanisms import CentralExchange, OrderBook
from tests.mechanisms import oracle
from tests.mechanisms.contract import NEAR, SEEDS, MechanismContract
from tests.mechanisms.markets import Array, Market, markets

PAY_AS_BID = CentralExchange("pay-as-bid")


class TestPayAsBid(MechanismContract):
    spec = "pay-as-bid"


@given(markets(), SEEDS)
def test_it_allocates_as_the_uniform_price_does(market: Market, seed: int) -> None:
    uniform = CentralExchange().clear(market.book(), seed)
    np.testing.assert_array_equal(PAY_AS_BID.clear(market.book(), seed).fills, uniform.fills)


@given(markets(one_each=True), SEEDS)
def test_reports_leave_nobody_a_gain_and_the_exchange_the_whole_spread(market: Market, seed: int) -> None:
    clearing = PAY_AS_BID.clear(market.book(), seed)
    limits = np.where(market.buying, market.price, -market.price) * clearing.fills
    np.testing.assert_array_equal(clearing.payments, np.where(clearing.fills > 0, limits, 0.0))
    spread = clearing.surplus - market.reserve * clearing.house_sold
    assert spread == pytest.approx(oracle.best_gains(market), abs=1e-7)
    assert spread >= -NEAR


def equilibrium_bid(value: Array, labs: int, permits: int) -> Array:
    """``B_v(n-Q+1, Q) / B_v(n-Q, Q)`` with incomplete beta functions: unit demand, values U[0,1]."""
    up, down = (labs - permits + 1, permits), (labs - permits, permits)
    bid: Array = betainc(*up, value) * beta(*up) / (betainc(*down, value) * beta(*down))
    return bid


def test_revenue_in_equilibrium() -> None:
    """The same on average as at the highest losing bid, Q(n-Q)/(n+1), with a third of the spread."""
    labs, permits, worlds = 20, 5, 20_000
    values = np.random.default_rng(6).random((worlds, labs))
    shaded = PAY_AS_BID.clear(OrderBook.of(equilibrium_bid(values, labs, permits), supply=permits)).surplus
    losing = CentralExchange("uniform-price:k=0").clear(OrderBook.of(values, supply=permits)).surplus
    for revenue, spread in ((shaded, 0.160), (losing, 0.481)):
        assert revenue.mean() == pytest.approx(3.57143, abs=4 * revenue.std() / np.sqrt(worlds))
        assert revenue.std() == pytest.approx(spread, abs=0.0005 + 4 * spread / np.sqrt(2 * worlds))
