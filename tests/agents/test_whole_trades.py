"""Permits are whole: a mechanism that returns fractions has them rounded without favour and without loss."""

from types import SimpleNamespace

import numpy as np
import pytest

from agents.month import whole_trades
from mechanisms import CentralExchange, Draws, OrderBook, mechanism
from tests.agents.worlds import assert_same_worlds, ran, small

PRICE = 2.0
BOOK = OrderBook.of(
    [9.0, 8.0, 7.0, 1.0, 1.0, 6.0], [1, 1, 3, 2, 1, 1], [True, True, True, False, False, True], supply=3
)
FILLS = np.array([0.75, 0.3, 2.2, 1.5, 0.25, 0.5])
SEEDS = 4000


@pytest.fixture(autouse=True)
def _fractional_mechanisms():
    @mechanism("test-parts")
    def parts(book, draws, by=1.0):
        """Fills FILLS, or a whole number of times as much, at one price."""
        fills = FILLS * by
        return fills, np.where(book.buying, fills, -fills) * PRICE

    @mechanism("test-shares", batched=True, truthful="no", budget="strong")
    def shares(book, draws):
        """Every bid gets the same share of the house's permits, free."""
        bids = book.buying & book.present
        share = np.minimum(book.supply / np.maximum(bids.sum(axis=-1), 1), 1.0)
        return np.where(bids, share[..., None], 0.0), 0.0 * np.where(bids, share[..., None], 0.0)

    @mechanism("test-nearly")
    def nearly(book, draws):
        """Whole but for the machine's rounding, or half, by the world's chance."""
        bids = np.flatnonzero(book.buying & book.present)[:2]
        fills = np.zeros(book.orders)
        fills[bids] = 0.5 if draws.uniform("mechanism", 1)[0] < 0.5 else 1 - 1e-12
        return fills, fills / 3


@pytest.fixture
def trades():
    """Whole trades of the book in many worlds, (worlds, labs) each."""
    clearing = CentralExchange("test-parts").clear(BOOK)
    batch = SimpleNamespace(trades=clearing.trades, lab_payments=clearing.lab_payments)
    return whole_trades(batch, Draws(range(SEEDS)))


def test_everyone_trades_between_floor_and_ceiling(trades):
    bought, sold, _ = trades
    for whole, fractions in ((bought, FILLS * BOOK.buying), (sold, FILLS * ~BOOK.buying)):
        assert whole.dtype.kind == "i"
        assert (whole.min(axis=0) == np.floor(fractions)).all()
        assert (whole.max(axis=0) == np.ceil(fractions)).all()


def test_the_house_too_and_no_permit_is_made_or_lost(trades):
    bought, sold, _ = trades
    house = bought.sum(axis=1) - sold.sum(axis=1)
    assert FILLS[BOOK.buying].sum() - FILLS[~BOOK.buying].sum() == 2.0
    assert (house == 2).all()
    assert set(bought.sum(axis=1)) == {3, 4}


def test_rounding_favours_nobody(trades):
    bought, sold, _ = trades
    fractions = FILLS % 1
    off = np.abs((bought + sold).mean(axis=0) - FILLS)
    assert (off < 4 * np.sqrt(fractions * (1 - fractions) / SEEDS)).all()


def test_payments_scale_with_what_is_traded(trades):
    bought, sold, paid = trades
    np.testing.assert_allclose(paid, (bought - sold) * PRICE, atol=1e-12)


def test_the_clearing_keeps_the_fractions():
    clearing = CentralExchange("test-parts").clear(BOOK)
    whole_trades(clearing, Draws(0))
    assert clearing.fills.tolist() == FILLS.tolist()
    assert clearing.surplus == pytest.approx(2 * PRICE)


def test_parts_that_add_up_to_a_permit_are_one_whatever_the_machine_makes_of_their_sum():
    tenths = np.full(10, 0.1)
    assert np.cumsum(tenths)[-1] < 1
    clearing = SimpleNamespace(trades=(tenths, np.array([1.0] + [0.0] * 9)), lab_payments=tenths)
    lowest = SimpleNamespace(uniform=lambda *_: np.zeros(1))
    bought, sold, _ = whole_trades(clearing, lowest)
    assert bought.sum() == sold.sum() == 1


def test_whole_fills_stay_as_they_are():
    book = OrderBook.of(BOOK.price, 20 * BOOK.amounts, BOOK.buying, supply=60)
    clearing = CentralExchange("test-parts", by=20.0).clear(book)
    bought, sold, paid = whole_trades(clearing, Draws(0))
    assert (bought + sold).tolist() == (20 * FILLS).tolist()
    assert paid.tolist() == clearing.lab_payments.tolist()


def test_a_month_with_fractions_keeps_the_cap_and_the_accounts():
    market = ran(small({"market.mechanism": "test-shares", "permits.grandfathered": 0.0}), range(200))
    month = market.month
    assert month.held.dtype.kind == "i"
    assert (month.clearing.bought % 1 > 0.1).mean() > 0.5
    assert (month.held.sum(axis=1) == np.minimum(9, (month.reports > 0).sum(axis=(1, 2)))).all()
    assert set(np.unique(month.held)) <= {0, 1, 2}
    np.testing.assert_allclose(market.ledger.total(), 0.0, atol=1e-9)


@pytest.mark.parametrize("name", ["test-shares", "test-nearly"])
def test_worlds_with_fractions_are_the_same_alone_and_in_a_batch(name):
    scenario = small({"market.mechanism": name})
    assert_same_worlds(ran(scenario, range(12)), [scenario], range(12))
