"""Months worked out together equal months worked out one by one, to the last bit."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.lookahead import months_together
from mechanisms import policy
from scenarios import load_scenario, override, scenario_names
from tests.agents.worlds import small, state

RULES = ("pay-as-bid", "mcafee", "huang", "muda", "posted-price:price=0.3", "lottery")


def stepped(scenario, seed):
    """A market that never looks ahead."""
    market = PermitMarket(scenario, seed)
    while market.running:
        market.step()
    return market


def check(scenario, seed):
    market = PermitMarket(scenario, seed)
    together = months_together(market)
    market.run()
    found, expected = state(market), state(stepped(scenario, seed))
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name, strict=True)
    return together


@pytest.mark.parametrize("name", scenario_names())
def test_in_every_scenario_of_the_vault(name):
    scenario = override(load_scenario(name), {"months": 20})
    looks_back = scenario.permits.banking or scenario.permits.rollover or scenario.enforcement.make_good
    assert check(scenario, 5) == (0 if looks_back else 19)


@pytest.mark.parametrize("rule", RULES)
def test_under_every_mechanism(rule):
    mechanism, _, options = rule.partition(":")
    market = {"mechanism": mechanism, "options": dict(part.split("=") for part in filter(None, options.split(",")))}
    bidding = "zero-intelligence" if mechanism == "lottery" else "outside-option"
    scenario = override(load_scenario("baseline"), {"months": 7, "market": market, "labs.bidding": bidding})
    assert check(scenario, 11) == 6


def test_a_large_world_runs_month_by_month():
    assert months_together(PermitMarket(small({"labs.count": 60_000, "months": 12}))) == 0
    assert months_together(PermitMarket(small({"labs.count": 10_000, "months": 12}))) == 5


def test_months_go_on_where_a_person_stopped_stepping():
    scenario = override(load_scenario("baseline"), {"months": 9})
    market = PermitMarket(scenario, 3)
    for _ in range(4):
        market.step()
    market.run()
    assert market.steps == 9
    for name, values in state(stepped(scenario, 3)).items():
        np.testing.assert_array_equal(state(market)[name], values, err_msg=name)


@pytest.mark.usefixtures("clean_slate")
def test_a_policy_that_looks_back_and_a_model_with_steps_of_its_own_run_month_by_month():
    class Counting(PermitMarket):
        months = 0

        def step(self):
            super().step()
            self.months += 1

    market = Counting(small({"months": 6}))
    market.run()
    assert (months_together(market), market.months) == (0, 6)

    @policy("test-suspicious")
    def suspicious(announced, observed):
        return 0.5, 0.1 if observed.caught is None else 0.1 + 0.8 * observed.caught

    assert check(small({"months": 6, "enforcement.policy": {"kind": "test-suspicious"}}), 2) == 0
