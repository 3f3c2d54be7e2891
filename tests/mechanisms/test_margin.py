"""The traders at the margin, against sorted lists of single permits; and every path to the same answer."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given

from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.margin import Margin
from tests.mechanisms.contract import NEAR, SEEDS, same
from tests.mechanisms.markets import Market, ladders, markets
from tests.mechanisms.test_pot import in_general

RULES = ["pay-as-bid", "mcafee", "mcafee:missing=bounds,low=0,high=6", "huang", "muda", "muda:rationing=vickrey"]
RULES += ["posted-price:price=3", "lottery"]


class Lists(NamedTuple):
    """Bids and asks of single permits, the best first, and how many trades are efficient."""

    bids: list[float]
    asks: list[float]
    trades: int


def lists(market: Market) -> Lists:
    """Plain lists; the house sells before labs that ask as much, and a bid at the reserve wins."""
    bids = sorted(market.price[market.present & market.buying], reverse=True)
    labs = [(price, True) for price in market.price[market.present & ~market.buying]]
    asks = sorted(labs + [(market.reserve, False)] * int(market.supply))
    wins = [bid > ask or (bid == ask and not lab) for bid, (ask, lab) in zip(bids, asks, strict=False)]
    return Lists(bids, [ask for ask, _ in asks], sum(wins))


@given(markets("unit", one_each=True, distinct=True), SEEDS)
def test_margin(market: Market, seed: int) -> None:
    bids, asks, k = lists(market)
    margin = Margin(market.book(), Draws(seed))
    assert margin.last_bid == (bids[k - 1] if k else np.inf)
    assert margin.last_ask == (asks[k - 1] if k else -np.inf)
    assert margin.next_bid == (bids[k] if len(bids) > k else -np.inf)
    assert margin.next_ask == (asks[k] if len(asks) > k else np.inf)


@given(markets(), SEEDS)
def test_those_who_trade_come_before_those_who_do_not(market: Market, seed: int) -> None:
    margin = Margin(market.book(), Draws(seed))
    if margin.bought.any():
        assert margin.next_bid <= margin.last_bid
        assert margin.last_ask <= margin.next_ask
        assert margin.last_ask <= margin.last_bid
        assert max(margin.next_bid, margin.last_ask) <= min(margin.last_bid, margin.next_ask)
    bids, asks = margin.last_orders
    assert bids.sum() == margin.bought.any()
    assert asks.sum() + (margin.last_house_unit > 0) == margin.bought.any()


@given(markets(), SEEDS)
def test_the_last_trade_is_one_permit_or_less(market: Market, seed: int) -> None:
    margin = Margin(market.book(), Draws(seed))
    lost = margin.pot.fills * 1.0 - margin.without_last_trade()
    bought, sold = lost[market.buying].sum(), lost[~market.buying].sum()
    house = bought - sold
    assert (lost >= 0).all()
    assert bought <= 1
    assert -NEAR <= house <= margin.house_sold + NEAR
    assert (bought > 0) == margin.pot.fills.any()


@pytest.mark.parametrize("rule", RULES)
@given(market=markets("unit"), seed=SEEDS)
def test_general_path_equals_unit_path(rule: str, market: Market, seed: int) -> None:
    book, exchange = market.book(), CentralExchange(rule)
    same(exchange.clear(book, seed), exchange.clear(in_general(book), seed))


@pytest.mark.parametrize("rule", RULES)
@given(book=ladders(), seed=SEEDS)
def test_ladders_equal_plain_books(rule: str, book: OrderBook, seed: int) -> None:
    exchange = CentralExchange(rule)
    fast, general = exchange.clear(book, seed), exchange.clear(in_general(book), seed)
    same(fast, general)
    np.testing.assert_array_equal(fast.lab_payments, general.lab_payments)


@pytest.mark.parametrize("rule", RULES)
def test_crowded_ladders_equal_plain_books(rule: str) -> None:
    """Eight labs with up to five units and many equal values, in 100 worlds at once."""
    rng, worlds = np.random.default_rng(5), 100
    values = -np.sort(-rng.integers(-1, 9, (worlds, 5, 8)).astype(float), axis=-2)
    house = rng.integers(0, 12, worlds), rng.integers(0, 4, worlds)
    book = OrderBook.ladders(values, rng.integers(0, 4, (worlds, 8)), *house)
    exchange = CentralExchange(rule)
    fast, general = exchange.clear(book, range(worlds)), exchange.clear(in_general(book), range(worlds))
    same(fast, general)
    assert (fast.bought.max(axis=-1) > 1).any()


@pytest.mark.parametrize("rule", RULES)
def test_decimal_quantities_are_filled_whole_or_not_at_all(rule: str) -> None:
    """Ten times 0.1 is not 1 to a computer; orders at one price make no odd remainders."""
    book = OrderBook.of(np.tile([9.0] * 10 + [2.0] * 10, (50, 1)), 0.1, [True] * 10 + [False] * 10, supply=0.3)
    fills = CentralExchange(rule).clear(book, range(50)).fills
    assert np.isin(fills, [0.0, 0.1]).all()
    assert fills.any()


@pytest.mark.parametrize("rule", RULES)
def test_one_seed_serves_every_market(rule: str) -> None:
    price = np.random.default_rng(4).random((3, 9)) * 6
    book = OrderBook.of(price, buying=np.arange(9) % 3 > 0, user=np.arange(9) % 5, supply=2)
    exchange = CentralExchange(rule)
    same(exchange.clear(book, 8), exchange.clear(book, Draws(8)))
