"""The lottery: its contract, its rounds, and who may win."""

import numpy as np
from hypothesis import given

from mechanisms import CentralExchange, OrderBook
from tests.mechanisms.contract import NEAR, SEEDS, MechanismContract
from tests.mechanisms.markets import Market, markets

LOTTERY = CentralExchange("lottery")


class TestLottery(MechanismContract):
    spec = "lottery"


@given(markets(), SEEDS)
def test_the_house_sells_all_that_is_wanted_and_nobody_else_sells(market: Market, seed: int) -> None:
    clearing = LOTTERY.clear(market.book(), seed)
    wanted = market.quantity[market.present & market.buying].sum()
    assert abs(clearing.house_sold - min(wanted, market.supply)) < NEAR
    assert not clearing.fills[~market.buying].any()


@given(markets("unit", labs=4), SEEDS)
def test_nobody_is_two_permits_ahead_of_a_lab_that_wants_more(market: Market, seed: int) -> None:
    bought = LOTTERY.clear(market.book(), seed).bought
    present = market.present & market.buying
    for place, lab in enumerate(np.unique(market.user)):
        if bought[place] < present[market.user == lab].sum():
            assert bought.max() <= bought[place] + 1


def test_every_lab_has_the_same_chance_whatever_it_would_pay() -> None:
    worlds = 4_000
    wins = LOTTERY.clear(OrderBook.of(np.tile([9.0, 5.0, 1.0], (worlds, 1)), supply=1), range(worlds)).fills.sum(axis=0)
    assert wins.sum() == worlds
    assert (np.abs(wins - worlds / 3) < 5 * np.sqrt(worlds * 2 / 9)).all()


def test_permits_handed_out_stay_put() -> None:
    book = OrderBook.ladders(np.array([[5.0, 0.5], [4.0, 0.2]]), np.array([1, 2]), supply=1, reserve=0.1)
    clearing = LOTTERY.clear(book)
    assert clearing.bought.tolist() == [1, 0]
    assert not clearing.sold.any()
    assert clearing.price == 0.1
