"""Labs that can move abroad: what permits are worth to them, where they run, and that nothing else changes."""

from itertools import pairwise

import numpy as np
import pytest

from agents import PermitMarket, equilibrium
from mechanisms import InputError
from scenarios import override
from tests.agents.test_lookahead import check
from tests.agents.test_market_rules import LIMITED, under
from tests.agents.worlds import assert_same_worlds, one_month, ran, small, state

SEEDS = (3, 11, 5)
STILL = {"labs.value_shock": 0, "labs.value_noise": 0, "labs.running_cost": 0, "permits.grandfathered": 0, "months": 1}
FOUR = {
    **STILL,
    "labs.count": 4,
    "labs.value": {"values": [[0.9, 0.7], [0.8, 0.1], [0.6, 0.5], [0.3, 0.2]]},
    "permits.cap": 2,
    "labs.relocation_cost": 0.4,
}
CERTAIN = {"kind": "random", "probability": 1.0}
STRICT = {"enforcement.penalty": 99.0, "enforcement.policy": CERTAIN}
LAX = {"enforcement.penalty": 0.25, "enforcement.policy": CERTAIN}
PENALTY_RULES = [
    {"enforcement.penalty_rule": {"kind": "flat"}},
    {"enforcement.penalty_rule": {"kind": "convex", "curvature": 0.3}},
    {"enforcement.penalty_rule": {"kind": "turnover", "share": 0.03}, "labs.turnover": 20.0},
    {"enforcement.liability_limit": 0.3},
    {"enforcement.price_multiple": 1.0},
    {"enforcement.make_good": 1},
    {"enforcement.stops_run": 0.5},
    {"labs.choice": {"kind": "quantal", "precision": 5.0}, "labs.racing": 0.5},
]


def figures(changes):
    """All measures of a month by hand."""
    return {name: values[0] for name, values in ran(small(changes), 0).measures().items()}


def test_a_month_by_hand_in_which_labs_move():
    """Units above .4 are five, all worth .4 to a bidder; two permits cover two of them, and three are run abroad."""
    m = figures({**FOUR, **STRICT, "welfare.harm": 2.0, "welfare.harm_abroad": 0.5, "welfare.audit_cost": 0.0})
    assert (m["price"], m["relocated_units"], m["units_run"], m["uncovered_units"]) == (0.4, 3, 2, 0)
    assert m["leakage_rate"] == pytest.approx(3 / 6)  # eight wanted, two run at home
    assert m["compliance_rate"] == 1.0
    assert m["lab_surplus"] == pytest.approx(3.5 - 5 * 0.4)
    assert m["harm"] == pytest.approx(3 * 2.0 * 0.5)
    assert m["welfare"] == pytest.approx(3.5 - 3 * 0.4 - 3.0)
    assert m["allocative_efficiency"] == 1.0


def test_labs_violate_at_home_where_that_is_cheaper_and_move_where_it_is_not():
    at_home = figures({**FOUR, **LAX, "labs.bidding": "outside-option"})
    assert (at_home["price"], at_home["uncovered_units"], at_home["relocated_units"]) == (0.25, 4, 0)
    some = {**FOUR, **LAX, "labs.risk_profile": {"values": [1.0, 9.0, 9.0, 1.0]}, "permits.cap": 0}
    moved = ran(small(some), 0).month
    assert moved.uncovered.tolist() == [2, 0, 0, 1]
    assert moved.relocated.tolist() == [0, 1, 2, 0]


def test_a_run_that_is_stopped_at_home_moves():
    stopped = figures({**FOUR, **LAX, "enforcement.stops_run": 1.0, "permits.cap": 0, "enforcement.penalty": 0.0})
    assert stopped["stopped_units"] == stopped["uncovered_units"] == 0  # nothing is gained at home
    weighed = {**FOUR, "permits.cap": 0, "enforcement.penalty": 0.1, "enforcement.stops_run": 1.0}
    half = {"enforcement.policy": {"kind": "random", "probability": 0.5}}
    market = ran(small({**weighed, **half, "labs.relocation_cost": 0.65}), range(40))
    month = market.month
    assert 0 < month.stopped.sum() < month.uncovered.sum()
    worth_moving = np.array([2, 1, 0, 0])
    np.testing.assert_array_equal(month.relocated, np.maximum(worth_moving - month.uncovered + month.stopped, 0))


