"""The uniform price: its contract, its mean in closed form, and where it invites shading."""

import numpy as np
import pytest

from mechanisms import CentralExchange, OrderBook
from mechanisms.measures import efficiency
from mechanisms.properties import random_books, truthful
from tests.mechanisms.contract import MechanismContract


class TestLowestWinning(MechanismContract):
    spec = "uniform-price"


class TestHighestLosing(MechanismContract):
    spec = "uniform-price:k=0"


class TestBetween(MechanismContract):
    spec = "uniform-price:k=0.3"


@pytest.mark.parametrize(("labs", "permits"), [(5, 2), (10, 3), (20, 5), (20, 10)])
def test_mean_price_with_uniform_values(labs: int, permits: int) -> None:
    """Order statistics of U[0,1]: the (Q+1)-th highest of n is (n-Q)/(n+1) on average, the Q-th (n+1-Q)/(n+1)."""
    worlds = 20_000
    book = OrderBook.of(np.random.default_rng(1).random((worlds, labs)), supply=permits)
    for k, mean in ((0.0, (labs - permits) / (labs + 1)), (1.0, (labs + 1 - permits) / (labs + 1))):
        price = CentralExchange("uniform-price", k=k).clear(book).price
        assert price.mean() == pytest.approx(mean, abs=5 * price.std() / np.sqrt(worlds))


def test_truthful_at_the_highest_losing_report() -> None:
    """Where each lab wants one permit and none sells."""
    book = random_books("unit", 1000)
    buyers = OrderBook.of(np.where(book.present, book.price, 0.0), supply=book.supply, reserve=book.reserve)
    assert truthful(CentralExchange("uniform-price:k=0"), buyers) is None
    assert truthful(CentralExchange("uniform-price:k=0.5"), buyers) is not None


def test_demand_reduction() -> None:
    """Two labs want two permits each at flat values: bidding (v, 0) they pay nothing, and a quarter is lost."""
    value = np.random.default_rng(2).random((4000, 2))
    flat = value[:, [0, 1, 0, 1]]
    reduced = OrderBook.of(flat * [1, 1, 0, 0], user=[0, 1, 0, 1], supply=2)
    clearing = CentralExchange("uniform-price:k=0").clear(reduced)
    assert not clearing.price.any()
    assert (clearing.bought == 1).all()
    best = OrderBook.of(flat, user=[0, 1, 0, 1], supply=2)
    truthful = CentralExchange("vickrey").clear(best)
    assert truthful.surplus.mean() == pytest.approx(2 / 3, abs=0.03)
    assert efficiency(truthful, flat).min() == pytest.approx(1)
    reached, possible = value.sum(axis=-1).mean(), (2 * value.max(axis=-1)).mean()
    assert (efficiency(clearing, flat) * 2 * value.max(axis=-1)).mean() == pytest.approx(reached)
    assert reached / possible == pytest.approx(0.75, abs=0.02)


def test_rounding_does_not_move_the_price_out_of_the_margins() -> None:
    """0.2 * 0.1 + 0.8 * 0.1 is not 0.1 to a computer."""
    book = OrderBook.of([0.1, 0.1], supply=1)
    prices = {float(CentralExchange("uniform-price", k=k).clear(book).price) for k in np.linspace(0, 1, 101)}
    assert prices == {0.1}
