"""The posted price: its contract, its turns, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given

from mechanisms import CentralExchange, InputError, OrderBook
from tests.mechanisms.contract import NEAR, SEEDS, MechanismContract
from tests.mechanisms.markets import Market, markets

THREE = CentralExchange("posted-price", price=3.0)


class TestPostedPrice(MechanismContract):
    spec = "posted-price:price=3"


@given(markets(one_each=True), SEEDS)
def test_the_shorter_side_is_served_in_full(market: Market, seed: int) -> None:
    fills = THREE.clear(market.book(), seed).fills
    demand = market.quantity[market.present & market.buying & (market.price >= 3)].sum()
    offered = market.quantity[market.present & ~market.buying & (market.price <= 3)].sum()
    assert fills[market.buying].sum() == pytest.approx(min(demand, offered + market.supply), abs=NEAR)
    assert fills[~market.buying].sum() == pytest.approx(min(demand, offered), abs=NEAR), "labs sell before the house"


def test_labs_are_served_whole() -> None:
    book = OrderBook.of(np.full((200, 6), 5.0), user=[0, 0, 0, 1, 1, 1], supply=3)
    bought = THREE.clear(book, range(200)).bought
    assert {tuple(row) for row in bought} == {(3, 0), (0, 3)}


def test_more_orders_do_not_bring_a_labs_turn_forward() -> None:
    """By lab, not by ticket: a lab's turn is the same whatever it asks for, and so is what the others get before it."""
    worlds = 4_000
    turns = []
    for wanted in (1, 5):
        amounts = np.tile([wanted, 1.0, 1.0], (worlds, 1))
        turns.append(THREE.clear(OrderBook.of(np.full((worlds, 3), 5.0), amounts, supply=1), range(worlds)).fills > 0)
    np.testing.assert_array_equal(*turns)
    assert abs(turns[0][:, 0].sum() - worlds / 3) < 5 * np.sqrt(worlds * 2 / 9)


def test_a_price_below_the_reserve_is_refused() -> None:
    with pytest.raises(InputError, match=r"^posted-price.price: 3 is not in \[4, inf\), from the reserve price up$"):
        THREE.clear(OrderBook.of([9.0], supply=1, reserve=4.0))
    with pytest.raises(InputError, match=r"^posted-price.price: 3 is not in \[5, inf\)"):
        THREE.clear(OrderBook.of([[9.0], [9.0]], supply=1, reserve=[2.0, 5.0]))
    assert THREE.clear(OrderBook.of([9.0], supply=1, reserve=3.0)).volume == 1


def test_a_price_is_required() -> None:
    with pytest.raises(InputError, match=r"^mechanism.options.price: is required$"):
        CentralExchange("posted-price")
    with pytest.raises(InputError, match=r"^mechanism.options.price: -1 is not in \[0, inf\)$"):
        CentralExchange("posted-price:price=-1")
