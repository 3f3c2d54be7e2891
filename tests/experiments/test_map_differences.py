"""Maps beside each other: bidding rules, and paired differences in the same worlds."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest

from experiments import charts, compare, heatmap
from experiments.charts.map_layers import borders
from experiments.maps.running import plan_map
from experiments.statistics import interval
from mechanisms import InputError
from scenarios import load_scenario, override

AXES = {"x": "penalty=0.2,0.8", "y": "permits_per_lab=0.5,0.75,1"}
RULES = ["full-value", "zero-intelligence"]


@pytest.fixture(scope="module")
def found():
    return heatmap("seed_binary", ["uniform-price", "mcafee"], bidding=RULES, measure="welfare", seeds=6, **AXES)


def test_bidding_rules_have_maps_of_their_own(found):
    labels = [f"{name} ({rule})" for name in ("uniform-price", "mcafee") for rule in RULES]
    assert list(found.labels) == labels
    base = override(load_scenario("seed_binary"), {"enforcement.penalty": 0.8, "permits.cap": 15})
    rows = compare(base, ["uniform-price", "mcafee"], 6, bidding=RULES)
    for i, label in enumerate(labels):
        np.testing.assert_array_equal(found.worlds[i, 1, 1], rows.worlds[label]["welfare"])


def test_differences_are_those_of_the_same_worlds(found):
    label, baseline = "mcafee (full-value)", "uniform-price (zero-intelligence)"
    apart = found.difference(label, baseline)
    expected = interval(found.worlds[2] - found.worlds[1])
    for name, values in expected._asdict().items():
        np.testing.assert_array_equal(apart.data[name], values.reshape(-1))
    np.testing.assert_array_equal(apart.grid(label), expected.mean)
    assert (apart.labels, apart.baseline) == ((label,), baseline)
    unsure = (apart.data["low"] <= 0) & (apart.data["high"] >= 0)
    np.testing.assert_array_equal(apart.data["sure"], ~unsure)
    independent = interval(found.worlds[2]).high - interval(found.worlds[2]).low
    assert (apart.data["high"] - apart.data["low"]).mean() < independent.mean() / 2


def test_differences_are_to_the_first_of_all_the_others_unless_said(found):
    apart = found.difference()
    assert apart.labels == found.labels[1:]
    np.testing.assert_array_equal(apart.worlds, found.worlds[1:] - found.worlds[0])


def test_worlds_count_where_both_are_defined():
    found = heatmap("seed_binary", ["uniform-price", "vickrey"], measure="price", seeds=3, **AXES)
    apart = found.difference("vickrey")
    assert (apart.data["n"] == 0).all()
    assert not (apart.data["equal"] | apart.data["sure"]).any()


def test_equal_mechanisms_are_exactly_equal_in_every_cell():
    found = heatmap("seed_binary", ["uniform-price", "vickrey"], seeds=3, **AXES)
    apart = found.difference("vickrey")
    assert apart.data["equal"].all()
    assert "Exactly equal everywhere." in " ".join(charts.deterrence_map(apart).to_dict()["title"]["subtitle"])


def test_maps_can_be_stored(found):
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again.data, found.data)
    assert again.y.title == found.y.title


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("vickrey",), "label: 'vickrey' is not known;"),
        ((None, "mcafe"), "baseline: 'mcafe' is not known;"),
        (("mcafee (full-value)", "mcafee (full-value)"), "baseline: mcafee (full-value) is compared with itself"),
    ],
)
def test_differences_of_nothing_are_refused(found, arguments, line):
    with pytest.raises(InputError) as refused:
        found.difference(*arguments)
    assert str(refused.value).startswith(line)


def test_colours_of_differences_part_at_zero_and_dots_mark_what_is_unsure(found):
    apart = found.difference("mcafee (full-value)", "uniform-price (full-value)")
    spec = charts.deterrence_map(apart).to_dict()
    scale = spec["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"][0] == -scale["domain"][1] < 0
    dots = next(layer for layer in spec["layer"] if layer["mark"].get("shape") == "circle")
    drawn = spec["datasets"][dots["data"]["name"]]
    assert len(drawn) == int((~apart.data["sure"]).sum()) > 0
    assert "Dots" in " ".join(spec["title"]["subtitle"])
    assert spec["title"]["text"][0].startswith("Welfare: mcafee")


def test_axes_of_a_chart_say_their_unit_and_end_where_values_can_be():
    plan = plan_map("seed_binary", x="enforcement.backcheck=0,0.5,1", y="permits_per_lab=0,1")
    assert plan.x.title == "backcheck (probability)"
    assert plan.y.title.startswith("Q/N, permits per lab")
    assert borders(plan.x).tolist() == [0, 0.25, 0.75, 1]
    assert borders(plan.y).tolist() == [0, 0.5, 1.5]


def test_texts_are_named_on_their_axis():
    found = heatmap("seed_binary", x="enforcement.policy.kind=none,signal", y="months=2,3", seeds=2)
    spec = charts.deterrence_map(found).to_dict()
    axis = spec["layer"][0]["encoding"]["x"]["axis"]
    assert (axis["values"], axis["labelExpr"]) == ([0.0, 1.0], "['none', 'signal'][round(datum.value)]")
    assert "Diamond" not in " ".join(spec["title"]["subtitle"])  # ten months are off the map


COMMAND = ["heatmap", "seed_binary", "-m", "uniform-price,mcafee", "--seeds", "4"]
COMMAND += ["--x", "penalty=0.2,0.8", "--y", "permits_per_lab=0.5,1"]


def test_the_command_prints_differences(printed):
    found = heatmap("seed_binary", ["uniform-price", "mcafee"], x=AXES["x"], y="permits_per_lab=0.5,1", seeds=4)
    document = json.loads(printed(*COMMAND, "--baseline", "mcafee", "--format", "json"))
    assert document["baseline"] == "mcafee"
    expected = found.difference("uniform-price", "mcafee").data.to_dict("records")
    assert document["differences"] == expected
    assert json.loads(printed(*COMMAND, "--format", "json"))["differences"] == []
    lines = printed(*COMMAND, "--baseline", "mcafee", "--format", "csv").splitlines()
    assert lines[0].startswith("label,baseline,permits_per_lab,penalty,permits,reachable,mean,low,high,n,equal,sure")
    assert [line.split(",")[1] for line in lines[1:]] == [""] * 8 + ["mcafee"] * 4
    table = printed(*COMMAND, "--baseline", "mcafee").splitlines()
    assert table[-1].split()[0] == "0.5"
    assert "Differences to mcafee in the same worlds; in brackets: the 95% interval contains 0" in table
