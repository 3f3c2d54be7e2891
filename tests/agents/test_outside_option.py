"""The outside option: a permit is never worth more than running without one costs. Numbers computed independently.

Twenty labs want one run each, u ~ U[50, 200] M$; five permits are sold at the highest losing bid. Labs bid min(u, E).
"""

import numpy as np
import pytest

from scenarios import Scenario, override
from tests.agents.worlds import ran

PENALTY = 400.0
WORLDS = 4000
BASE = Scenario(
    months=1,
    labs={
        "count": 20,
        "units": 1,
        "value": {"distribution": "uniform", "low": 50.0, "high": 200.0},
        "value_shock": 0.0,
        "value_noise": 0.0,
        "running_cost": 0.0,
        "bidding": "outside-option",
    },
    permits={"cap": 5, "grandfathered": 0.0},
    market={"mechanism": "uniform-price", "options": {"k": 0.0}},
    enforcement={"penalty": PENALTY, "policy": {"kind": "random", "probability": 0.5}},
    welfare={"harm": 0.0, "audit_cost": 0.0},
)
COLUMNS = ("price", "runs", "violations", "compliance", "of runners", "holders' value", "run value", "revenue")
# A number stands as printed: the last digit says how far it may be off.
TABLE = {
    10: "10.0 20.0 15.0 .25 .25 .70 2.80 50",
    60: "60.0 18.7 13.7 .317 .269 .728 2.72 300",
    100: "100.0 13.3 8.33 .583 .386 .840 2.24 500",
    140: "139.0 8.07 3.07 .846 .662 .949 1.53 695",
    180: "157.0 5.06 .06 .997 .991 1.00 1.01 785",
    200: "157.14 5.00 0 1 1 1 1 786",
}
EXACT = {200: ("violations", "compliance", "of runners", "holders' value", "run value")}


@pytest.fixture(scope="module")
def columns():
    """Every column of the table, (expected penalties, worlds), from one market of all cells and worlds."""
    cells = [override(BASE, {"enforcement.policy.probability": e / PENALTY}) for e in TABLE]
    market = ran(cells, range(WORLDS))
    measure = {name: values.reshape(len(TABLE), WORLDS) for name, values in market.world_values().items()}
    runs, violations = measure["units_run"], measure["uncovered_units"]
    efficiency, value = measure["allocative_efficiency"], measure["run_value"]
    figures = (measure["price"], runs, violations, measure["compliance_rate"], (runs - violations) / runs)
    return dict(zip(COLUMNS, (*figures, efficiency, value, measure["auction_revenue"]), strict=True))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("e", TABLE)
def test_the_table_from_the_model_itself(columns, e, column):
    printed = TABLE[e].split()[COLUMNS.index(column)]
    worlds = columns[column][list(TABLE).index(e)]
    half_unit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    if column in EXACT.get(e, ()):
        np.testing.assert_allclose(worlds, float(printed), rtol=1e-12)
    else:
        error = 3 * worlds.std(ddof=1) / np.sqrt(WORLDS)
        assert abs(worlds.mean() - float(printed)) <= error + half_unit


def test_no_bid_is_above_what_a_violation_costs():
    reports = ran(override(BASE, {"enforcement.policy.probability": 0.25}), range(50)).month.reports
    assert reports.max() == 100.0
    assert (reports == 100.0).mean() > 0.5
    assert reports.min() < 100.0


def test_with_full_value_bids_the_price_does_not_know_of_enforcement():
    bids_in_full = override(BASE, {"labs.bidding": "full-value"})
    weak, strong = (
        ran(override(bids_in_full, {"enforcement.policy.probability": p}), range(200)).measures() for p in (0.0, 0.5)
    )
    np.testing.assert_array_equal(weak["price"], strong["price"])
    assert weak["price"].mean() == pytest.approx(157.14, abs=3)
    assert weak["compliance_rate"].max() == 0.25
    assert strong["compliance_rate"].min() == 1.0


@pytest.mark.parametrize("risk", [0.25, 2.0])
def test_labs_that_take_risks_lightly_bid_less_and_run_more(risk):
    detected = {"enforcement.policy.probability": 0.3}
    light, neutral = (
        ran(override(BASE, {**detected, "labs.risk_profile.value": r}), range(100)) for r in sorted((risk, 1.0))
    )
    assert (light.measures()["price"] <= neutral.measures()["price"]).all()
    assert light.measures()["price"].mean() < neutral.measures()["price"].mean() - 20
    assert (light.measures()["units_run"] >= neutral.measures()["units_run"]).all()
    assert light.month.reports.max() == pytest.approx(min(risk, 1.0) * 0.3 * PENALTY)
