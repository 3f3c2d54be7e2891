"""Measures of a clearing against loops over orders and the linear program."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanisms import CentralExchange, Clearing, InputError, OrderBook
from mechanisms.measures import (
    best_gains,
    buyers_surplus,
    efficiency,
    gains_from_trade,
    price_paid,
    price_received,
    revenue,
    sellers_surplus,
    volume,
)
from tests.mechanisms import oracle
from tests.mechanisms.contract import SEEDS
from tests.mechanisms.markets import Array, Market, batches, markets

MECHANISMS = st.sampled_from(["uniform-price", "uniform-price:k=0", "double-auction", "vickrey"])
VALUES = st.lists(st.integers(-2, 12).map(float), min_size=8, max_size=8).map(np.array)


def tally(market: Market, clearing: Clearing, value: Array) -> dict[str, float]:
    """All measures by a loop over orders."""
    sums = dict.fromkeys(("volume", "sold", "worth bought", "worth sold", "paid", "received"), 0.0)
    for i, buys in enumerate(market.buying):
        permits, money, worth = ("volume", "paid", "worth bought") if buys else ("sold", "received", "worth sold")
        sums[permits] += clearing.fills[i]
        sums[money] += clearing.payments[i] if buys else -clearing.payments[i]
        sums[worth] += clearing.fills[i] * value[i]
    sums["kept"] = market.reserve * (sums["volume"] - sums["sold"])
    return sums


@given(markets(), MECHANISMS, SEEDS, VALUES)
def test_measures_against_a_loop(market: Market, mechanism: str, seed: int, value: Array) -> None:
    clearing = CentralExchange(mechanism).clear(market.book(), seed)
    value = value[: len(market.price)]
    sums = tally(market, clearing, value)
    expected = {
        volume: sums["volume"],
        revenue: sums["paid"] - sums["received"],
        price_paid: sums["paid"] / sums["volume"] if sums["volume"] else np.nan,
        price_received: sums["received"] / sums["sold"] if sums["sold"] else np.nan,
    }
    for measure, amount in expected.items():
        assert measure(clearing) == pytest.approx(amount, nan_ok=True), measure.__name__
    assert gains_from_trade(clearing, value) == pytest.approx(sums["worth bought"] - sums["worth sold"] - sums["kept"])
    assert buyers_surplus(clearing, value) == pytest.approx(sums["worth bought"] - sums["paid"])
    assert sellers_surplus(clearing, value) == pytest.approx(sums["received"] - sums["worth sold"])


@given(markets(), MECHANISMS, SEEDS, VALUES)
def test_gains_are_shared_by_buyers_sellers_and_governor(
    market: Market, mechanism: str, seed: int, value: Array
) -> None:
    clearing, value = CentralExchange(mechanism).clear(market.book(), seed), value[: len(market.price)]
    shares = buyers_surplus(clearing, value) + sellers_surplus(clearing, value) + revenue(clearing)
    assert gains_from_trade(clearing, value) == pytest.approx(shares - market.reserve * clearing.house_sold)


@given(markets(one_each=True), SEEDS)
def test_best_gains_by_reports(market: Market, seed: int) -> None:
    book = market.book()
    best = oracle.best_gains(market)
    assert best_gains(book) == pytest.approx(best, abs=1e-7)
    share = efficiency(CentralExchange("vickrey").clear(book, seed))
    assert share == pytest.approx(1 if best > 1e-7 else np.nan, nan_ok=True)


@given(markets("unit", one_each=True), MECHANISMS, SEEDS, VALUES)
def test_efficiency_by_true_values(market: Market, mechanism: str, seed: int, value: Array) -> None:
    """Labs shade their bids and pad their asks; what they gave up counts against the mechanism."""
    value = np.maximum(value[: len(market.price)], 0)
    truth = market._replace(price=value)
    shaded = np.where(market.buying, np.minimum(market.price, value), np.maximum(market.price, value))
    shaded = np.where(market.quantity > 0, shaded, 0)
    truth = truth._replace(price=np.where(market.quantity > 0, value, 0))
    clearing = CentralExchange(mechanism).clear(market._replace(price=shaded).book(), seed)
    best = oracle.best_gains(truth)
    assert best_gains(clearing.book, truth.price) == pytest.approx(best, abs=1e-7)
    reached = oracle.gains(truth, clearing.fills)
    share = efficiency(clearing, truth.price)
    assert share == pytest.approx(reached / best if best > 1e-7 else np.nan, nan_ok=True)
    assert not share > 1 + 1e-9


@given(batches(), MECHANISMS)
def test_batch_equals_single(batch: tuple[Market, Array], mechanism: str) -> None:
    market, seeds = batch
    book, exchange = market.book(), CentralExchange(mechanism)
    together = exchange.clear(book, seeds)
    for place, where in enumerate(np.ndindex(book.lead)):
        alone = exchange.clear(book.one(place), seeds[where])
        for measure in (efficiency, gains_from_trade, buyers_surplus, sellers_surplus, price_paid, price_received):
            assert measure(together).shape == book.lead
            np.testing.assert_array_equal(measure(together)[where], measure(alone), err_msg=measure.__name__)


def test_single_price_is_the_average_to_the_bit() -> None:
    book = OrderBook.of([0.7, 0.9, 0.1 + 0.2, 0.0], buying=[True, True, True, False], supply=2)
    clearing = CentralExchange("uniform-price").clear(book)
    assert price_paid(clearing) == price_received(clearing) == clearing.price == 0.1 + 0.2


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1.0], None),
        ([1.0] * 3, "value: shape (3,) does not fit (2,)"),
        ([1.0, np.nan], "value: nan is not a finite number"),
    ],
)
def test_bad_values(value: list[float], message: str | None) -> None:
    clearing = CentralExchange().clear(OrderBook.of([9.0, 6.0], supply=1))
    if message is None:
        assert gains_from_trade(clearing, value) == 1.0
        return
    with pytest.raises(InputError) as error:
        gains_from_trade(clearing, value)
    assert str(error.value) == message
