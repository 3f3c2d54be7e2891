"""The commands that compute: results alone on standard output, the same however they are asked for."""

import csv
import io
import json

import numpy as np
import pandas as pd
import yaml

from agents import MEASURES
from experiments import compare, comparison, heatmap, output
from experiments.ensemble import run_worlds
from scenarios import load_scenario, parse_scenario

SMALL = ["--seeds", "3", "--set", "months=2", "--set", "labs.count=9"]
COMPARE = ["compare", "thin_market", "-m", "uniform-price,uniform-price:k=0,vickrey", *SMALL]
RUN = ["run", "thin_market", *SMALL]
MAP = ["heatmap", "thin_market", "--penalties", "0.2:0.8:3", "--detections", "0.2:0.9:2", *SMALL]
STATISTICS = ["mean", "low", "high", "n"]


def numbers(frame):
    """Rows of a frame as JSON would have them."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def test_compare_prints_every_measure_as_json(printed):
    found = json.loads(printed(*COMPARE, "--format", "json"))
    scenario = parse_scenario(yaml.safe_dump(found["scenario"]))
    expected = compare(scenario, ["uniform-price", "uniform-price:k=0", "vickrey"], seeds=3)
    head = ["command", "scenario", "seeds", "mechanisms", "bidding", "measures"]
    assert list(found) == [*head, "summary", "baseline", "paired", "equilibria"]
    assert scenario == expected.scenario
    assert (found["scenario"]["labs"]["count"], found["scenario"]["months"]) == (9, 2)
    assert found["seeds"] == {"first": 0, "count": 3}
    assert found["mechanisms"]["uniform-price:k=0"] == {"mechanism": "uniform-price", "options": {"k": 0.0}}
    assert list(found["measures"]) == list(MEASURES)
    for table, columns, frame in (
        ("summary", STATISTICS, expected.summary()),
        ("paired", [*STATISTICS, "equal"], expected.paired()),
    ):
        for label, rows in frame.groupby("label", sort=False):
            assert list(found[table][label].values()) == numbers(rows[columns])
            assert list(found[table][label]) == list(MEASURES)


def test_undefined_numbers_are_null(printed):
    out = printed(*COMPARE, "--format", "json")
    assert "NaN" not in out
    price = json.loads(out)["summary"]["vickrey"]["price"]
    assert price == {"mean": None, "low": None, "high": None, "n": 0}


def test_compare_runs_in_as_many_processes_as_asked_for(printed, monkeypatch):
    asked = []
    monkeypatch.setattr(comparison, "run_worlds", lambda *a, jobs, **k: asked.append(jobs) or run_worlds(*a, **k))
    printed(*COMPARE, "--format", "json", "--jobs", "2")
    assert asked == [2]


def test_json_stands_alone_and_is_the_same_from_a_process_of_its_own(printed, start):
    out, silence = start(*COMPARE, "--format", "json").communicate()
    assert silence == b""
    assert out.decode() == printed(*COMPARE, "--format", "json")
    assert json.loads(out)["command"] == "compare"


def test_compare_csv_is_one_tidy_table(printed):
    table = pd.read_csv(io.StringIO(printed(*COMPARE, "--format", "csv", "--baseline", "vickrey")))
    assert list(table.columns) == ["label", "baseline", "measure", "unit", *STATISTICS, "equal"]
    assert table["baseline"].isna().sum() == 3 * len(MEASURES)
    assert (table["baseline"] == "vickrey").sum() == 2 * len(MEASURES)
    own = compare(_small(), ["vickrey"], seeds=3).summary().set_index("measure")
    mine = table[table["baseline"].isna() & (table["label"] == "vickrey")].set_index("measure")
    assert mine.loc["welfare", "mean"] == own.loc["welfare", "mean"]


def read(text, like):
    """A table as printed, its numbers to the last bit."""
    table = pd.read_csv(io.StringIO(text), dtype=str)
    for name in like.select_dtypes("number"):
        table[name] = table[name].map(float)
    return table


def _small():
    return parse_scenario("labs: {count: 9}\npermits: {cap: 14, grandfathered: 0.25}\nmonths: 2")


def test_compare_shows_differences_and_says_exactly_equal(printed):
    out = printed(*COMPARE)
    lines = out.splitlines()
    own, difference = (line for line in lines if line.startswith("compliance_rate"))
    assert own.count("±") == 3
    assert difference.split() == ["compliance_rate", "exactly", "equal", "exactly", "equal", "share", "of", "labs"]
    assert "Differences to uniform-price in the same worlds" in lines
    assert "M$ per permit" in out
    assert "harm" not in out
    assert "\x1b" not in out
    assert "harm" in printed(*COMPARE, "--all")


def test_a_baseline_may_be_spelt_in_any_way(printed):
    found = json.loads(printed(*COMPARE, "--format", "json", "--baseline", "uniform-price:k=0.0"))
    assert found["baseline"] == "uniform-price:k=0"
    assert list(found["paired"]) == ["uniform-price", "vickrey"]


def test_run_prints_its_own_mechanism(printed):
    found = json.loads(printed(*RUN, "--format", "json", "--set", "market.mechanism=double-auction"))
    assert list(found["mechanisms"]) == ["double-auction"]
    assert list(found["summary"]) == list(MEASURES)
    assert "months" not in found
    rows = list(csv.DictReader(io.StringIO(printed(*RUN, "--format", "csv"))))
    assert [row["measure"] for row in rows] == list(MEASURES)
    table = printed(*RUN)
    assert all(name in table for name in MEASURES)


def test_run_monthly_prints_every_world_and_month(printed):
    expected = compare(_small(), ["uniform-price"], seeds=3).results()
    table = read(printed(*RUN, "--monthly", "--format", "csv"), expected)
    pd.testing.assert_frame_equal(table, expected, check_exact=True, check_dtype=False)
    months = json.loads(printed(*RUN, "--monthly", "--format", "json"))["months"]
    assert list(months) == ["seed", "month", *MEASURES]
    np.testing.assert_array_equal(months["welfare"], expected["welfare"])
    assert [line.split()[0] for line in printed(*RUN, "--monthly").splitlines()] == ["Thin", "month", "1", "2"]


def test_heatmap_prints_its_cells(printed):
    expected = heatmap(_small(), penalties=[0.2, 0.5, 0.8], detections=[0.2, 0.9], seeds=3)
    found = json.loads(printed(*MAP, "--format", "json"))
    assert found["cells"] == numbers(expected.data)
    assert (found["x"]["values"], found["y"]["values"]) == ([0.2, 0.5, 0.8], [0.2, 0.9])
    assert found["contour"] == numbers(expected.contour())
    table = read(printed(*MAP, "--format", "csv"), expected.data)
    columns = table.columns.drop("reachable")
    pd.testing.assert_frame_equal(table[columns], expected.data[columns], check_exact=True, check_dtype=False)


def test_heatmap_shows_a_grid_with_holes(printed):
    lines = printed(*MAP, "--set", "enforcement.backcheck=0.5", "-m", "vickrey").splitlines()
    assert lines[2] == "vickrey"
    assert [line.split()[0] for line in lines[3:]] == ["p_eff", "0.9", "0.2"]
    assert lines[-1].split()[1:] == ["–"] * 3


def test_out_folders_hold_the_command(lab, monkeypatch, tmp_path):
    monkeypatch.setattr(output, "figure", lambda name, chart: iter([(f"{name}.svg", "<svg/>")]))
    for number, arguments in enumerate((COMPARE, RUN, MAP)):
        folder = tmp_path / str(number)
        code, out, err = lab(*arguments, "--out", folder, "--first-seed", 4, "--format", "json")
        run = json.loads((folder / "run.json").read_text())
        assert code == 0
        assert err == f"{len(run['files'])} files written to {folder}\n"
        assert run["command"].split()[:3] == ["permit-lab", *arguments[:2]]
        assert run["seeds"] == json.loads(out)["seeds"] == {"first": 4, "count": 3}
        assert load_scenario(folder / "scenario.yaml").labs.count == 9


def test_app_is_launched_with_its_options(lab, monkeypatch):
    launched = []
    monkeypatch.setattr("experiments.launch.run", lambda **options: launched.append(options))
    assert lab("app", "--port", 9000, "--no-browser") == (0, "", "")
    assert launched == [{"port": 9000, "address": "127.0.0.1", "open_browser": False}]


def test_compare_puts_bidding_rules_side_by_side(printed):
    small = ["--set", "labs.count=3", "--set", "labs.units=1", "--set", "permits.cap=2", "--seeds", "4"]
    rules = ["--bidding", "full-value,zero-intelligence", "--baseline", "vickrey"]
    found = json.loads(printed("compare", "thin_market", "-m", "vickrey,huang", *small, *rules, "--format", "json"))
    assert found["baseline"] == "vickrey (full-value)"
    assert found["bidding"]["huang (zero-intelligence)"] == "zero-intelligence"
    assert found["equilibria"] == {}
