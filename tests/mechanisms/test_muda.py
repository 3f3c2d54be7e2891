"""MUDA: its contract, an independent account of its rule, and how it fares in small and large markets."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given

from mechanisms import CentralExchange, Draws, OrderBook
from mechanisms.measures import efficiency
from tests.mechanisms import oracle
from tests.mechanisms.contract import NEAR, SEEDS, MechanismContract
from tests.mechanisms.markets import Array, Market, markets

LOTTERY, VICKREY = (CentralExchange("muda", rationing=rationing) for rationing in ("lottery", "vickrey"))


class TestMudaLottery(MechanismContract, budget="strong"):
    spec = "muda"


class TestMudaVickrey(MechanismContract):
    spec = "muda:rationing=vickrey"


def with_house_units(market: Market) -> Market:
    """Each permit of the house, or part of one, as the order of a further lab."""
    labs, units = market.user.max() + 1, int(np.ceil(market.supply))
    return Market(
        np.append(np.where(market.present, market.price, 0.0), np.full(units, market.reserve)),
        np.append(np.where(market.present, market.quantity, 0.0), np.minimum(1, market.supply - np.arange(units))),
        np.append(market.buying, np.zeros(units, dtype=bool)),
        np.append(market.user, labs + np.arange(units)),
        0.0,
        0.0,
    )


def price_of(market: Market) -> float:
    """Midpoint of V[S+1] and V[S], by counting eighths of permits; NaN without a bid or an ask."""
    eighths = np.rint(market.quantity * 8).astype(int)
    offered, wanted = eighths[~market.buying].sum(), eighths[market.buying].sum()
    if not offered or not wanted:
        return np.nan
    ranked = np.sort(np.repeat(market.price, eighths))[::-1]
    return float(ranked[offered - 1] + ranked[offered]) / 2


def trading(market: Market, inside: Array, price: float) -> Market:
    """What a half would trade at a price."""
    better = np.where(market.buying, market.price > price, market.price < price)
    return market._replace(quantity=np.where(inside & better, market.quantity, 0.0))


def halves(market: Market, seed: int) -> Iterator[tuple[Market, float]]:
    """The two halves as they trade, and their prices."""
    whole = with_house_units(market)
    labs = int(whole.user.max()) + 1
    left = (Draws(seed).uniform("halves", labs) < 0.5)[whole.user]
    prices = [price_of(whole._replace(quantity=whole.quantity * side)) for side in (left, ~left)]
    for side, price in ((left, prices[1]), (~left, prices[0])):
        if not np.isnan(price):
            yield trading(whole, side, price), price


def labs_on_one_side(market: Market) -> Market:
    """Every lab only buys or only sells; labs are numbered without gaps."""
    return market._replace(user=np.unique(market.user, return_inverse=True)[1], buying=market.user % 2 == 0)


@given(markets(labs=5), SEEDS)
def test_turns(market: Market, seed: int) -> None:
    """Each half trades what its shorter side wants, labs whole in the order of their turns, at the other's price."""
    market = labs_on_one_side(market)
    expected = np.zeros(len(market.user) + int(np.ceil(market.supply)))
    money = np.zeros_like(expected)
    for half, price in halves(market, seed):
        turn = np.argsort(Draws(seed).priority("mechanism", int(half.user.max()) + 1))
        volume = min(half.quantity[half.buying].sum(), half.quantity[~half.buying].sum())
        for buys in (True, False):
            left = volume
            for lab in turn:
                mine = np.flatnonzero((half.user == lab) & (half.buying == buys))
                eager = sorted(mine, key=lambda i: (-half.price[i], i) if buys else (half.price[i], -i))
                for order in eager:
                    fill = min(left, half.quantity[order])
                    expected[order] += fill
                    money[order] += fill * price * (1 if buys else -1)
                    left -= fill
    clearing = LOTTERY.clear(market.book(), seed)
    np.testing.assert_allclose(clearing.fills, expected[: len(market.user)], atol=NEAR)
    np.testing.assert_allclose(clearing.payments, money[: len(market.user)], atol=NEAR)


def competing(half: Market, price: float, buyers: bool) -> Market:
    """The longer side facing what the shorter trades, as one order at the price: a market for VCG."""
    volume = half.quantity[half.buying != buyers].sum()
    longer = half._replace(quantity=np.where(half.buying == buyers, half.quantity, 0.0))
    added = Market(np.array([price]), np.array([volume]), np.array([not buyers]), np.array([-1]), 0.0, 0.0)
    return Market(*(np.append(x, y) for x, y in zip(longer[:4], added[:4], strict=True)), 0.0, 0.0)


