"""What a plan may say: axes, samples, mechanisms; and one line for every plan that cannot be."""

import math

import numpy as np
import pytest
from scipy.stats import qmc

from experiments import Plan, sweep
from experiments.sweeps.axes import Axis, read_axis
from experiments.sweeps.cells import Cells
from experiments.sweeps.plan import read_plan
from experiments.sweeps.points import points
from mechanisms import InputError
from scenarios import load_scenario, save_scenario

SMALL = {
    "scenario": "thin_market",
    "set": {"labs.count": 4, "months": 2},
    "axes": {"enforcement.penalty": [0.2, 0.6], "permits.cap": "3:6:2"},
    "seeds": 3,
}


def cells(**changes):
    return Cells(read_plan(SMALL | changes).resolved())


def test_every_combination_is_run_under_every_mechanism_the_last_axis_fastest():
    found = cells(mechanisms=["vickrey", "muda"], bidding=["full-value", "outside-option"])
    assert (found.points, found.labels, found.count) == (4, 4, 16)
    assert found.stretch(0) == (0, [(0.2, 3), (0.2, 6), (0.6, 3), (0.6, 6)])
    table = found.table(*found.stretch(0)).to_pandas()
    assert table["cell"].tolist() == list(range(16))
    assert table["mechanism"].tolist() == ["vickrey", "vickrey", "muda", "muda"] * 4
    assert table["bidding"].tolist() == ["full-value", "outside-option"] * 8


def test_axes_may_be_names_groups_and_missing_limits():
    policies = [{"kind": "none"}, {"kind": "random", "probability": 0.3}]
    found = cells(axes={"enforcement.policy": policies, "enforcement.audit_capacity": [None, 2], "labs.units": [1, 2]})
    table = found.table(*found.stretch(0)).to_pandas()
    assert table["enforcement.policy"].unique().tolist() == [
        '{"kind": "none"}',
        '{"kind": "random", "probability": 0.3}',
    ]
    assert table["enforcement.audit_capacity"].isna().tolist() == [True, True, False, False] * 2
    assert table["labs.units"].tolist() == [1, 2] * 4
    assert table["audit_cost"][0] == 0 < table["audit_cost"][4]


def test_mechanism_and_bidding_may_be_axes_themselves():
    found = cells(axes={"market.mechanism": ["vickrey", "uniform-price"], "labs.bidding": ["full-value"]})
    table = found.table(*found.stretch(0)).to_pandas()
    assert table["mechanism"].tolist() == ["vickrey", "uniform-price"]


def test_samples_take_ranges_lists_and_whole_numbers():
    axes = [Axis("a", low=2, high=4), Axis("b", low=1, high=3, whole=True), Axis("c", ("x", "y"))]
    for method in ("latin-hypercube", "sobol"):
        drawn = points(axes, method, 512, 5)(0, 512)
        a, b, c = zip(*drawn, strict=True)
        assert 2 <= min(a) < 2.1 < 3.9 < max(a) <= 4
        assert np.bincount(b)[1:].tolist() == pytest.approx([171, 171, 171], abs=1)
        assert c.count("x") == 256


@pytest.mark.parametrize("method", ["grid", "latin-hypercube", "sobol", "saltelli"])
def test_a_stretch_of_points_is_the_same_as_in_the_whole(method):
    axes = [Axis("a", tuple(range(64))), Axis("b", tuple(range(64)))]
    take, count = points(axes, method, 2048, 3), 4096 if method == "grid" else 2048
    whole = take(0, count)
    assert len(whole) == count
    for start, stop in ((0, 1), (1000, 1100), (1023, 2048)):
        assert take(start, stop) == whole[start:stop]


def test_sobol_points_are_scipys():
    theirs = qmc.Sobol(2, rng=np.random.default_rng(3)).random(4096)
    axes = [Axis("a", low=0, high=1), Axis("b", low=0, high=1)]
    np.testing.assert_array_equal(points(axes, "sobol", 4096, 3)(0, 4096), theirs)
    hypercube = qmc.LatinHypercube(2, rng=np.random.default_rng(3)).random(10)
    np.testing.assert_array_equal(points(axes, "latin-hypercube", 10, 3)(0, 10), hypercube)


def test_a_range_in_yaml_is_never_a_time_of_day(tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "scenario: baseline\naxes: {labs.count: 10:50:5, labs.running_cost: 0:0.2}\nsample: {method: sobol}"
    )
    assert read_plan(plan).axes == {"labs.count": "10:50:5", "labs.running_cost": "0:0.2"}


def test_a_scenario_lies_beside_its_plan(tmp_path, monkeypatch):
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path))
    file = save_scenario(load_scenario("thin_market"), "mine")
    plan = file.with_name("plan.yaml")
    plan.write_text("scenario: mine.yaml\naxes: {permits.cap: [3]}")
    assert read_plan(plan).resolved().base == load_scenario("thin_market")


def test_a_chunk_is_about_a_second_of_work_whatever_the_size():
    small, large = cells(axes={"permits.cap": "1:10000:10000"}), cells(set={"labs.count": 1000}, seeds=10_000)
    assert small.per_chunk > 500
    assert large.per_chunk == 1
    assert cells(chunk=3).chunks == math.ceil(4 / 3)


