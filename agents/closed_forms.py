"""Equilibrium bids in closed form, each for the model that it was derived in and refused outside it.

All have one kind of lab, private values drawn independently and uniformly, no shocks. A formula stands for values on
[0, 1]; a rule moves it to the scenario's range. Labs take a permit to be worth its net value.

References
----------
Krishna, V. (2010). Auction Theory, 2nd ed., chapters 12 and 13.
Chatterjee, K., Samuelson, W. (1983). Bargaining under incomplete information. Operations Research 31, 835-851.
Satterthwaite, M. A., Williams, S. R. (1989). The rate of convergence to efficiency in the buyer's bid double auction as
the market becomes large. Review of Economic Studies 56, 477-498.
Ausubel, L. M., Cramton, P., Pycia, M., Rostek, M., Weretka, M. (2014). Demand reduction and inefficiency in multi-unit
auctions. Review of Economic Studies 81, 1366-1400.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import beta, betainc

from agents.bidding import Rule, sells
from mechanisms import Draws, InputError, bidding, resolve
from scenarios import Scenario, refuse_rules
from scenarios.distributions import Uniform

Array = NDArray[Any]


def pay_as_bid(value: ArrayLike, labs: int, permits: int) -> Array:
    """Bid for one of Q permits against n - 1 others when winners pay their bids, ``B_v(n-Q+1, Q) / B_v(n-Q, Q)``.

    The expected Q-th highest value of the others, given that it lies below one's own (B are incomplete beta functions).

    >>> pay_as_bid([0.0, 0.3, 0.6, 1.0], labs=5, permits=2).round(4).tolist()
    [0.0, 0.2206, 0.4255, 0.6]
    """
    v, below = np.asarray(value, dtype=np.float64), labs - permits
    top = betainc(below + 1, permits, v) * beta(below + 1, permits)
    bottom = betainc(below, permits, v) * beta(below, permits)
    near_zero = bottom < np.finfo(np.float64).tiny  # there the ratio tends to this share of v
    return np.where(near_zero, v * below / (below + 1), top / np.where(near_zero, 1.0, bottom))


def linear_buyer(value: ArrayLike, k: float) -> Array:
    """Buyer's bid in the linear equilibrium of the k-double auction with one seller, ``k(1-k)/(2(1+k)) + v/(1+k)``.

    >>> float(linear_buyer(0.75, k=0.5))
    0.5833333333333334
    """
    return np.asarray(k * (1 - k) / (2 * (1 + k)) + np.asarray(value) / (1 + k))


def linear_seller(value: ArrayLike, k: float) -> Array:
    """Seller's ask in the linear equilibrium of the k-double auction with one buyer, ``(1-k)/2 + c/(2-k)``.

    >>> float(linear_seller(0.25, k=0.5))
    0.41666666666666663
    """
    return np.asarray((1 - k) / 2 + np.asarray(value) / (2 - k))


def buyers_bid(value: ArrayLike, pairs: int) -> Array:
    """Buyer's bid in the m by m double auction at the buyers' price (k = 1), ``m v / (m+1)``; sellers are truthful.

    >>> float(buyers_bid(0.9, pairs=2))
    0.6
    """
    return np.asarray(pairs * np.asarray(value) / (pairs + 1))


@bidding("pay-as-bid-equilibrium", prepares=True)
def pay_as_bid_equilibrium(scenario: Scenario) -> Rule:
    """Bid the pay-as-bid equilibrium in closed form: one unit a lab, uniform values, the Governor sells all permits.

    >>> labs = {"count": 5, "units": 1, "value_shock": 0, "value_noise": 0, "running_cost": 0}
    >>> labs["value"] = {"low": 0, "high": 1}
    >>> one = Scenario(labs=labs, permits={"cap": 2, "grandfathered": 0}, market={"mechanism": "pay-as-bid"})
    >>> rule = pay_as_bid_equilibrium(one)
    >>> rule(np.full((5, 1), 0.6), np.zeros(5), np.zeros((5, 1)), Draws(0))[0].round(4).tolist()
    [0.4255]
    """
    labs, permits = scenario.labs.count, scenario.permits.cap
    low, span = _model("pay-as-bid-equilibrium", scenario, "pay-as-bid", units=1, endowed=0)
    if not 1 <= permits < labs:
        raise InputError(
            f"labs.bidding: pay-as-bid-equilibrium needs fewer permits than labs; permits.cap {permits} is not in "
            f"[1, {labs - 1}]"
        )
    return _bids(lambda net: low + span * pay_as_bid((net - low) / span, labs, permits))


@bidding("linear-double-auction", prepares=True)
def linear_double_auction(scenario: Scenario) -> Rule:
    """Bid the linear equilibrium of the k-double auction in closed form: one buyer, one seller, uniform values."""
    low, span = _model("linear-double-auction", scenario, "double-auction", units=1, endowed=1, labs=2)
    k = float(_mechanism(scenario).options["k"])

    def buyer(net: Array) -> Array:
        # below the lowest ask no bid trades, and the line would lie above the value
        return np.minimum(net, low + span * linear_buyer((net - low) / span, k))

    def seller(net: Array) -> Array:
        return np.maximum(net, low + span * linear_seller((net - low) / span, k))

    return _bids(buyer, seller)


@bidding("buyers-bid", prepares=True)
def buyers_bid_equilibrium(scenario: Scenario) -> Rule:
    """Bid the equilibrium of the buyer's-bid double auction (k=1) in closed form: m buyers, m sellers."""
    pairs = scenario.labs.count // 2
    if scenario.labs.count != 2 * pairs:
        raise InputError(
            f"labs.bidding: buyers-bid needs an even number of labs; labs.count {scenario.labs.count} is odd"
        )
    low, span = _model("buyers-bid", scenario, "double-auction", units=1, endowed=pairs, k=1.0)
    return _bids(lambda net: low + span * buyers_bid((net - low) / span, pairs))