def vcg_payment(half: Market, price: float, lab: int, traded: float) -> float:
    """What a lab pays for its trade: the price on the shorter side, on the longer what it costs the others."""
    bought, sold = (half.quantity[half.buying == side].sum() for side in (True, False))
    buys = bool(half.buying[half.user == lab][0])
    net = traded if buys else -traded
    if buys != (bought > sold):
        return net * price
    auction = competing(half, price, buys)
    with_it = oracle.best_gains(auction) - oracle.lab_gains(auction, lab, net)
    return oracle.best_gains(auction, without=lab) - with_it


@given(markets(labs=5), SEEDS)
def test_the_longer_side_pays_what_it_costs_the_others(market: Market, seed: int) -> None:
    """Vickrey rationing is VCG on the longer side, the price standing in for who is missing."""
    market = labs_on_one_side(market)
    clearing, orders = VICKREY.clear(market.book(), seed), len(market.price)
    expected = np.zeros(clearing.book.labs)
    for half, price in halves(market, seed):
        for lab in np.unique(market.user[half.quantity[:orders] > 0]):
            traded = clearing.fills[market.user == lab].sum()
            expected[lab] = vcg_payment(half, price, int(lab), float(traded))
    np.testing.assert_allclose(clearing.lab_payments, expected, atol=1e-6)


@given(markets(labs=5), SEEDS)
def test_the_best_units_of_the_longer_side_trade(market: Market, seed: int) -> None:
    market = labs_on_one_side(market)
    clearing = VICKREY.clear(market.book(), seed)
    best = 0.0
    for half, price in halves(market, seed):
        bought, sold = (half.quantity[half.buying == side].sum() for side in (True, False))
        shorter = np.abs(half.price - price) @ np.where(half.buying == (bought <= sold), half.quantity, 0.0)
        best += oracle.best_gains(competing(half, price, bought > sold)) + shorter
    assert oracle.gains(market, clearing.fills) == pytest.approx(best, abs=1e-6)


@given(markets("unit"), SEEDS)
def test_both_rationings_trade_the_same_volume_and_the_best_gain_no_less(market: Market, seed: int) -> None:
    by_lot, by_reports = (exchange.clear(market.book(), seed) for exchange in (LOTTERY, VICKREY))
    assert by_lot.volume == by_reports.volume
    assert oracle.gains(market, by_reports.fills) >= oracle.gains(market, by_lot.fills) - NEAR
    assert by_reports.surplus - by_lot.surplus >= market.reserve * (by_reports.house_sold - by_lot.house_sold) - NEAR


def test_each_permit_of_the_house_falls_to_either_half() -> None:
    """With a thousand permits and labs enough, both halves trade, close to half of the permits each."""
    rng = np.random.default_rng(1)
    book = OrderBook.of(rng.random((20, 4_000)), supply=1_000)
    clearing = LOTTERY.clear(book, range(20))
    left = Draws(range(20)).uniform("halves", 5_000) < 0.5
    np.testing.assert_allclose(left[:, 4_000:].sum(axis=-1), 500, atol=5 * np.sqrt(250))
    np.testing.assert_allclose(clearing.volume, 1_000, atol=120)


def mean_efficiency(labs: int, worlds: int, exchange: CentralExchange) -> float:
    """Share of the best gains that half buyers and half sellers of three permits each reach."""
    rng = np.random.default_rng(labs)
    values = np.sort(rng.random((worlds, 3, labs)), axis=-2)[:, ::-1]
    asks = np.where(np.arange(labs) % 2 == 0, 0, 3)
    book = OrderBook.ladders(values, np.broadcast_to(asks, (worlds, labs)), 0, 0.0)
    return float(np.nanmean(efficiency(exchange.clear(book, range(worlds)))))


def test_poor_in_small_markets_near_the_best_in_large_ones() -> None:
    for exchange in (LOTTERY, VICKREY):
        small, medium, large = (mean_efficiency(labs, 200, exchange) for labs in (8, 40, 400))
        assert small < 0.75
        assert small + 0.1 < medium < large - 0.02
        assert large > 0.9
    assert mean_efficiency(400, 50, VICKREY) > mean_efficiency(400, 50, LOTTERY) > 0.9