@pytest.mark.parametrize("rule", LIMITED)
def test_nobody_pays_more_than_moving_costs_and_permits_go_unsold_above_it(rule):
    base = {"labs.count": 20, "permits.cap": 15, "labs.relocation_cost": 0.35, "permits.grandfathered": 0}
    options = {"market.options": {"price": 0.3}} if rule == "posted-price" else {}
    month = ran(under(rule, {**base, **options}), range(9)).month
    assert month.bought.any() or rule == "muda"  # in which reports all alike trade nothing
    assert (month.paid <= 0.35 * month.bought + 1e-9).all()
    dear = {"permits.reserve_price": 0.4} | ({"market.options": {"price": 0.4}} if options else {})
    assert not ran(under(rule, {**base, **dear}), range(9)).measures()["volume"].any()


def test_labs_that_never_would_move_change_nothing():
    far = {"labs.relocation_cost": 90.0, "labs.relocation_spread": 0.1, "labs.jurisdictions": 3}
    for change in ({}, {"labs.bidding": "outside-option"}, {"labs.racing": 1.0}, {"enforcement.stops_run": 0.5}):
        plain, free = (ran(small({**change, **also}), range(9)) for also in ({}, far))
        for name, values in state(plain).items():
            np.testing.assert_array_equal(state(free)[name], values, err_msg=name)


def test_cheaper_moves_and_more_jurisdictions_never_keep_runs_at_home():
    spread = {"labs.relocation_spread": 0.7, **STRICT, "labs.count": 30, "permits.cap": 20}
    cells = [(0.9, 1), (0.6, 1), (0.6, 4), (0.3, 4)]
    moved = [
        one_month({**spread, "labs.relocation_cost": cost, "labs.jurisdictions": places}, range(20))
        for cost, places in cells
    ]
    runs = [market.month.relocated.sum(axis=-1) for market in moved]
    for fewer, more in pairwise(runs):
        assert (fewer <= more).all()
        assert (fewer < more).any()
    cost = PermitMarket(small({**spread, "labs.relocation_cost": 0.6, "labs.count": 9}), range(4_000)).relocation_cost
    assert cost.mean() == pytest.approx(0.6, abs=0.02)


def test_only_what_turns_on_moving_changes():
    plain, free = (one_month(change, range(9)).month for change in ({}, {"labs.relocation_cost": 0.3}))
    for name in ("endowment", "wanted"):
        np.testing.assert_array_equal(getattr(free, name), getattr(plain, name))
    np.testing.assert_array_equal(free.net_value, np.minimum(plain.net_value, 0.3))
    assert (free.relocated.sum(axis=-1) > 0).all()


@pytest.mark.parametrize("changes", PENALTY_RULES, ids=str)
def test_worlds_of_movers_are_the_same_alone_in_a_grid_and_with_months_together(changes):
    base = small({**changes, "months": 4, "labs.bidding": "outside-option", "labs.units": 3})
    cells = [
        override(
            base, {"labs.relocation_cost": cost, "labs.relocation_spread": 0.5 * places, "labs.jurisdictions": places}
        )
        for cost, places in ((None, 1), (0.3, 1), (0.3, 2), (0.6, 3))
    ]
    assert_same_worlds(ran(cells, SEEDS), cells, SEEDS)
    check(override(cells[2], {"labs.bidding": "full-value"}), 3)


def test_cells_that_share_their_market_may_differ_in_the_harm_abroad():
    base = small({"labs.relocation_cost": 0.3, "labs.relocation_spread": 0.5, "labs.risky_share": 0.5})
    cells = [override(base, {"welfare.harm_abroad": x, "welfare.risky_harm": 1 + x}) for x in (0.0, 0.5, 2.0)]
    market = ran(cells, SEEDS)
    assert market.month.clearing.book.lead == (len(SEEDS),)
    assert_same_worlds(market, cells, SEEDS)


def test_equilibrium_reckons_with_moving_and_closed_forms_refuse_it(monkeypatch):
    monkeypatch.setattr(equilibrium, "ORDERS_A_ROUND", 30_000)
    three = {
        "labs.count": 3,
        "labs.units": 1,
        "permits.cap": 1,
        "labs.relocation_cost": 0.5,
        "labs.bidding": "equilibrium",
    }
    month = ran(small({**three, "market.mechanism": "vickrey", "permits.grandfathered": 0}), range(9)).month
    np.testing.assert_allclose(month.reports, np.maximum(month.net_value, 0), atol=1e-9)
    assert month.reports.max() == 0.5
    with pytest.raises(InputError, match=r"^labs\.bidding: [a-z-]+ knows nothing of labs\.relocation_cost; [^\n]+$"):
        PermitMarket(small({"labs.bidding": "pay-as-bid-equilibrium", "labs.relocation_cost": 0.5}))
