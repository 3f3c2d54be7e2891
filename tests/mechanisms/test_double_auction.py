"""The k-double auction: its contract, and the efficiency of its linear equilibrium."""

import numpy as np
import pytest

from mechanisms import CentralExchange, OrderBook
from mechanisms.measures import best_gains, gains_from_trade
from tests.mechanisms.contract import MechanismContract


class TestDoubleAuction(MechanismContract):
    spec = "double-auction"


class TestBuyersBid(MechanismContract):
    spec = "double-auction:k=1"


@pytest.mark.parametrize(("k", "price"), [(0.0, 4.0), (0.25, 5.0), (0.5, 6.0), (1.0, 8.0)])
def test_k_splits_the_gap(k: float, price: float) -> None:
    book = OrderBook.of([9.0, 4.0, 3.0, 8.0], buying=[True, True, False, False])
    assert CentralExchange("double-auction", k=k).clear(book).price == price


@pytest.mark.parametrize(("k", "share"), [(0.0, 3 / 4), (0.25, 0.8203), (0.5, 27 / 32), (0.75, 0.8203), (1.0, 3 / 4)])
def test_efficiency_in_the_linear_equilibrium(k: float, share: float) -> None:
    """One buyer and one seller with values U[0,1] (Chatterjee & Samuelson 1983)."""
    value, cost = np.random.default_rng(3).random((2, 100_000))
    bid, ask = k * (1 - k) / (2 * (1 + k)) + value / (1 + k), (1 - k) / 2 + cost / (2 - k)
    truth = np.stack([value, cost], axis=-1)
    book = OrderBook.of(np.stack([bid, ask], axis=-1), buying=[True, False])
    clearing = CentralExchange("double-auction", k=k).clear(book)
    reached = gains_from_trade(clearing, truth).mean() / best_gains(book, truth).mean()
    assert reached == pytest.approx(share, abs=0.005)
