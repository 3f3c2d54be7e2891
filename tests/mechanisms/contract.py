"""What every mechanism must do, inherited: to test yours, name it.

>>> class TestMine(MechanismContract):
...     spec = "uniform-price:k=0.5"

Tests follow from the claims that the mechanism declares. Set a test to None where the design says that it cannot hold.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechanisms import CentralExchange, Clearing, Facts, OrderBook
from mechanisms.properties import check_claims
from tests.mechanisms import oracle
from tests.mechanisms.markets import Array, Market, batches, markets

NEAR = 1e-9
BOOKS = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 100
SEEDS = st.integers(0, 2**64 - 1)

# The same property runs for every subclass, which Hypothesis takes for a mistake unless told.
inherited = settings(suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])


def same(one: Clearing, other: Clearing, exactly: bool = True) -> None:
    """Assert that two clearings agree."""
    close = np.testing.assert_array_equal if exactly else np.testing.assert_allclose
    for name in ("fills", "payments", "price", "surplus", "volume"):
        close(getattr(one, name), getattr(other, name), err_msg=name)


class MechanismContract:
    """Inherit, set `spec`, and add the mechanism's own cases.

    What holds with the options of `spec` alone is claimed here: ``class TestMine(MechanismContract, budget="strong")``.
    """

    spec: str
    tie_seeds = 1000

    facts: Facts

    def __init_subclass__(cls, **claims_of_options: Any) -> None:
        cls.facts = replace(CentralExchange(cls.spec).rule.plugin.facts, **claims_of_options)
        claims = {
            "test_one_sided_claim": not cls.facts.two_sided,
            "test_ties_between_sellers": cls.facts.two_sided,
            "test_relabelled_labs": not cls.facts.stochastic,
            "test_only_ties_are_left_to_chance": not cls.facts.stochastic,
        }
        for name, made in claims.items():
            if not made:
                setattr(cls, name, None)

    def clear(self, book: OrderBook | Market, seed: Any = 0) -> Clearing:
        return CentralExchange(self.spec).clear(book.book() if isinstance(book, Market) else book, seed)

    # The accounts

    @inherited
    @given(markets(), SEEDS)
    def test_permits_bought_are_permits_sold(self, market: Market, seed: int) -> None:
        fills = self.clear(market, seed).fills
        house = fills[market.buying].sum() - fills[~market.buying].sum()
        assert -NEAR <= house <= market.supply + NEAR

    @inherited
    @given(markets(), SEEDS)
    def test_fills_lie_within_quantities(self, market: Market, seed: int) -> None:
        fills = self.clear(market, seed).fills
        assert (fills >= 0).all()
        assert (fills <= np.where(market.present, market.quantity, 0)).all()

    @inherited
    @given(markets(), SEEDS)
    def test_no_lab_trades_with_itself(self, market: Market, seed: int) -> None:
        clearing = self.clear(market, seed)
        assert (np.minimum(clearing.bought, clearing.sold) == 0).all()

    @inherited
    @given(markets(), SEEDS)
    def test_money_is_conserved(self, market: Market, seed: int) -> None:
        clearing = self.clear(market, seed)
        assert clearing.surplus == pytest.approx(clearing.payments.sum(), abs=NEAR)
        by_user = [clearing.payments[market.user == lab].sum() for lab in np.unique(market.user)]
        np.testing.assert_allclose(clearing.lab_payments, by_user, atol=NEAR)
        assert (clearing.payments[clearing.fills == 0] == 0).all()

    @inherited
    @given(markets(), SEEDS)
    def test_no_order_trades_beyond_its_limit(self, market: Market, seed: int) -> None:
        clearing = self.clear(market, seed)
        limit = market.price * clearing.fills
        assert (clearing.payments <= limit + NEAR)[market.buying].all()
        assert (-clearing.payments >= limit - NEAR)[~market.buying].all()

    @inherited
    @given(markets(), SEEDS)
    def test_house_is_an_order_without_payment(self, market: Market, seed: int) -> None:
        frame = pd.DataFrame(market.rows(np.argsort(market.user, kind="stable"))._asdict()).drop(columns="supply")
        house = pd.DataFrame({"price": market.reserve, "quantity": [market.supply], "buying": False, "house": True})
        rows = pd.concat([frame.drop(columns="reserve").assign(house=False), house.assign(user="Governor")])
        clearing = CentralExchange(self.spec).clear(OrderBook.from_frame(rows), seed)
        assert clearing.payments[-1] == 0
        assert np.isnan(clearing.prices[-1])
        assert clearing.fills[-1] == pytest.approx(clearing.house_sold, abs=NEAR)

    # Claims

    @inherited
    @given(markets(), SEEDS)
    def test_budget_claim(self, market: Market, seed: int) -> None:
        clearing = self.clear(market, seed)
        least = market.reserve * clearing.house_sold
        if self.facts.budget != "none":
            assert clearing.surplus >= least - NEAR
        if self.facts.budget == "strong" and clearing.house_sold == 0:
            assert clearing.surplus == pytest.approx(0, abs=NEAR)
        if self.facts.budget == "strong" and self.facts.single_price and clearing.volume > 0:
            assert clearing.surplus == pytest.approx(clearing.price * clearing.house_sold, abs=NEAR)

    @inherited
    @given(markets(), SEEDS)
    def test_efficiency_claim(self, market: Market, seed: int) -> None:
        reached, best = oracle.gains(market, self.clear(market, seed).fills), oracle.best_gains(market)
        assert reached <= best + 1e-7
        if self.facts.efficient == "for reports":
            assert reached >= best - 1e-7

    @inherited
    @given(markets(), SEEDS)
    def test_single_price_claim(self, market: Market, seed: int) -> None:
        clearing = self.clear(market, seed)
        has_price = self.facts.single_price and clearing.volume > 0
        assert np.isfinite(clearing.price) == has_price
        if has_price:
            np.testing.assert_allclose(clearing.prices[clearing.fills > 0], clearing.price)

    @inherited
    @given(markets(), SEEDS)
    def test_one_sided_claim(self, market: Market, seed: int) -> None:
        assert not self.clear(market, seed).sold.any()

    def test_every_claim_on_random_books(self) -> None:
        """There is no witness against any; 10,000 books a claim with the profile `deep`."""
        checked = check_claims(CentralExchange(self.spec), BOOKS, facts=self.facts)
        assert not [str(claim.witness) for claim in checked if claim.witness]

    # Markets without trade

    def test_empty_book(self) -> None:
        for lead in ((), (2, 3)):
            clearing = self.clear(OrderBook.of(np.zeros((*lead, 0)), supply=2))
            assert clearing.fills.shape == clearing.payments.shape == (*lead, 0)
            assert np.isnan(clearing.price).all()
            assert not clearing.surplus.any()

    @inherited
    @given(markets(), st.sampled_from(["nobody buys", "nobody sells", "all absent"]))
    def test_one_side_missing(self, market: Market, case: str) -> None:
        if case == "all absent":
            market = market._replace(quantity=np.zeros(len(market.price)))
        else:
            market = market._replace(buying=np.full(len(market.price), case == "nobody sells"))
            market = market._replace(supply=0.0 if case == "nobody sells" else market.supply)
        clearing = self.clear(market)
        assert not clearing.fills.any()
        assert not clearing.payments.any()
        assert np.isnan(clearing.price)
        assert np.isnan(clearing.prices).all()

    # Names, places and chance

    @inherited
    @given(markets(distinct=True), st.permutations([0, 1, 2]), SEEDS)
    def test_relabelled_labs(self, market: Market, names: list[int], seed: int) -> None:
        relabelled = market._replace(user=np.array([f"lab {names[lab]}" for lab in market.user]))
        same(self.clear(market, seed), self.clear(relabelled, seed), exactly=False)

    @inherited
    @given(markets(distinct=True), SEEDS, SEEDS)
    def test_only_ties_are_left_to_chance(self, market: Market, seed: int, other: int) -> None:
        same(self.clear(market, seed), self.clear(market, other))

    @inherited
    @given(markets(distinct=True), SEEDS, st.data())
    def test_permuted_orders(self, market: Market, seed: int, data: st.DataObject) -> None:
        order = np.array(data.draw(st.permutations(range(len(market.price)))))
        plain, permuted = self.clear(market, seed), self.clear(market.rows(order), seed)
        np.testing.assert_allclose(plain.fills[order], permuted.fills, atol=NEAR)
        np.testing.assert_allclose(plain.payments[order], permuted.payments, atol=NEAR)
        np.testing.assert_allclose(plain.lab_payments, permuted.lab_payments, atol=NEAR)

    @inherited
    @given(markets(), SEEDS, st.data())
    def test_absent_orders_change_nothing(self, market: Market, seed: int, data: st.DataObject) -> None:
        n = len(market.price)
        more = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4)))
        places = np.argsort(np.append(np.arange(n), more + 0.5), kind="stable")
        padded = Market(*(np.append(x, x[more]) for x in market[:4]), *market[4:])
        padded.quantity[n:] = 0
        plain, other = self.clear(market, seed), self.clear(padded.rows(places), seed)
        np.testing.assert_allclose(other.fills[places < n], plain.fills, atol=NEAR)
        np.testing.assert_allclose(other.payments[places < n], plain.payments, atol=NEAR)
        assert not other.fills[places >= n].any()

    def tied(self, buying: bool) -> Array:
        """Permits traded by each of five labs with the same order, summed over seeds; two of them can be served."""
        price, side = (5.0, True) if buying else (2.0, False)
        other = [3.0] * 2 if buying else [4.0] * 2
        book = OrderBook.of(
            np.tile([*other, *[price] * 5], (self.tie_seeds, 1)),
            buying=[not side] * 2 + [side] * 5,
            supply=0 if self.facts.two_sided else 2,
            reserve=1.0,
        )
        served: Array = self.clear(book, seed=range(self.tie_seeds)).fills[..., 2:].sum(axis=0)
        return served

    def test_ties_between_buyers(self) -> None:
        self.assert_fair(self.tied(buying=True))

    def test_ties_between_sellers(self) -> None:
        self.assert_fair(self.tied(buying=False))

    def assert_fair(self, served: Array) -> None:
        assert served.sum() > 0
        assert (np.abs(served - served.mean()) < 5 * np.sqrt(served.mean())).all(), served

    @inherited
    @given(markets(), SEEDS)
    def test_same_seed_same_result(self, market: Market, seed: int) -> None:
        before = [np.copy(column) for column in market]
        book = market.book()
        same(self.clear(book, seed), self.clear(book, seed))
        same(self.clear(book, seed), self.clear(market, seed))
        assert all(np.array_equal(x, y) for x, y in zip(before, market, strict=True))

    @inherited
    @given(batches())
    def test_batch_equals_single(self, batch: tuple[Market, Array]) -> None:
        market, seeds = batch
        book = market.book()
        together = self.clear(book, seeds)
        for place, where in enumerate(np.ndindex(book.lead)):
            alone = self.clear(book.one(place), seeds[where])
            for name in ("fills", "payments", "prices", "price", "surplus", "volume", "lab_payments"):
                np.testing.assert_array_equal(getattr(together, name)[where], getattr(alone, name), err_msg=name)

    @inherited
    @given(batches())
    def test_batch_equals_separate_books(self, batch: tuple[Market, Array]) -> None:
        market, seeds = batch
        together = self.clear(market, seeds)
        for where in np.ndindex(together.book.lead):
            buying = market.buying[where] if market.buying.ndim > 1 else market.buying
            house = float(market.supply[where]), float(market.reserve[where])
            single = Market(market.price[where], market.quantity[where], buying, market.user, *house)
            alone = self.clear(single, seeds[where])
            np.testing.assert_array_equal(together.fills[where], alone.fills)
            np.testing.assert_array_equal(together.payments[where], alone.payments)
