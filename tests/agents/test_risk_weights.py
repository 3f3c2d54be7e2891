"""Permits weighed by risk: a unit of a risky model needs several, and is covered by all of them or not at all."""

import numpy as np
import pytest

from agents import PermitMarket, equilibrium
from mechanisms import InputError
from scenarios import load_scenario, override
from tests.agents.test_lookahead import check
from tests.agents.test_market_rules import LIMITED, SEEDS, under
from tests.agents.worlds import assert_same_worlds, one_month, ran, small, state

STILL = {"labs.value_shock": 0, "labs.value_noise": 0, "labs.running_cost": 0, "permits.grandfathered": 0, "months": 1}
TWO = {**STILL, "labs.count": 2, "labs.units": 2, "labs.value": {"values": [[0.9, 0.5], [0.8, 0.3]]}}
WEIGHED = {"labs.risky_share": 0.5, "permits.risk_weight": 2}
STRICT = {"enforcement.penalty": 99.0}


def second_is_risky():
    """A seed under which of two labs the second's model alone turns out risky."""
    risky = one_month({**TWO, **WEIGHED}, range(60)).month.risky
    return int(np.flatnonzero(~risky[:, 0] & risky[:, 1])[0])


def test_a_month_by_hand():
    """Lab 1 bids .9 and .5, lab 2, whose units need two permits each, .4 twice and .15 twice."""
    figures = {}
    for cap in (3, 2, 4):
        market = PermitMarket(small({**TWO, **WEIGHED, **STRICT, "permits.cap": cap}), second_is_risky())
        market.run()
        month, m = market.month, {name: values[0] for name, values in market.measures().items()}
        assert month.clearing.book.price[month.clearing.book.present].max() == 0.9
        figures[cap] = month.permits.tolist(), month.held.tolist(), round(float(m["price"]), 9), m["unused_permits"]
    assert figures[2] == ([2, 0], [2, 0], 0.5, 0)
    assert figures[3] == ([2, 1], [2, 0], 0.4, 1)  # one permit of two covers nothing
    assert figures[4] == ([2, 2], [2, 1], 0.4, 0)
    assert (m["units_run"], m["risky_units"], m["cap_overrun"], m["allocative_efficiency"]) == (3, 1, 0, 1)
    assert m["hhi"] == 0.5
    assert m["share_deterred"] == 0.5


def test_a_lab_short_of_one_permit_violates_with_the_whole_unit_and_harms_by_its_risk():
    lax = {"enforcement.penalty": 0.0, "welfare.risky_harm": 3.0, "welfare.harm": 2.0, "permits.cap": 3}
    market = PermitMarket(small({**TWO, **WEIGHED, **lax}), second_is_risky())
    market.run()
    m = {name: values[0] for name, values in market.measures().items()}
    assert market.month.uncovered.tolist() == [0, 2]
    assert (m["harm"], m["risky_units"]) == (2 * 3 * 2, 2)
    assert m["cap_overrun"] == pytest.approx((2 + 2 * 2) / 3 - 1)


@pytest.mark.parametrize("rule", LIMITED)
def test_held_units_have_all_their_permits_under_every_mechanism(rule):
    changes = {"labs.count": 12, "labs.units": 3, "permits.cap": 50, "permits.risk_weight": 3, "labs.risky_share": 0.5}
    month = ran(under(rule, changes), range(9)).month
    np.testing.assert_array_equal(month.held, month.permits // np.where(month.risky, 3, 1))
    assert (month.permits.sum(axis=-1) <= 50).all()
    assert ((month.permits % 3 > 0) & month.risky).any()
    assert (month.held[month.risky] > 0).any()


def test_where_all_models_are_risky_the_market_is_that_of_a_smaller_cap():
    whole = {"permits.grandfathered": 0.0, "market.mechanism": "vickrey", "months": 4}
    heavy = ran(small({**whole, "labs.risky_share": 1.0, "permits.risk_weight": 3, "permits.cap": 27}), range(20))
    light = ran(small({**whole, "permits.cap": 9}), range(20))
    for name in ("held", "covered", "uncovered", "audited", "caught"):
        np.testing.assert_array_equal(getattr(heavy.month, name), getattr(light.month, name), err_msg=name)
    for name in ("compliance_rate", "welfare", "allocative_efficiency", "governor_revenue"):
        np.testing.assert_allclose(heavy.measures()[name], light.measures()[name], err_msg=name, atol=1e-12)
    np.testing.assert_allclose(heavy.measures()["cap_overrun"], light.measures()["cap_overrun"], atol=1e-12)


def test_evaluations_alone_change_nothing_but_what_counts_them():
    plain, told = (ran(small({"months": 4, **change}), range(9)) for change in ({}, {"labs.risky_share": 0.5}))
    for name, values in state(plain).items():
        if name != "risky_units":
            np.testing.assert_array_equal(state(told)[name], values, err_msg=name)
    few, many = (one_month({"labs.risky_share": share}, range(40)).month.risky for share in (0.2, 0.6))
    assert (few <= many).all()
    assert few.mean() == pytest.approx(0.2, abs=0.08)


RULES = [
    {},
    {"permits.lot": 2, "permits.price_ceiling": 0.6},
    {"permits.flop_threshold": 1e25, "permits.banking": 1},
    {"permits.resale": "pay-as-bid", "permits.holding_limit": 0.4, "labs.bidding": "zero-intelligence"},
    {"permits.purchase_limit": 0.25, "permits.rollover": 1.0, "labs.bidding": "roth-erev"},
    {"enforcement.policy": {"kind": "optimal"}, "enforcement.make_good": 1, "labs.bidding": "outside-option"},
    {"labs.ring_share": 0.5, "labs.relocation_cost": 0.3},
]


@pytest.mark.parametrize("changes", RULES, ids=str)
def test_worlds_are_the_same_alone_in_a_grid_and_with_months_together(changes):
    base = small({**changes, "months": 4, "permits.cap": 14, "labs.units": 3})
    cells = [
        override(base, {"permits.risk_weight": weight, "labs.risky_share": share})
        for weight, share in ((1, 0.5), (2, 0.5), (3, 0.2), (2, 0.0))
    ]
    assert_same_worlds(ran(cells, SEEDS), cells, SEEDS)
    check(cells[1], 3)


def test_optimal_audits_deter_those_who_need_most_permits_too():
    """A loser whose unit needs w permits may value it at up to w times the price of one."""
    base = {"enforcement.policy": {"kind": "optimal"}, "enforcement.penalty": 9.0, "labs.units": 1, "labs.count": 40}
    market = ran(small({**base, "permits.cap": 30, "permits.risk_weight": 2, "labs.risky_share": 0.4}), range(30))
    assert not market.measures()["uncovered_units"].any()


def test_searches_for_equilibria_refuse_weights_in_one_line():
    for name in (equilibrium.equilibrium.__name__, "pay-as-bid-equilibrium"):
        with pytest.raises(InputError, match=r"^labs\.bidding: [a-z-]+ knows nothing of permits\.risk_weight; [^\n]+$"):
            PermitMarket(override(load_scenario("thin_market"), {"labs.bidding": name, **WEIGHED}))
