"""The commands sweep, results and sensitivity."""

import csv
import io
import json

import numpy as np
import pytest

from experiments import open_sweep, sensitivity, sweep
from experiments.charts.sensitivity import sensitivity_chart
from experiments.cli import main
from experiments.sweeps import running
from experiments.sweeps.axes import Axis
from experiments.sweeps.points import points
from experiments.sweeps.sensitivity import indices
from mechanisms import InputError

AXES = ["--axis", "enforcement.penalty=0.2:0.8:3", "--axis", "labs.bidding=full-value,outside-option"]
SMALL = ["--set", "labs.count=4", "--set", "months=2", "--seeds", "3"]
PLAN = {
    "scenario": "thin_market",
    "set": {"labs.count": 4, "months": 2},
    "axes": {"enforcement.penalty": "0.2:0.8:3", "labs.bidding": ["full-value", "outside-option"]},
    "mechanisms": ["vickrey", "uniform-price:k=0"],
    "seeds": 3,
}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    sweep(PLAN, out=folder)
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_options_and_a_file_make_the_same_sweep(lab, swept, tmp_path):
    names = ["-m", "vickrey,uniform-price:k=0"]
    code, out, err = lab("sweep", "thin_market", *AXES, *names, *SMALL, "--out", tmp_path / "options")
    assert (code, out) == (0, "")
    assert err == f"12 cells in 1 chunk; read them with: permit-lab results {tmp_path / 'options'}\n"
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN | {"seeds": 99, "set": {"labs.count": 4}, "axes": {}}))
    assert lab("sweep", plan, *AXES, *SMALL, "--out", tmp_path / "file")[0] == 0
    assert content(tmp_path / "options") == content(tmp_path / "file") == content(swept)


def test_a_sample_from_options(lab, tmp_path):
    drawn = ["--sample", "sobol", "--size", "4", "--sample-seed", "3", "--worlds", "--measures", "welfare,price"]
    axes = ["--axis", "enforcement.penalty=0.2:0.8", "--bidding", "full-value,outside-option"]
    assert lab("sweep", "thin_market", *axes, *drawn, *SMALL, "--first-seed", "5", "--out", tmp_path)[0] == 0
    table = open_sweep(tmp_path).table()
    assert len(table) == 4 * 2 * 3
    assert table["seed"].unique().tolist() == [5, 6, 7]
    assert table["enforcement.penalty"].nunique() == 4
    assert table["bidding"].nunique() == 2


def test_ctrl_c_says_how_to_continue(lab, monkeypatch, tmp_path):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run_chunk", stop)
    code, out, err = lab("sweep", "thin_market", *AXES, *SMALL, "--out", tmp_path)
    assert (code, out) == (130, "")
    assert err == f"stopped; continue with: permit-lab sweep --resume --out {tmp_path}\n"
    monkeypatch.undo()
    assert main(["sweep", "--resume", "--out", str(tmp_path)]) == 0


def test_results_are_shown(lab, swept):
    code, out, err = lab("results", swept)
    assert (code, err) == (0, "more columns and other rows: --sql, --format csv\n")
    lines = out.splitlines()
    assert lines[0].split()[:5] == ["cell", "enforcement.penalty", "labs.bidding", "mechanism", "bidding"]
    assert len(lines) == 1 + 12


def test_results_keep_every_bit(printed, swept):
    table = open_sweep(swept).table()
    rows = list(csv.DictReader(io.StringIO(printed("results", swept, "--format", "csv"))))
    np.testing.assert_array_equal([float(row["welfare"] or "nan") for row in rows], table["welfare"])
    rows = json.loads(printed("results", swept, "--format", "json"))["rows"]
    assert [row["price"] for row in rows] == table["price"].astype(object).where(table["price"].notna(), None).tolist()


def test_sql_answers(printed, lab, swept):
    query = 'SELECT mechanism, count(*) AS n FROM results WHERE "enforcement.penalty" > 0.3 GROUP BY 1 ORDER BY 1'
    found = json.loads(printed("results", swept, "--sql", query, "--format", "json"))
    assert found["rows"] == [{"mechanism": "uniform-price:k=0", "n": 4}, {"mechanism": "vickrey", "n": 4}]
    code, out, err = lab("results", swept, "--sql", "SELECT * FROM resluts")
    assert (code, out) == (2, "")
    assert err.startswith("error: sql: ")
    assert "results" in err
    assert err.count("\n") == 1


def test_an_unfinished_sweep_is_read_with_a_note(lab, tmp_path):
    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(PLAN | {"chunk": 2}, out=tmp_path, progress=stop)
    code, out, err = lab("results", tmp_path)
    assert code == 0
    assert len(out.splitlines()) == 1 + 4
    assert err.startswith("note: 1 of 3 chunks are there; continue with sweep --resume\n")


def ishigami(points):
    """Ishigami and Homma's function, whose Sobol indices are known in closed form."""
    x, y, z = (2 * np.pi * points.T) - np.pi
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_indices_of_a_function_with_a_closed_form():
    axes = [Axis(name, low=0, high=1) for name in "xyz"]
    drawn = np.array(points(axes, "saltelli", 4096, 1)(0, 4096 * 5))
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    found = indices(ishigami(drawn), 3)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    np.testing.assert_allclose(found["first"], [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(found["total"], [0.5576, 0.4424, 0.2437], atol=0.02)
    assert (found["total_low"] <= found["total"]).all()


SALTELLI = {
    "scenario": "seed_binary",
    "set": {"months": 2},
    "axes": {"enforcement.penalty": "0.2:0.8", "welfare.audit_cost": "0:0.1"},
    "sample": {"method": "saltelli", "size": 16},
    "mechanisms": ["vickrey", "uniform-price"],
    "seeds": 2,
}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sampled")
    sweep(SALTELLI, out=folder)
    return folder


def test_sensitivity_names_the_setting_that_matters(lab, sampled, tmp_path):
    assert open_sweep(sampled).manifest["points"] == 16 * 4
    code, out, _ = lab("sensitivity", sampled, "--out", tmp_path, "--format", "csv")
    assert code == 0
    rows = [row for row in csv.DictReader(io.StringIO(out)) if row["mechanism"] == "vickrey"]
    totals = {row["setting"]: float(row["total"]) for row in rows}
    assert totals["enforcement.penalty"] > 0.5
    assert totals["welfare.audit_cost"] == 0
    assert {"sensitivity.csv", "sensitivity.svg", "sensitivity.html", "run.json"} <= set(content(tmp_path))


def test_the_chart_holds_both_indices_of_every_setting(sampled):
    chart = sensitivity_chart(sensitivity(open_sweep(sampled), "compliance_rate"), "compliance_rate").to_dict()
    (rows,) = chart["datasets"].values()
    assert len(rows) == 2 * 2 * 2
    assert {row["index"] for row in rows} == {"alone", "with others"}


def test_a_measure_that_does_not_vary_has_no_indices(sampled):
    found = sensitivity(open_sweep(sampled), "wanted")
    assert found[["first", "total"]].isna().all().all()


def test_sensitivity_refuses_what_it_cannot_explain(sampled, swept):
    refused = [
        (sampled, "price", "measure: price is undefined in 64 of 64 cells"),
        (sampled, "welfar", "measure: 'welfar' is not known; did you mean 'welfare'?"),
        (swept, "welfare", "sensitivity: the sweep's sample is not saltelli"),
    ]
    for folder, measure, line in refused:
        with pytest.raises(InputError) as error:
            sensitivity(open_sweep(folder), measure)
        assert str(error.value).startswith(line)
