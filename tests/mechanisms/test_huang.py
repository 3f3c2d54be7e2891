"""Huang's auction: its contract, PyMarket's fill by fill, trade reduction in closed form, and its witnesses."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanisms import CentralExchange, OrderBook
from mechanisms.measures import best_gains, gains_from_trade
from mechanisms.pymarket_run import load_pymarket
from tests.mechanisms.contract import SEEDS, MechanismContract
from tests.mechanisms.markets import Market, markets
from tests.mechanisms.test_margin import lists
from tests.mechanisms.test_mcafee import iid

HUANG = CentralExchange("huang")
PYMARKET = CentralExchange("pymarket:huang")


class TestHuang(MechanismContract):
    spec = "huang"


@st.composite
def distinct_books(draw: st.DrawFn) -> OrderBook:
    """Up to 60 orders of different labs, of eighths of permits, at distinct prices; no house."""
    n = draw(st.integers(1, 60))
    prices = draw(st.lists(st.integers(1, 2_000), min_size=n, max_size=n, unique=True))
    amounts = draw(st.lists(st.integers(1, 40), min_size=n, max_size=n))
    buying = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return OrderBook.of(np.array(prices) / 1_000, np.array(amounts) / 8, buying)


def assert_pymarkets(book: OrderBook) -> None:
    ours, theirs = HUANG.clear(book), PYMARKET.clear(book)
    np.testing.assert_allclose(ours.fills, theirs.fills, rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.payments, theirs.payments, rtol=0, atol=1e-9)


@given(distinct_books())
def test_pymarkets_huang_fill_by_fill(book: OrderBook) -> None:
    """On 25 books in the gate, on 2,000 with the profile `deep`."""
    assert_pymarkets(book)


def test_pymarkets_huang_also_where_one_side_is_used_up() -> None:
    for asks in ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0]):
        for size in (0.5, 1.0, 2.5):
            prices = [9.0, 8.0, 7.0, *asks]
            amounts = [1.0, 1.0, 1.0, *[size] * len(asks)]
            assert_pymarkets(OrderBook.of(prices, amounts, [True] * 3 + [False] * len(asks)))


def test_ours_runs_in_pymarkets_market_beside_its_own() -> None:
    market = load_pymarket().Market()
    for user, price in enumerate([6.0, 5.0, 3.0, 1.0, 2.0, 3.0]):
        market.accept_bid(1, price, user, user < 3)
    transactions, extra = market.run("lab:huang", seed=0)
    assert transactions.get_df()["bid"].tolist() == [0, 1, 3, 4]
    assert (extra["price_buy"], extra["price_sell"]) == (3.0, 3.0)


@given(markets("unit", one_each=True, distinct=True), SEEDS)
def test_with_single_permits_it_always_reduces(market: Market, seed: int) -> None:
    clearing = HUANG.clear(market.book(), seed)
    bids, asks, k = lists(market)
    assert clearing.volume == max(k - 1, 0)
    if k > 1:
        assert (clearing.prices[market.buying & (clearing.fills > 0)] == bids[k - 1]).all()
        assert (clearing.prices[~market.buying & (clearing.fills > 0)] == asks[k - 1]).all()


@given(markets(), SEEDS)
def test_the_shorter_side_trades_in_full(market: Market, seed: int) -> None:
    """Bids above the last in full, or asks below it; the marginal orders not at all."""
    clearing = HUANG.clear(market.book(), seed)
    efficient = CentralExchange().clear(market.book(), seed).fills
    assert (clearing.fills <= efficient + 1e-9).all()
    assert clearing.volume < efficient[market.buying].sum() or not efficient.any()


def test_of_the_house_only_the_last_permit_is_left_out() -> None:
    clearing = HUANG.clear(OrderBook.of([9.0, 8.0, 7.0, 6.0], supply=10, reserve=2.0))
    assert clearing.payments.tolist() == [6.0, 6.0, 6.0, 0.0]
    marginal_lab = HUANG.clear(OrderBook.of([9.0, 8.0, 7.0, 5.0], buying=[True] * 3 + [False], supply=2, reserve=2.0))
    assert marginal_lab.payments.tolist() == [7.0, 7.0, 0.0, 0.0]
    assert marginal_lab.house_sold == 2


# Trade reduction without exception, n buyers and n sellers with values U[0,1], in closed form.
SIZES = [2, 3, 5, 10]
WORLDS = 20_000


@pytest.mark.parametrize("n", SIZES)
def test_trade_reduction_in_closed_form(n: int) -> None:
    book = iid(n)
    clearing, full = HUANG.clear(book), CentralExchange().clear(book)
    k = np.arange(n + 1)
    chance = np.array([comb(n, i) ** 2 / comb(2 * n, n) for i in k])
    gap = (2 * (n + 1) / (k + 1) - 1) / (2 * n + 1)
    lost = best_gains(book) - gains_from_trade(clearing)
    for i in k:
        assert (full.volume == i).mean() == pytest.approx(chance[i], abs=4 * np.sqrt(chance[i] / WORLDS)), i
    exact = {
        "efficient trades": (full.volume, n / 2),
        "best gains": (best_gains(book), n**2 / (2 * (2 * n + 1))),
        "trades": (clearing.volume, n / 2 - 1 + 1 / comb(2 * n, n)),
        "lost gains": (lost, (chance * gap)[1:].sum()),
        "surplus of the exchange": (clearing.surplus, (chance * (k - 1) * gap)[1:].sum()),
    }
    for name, (sample, expected) in exact.items():
        assert sample.mean() == pytest.approx(expected, abs=4 * sample.std() / np.sqrt(WORLDS) + 1e-9), name
    for i in k[1:]:
        sample = lost[full.volume == i]
        if len(sample) > 100:
            assert sample.mean() == pytest.approx(gap[i], abs=4 * sample.std() / np.sqrt(len(sample)))
