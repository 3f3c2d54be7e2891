"""Every mechanism runs the months of every scenario: permits and money add up, and a world is the same in a batch."""

import numpy as np
import pytest

from agents import PermitMarket
from scenarios import load_scenario, override, vault_names
from scenarios.market_rules import rules_on
from tests.agents.worlds import assert_same_worlds, ran, small

RULES = {
    "uniform-price": {},
    "vickrey": {},
    "double-auction": {},
    "pay-as-bid": {},
    "mcafee": {},
    "mcafee with bounds": {"missing": "bounds", "low": 0.0, "high": 1.0},
    "huang": {},
    "muda": {},
    "muda with Vickrey": {"rationing": "vickrey"},
    "posted-price": {"price": 0.4},
    "lottery": {},
}
NEAR = 1e-9


def under(scenario, rule):
    """The scenario under one rule."""
    return override(scenario, {"market": {"mechanism": rule.partition(" ")[0], "options": RULES[rule]}})


PLAIN = [name for name in vault_names() if not rules_on(load_scenario(name).permits)]
"""Scenarios without rules that bring further permits; those have properties of their own."""


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", PLAIN)
def test_permits_and_money_add_up(name, rule):
    scenario = override(under(load_scenario(name), rule), {"months": 2})
    market = PermitMarket(scenario, seed=range(8))
    start, traded = market.ledger.total(), 0
    while market.running:
        market.step()
        month, clearing = market.month, market.month.clearing
        house = (month.bought - month.sold).sum(axis=-1)
        np.testing.assert_array_equal(house, clearing.house_sold)
        assert ((house >= 0) & (house <= scenario.permits.cap - month.endowment.sum(axis=-1))).all()
        assert (month.held.sum(axis=-1) <= scenario.permits.cap).all()
        assert (np.minimum(month.bought, month.sold) == 0).all()
        assert (month.sold <= month.endowment).all()
        np.testing.assert_allclose(month.paid.sum(axis=-1), clearing.surplus, atol=NEAR)
        traded += clearing.volume
    np.testing.assert_allclose(market.ledger.total(), start, atol=1e-7)
    assert (traded > 0).all() or rule.startswith("muda"), "in a small market a half may lack a seller"
    assert (traded > 0).any()


@pytest.mark.parametrize("rule", RULES)
def test_a_world_is_the_same_alone_and_in_a_batch(rule):
    scenario = under(small({"permits.grandfathered": 0.5}), rule)
    more = override(scenario, {"permits.cap": 5, "permits.reserve_price": 0.3})
    assert_same_worlds(ran([scenario, more], range(4)), [scenario, more], range(4))


@pytest.mark.parametrize("rule", RULES)
def test_welfare_adds_up(rule):
    m = ran(under(small(), rule), range(30)).measures()
    parts = m["lab_surplus"] + m["governor_revenue"] - m["audit_cost"] - m["harm"]
    np.testing.assert_allclose(m["welfare"], parts, atol=NEAR)
