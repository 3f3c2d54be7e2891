"""McAfee's auction: its contract, its rule on plain lists, the published tables, and what its claim leaves out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from mechanisms import CentralExchange, InputError, OrderBook
from mechanisms.measures import best_gains, buyers_surplus, gains_from_trade, sellers_surplus
from tests.mechanisms.contract import SEEDS, MechanismContract
from tests.mechanisms.markets import Array, Market, markets
from tests.mechanisms.test_margin import lists

MCAFEE = CentralExchange("mcafee")
BOUNDS = CentralExchange("mcafee", missing="bounds", low=0.0, high=1.0)


class TestMcAfee(MechanismContract):
    spec = "mcafee"


class TestMcAfeeWithBounds(MechanismContract):
    spec = "mcafee:missing=bounds,low=0,high=6"


class TestMcAfeeWithOddBounds(MechanismContract):
    """Bounds that reports exceed cost trades, not truth: no price lies beyond a report of the pair that misses out."""

    spec = "mcafee:missing=bounds,low=1,high=2"


def solved(market: Market, low: float | None = None, high: float | None = None) -> tuple[int, float, float]:
    """How many permits trade, and at what two prices, from sorted lists."""
    bids, asks, k = lists(market)
    if k == 0:
        return 0, 0.0, 0.0
    bid = bids[k] if len(bids) > k else low
    ask = asks[k] if len(asks) > k else high
    price = np.nan if bid is None or ask is None else (bid + ask) / 2
    if low is not None and high is not None:
        price = min([max([price, *bids[k : k + 1]]), *asks[k : k + 1]])
    if asks[k - 1] <= price <= bids[k - 1]:
        return k, price, price
    return k - 1, bids[k - 1], asks[k - 1]


@pytest.mark.parametrize("bounds", [{}, {"low": 0.0, "high": 6.0}, {"low": 2.0, "high": 3.0}])
@given(market=markets("unit", one_each=True, distinct=True), seed=SEEDS)
def test_rule_on_plain_lists(bounds: dict[str, float], market: Market, seed: int) -> None:
    options: dict[str, Any] = {"missing": "bounds", **bounds} if bounds else {}
    clearing = CentralExchange("mcafee", **options).clear(market.book(), seed)
    volume, pays, gets = solved(market, **bounds)
    assert clearing.volume == volume
    assert (clearing.prices[market.buying & (clearing.fills > 0)] == pays).all()
    assert (clearing.prices[~market.buying & (clearing.fills > 0)] == gets).all()


def test_an_order_for_many_permits_is_many_orders() -> None:
    together = OrderBook.of([9.0, 7.0, 3.0, 6.0], [2, 2, 3, 1], [True, True, False, False])
    apart = OrderBook.of([9.0, 9, 7, 7, 3, 3, 3, 6], user=list("AABBCCCD"), buying=[True] * 4 + [False] * 4)
    whole, single = MCAFEE.clear(together), MCAFEE.clear(apart)
    np.testing.assert_array_equal(whole.bought, single.bought)
    np.testing.assert_array_equal(whole.lab_payments, single.lab_payments)
    assert whole.volume == 3


BAD_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"missing": "guess"}, "mechanism.options.missing: 'guess' is not one of 'reduce' or 'bounds'"),
    ({"missing": "bounds"}, "mechanism.options.low: is required with missing: bounds"),
    ({"missing": "bounds", "low": 0}, "mechanism.options.high: is required with missing: bounds"),
    ({"low": 0.5}, "mechanism.options.low: 0.5 goes with missing: bounds"),
    ({"missing": "reduce", "high": 2}, "mechanism.options.high: 2 goes with missing: bounds"),
    ({"missing": "bounds", "low": -1, "high": 1}, "mechanism.options.low: -1 is not in [0, inf)"),
    (
        {"missing": "bounds", "low": 2, "high": 1},
        "mechanism.options.high: 1 is not in [2, inf), from low upwards",
    ),
]


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        CentralExchange("mcafee", **options)
    assert str(error.value) == message


def test_options_can_be_typed() -> None:
    assert CentralExchange("mcafee:missing=bounds,low=0,high=1").label == "mcafee:missing=bounds,low=0,high=1"


# n buyers and n sellers, U[0,1]: trades, gains with the exchange, traders' gains, in % of the best possible; and the
# share of all markets in which all efficient trades happen, at least one.
TABLE = {
    "reduce": {
        2: (58.33, 77.09, 68.76, 0.417),
        3: (72.09, 88.20, 80.01, 0.532),
        5: (82.18, 94.65, 86.15, 0.551),
        10: (90.52, 98.36, 91.74, 0.526),
        50: (98.02, 99.92, 98.08, 0.506),
    },
    "bounds": {
        2: (64.58, 82.30, 79.17, 0.479),
        3: (73.13, 88.81, 81.83, 0.547),
        5: (82.22, 94.67, 86.22, 0.552),
        10: (90.52, 98.36, 91.74, 0.526),
        50: (98.02, 99.92, 98.08, 0.506),
    },
}
CASES = [(missing, labs) for missing, rows in TABLE.items() for labs in rows]
WORLDS = 20_000


def iid(labs: int, worlds: int = WORLDS) -> OrderBook:
    """As many buyers as sellers, values U[0,1]."""
    values = np.random.default_rng(labs).random((worlds, 2 * labs))
    return OrderBook.of(values, buying=np.arange(2 * labs) < labs)


def ratio(part: Array, whole: Array) -> tuple[float, float]:
    """Ratio of means in %, and its standard error."""
    share = part.mean() / whole.mean()
    return 100 * share, 100 * (part - share * whole).std() / whole.mean() / np.sqrt(len(whole))


@pytest.mark.parametrize(("missing", "labs"), CASES)
def test_published_table(missing: str, labs: int) -> None:
    book = iid(labs)
    clearing = (MCAFEE if missing == "reduce" else BOUNDS).clear(book)
    efficient, best = CentralExchange().clear(book).volume, best_gains(book)
    traders = buyers_surplus(clearing) + sellers_surplus(clearing)
    trades, gains, kept, all_happen = TABLE[missing][labs]
    measured = [(clearing.volume, efficient), (gains_from_trade(clearing), best), (traders, best)]
    for expected, (part, whole) in zip((trades, gains, kept), measured, strict=True):
        found, error = ratio(part, whole)
        assert found == pytest.approx(expected, abs=4 * error + 0.005)
    happens = (clearing.volume == efficient) & (efficient > 0)
    assert happens.mean() == pytest.approx(all_happen, abs=4 * happens.std() / np.sqrt(WORLDS) + 0.0005)
