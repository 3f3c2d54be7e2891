"""Months worked out together equal months worked out one by one, to the last bit, whatever one asks of them."""

import copy
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import PermitMarket, lookahead
from agents.lookahead import months_together
from agents.model import Worlds
from agents.month import Month
from mechanisms import Clearing, Draws, policy
from scenarios import load_scenario, override, scenario_names
from tests.agents.strategies import scenarios
from tests.agents.worlds import LEDGER, PHASES, small, state

RULES = ("pay-as-bid", "mcafee", "huang", "muda", "posted-price:price=0.3", "lottery")
OF_ORDERS = ("price", "quantity", "buying", "user", "supply", "reserve", "labs", "ladder", "offered", "ranked", "unit")
OF_CLEARING = ("mechanism", "outcome", "bought", "sold", "volume", "price", "fills", "payments", "prices", "surplus")


class MonthByMonth(PermitMarket):
    """A market that never looks ahead: what a model of somebody's own does in a month is not known."""


MARKETS = PermitMarket, MonthByMonth


def visible(market):
    """All that a market of one world shows after a month, as arrays by name."""
    names = sorted({field.name for field in fields(Month)} - {"_later"} | {"seized", "fine"})
    month = {name: getattr(market.month, name) for name in names if hasattr(market.month, name)}
    ledger = {name: getattr(market.ledger, name) for name in LEDGER}
    asked = {"units": market.choose_units(), "expected": market.expected_penalties(), "audited": market.draw_audits()}
    return dict(leaves("", {"month": month, "ledger": ledger, "rates": market.rates, "owed": market.owed, **asked}))


def leaves(name, thing):
    """The arrays and numbers that something holds, by their place in it."""
    if isinstance(thing, Draws):
        thing = thing.uniform("anything", 3)
    elif isinstance(thing, Clearing):
        book = {part: getattr(thing.book, part) for part in OF_ORDERS}
        thing = {"book": book} | {part: getattr(thing, part) for part in OF_CLEARING}
    elif isinstance(thing, tuple):
        thing = dict(enumerate(thing))
    if isinstance(thing, dict):
        for part, value in thing.items():
            yield from leaves(f"{name}.{part}", value)
    else:
        yield name, np.asarray(thing)


def assert_alike(market, apart):
    found, expected = visible(market), visible(apart)
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=f"{name} in month {apart.steps}", strict=True)


def check(scenario, seed):
    """Step markets that look ahead and that do not, and compare all that they show; gives the months together."""
    market, apart = PermitMarket(scenario, seed), MonthByMonth(scenario, seed)
    together = months_together(market, 0)
    while apart.running:
        market.step()
        apart.step()
        assert_alike(market, apart)
    assert not market.running
    for name, values in state(apart).items():
        np.testing.assert_array_equal(state(market)[name], values, err_msg=name, strict=True)
    return together


@pytest.mark.parametrize("name", scenario_names())
def test_in_every_scenario_of_the_vault(name):
    scenario = override(load_scenario(name), {"months": 6})
    looks_back = scenario.permits.banking or scenario.permits.rollover or scenario.enforcement.make_good
    assert check(scenario, 5) == (0 if looks_back else 6)


@given(scenarios(), st.integers(0, 2**64 - 1))
def test_in_any_scenario(scenario, seed):
    check(scenario, seed)


@pytest.mark.parametrize("rule", RULES)
def test_under_every_mechanism(rule):
    mechanism, _, options = rule.partition(":")
    market = {"mechanism": mechanism, "options": dict(part.split("=") for part in filter(None, options.split(",")))}
    bidding = "zero-intelligence" if mechanism == "lottery" else "outside-option"
    scenario = override(load_scenario("baseline"), {"months": 7, "market": market, "labs.bidding": bidding})
    assert check(scenario, 11) == 7


def test_blocks_grow_and_end_with_the_scenario():
    large = [PermitMarket(small({"labs.count": labs, "months": 12})) for labs in (60_000, 10_000, 1_000)]
    blocks = [[months_together(market, first) for first in (0, 3, 9, 11)] for market in large]
    assert blocks == [[0, 0, 0, 0], [1, 3, 3, 1], [10, 9, 3, 1]]


def test_months_in_several_blocks_are_the_same(monkeypatch):
    monkeypatch.setattr(lookahead, "FIRST_LAB_UNITS", 0)
    monkeypatch.setattr(lookahead, "MOST_LAB_UNITS", 3 * 8 * 2)
    assert check(small({"months": 9, "enforcement.penalty_rule": {"kind": "convex"}}), 3) == 0


def test_phases_called_one_by_one_work_between_steps():
    markets = [kind(small({"months": 6, "enforcement.policy": {"kind": "optimal"}}), 3) for kind in MARKETS]
    for market in markets:
        market.step()
        market.step()
        for phase in PHASES:
            getattr(market, phase)()
    assert_alike(*markets)
    for market in markets:
        market.run()
    assert_alike(*markets)


def test_another_luck_holds_from_the_next_month_on():
    markets = [kind(small({"months": 6}), 3) for kind in MARKETS]
    for market in markets:
        market.step()
        market.use_draws(Draws(8))
        market.step()
    assert_alike(*markets)


def test_a_month_may_be_kept_and_copied():
    market = Worlds(small({"months": 3}), 3)
    market.step()
    kept, copied, values = market.month, copy.deepcopy(market.month), market.month.net_value.tolist()
    market.run()
    assert kept.net_value.tolist() == copied.net_value.tolist() == values != market.month.net_value.tolist()
    assert copied.seized.tolist() == kept.seized.tolist()
    assert not hasattr(kept, "stopped")


@pytest.mark.usefixtures("clean_slate")
def test_a_policy_that_looks_back_and_a_model_with_steps_of_its_own_run_month_by_month():
    class Counting(PermitMarket):
        months = 0

        def step(self):
            super().step()
            self.months += 1

    market = Counting(small({"months": 6}))
    market.run()
    assert (months_together(market, 0), market.months) == (0, 6)

    @policy("test-suspicious")
    def suspicious(announced, observed):
        return 0.5, 0.1 if observed.caught is None else 0.1 + 0.8 * observed.caught

    assert check(small({"months": 6, "enforcement.policy": {"kind": "test-suspicious"}}), 2) == 0


def test_a_phase_replaced_in_one_model_is_called():
    market, called = PermitMarket(small(), 1), []
    market.raise_signals = lambda: (called.append(market.steps), Worlds.raise_signals(market))
    market.run()
    assert called == [1, 2]
