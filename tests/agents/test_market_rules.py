"""Rules of real permit markets: each does what it says under every mechanism, and nothing where it does not bind."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.market_rules.offers import house_offer
from mechanisms import CentralExchange, InputError, OrderBook
from scenarios import load_scenario, override
from tests.agents.test_lookahead import check
from tests.agents.worlds import MONTH, assert_same_worlds, one_month, ran, small, state

PRICED = ("uniform-price", "vickrey", "double-auction", "pay-as-bid", "mcafee", "huang", "muda")
LIMITED = (*PRICED, "posted-price", "lottery")
SEEDS = (3, 11, 5)
RULES = [
    {"permits.price_ceiling": 0.35},
    {"permits.containment_reserve": 3, "permits.containment_trigger": 0.3},
    {"permits.containment_reserve": 2, "permits.containment_trigger": 0.3, "permits.price_ceiling": 0.5},
    {"permits.purchase_limit": 0.25},
    {"permits.holding_limit": 0.15},
    {"permits.rollover": 1.0, "permits.reserve_price": 0.6},
    {"permits.banking": 2, "permits.cap": 15, "permits.grandfathered": 0.8},
    {"permits.banking": 1, "permits.rollover": 0.5, "permits.cap": 14, "permits.holding_limit": 0.2},
    {"permits.lot": 2, "permits.price_ceiling": 0.6},
    {"permits.flop_threshold": 1e25, "permits.banking": 1},
    {"permits.resale": "pay-as-bid", "permits.holding_limit": 0.4, "labs.bidding": "zero-intelligence"},
    {"permits.resale": "muda", "permits.banking": 2, "permits.cap": 14},
]


def under(rule, changes):
    """A small scenario under a mechanism."""
    options = {"price": 0.7} if rule == "posted-price" else {}
    return small({"market": {"mechanism": rule, "options": options}, **changes})


def sold(bids, permits, rule="uniform-price", reserve=0.0, **steps):
    """What a house with these steps sells to labs of one unit each, and what they pay in all."""
    reports = np.minimum(np.array([bids]), steps.get("ceiling", np.inf))
    supply, price = house_offer(reports, np.array(0), np.array(permits), reserve, **steps)
    clearing = CentralExchange(rule).clear(OrderBook.ladders(reports, np.zeros(len(bids), int), supply, price))
    return float(clearing.volume), round(float(clearing.surplus), 9)


def test_a_price_rises_along_the_steps_of_the_houses_supply():
    """Two regular permits at .1, two in reserve at .5, any number at .8: each shift of demand, by hand."""
    steps = {"reserve": 0.1, "trigger": 0.5, "extra": 2, "ceiling": 0.8}
    assert sold([0.9, 0.05], 2, **steps) == (1, 0.1)  # some regular permits stay: the reserve price
    assert sold([0.9, 0.4, 0.3], 2, **steps) == (2, 0.8)  # the lowest winning bid
    assert sold([0.9, 0.6, 0.5], 2, **steps) == (3, 1.5)  # one of the reserve: the trigger
    assert sold([0.9, 0.7, 0.6, 0.55], 2, **steps) == (4, 2.2)  # all of it: the lowest winning bid
    assert sold([0.9, 0.7, 0.7, 0.7, 0.6], 2, **steps) == (4, 2.8)  # it is not enough, and the price rises
    assert sold([0.95, 0.9, 0.85, 0.85, 0.8, 0.7], 2, **steps) == (5, 4.0)  # all who bid the ceiling are served
    assert sold([0.95, 0.9, 0.85, 0.85, 0.8, 0.7], 2, "pay-as-bid", **steps) == (5, 4.0)


@pytest.mark.parametrize("rule", PRICED)
def test_nobody_pays_more_than_the_ceiling(rule):
    free, capped = (one_month_under(rule, change) for change in ({}, {"permits.price_ceiling": 0.35}))
    assert dearest(free) > 0.35
    assert dearest(capped) <= 0.35 + 1e-9
    assert (capped.measures()["permits_released"] > 0).any() or rule == "muda"
    assert capped.measures()["permits_released"].mean() == pytest.approx(
        np.maximum(0, capped.month.clearing.house_sold - capped.month.house).mean()
    )


def one_month_under(rule, changes):
    """Many small worlds after a month."""
    market = PermitMarket(under(rule, {"labs.count": 20, "permits.cap": 15, **changes}), range(20))
    market.step()
    return market


def dearest(market):
    """The most that was paid for a permit."""
    month = market.month
    return float(np.max(month.paid / np.where(month.bought > 0, month.bought, np.inf)))


@pytest.mark.parametrize("rule", ["uniform-price", "uniform-price:k=0", "double-auction"])
def test_with_a_ceiling_all_who_value_permits_at_more_hold_them(rule):
    name, _, k = rule.partition(":k=")
    change = {"market.options": {"k": float(k)}} if k else {}
    market = one_month_under(name, {"permits.price_ceiling": 0.35, **change})
    binds = market.month.clearing.price == 0.35
    assert binds.mean() > 0.5
    above = (market.month.net_value > 0.35).sum(axis=-2)
    assert (market.month.held >= above)[binds].all()


def test_the_reserve_is_sold_at_no_less_than_the_trigger_and_never_runs_over():
    swings = {"labs.value_shock": 0.5, "permits.containment_reserve": 4, "permits.containment_trigger": 0.5}
    market = one_month_under("uniform-price", swings)
    released, price = market.measures()["permits_released"][:, 0], market.month.clearing.price
    assert {0, 4} < set(np.unique(released)) <= {0, 1, 2, 3, 4}
    assert (price[released > 0] >= 0.5).all()
    assert (price[(released > 0) & (released < 4)] == 0.5).all()


@pytest.mark.parametrize("rule", LIMITED)
def test_nobody_buys_more_than_a_limit_allows(rule):
    wide = {"labs.count": 4, "labs.units": 6, "permits.cap": 20, "permits.grandfathered": 0.2}
    free = one_month_with(rule, wide)
    bought = one_month_with(rule, {**wide, "permits.purchase_limit": 0.15}).bought
    assert free.bought.max() > 2 == bought.max()  # of sixteen permits
    held = one_month_with(rule, {**wide, "permits.holding_limit": 0.1})
    assert free.held[free.bought > 0].max() > 2 == held.held[held.bought > 0].max(initial=2)


def one_month_with(rule, changes):
    """Some small worlds' first month under a mechanism."""
    market = PermitMarket(under(rule, changes), range(20))
    market.step()
    return market.month


