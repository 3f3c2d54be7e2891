"""Cuts and turns against the slow way: one trader, one round, one permit at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanisms import OrderBook
from mechanisms.pot import by_lab
from mechanisms.rationing import equal_level, give_up, in_rounds, per_order, served_whole
from tests.mechanisms.contract import NEAR
from tests.mechanisms.markets import EIGHTHS, Array, Market, markets

AMOUNTS = st.lists(EIGHTHS, min_size=1, max_size=6).map(np.array)
SEED = st.integers(0, 99)


def turns(n: int, seed: int) -> Array:
    """A random order of turns as distinct priorities."""
    order: Array = np.random.default_rng(seed).permutation(n)
    return order


@given(AMOUNTS, EIGHTHS)
def test_equal_level(amounts: Array, volume: float) -> None:
    level = equal_level(amounts, np.array(volume))
    assert np.minimum(amounts, level).sum() == pytest.approx(min(volume, amounts.sum()))
    assert 0 <= level <= amounts.max()


@given(AMOUNTS, EIGHTHS)
def test_give_up_as_huang_tells_it(amounts: Array, gap: float) -> None:
    """Whoever has less than the equal share drops out, and the share is computed anew."""
    gap = min(gap, amounts.sum())
    left, traders = gap, sorted(range(len(amounts)), key=lambda i: amounts[i])
    while traders and amounts[traders[0]] < left / len(traders):
        left -= amounts[traders.pop(0)]
    expected = np.zeros(len(amounts))
    expected[traders] = amounts[traders] - left / max(len(traders), 1)
    np.testing.assert_allclose(give_up(amounts, np.array(gap)), expected, atol=NEAR)


def test_a_negative_gap_takes_nothing() -> None:
    assert give_up(np.array([1.0, 2.0]), np.array(-3.0)).tolist() == [1.0, 2.0]


@given(AMOUNTS, EIGHTHS, SEED)
def test_served_whole(wanted: Array, volume: float, seed: int) -> None:
    turn, left, expected = turns(len(wanted), seed), volume, np.zeros(len(wanted))
    for trader in np.argsort(turn):
        expected[trader] = min(wanted[trader], left)
        left -= expected[trader]
    np.testing.assert_array_equal(served_whole(wanted, np.array(volume), turn), expected)


@given(AMOUNTS, EIGHTHS, SEED)
def test_in_rounds(wanted: Array, volume: float, seed: int) -> None:
    turn, left, expected = turns(len(wanted), seed), volume, np.zeros(len(wanted))
    while left > 0 and (expected < wanted).any():
        for trader in np.argsort(turn):
            one = min(wanted[trader] - expected[trader], 1.0, left)
            expected[trader] += one
            left -= one
    np.testing.assert_allclose(in_rounds(wanted, np.array(volume), turn), expected, atol=NEAR)


@given(markets(), st.booleans(), st.floats(0, 1))
def test_a_labs_share_goes_to_its_eager_orders_first(market: Market, dearest_first: bool, share: float) -> None:
    book = market.book()
    amounts = book.amounts
    shares = by_lab(book, amounts) * share
    filled = per_order(book, amounts, shares, dearest_first=dearest_first)
    np.testing.assert_allclose(by_lab(book, filled), shares, atol=NEAR)
    assert (filled >= 0).all()
    assert (filled <= amounts).all()
    for one in np.flatnonzero(filled > NEAR):
        same_lab = (book.user == book.user[one]) & (amounts > 0)
        better = book.price > book.price[one] if dearest_first else book.price < book.price[one]
        np.testing.assert_allclose(filled[same_lab & better], amounts[same_lab & better], atol=NEAR)


def test_shares_on_a_ladder() -> None:
    book = OrderBook.ladders(np.array([[5.0, 4.0], [3.0, 2.0], [1.0, 1.0]]), np.zeros(2, dtype=int), 3, 0.0)
    shares, wishes = np.array([1.5, 2.0]), book.amounts
    assert per_order(book, wishes, shares, dearest_first=True).tolist() == [1, 1, 0.5, 1, 0, 0]
    assert per_order(book, wishes, shares, dearest_first=False).tolist() == [0, 0, 0.5, 1, 1, 1]
