"""The Central Exchange with plug-ins: one world at a time or in batches, and answers that break the accounts."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mechanisms import CentralExchange, Draws, InputError, OrderBook, Outcome, mechanism
from mechanisms.registry import _plugins

Rule = Callable[[OrderBook, Draws], Any]


@pytest.fixture
def plug_in() -> Iterator[Callable[[Rule], CentralExchange]]:
    """Register a rule as the mechanism `guest` for one test."""

    def register(rule: Rule, **details: Any) -> CentralExchange:
        mechanism("guest", **details)(rule)
        return CentralExchange("guest")

    yield register
    del _plugins["mechanism", "guest"]


def first_come(book: OrderBook, draws: Draws) -> tuple[list[float], list[float]]:
    """Serve bids by lot at a price of 1: plain lists, as a user may write them."""
    fills = [0.0] * book.orders
    lot = draws.priority("mechanism", book.labs)
    for order in sorted(range(book.orders), key=lambda i: lot[book.user[i]])[: int(book.supply)]:
        fills[order] = 1.0
    return fills, fills


def test_a_rule_for_one_book_clears_many(plug_in: Any) -> None:
    exchange = plug_in(first_come)
    book = OrderBook.of(np.full((2, 3, 5), 4.0), supply=[[1, 2, 3], [4, 5, 0]])
    together = exchange.clear(book, np.arange(6).reshape(2, 3))
    assert together.volume.tolist() == [[1, 2, 3], [4, 5, 0]]
    assert together.surplus.tolist() == together.volume.tolist()
    for place, where in enumerate(np.ndindex(2, 3)):
        np.testing.assert_array_equal(together.fills[where], exchange.clear(book.one(place), place).fills)


def test_one_seed_serves_every_market(plug_in: Any) -> None:
    book = OrderBook.of(np.full((3, 5), 4.0), supply=2)
    for exchange in (plug_in(first_come), CentralExchange()):
        alone = exchange.clear(book.one(0), 8).fills
        for seed in (8, Draws(8), [8, 8, 8], Draws([8] * 3)):
            assert (exchange.clear(book, seed).fills == alone).all()


def test_draws_of_another_month_settle_ties_anew() -> None:
    book = OrderBook.of(np.full((100, 2), 4.0), supply=1)
    this, next_month = (CentralExchange().clear(book, Draws(range(100), month)).fills for month in (0, 1))
    assert 20 < (this != next_month).any(axis=-1).sum() < 80


@pytest.mark.parametrize("seed", [[1, 2], Draws([1, 2]), Draws([[1, 2, 3]])])
def test_seeds_that_do_not_fit(seed: Any) -> None:
    with pytest.raises(InputError, match=r"^seed: .* fit the book's leading axes \(3,\)$"):
        CentralExchange().clear(OrderBook.of(np.ones((3, 5)), supply=1), seed)


def wrong(fills: Any, payments: Any = None) -> Rule:
    return lambda book, draws: Outcome(np.array(fills), None if payments is None else np.array(payments))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (wrong([1.0]), "guest: fills have shape (1,), the book (3,)"),
        (wrong([1.0, 0, 0], [1.0]), "guest: payments have shape (1,), the book (3,)"),
        (wrong([2.0, 0, 0], [0.0] * 3), "guest: a fill is not in [0, the order's quantity]"),
        (wrong([-1.0, 0, 0], [0.0] * 3), "guest: a fill is not in [0, the order's quantity]"),
        (wrong([np.nan, 0, 0], [0.0] * 3), "guest: a fill is not in [0, the order's quantity]"),
        (wrong([1.0, 1, 0], [0.0] * 3), "guest: permits bought are not permits sold by labs and the house"),
        (wrong([0.0, 0, 1], [0.0] * 3), "guest: permits bought are not permits sold by labs and the house"),
        (wrong([1.0, 0, 0], [np.nan] * 3), "guest: a payment is not finite"),
        (wrong([1.0, 0, 0]), "guest: gives neither payments nor a price"),
        (lambda book, draws: None, "guest: gives NoneType; allowed is fills, payments (and a price)"),
    ],
)
def test_a_plug_in_that_breaks_the_accounts(plug_in: Any, rule: Rule, message: str) -> None:
    with pytest.raises(InputError) as error:
        plug_in(rule, batched=True).clear(OrderBook.of([3.0, 2.0, 1.0], buying=[True, True, False], supply=1))
    assert str(error.value) == message


def test_a_plug_in_may_give_a_price(plug_in: Any) -> None:
    exchange = plug_in(lambda book, draws: Outcome(np.array([1.0, 1.0]), price=np.asarray(2.5)), batched=True)
    clearing = exchange.clear(OrderBook.of([3.0, 2.0], buying=[True, False]))
    assert clearing.payments.tolist() == [2.5, -2.5]
    assert clearing.surplus == 0