def test_what_was_handed_out_beyond_a_limit_need_not_be_sold():
    month = one_month({"permits.cap": 16, "permits.grandfathered": 1.0, "permits.holding_limit": 0.01}, range(9)).month
    np.testing.assert_array_equal(month.held, month.endowment)


IDLE = {
    "permits.price_ceiling": 90.0,
    "permits.purchase_limit": 1.0,
    "permits.holding_limit": 1.0,
    "permits.containment_reserve": 5,
}


@pytest.mark.parametrize("rule", PRICED)
def test_rules_that_do_not_bind_change_nothing(rule):
    plain, ruled = (ran(under(rule, {"labs.units": 3, **change}), range(9)) for change in ({}, IDLE))
    for name, values in state(plain).items():
        np.testing.assert_array_equal(state(ruled)[name], values, err_msg=name)


@pytest.mark.parametrize("changes", RULES, ids=str)
def test_months_ahead_equal_months_one_by_one(changes):
    remembers = "permits.rollover" in changes or "permits.banking" in changes
    assert check(small({"months": 5, **changes}), 3) == (0 if remembers else 5)


APART = {"permits.resale": "mcafee", "permits.lot": 2, "permits.flop_threshold": 1e25, "labs.units": 5}
"""What cells must have in common to share an axis, and a threshold."""


@pytest.mark.parametrize("rule", LIMITED)
def test_a_world_is_the_same_alone_and_in_a_grid(rule):
    fit = RULES[:8] if rule in PRICED else RULES[3:8]
    grids: list = [(change, {}) for change in ({}, *fit)], [({"permits.banking": n}, APART) for n in (0, 2)]
    for grid in grids:
        cells = [under(rule, {"months": 3, **change, **apart}) for change, apart in grid]
        assert_same_worlds(ran(cells, SEEDS), cells, SEEDS)


@pytest.mark.parametrize("changes", RULES, ids=str)
def test_cells_that_share_their_market_do_too(changes):
    cells = [small({**changes, "months": 4, "enforcement.penalty": penalty}) for penalty in (0.2, 0.8)]
    market = ran(cells, SEEDS)
    assert market.month.clearing.book.lead == (len(SEEDS) * (1 + ("labs.bidding" in changes)),)
    assert_same_worlds(market, cells, SEEDS)


def test_labs_are_the_same_whatever_the_rules():
    plain = one_month().month
    for changes in RULES[:5]:  # banks change what labs have in hand, and bids at random what they report
        month = one_month(changes).month
        for name in ("net_value", "endowment", "wanted", "reports"):
            np.testing.assert_array_equal(getattr(month, name), getattr(plain, name), err_msg=name)
        assert any(not np.array_equal(getattr(month, name), getattr(plain, name)) for name in MONTH), changes


def test_a_labs_orders_are_those_that_were_cleared():
    market = one_month({"permits.purchase_limit": 0.1, "permits.price_ceiling": 0.5, "labs.units": 4})
    book = market.month.clearing.book
    for lab in list(market.agents)[:8]:
        np.testing.assert_array_equal(lab.orders()["price"], book.price[book.present & (book.user == lab.index)])


def test_a_search_for_equilibrium_refuses_what_it_does_not_know():
    for name in ("equilibrium", "pay-as-bid-equilibrium"):
        with pytest.raises(
            InputError, match=r"^labs\.bidding: [a-z-]+ knows nothing of permits\.price_ceiling; [^\n]+$"
        ):
            PermitMarket(override(load_scenario("thin_market"), {"labs.bidding": name, "permits.price_ceiling": 0.5}))