def test_python_values_of_any_kind_make_a_plan():
    plan = Plan(scenario="baseline", axes={"permits.cap": np.array([3, 6])}, seeds=range(3, 5), measures="welfare")
    assert (plan.axes, plan.seeds, plan.measures) == ({"permits.cap": [3, 6]}, [3, 4], ["welfare"])


BAD = {
    "axis without values": ({"axes": {"permits.cap": []}}, "axes.permits.cap: at least one value is needed"),
    "no axis": ({"axes": {}}, "axes: at least one is needed, such as enforcement.penalty=0.2:0.8:25"),
    "unknown field": (
        {"axes": {"enforcement.penalyt": [1]}},
        "enforcement.penalyt: is not a known setting; did you mean 'penalty'? (at point 0: enforcement.penalyt=1)",
    ),
    "unknown group": ({"axes": {"enforcment.penalty": [1]}}, "enforcment: 'enforcment' is not known; did you mean"),
    "empty range": (
        {"axes": {"permits.cap": "5:5:3"}},
        "axes.permits.cap: '5:5:3' is an empty range; the lower end comes first",
    ),
    "backward range": ({"axes": {"permits.cap": "8:5:3"}}, "axes.permits.cap: '8:5:3' is an empty range"),
    "no count": (
        {"axes": {"permits.cap": "3:5"}},
        "axes.permits.cap: '3:5' has no count; a grid needs low:high:count, such as 3:5:11",
    ),
    "count of one": ({"axes": {"permits.cap": "3:5:1"}}, "axes.permits.cap: a count of 1 is not a whole number in [2,"),
    "infinite end": (
        {"axes": {"permits.cap": "3:inf:4"}},
        "axes.permits.cap: '3:inf:4' has an end that is not a finite",
    ),
    "value twice": ({"axes": {"permits.cap": [3, 3]}}, "axes.permits.cap: 3 is given twice"),
    "number alone": ({"axes": {"permits.cap": 3}}, "axes.permits.cap: 3 is neither a list nor low:high:count"),
    "half a lab": ({"axes": {"labs.count": "3:6:3"}}, "labs.count: 4.5 is not a whole number"),
    "out of range": ({"axes": {"enforcement.backcheck": [0.5, 1.5]}}, "enforcement.backcheck: 1.5 is not in [0, 1]"),
    "axis in an axis": (
        {"axes": {"enforcement.policy": [{"kind": "none"}], "enforcement.policy.kind": ["none"]}},
        "axes.enforcement.policy.kind: lies within enforcement.policy, which is an axis itself",
    ),
    "mechanism twice": (
        {"axes": {"market.mechanism": ["vickrey"]}, "mechanisms": "muda"},
        "axes.market.mechanism: is varied by mechanisms already; leave one of them out",
    ),
    "unknown entry": ({"axis": {}}, "plan.axis: is not a known setting; did you mean 'axes'?"),
    "unknown entry within": ({"sample": {"methd": "grid"}}, "plan.sample.methd: is not a known setting; did you mean"),
    "unknown method": ({"sample": {"method": "random"}}, "plan.sample.method: 'random' is not one of 'grid'"),
    "seeds in words": ({"seeds": "many"}, "plan.seeds: 'many' is not"),
    "no seeds": ({"seeds": 0}, "seeds: 0 is not in [1, 10000000]"),
    "too many seeds": ({"seeds": 1_000_001}, "seeds: 1000001 worlds a cell are more than 1000000"),
    "unknown mechanism": ({"mechanisms": "vickry"}, "mechanisms: 'vickry' is not known; did you mean 'vickrey'?"),
    "unknown measure": ({"measures": "welfar"}, "measures: 'welfar' is not known; did you mean 'welfare'?"),
    "unknown scenario": ({"scenario": "basline"}, "scenario: 'basline' is not known; did you mean 'baseline'?"),
    "sobol size": (
        {"sample": {"method": "sobol", "size": 1000}},
        "sample.size: 1000 is not a power of two, which sobol points need; such as 1024",
    ),
    "no size": ({"sample": {"method": "latin-hypercube", "size": 0}}, "sample.size: 0 is not in [1, 1073741824]"),
    "half a lab drawn": (
        {"axes": {"labs.count": "1.5:4"}, "sample": {"method": "sobol"}},
        "axes.labs.count: '1.5:4' has an end that is not a whole number",
    ),
    "millions": (
        {"axes": {"permits.cap": "1:3000:3000", "enforcement.penalty": "0:1:400"}},
        "plan: 1,200,000 cells are more than 1,000,000; say --yes if they are meant",
    ),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_bad_plan_is_one_line_and_leaves_nothing(mistake, tmp_path):
    changes, line = BAD[mistake]
    with pytest.raises(InputError) as refused:
        sweep(SMALL | changes, out=tmp_path / "new")
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "new").exists()


def test_an_axis_keeps_its_numbers_clean():
    assert read_axis("enforcement.penalty", "0.1:0.7:7").values == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