@bidding("demand-reduction", prepares=True)
def demand_reduction(scenario: Scenario) -> Rule:
    """Bid for one of two flat units only: two labs, two permits, uniform price at the highest losing report.

    An equilibrium: a bid for the second unit would set the price of the first.
    """
    _model("demand-reduction", scenario, "uniform-price", units=2, endowed=0, labs=2, cap=2, k=0.0, decline=0.0)

    def rule(net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
        return net_value * np.array([1.0, 0.0])

    return rule


def _mechanism(scenario: Scenario) -> Any:
    return resolve("mechanism", scenario.market.mechanism, scenario.market.options)


def _model(
    name: str,
    scenario: Scenario,
    mechanism: str,
    *,
    units: int,
    endowed: int,
    labs: int | None = None,
    cap: int | None = None,
    k: float | None = None,
    decline: float | None = None,
) -> tuple[float, float]:
    """Lowest net value and range of net values; InputError where the scenario is not the model of the closed form."""
    who, permits, bound = scenario.labs, scenario.permits, _mechanism(scenario)
    refuse_rules(scenario, f"labs.bidding: {name}")
    if who.relocation_cost is not None:
        raise InputError(
            f"labs.bidding: {name} knows nothing of labs.relocation_cost; allowed is a scenario without it"
        )
    value = who.value
    net = value.low - who.running_cost if isinstance(value, Uniform) else 0.0
    facts: list[tuple[str, Any, Any]] = [
        ("market.mechanism", bound.plugin.name, mechanism),
        ("labs.count", who.count, labs),
        ("labs.units", who.units, units),
        ("labs.value.distribution", value.distribution, "uniform"),
        ("labs.value_decline", who.value_decline, decline),
        ("labs.value_shock", who.value_shock, 0.0),
        ("labs.value_noise", who.value_noise, 0.0),
        ("permits.cap", permits.cap, endowed if cap is None and endowed else cap),
        ("permits.grandfathered", permits.grandfathered, float(endowed > 0)),
        ("market.options.k", bound.options.get("k"), k),
    ]
    for field, found, wanted in facts:
        if wanted is not None and found != wanted:
            raise InputError(f"labs.bidding: {name} holds for {field} {_word(wanted)}, not {_word(found)}")
    assert isinstance(value, Uniform)
    if value.high == value.low:
        raise InputError(f"labs.bidding: {name} holds for labs.value.high above labs.value.low, not {value.high:g}")
    if net < 0:
        raise InputError(
            f"labs.bidding: {name} holds where every run is worth its cost; labs.running_cost {who.running_cost:g} is "
            f"not in [0, {value.low:g}]"
        )
    if permits.reserve_price > net:
        raise InputError(
            f"labs.bidding: {name} holds where the reserve excludes nobody; permits.reserve_price "
            f"{permits.reserve_price:g} is not in [0, {net:g}]"
        )
    return net, value.high - value.low


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bids(buyer: Callable[[Array], Array], seller: Callable[[Array], Array] = np.asarray) -> Rule:
    """A rule that turns the net values of permits to buy and of permits in hand into reports."""

    def rule(net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
        return np.where(sells(endowment, net_value.shape[-1]), seller(net_value), buyer(net_value))

    return rule
