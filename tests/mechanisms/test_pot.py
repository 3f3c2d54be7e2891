"""Who holds the permits, and the valuations at the margin, against an independent ranking."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.pot import Pot
from tests.mechanisms import oracle
from tests.mechanisms.contract import SEEDS, same
from tests.mechanisms.markets import Array, Market, ladders, markets

EFFICIENT = ["uniform-price", "uniform-price:k=0", "double-auction", "vickrey"]
EIGHTH = 1 / 8


def valuations(market: Market, grain: float) -> tuple[list[float], int]:
    """All valuations by the grain, highest first, and how many of them win."""
    amounts = np.append(np.where(market.present, market.quantity, 0), market.supply)
    values = np.repeat(np.append(market.price, market.reserve), np.rint(amounts / grain).astype(int))
    offered = market.quantity[market.present & ~market.buying].sum() + market.supply
    return sorted(values, reverse=True), round(offered / grain)


def in_general(book: OrderBook) -> OrderBook:
    """The same book, sent the way of books with quantities."""
    general = replace(book, quantity=book.present.astype(float), ladder=0)
    assert not general.unit
    return general


@given(markets("unit", orders=6))
def test_the_two_oracles_agree(market: Market) -> None:
    assert oracle.best_gains(market) == pytest.approx(oracle.best_gains_of_whole_permits(market))


@given(markets("unit"), SEEDS)
def test_whole_permits_go_to_the_highest_reports(market: Market, seed: int) -> None:
    fills = CentralExchange().clear(market.book(), seed).fills
    assert oracle.gains(market, fills) == oracle.best_gains_of_whole_permits(market)


@given(markets(), SEEDS)
def test_margin(market: Market, seed: int) -> None:
    pot = Pot.of(market.book(), Draws(seed))
    ranked, offered = valuations(market, EIGHTH)
    winning, losing = ranked[:offered], ranked[offered:]
    assert pot.lowest_winning == min(winning, default=np.inf)
    assert pot.highest_losing == max(losing, default=-np.inf)


@given(markets(), SEEDS, st.floats(0, 1))
def test_single_price_lies_between_the_margins(market: Market, seed: int, k: float) -> None:
    clearing = CentralExchange("uniform-price", k=k).clear(market.book(), seed)
    ranked, offered = valuations(market, EIGHTH)
    if clearing.volume > 0:
        low, high = ranked[offered], ranked[offered - 1]
        assert low <= clearing.price <= high
        assert clearing.price == pytest.approx(k * high + (1 - k) * low)


@given(markets(), SEEDS)
def test_a_house_that_keeps_some_and_sells_some_sets_the_price(market: Market, seed: int) -> None:
    for mechanism in ("uniform-price", "uniform-price:k=0", "double-auction"):
        clearing = CentralExchange(mechanism).clear(market.book(), seed)
        if 0 < clearing.house_sold < market.supply:
            assert clearing.price == market.reserve
        elif clearing.house_sold > 0:
            assert clearing.price >= market.reserve


@given(markets(), SEEDS)
def test_efficient_mechanisms_allocate_alike(market: Market, seed: int) -> None:
    first, *others = (CentralExchange(name).clear(market.book(), seed).fills for name in EFFICIENT)
    for other in others:
        np.testing.assert_array_equal(first, other)


@pytest.mark.parametrize("mechanism", EFFICIENT)
@given(market=markets("unit"), seed=SEEDS)
def test_general_path_equals_unit_path(mechanism: str, market: Market, seed: int) -> None:
    book, exchange = market.book(), CentralExchange(mechanism)
    assert book.unit
    same(exchange.clear(book, seed), exchange.clear(in_general(book), seed))


@pytest.mark.parametrize("mechanism", EFFICIENT)
@given(book=ladders(), seed=SEEDS)
def test_ladders_equal_plain_books(mechanism: str, book: OrderBook, seed: int) -> None:
    exchange = CentralExchange(mechanism)
    fast, general = exchange.clear(book, seed), exchange.clear(in_general(book), seed)
    same(fast, general)
    np.testing.assert_array_equal(fast.lab_payments, general.lab_payments)


@pytest.mark.parametrize("mechanism", EFFICIENT)
def test_crowded_ladders_equal_plain_books(mechanism: str) -> None:
    """Eight labs with up to five units and many equal values, in 150 worlds at once."""
    rng, worlds = np.random.default_rng(5), 150
    values = -np.sort(-rng.integers(-1, 9, (worlds, 5, 8)).astype(float), axis=-2)
    house = rng.integers(0, 12, worlds), rng.integers(0, 4, worlds)
    book = OrderBook.ladders(values, rng.integers(0, 4, (worlds, 8)), *house)
    exchange = CentralExchange(mechanism)
    fast, general = exchange.clear(book, range(worlds)), exchange.clear(in_general(book), range(worlds))
    same(fast, general)
    assert (fast.sold.max(axis=-1) > 1).any()
    assert (fast.bought.max(axis=-1) > 3).any()


@given(ladders(), SEEDS)
def test_ladders_never_trade_with_themselves(book: OrderBook, seed: int) -> None:
    clearing = CentralExchange().clear(book, seed)
    assert (np.minimum(clearing.bought, clearing.sold) == 0).all()
    holding = Pot.of(book, Draws(seed)).holding.reshape(*book.lead, book.ladder, book.labs).astype(int)
    assert (np.diff(holding, axis=-2) <= 0).all(), "a lab holds its first units"


def tie(price: list[float], user: list[int], supply: float, reserve: float = 0.0, worlds: int = 400) -> Array:
    """Fills of one book in many worlds."""
    book = OrderBook.of(np.tile(price, (worlds, 1)), user=user, supply=supply, reserve=reserve)
    fills: Array = CentralExchange().clear(book, range(worlds)).fills
    return fills


def test_the_lot_falls_on_labs_not_on_orders() -> None:
    fills = tie([5.0] * 4, [0, 1, 0, 1], supply=2)
    assert {tuple(row) for row in fills} == {(1, 0, 1, 0), (0, 1, 0, 1)}


def test_more_tied_orders_do_not_raise_a_labs_chance() -> None:
    wins = tie([5.0] * 5, [0, 0, 0, 0, 1], supply=1, worlds=4000)[:, -1].sum()
    assert abs(wins - 2000) < 5 * np.sqrt(1000)


def test_a_labs_tied_units_go_in_unit_order() -> None:
    fills = tie([5.0] * 4, [0, 1, 0, 1], supply=1)
    assert {tuple(row) for row in fills} == {(1, 0, 0, 0), (0, 1, 0, 0)}


def test_bids_at_the_reserve_come_before_the_house() -> None:
    assert (tie([5.0, 5.0], [0, 1], supply=2, reserve=5.0) == 1).all()


def test_the_lot_is_the_same_under_every_mechanism_and_with_quantities() -> None:
    book = OrderBook.of(np.full((50, 4), 5.0), supply=2)
    halves = OrderBook.of(np.full((50, 4), 5.0), 0.5, supply=1)
    fills = CentralExchange().clear(book, range(50)).fills
    np.testing.assert_array_equal(fills, CentralExchange("vickrey").clear(book, range(50)).fills)
    np.testing.assert_array_equal(fills, 2 * CentralExchange().clear(halves, range(50)).fills)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e12])
@pytest.mark.parametrize("mechanism", EFFICIENT)
def test_quantities_of_any_size(mechanism: str, scale: float) -> None:
    book = OrderBook.of([9.0, 7.0, 4.0], np.array([2.5, 1.25, 2.0]) * scale, supply=3 * scale)
    fills = CentralExchange(mechanism).clear(book).fills
    np.testing.assert_allclose(fills / scale, [2.5, 0.5, 0.0], rtol=1e-12)


def test_a_tiny_losing_order_stays_empty() -> None:
    fills = CentralExchange().clear(OrderBook.of([9.0, 5.0], [1.0, 1e-12], supply=1)).fills
    assert fills.tolist() == [1.0, 0.0]


@example(3)
@given(st.integers(0, 2**32 - 1))
def test_rounding_makes_no_trade(seed: int) -> None:
    """Random decimal quantities: a lab is buyer or seller, never both by a rest of rounding, and permits add up."""
    rng = np.random.default_rng(seed)
    n = 12
    quantity, price = rng.integers(1, 10, n) / 10, rng.integers(1, 9, n).astype(float)
    market = Market(price, quantity, rng.random(n) < 0.5, rng.integers(0, 3, n), 0.3, 2.0)
    clearing = CentralExchange("vickrey").clear(market.book(), seed)
    assert (np.minimum(clearing.bought, clearing.sold) == 0).all()
    house = clearing.fills[market.buying].sum() - clearing.fills[~market.buying].sum()
    assert -1e-9 <= house <= market.supply + 1e-9
    for lab, payment in oracle.vcg_payments(market, clearing.fills).items():
        assert clearing.payments[market.user == lab].sum() == pytest.approx(payment, abs=1e-6)


@pytest.mark.parametrize("permits", range(11))
def test_decimal_quantities_are_filled_whole(permits: int) -> None:
    """Ten times 0.1 is not 1 to a computer, but an order is filled or it is not."""
    clearing = CentralExchange("vickrey").clear(OrderBook.of(np.arange(10, 0, -1), 0.1, supply=permits / 10))
    assert clearing.fills.tolist() == [0.1] * permits + [0.0] * (10 - permits)
