"""What a caught lab owes: every shape of penalty, permits still owed, runs that are stopped, collateral that costs."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.penalties import Schedule
from scenarios import Scenario, load_scenario, override
from tests.agents.worlds import ran

SURE = {"kind": "random", "probability": 1.0}


def market(values, **changes):
    """Labs with these values, a row each, no luck in what runs are worth; everybody is audited."""
    labs = {"count": len(values), "units": len(values[0]), "value": {"values": values}, "running_cost": 0}
    still = {"value_decline": 0, "value_shock": 0, "value_noise": 0}
    base = Scenario(
        months=1,
        labs=labs | still,
        permits={"cap": 0, "grandfathered": 0},
        enforcement={"penalty": 0.1, "policy": SURE},
    )
    found = PermitMarket(override(base, changes), seed=0)
    found.run()
    return found


def test_a_flat_penalty_makes_a_lab_run_all_or_nothing():
    assert market([[0.5, 0.4, 0.3]] * 2, **{"enforcement.penalty": 0.8}).month.uncovered.tolist() == [0, 0]
    flat = {"enforcement.penalty_rule": {"kind": "flat"}, "enforcement.penalty": 0.8}
    month = market([[0.5, 0.4, 0.3], [0.3, 0.2, 0.1]], **flat).month
    assert month.uncovered.tolist() == [3, 0]
    assert month.penalty.tolist() == [0.8, 0.0]


def test_a_convex_penalty_stops_where_the_next_unit_costs_more_than_it_brings():
    convex = {"enforcement.penalty_rule": {"kind": "convex", "curvature": 0.2}}
    month = market([[0.6, 0.6, 0.6]], **convex).month
    costs = np.diff(Schedule("convex", 0.1, curvature=0.2)(np.arange(4)))
    assert costs == pytest.approx([0.2, 0.4, 0.6])
    assert month.uncovered.tolist() == [2]
    assert month.penalty == pytest.approx([0.6])


def test_the_convex_market_of_the_literature():
    """Stranlund and Dhanda: whatever their type, violators violate by the same amount; units of 1/20."""
    grain, types = 20, (20, 18, 16, 14)
    steps = (np.arange(20 * grain) + 0.5) / grain
    values = [np.maximum(a - steps, 0.0).tolist() for a in types]
    values = [[v / grain for v in row] for row in values]
    convex = {"kind": "convex", "curvature": 2 / grain**2}
    found = market(
        values,
        **{
            "permits.cap": 20 * grain,
            "labs.bidding": "outside-option",
            "enforcement.penalty": 5 / grain,
            "enforcement.penalty_rule": convex,
            "enforcement.policy": {"kind": "random", "probability": 0.5},
        },
    )
    month = found.month
    assert float(found.results()["price"].iloc[0]) * grain == pytest.approx(7.25, abs=0.03)
    assert month.uncovered / grain == pytest.approx([4.75] * 4, abs=0.05)
    assert (month.held + month.uncovered) / grain == pytest.approx([12.75, 10.75, 8.75, 6.75], abs=0.05)


def test_a_fine_by_turnover_is_the_higher_of_the_two_and_for_small_labs_the_lower():
    fine = {"kind": "turnover", "share": 0.1, "small_below": 1.5}
    month = market(
        [[v, v] for v in (8.0, 2.0, 1.0, 4.0)],
        **{"enforcement.penalty_rule": fine, "labs.turnover": 1.0, "enforcement.penalty": 0.3},
    ).month
    assert month.uncovered.tolist() == [2] * 4
    assert month.penalty == pytest.approx([0.8, 0.3, 0.1, 0.4])


def test_a_penalty_linked_to_the_price_deters_more_where_permits_are_dear():
    market_of_two = [[0.9], [0.8], [0.5]]
    linked = {"permits.cap": 1, "enforcement.price_multiple": 0.5, "enforcement.penalty": 0.1}
    month = market(market_of_two, **linked).month
    assert month.paid.tolist() == [0.9, 0, 0]
    assert month.uncovered.tolist() == [0, 1, 0]
    assert month.penalty == pytest.approx([0, 0.1 + 0.45, 0])


def test_missing_permits_are_given_up_in_later_months():
    two_months = {"months": 2, "permits.cap": 1, "permits.grandfathered": 1.0, "enforcement.make_good": 1}
    found = market([[0.9]], **{**two_months, "permits.cap": 0})
    assert found.month.uncovered.tolist() == [1]
    assert found.owed.tolist() == [2]
    holds = override(load_scenario("baseline"), {"enforcement.make_good": 1, "enforcement.penalty": 0.05})
    some = PermitMarket(holds, seed=3)
    before = np.zeros(100)
    while some.running:
        some.step()
        month = some.month
        given_up = np.minimum(before, month.endowment + month.bought - month.sold)
        assert month.held.tolist() == (month.endowment + month.bought - month.sold - given_up).tolist()
        before = before - given_up + month.uncovered * month.caught
        assert some.owed.tolist() == before.tolist()
    assert some.measures()["permits_surrendered"].sum() > 0


def test_labs_count_the_permits_they_would_owe():
    cheap = {"permits.cap": 1, "enforcement.penalty": 0.1}
    assert market([[0.9], [0.8]], **cheap).month.uncovered.tolist() == [0, 1]
    assert market([[0.9], [0.8]], **cheap, **{"enforcement.make_good": 1}).month.uncovered.tolist() == [0, 0]


@pytest.mark.parametrize("chance", [0.0, 0.4, 1.0])
def test_labs_bid_the_smaller_of_value_and_what_detection_costs(chance):
    """min(u, q(P + s*u)) where found violations are stopped with probability s."""
    u, q, penalty = np.array([0.2, 0.5, 0.9, 2.0]), 0.4, 0.3
    found = market(
        u[:, None].tolist(),
        **{
            "permits.cap": 2,
            "labs.bidding": "outside-option",
            "enforcement.penalty": penalty,
            "enforcement.stops_run": chance,
            "enforcement.policy": {"kind": "random", "probability": q},
        },
    )
    assert found.month.reports[0] == pytest.approx(np.minimum(u, q * (penalty + chance * u)))


def test_a_run_that_is_stopped_brings_no_value_and_does_no_harm():
    stopped = market([[0.9, 0.5]], **{"enforcement.policy.probability": 0.5, "enforcement.stops_run": 1.0}, months=40)
    m = stopped.measures()
    found = m["caught"] > 0
    assert 5 < found.sum() < 35
    assert m["stopped_units"][found].tolist() == [2.0] * found.sum()
    assert (m["harm"][found] == 0).all()
    assert m["harm"][~found] == pytest.approx(2.0)
    assert m["welfare"][found] == pytest.approx(-0.01)
    assert m["lab_surplus"][found] == pytest.approx(-0.2)
    assert (m["true_compute"] > 0).all()


def test_nobody_runs_what_would_surely_be_stopped():
    sure = {"enforcement.stops_run": 1.0, "enforcement.penalty": 0.0}
    assert market([[0.9, 0.5]], **sure).month.uncovered.tolist() == [0]


def test_collateral_that_costs_takes_from_labs_and_changes_nothing_else():
    base = load_scenario("thin_market")
    free = ran(base, [1, 2])
    dear = ran(override(base, {"enforcement.collateral_cost": 0.1}), [1, 2])
    cost = 0.1 * base.enforcement.collateral_share * base.enforcement.penalty * base.labs.units * base.labs.count
    before, after = free.measures(), dear.measures()
    moved = {"collateral_cost": cost, "welfare": -cost, "lab_surplus": -cost}
    for name in before:
        if name == "wealth":
            months = np.arange(1, base.months + 1)
            np.testing.assert_allclose(after[name] - before[name], np.tile(-cost / base.labs.count * months, (2, 1)))
        else:
            np.testing.assert_allclose(after[name], before[name] + moved.get(name, 0.0), atol=1e-12)


@pytest.mark.parametrize(
    "change",
    [
        {"enforcement.penalty_rule": {"kind": "linear"}},
        {"enforcement.penalty_rule": {"kind": "convex", "curvature": 0.0}},
        {"labs.turnover": 99.0},
    ],
)
def test_a_rule_that_amounts_to_the_linear_one_changes_nothing(change):
    base = load_scenario("baseline")
    before, after = (ran(scenario, [0, 1]).measures() for scenario in (base, override(base, change)))
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, rtol=1e-12)
