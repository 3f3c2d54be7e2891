"""Maps over any two settings: cells against overridden scenarios, permits per lab, and what is refused."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.strategies import sampled_from

from agents import PermitMarket
from experiments import heatmap
from experiments.ensemble import under_mechanisms
from experiments.maps.axes import read_axes
from experiments.maps.cells import map_cells
from experiments.maps.running import plan_map
from mechanisms import InputError
from scenarios import load_scenario, override
from scenarios.fields import known_entries

PAIRS = [
    ("enforcement.penalty=0.2,0.7", "enforcement.audit_capacity=[3,null]"),
    ("enforcement.penalty=0.2,0.7", "detection=0.1,0.9"),
    ("enforcement.policy.high=0.2,0.9", "enforcement.penalty=0.2:0.8:3"),
    ("enforcement.policy.high=0.2,0.9", "enforcement.policy.low=0,0.1"),
    ("labs.value.low=0,0.5", "labs.value.high=1:2:3"),
    ("labs.value.low=1.5,1.6", "labs.value.high=1.7,2"),
    ("labs.count=5,9", "labs.units=1,2"),
    ("labs.running_cost=0,0.1", "permits.cap=10:30:3"),
    ("labs.value=[{distribution: lognormal},{distribution: constant}]", "welfare.harm=0,2"),
    ("months=3,5", "market.options.k=0,0.5"),
    ("enforcement.policy.kind=none,optimal", "labs.choice.kind=rational,quantal"),
    ("permits_per_lab=0.5,1", "detection=0.1,0.9"),
]


@pytest.mark.parametrize(("x", "y"), PAIRS)
def test_cells_are_the_scenarios_that_overriding_gives(x, y):
    base = load_scenario("baseline")
    columns, rows = read_axes(base, x, y)
    for label in under_mechanisms(base, ["uniform-price:k=0.5"], ["full-value", "outside-option"]).values():
        cells = map_cells(label, columns, rows)
        for (i, b), (j, a) in product(enumerate(rows.values), enumerate(columns.values)):
            expected = override(label, columns.changes(a, label) | rows.changes(b, label))
            assert cells[i][j] == expected
            assert cells[i][j].model_dump_json() == expected.model_dump_json()


def outcome(function, *arguments):
    """What a call gives, or the line with which it refuses."""
    try:
        return function(*arguments)
    except InputError as refused:
        return str(refused)


MOVED = [(entry.path, entry.moves["value"]) for entry in known_entries().values() if entry.moves]


@given(sampled_from(MOVED), sampled_from(MOVED), sampled_from(["baseline", "eu_ai_act", "rggi"]))
@example(("permits.price_ceiling", 0.6), ("market.mechanism", "posted-price"), "rggi")
def test_a_cell_is_checked_and_sourced_as_overriding_does(one, other, name):
    base = load_scenario(name)
    try:
        columns, rows = read_axes(base, (one[0], [one[1]]), (other[0], [other[1]]))
    except InputError:
        return
    assert outcome(map_cells, base, columns, rows) == outcome(
        lambda: [[override(base, columns.changes(one[1], base) | rows.changes(other[1], base))]]
    )


@pytest.mark.parametrize(
    ("x", "y", "measure"),
    [
        ("labs.running_cost=0,0.3", "permits_per_lab=0.5,1.5", "deterrence_rate"),
        ("months=2,3", "labs.count=6,9", "welfare"),
        ("enforcement.policy=[{kind: none},{kind: signal}]", "enforcement.backcheck=0.2,0.4", "harm"),
    ],
)
def test_each_cell_is_its_market_run_alone(x, y, measure):
    base, seeds = override(load_scenario("thin_market"), {"months": 2}), [3, 8]
    found = heatmap(base, ["vickrey"], x=x, y=y, measure=measure, seeds=seeds)
    plan = plan_map(base, ["vickrey"], x=x, y=y)
    for i, j, k in product(range(2), range(2), range(2)):
        market = PermitMarket(plan.cells[i][j], seed=seeds[k])
        market.run()
        np.testing.assert_equal(found.worlds[0, i, j, k], market.world_values()[measure].item())


def test_permits_per_lab_shows_the_ratio_that_whole_permits_make():
    found = heatmap("seed_binary", y=("permits_per_lab", [0.24, 0.26, 0.275, 0.525, 1.0]), seeds=1, measure="wanted")
    rows = found.data.drop_duplicates("permits_per_lab")
    assert rows["permits"].tolist() == [5, 6, 11, 20]  # 20 labs: 4.8 and 5.2 are one cap, 5.5 and 10.5 go up
    assert rows["permits_per_lab"].tolist() == [0.25, 0.3, 0.55, 1.0]
    assert found.reachable.all()


def test_ratios_that_no_cap_makes_have_no_value():
    found = heatmap("seed_binary", x="labs.count=5,10,20", y="permits_per_lab=0.25,0.5,1", seeds=2)
    assert found.reachable.tolist() == [[False, False, True], [False, True, True], [True] * 3]
    permits = found.extras["permits"]
    np.testing.assert_array_equal(permits, [[np.nan, np.nan, 5], [np.nan, 5, 10], [5, 10, 20]])


def test_detection_is_solved_for_in_what_the_other_axis_changes():
    found = heatmap("seed_binary", x="enforcement.audit_accuracy=0.4,0.8", y="detection=0.2,0.6", seeds=1)
    np.testing.assert_allclose(found.extras["audit_probability"], [[0.5, 0.25], [np.nan, 0.75]], rtol=1e-12)
    assert found.reachable.tolist() == [[True, True], [False, True]]


def test_permits_separate_arithmetic_from_deterrence():
    """With a permit for every lab all comply at any penalty; with half as many it is the penalty that does it."""
    found = heatmap("seed_binary", x="penalty=0,0.8", y="permits_per_lab=0.5,1", seeds=5)
    low, high = found.grid("uniform-price")
    assert high.tolist() == [1.0, 1.0]
    assert low[0] == pytest.approx(0.5)
    assert low[1] > 0.7


def test_texts_stand_side_by_side_and_have_no_lines():
    found = heatmap("seed_binary", x="enforcement.policy=[{kind: none},{kind: signal}]", y="penalty=0.2,0.8", seeds=2)
    assert found.data["enforcement.policy"].tolist() == ['{"kind": "none"}', '{"kind": "signal"}'] * 2
    assert found.contour().empty
    assert found.flip_line().empty


REFUSED = {
    ("x", "enforcement.penlty=0:1:3"): "x: 'enforcement.penlty' is not known; did you mean 'enforcement.penalty'?",
    ("y", "permit_per_lab=0:1:3"): "y: 'permit_per_lab' is not known; did you mean 'permits_per_lab'?",
    ("x", "enforcement.policy.hihg=0,1"): "enforcement.policy.hihg: is not a known setting; did you mean 'high'?",
    ("x", "labs.value.median=1,2"): "labs.value.median: is not a known setting; known: distribution, high, low",
    ("x", "permits.cap=9:3:4"): "x.permits.cap: '9:3:4' is an empty range; the lower end comes first",
    ("x", "permits.cap=9,3"): "x.permits.cap: at least two increasing numbers are needed",
    ("x", "permits.cap=9"): "x.permits.cap: at least two increasing numbers are needed",
    ("x", "permits.cap=3,3"): "x.permits.cap: 3 is given twice",
    ("x", "permits.cap=3,4.5"): "permits.cap: 4.5 is not a whole number",
    ("x", "enforcement.backcheck=0.5:1.5:3"): "enforcement.backcheck: 1.5 is not in [0, 1]",
    ("x", "enforcement.policy.high=0.5,1.5"): "enforcement.policy.high: 1.5 is not in [0, 1]",
    ("x", "labs.choice.kind=rational"): "x.labs.choice.kind: 1 values are not in [2, 200]",
    ("x", "months=1:201:201"): "x.months: 201 values are not in [2, 200]",
    ("x", "detection=0.2,0.4"): "y: detection is x already; name another setting",
    ("y", "enforcement.penalty=1,2"): "y: penalty is x already; name another setting",
    ("y", "detection=0.5,1.5"): "y.detection: 1.5 is not in [0, 1]",
    ("y", "permits_per_lab=-1,1"): "y.permits_per_lab: -1 is not in [0, 1e+06]",
    ("y", "permits_per_lab=1,1.001"): "y.permits_per_lab: at least two increasing numbers are needed",
    ("y", "permits_per_lab=few,many"): "y.permits_per_lab: at least two increasing numbers are needed",
    (
        "x",
        "enforcement.policy.high=0,1",
    ): "y: detection changes the setting that x, enforcement.policy.high, changes al",
    (
        "x",
        "market.mechanism=huang,muda",
    ): "x: market.mechanism is no axis but has a map for each; name them in mechanis",
    ("x", "penalty"): "x: 'penalty' is not path=values, such as enforcement.penalty=0.2:0.8:25",
    ("x", ("penalty", 3)): "x.penalty: 3 is neither a list nor low:high:count",
    ("x", 3): "x: 3 is neither path=values nor a pair of a path and its values",
}


@pytest.mark.parametrize(("given", "line"), REFUSED.items(), ids=[str(given) for given in REFUSED])
def test_bad_axes_are_refused_before_anything_runs(given, line, monkeypatch):
    monkeypatch.setattr("experiments.maps.running.run_worlds", _never)
    side, axis = given
    other = {"y": "months=2,3"} if "policy.hihg" in str(axis) or axis == "enforcement.policy.high=0.5,1.5" else {}
    with pytest.raises(InputError) as refused:
        heatmap("baseline", **{side: axis}, **other)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_a_cell_that_the_rules_refuse_is_refused_though_each_value_is_fine(monkeypatch):
    monkeypatch.setattr("experiments.maps.running.run_worlds", _never)
    with pytest.raises(InputError, match=r"^labs\.value: low 1\.5 is above high 1$"):
        heatmap("baseline", x="labs.value.low=0.5,1.5", y="labs.value.high=1,2")


def test_one_axis_is_given_one_way():
    with pytest.raises(InputError, match=r"^penalties: x is given already; leave one of them out$"):
        heatmap("baseline", x="months=2,3", penalties=[0.2, 0.3])


def _never(*arguments, **options):
    raise AssertionError("something ran")
