"""The theory suite's statistics are right, and a wrong number does not pass."""

import numpy as np
import pytest

from experiments.benchmark.theory import EXPERIMENTS, Experiment, Row, measure_all
from experiments.benchmark.theory.estimates import mean, ratio, spread
from experiments.benchmark.theory.rows import compared
from experiments.benchmark.validation import cells

REPEATS, MARKETS = 2_000, 50


@pytest.mark.parametrize(
    ("estimator", "truth"), [(mean("x"), 1.0), (ratio("x", "y"), 0.5), (spread("x"), 1.0)], ids=["mean", "ratio", "sd"]
)
def test_standard_errors_are_those_of_repeated_samples(estimator, truth):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(REPEATS):
        x = rng.normal(1.0, 1.0, MARKETS)
        found.append(estimator({"x": x, "y": 2.0 + x - 1.0 + rng.normal(0.0, 0.1, MARKETS)}))
    values, errors = np.transpose(found)
    assert values.mean() == pytest.approx(truth, abs=0.02)
    assert errors.mean() == pytest.approx(values.std(), rel=0.08)


def test_a_number_that_never_came_up_does_not_pass():
    found = compared(Row("gap", 0.5, mean("x")), {"x": np.full(3, np.nan)})
    assert np.isnan(found["measured"])
    assert found["passes"] is False


def test_a_mean_leaves_out_markets_without_the_number():
    x = np.array([1.0, np.nan, 3.0, np.nan])
    assert mean("x")({"x": x}) == mean("x")({"x": x[[0, 2]]})


@pytest.mark.parametrize(
    ("expected", "measured", "passes"),
    [("0.50", 0.5049, True), ("0.50", 0.5051, False), (0.5, 0.5049, False), ("25.0", 25.04, True), ("7", 7.4, True)],
)
def test_a_printed_number_stands_for_all_that_round_to_it(expected, measured, passes):
    row = Row("price", expected, mean("x"))
    assert compared(row, {"x": np.array([measured])})["passes"] is passes


@pytest.mark.parametrize(("shift", "passes"), [(0.0, True), (2.9, True), (3.1, False), (-3.1, False)])
def test_three_standard_errors_are_allowed(shift, passes):
    x = np.random.default_rng(1).random(400)
    error = x.std(ddof=1) / 20
    assert compared(Row("x", x.mean() + shift * error, mean("x")), {"x": x})["passes"] is passes


def test_percentages_are_scaled_with_their_errors():
    x = np.array([0.2, 0.4])
    found = compared(Row("share", 30.0, mean("x"), "%"), {"x": x})
    assert (found["measured"], found["standard_error"]) == pytest.approx((30.0, 10.0))


@pytest.mark.parametrize("wrong", ["57.30", "59.30"])
def test_a_wrong_number_of_the_table_fails(wrong):
    (mcafee,) = (e for e in EXPERIMENTS if e.group == "McAfee" and e.case.startswith("n = 2 "))
    rows = [Row(mcafee.rows[0].name, wrong, mcafee.rows[0].estimator, "%")]
    wrong_table = Experiment("McAfee", mcafee.case, "", mcafee.simulate, rows, mcafee.markets, mcafee.orders)
    assert not wrong_table.measure(0.3)[0]["passes"]


def test_chunks_do_not_matter_and_seeds_do(monkeypatch):
    experiment = EXPERIMENTS[1]
    whole = experiment.columns(0.02)
    monkeypatch.setattr("experiments.benchmark.theory.rows.ORDERS_PER_CHUNK", 7_001)
    apart = experiment.columns(0.02)
    assert list(whole) == list(apart)
    for name in whole:
        np.testing.assert_array_equal(whole[name], apart[name])
    assert not np.array_equal(experiment.columns(0.02, first_seed=9_000)["price"], whole["price"])
    np.testing.assert_array_equal(experiment.columns(0.02, first_seed=3)["price"][:-3], whole["price"][3:])


def test_every_published_number_is_in_the_table():
    rows = {(e.case, row.name): str(row.expected) for e in EXPERIMENTS for row in e.rows}
    printed = list(rows.values())
    for number in (
        "58.33",
        "79.17",
        ".547",
        "98.08",
        "1.90909",
        "4.76190",
        ".8203",
        ".415",
        ".160",
        ".481",
        ".7907",
        ".7655",
        ".54075",
    ):
        assert number in printed
    assert sum(e.markets >= 200_000 for e in EXPERIMENTS if e.group == "McAfee") == 5


def test_progress_ends_at_one():
    told = []
    table = measure_all(EXPERIMENTS[:3], 0.0005, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(table) == sum(len(e.rows) for e in EXPERIMENTS[:3])


def test_a_search_keeps_within_its_tolerance_and_runs_at_full_size_alone():
    ran = []
    rows = [Row("near", 0.5, mean("x"), tolerance=0.02), Row("far", 0.54, mean("x"), tolerance=0.02)]
    search = Experiment("g", "c", "", lambda draws: ran.append(1) or {"x": np.array([0.51])}, rows, searched=True)
    table = measure_all([EXPERIMENTS[0], search])
    assert table["passes"].tolist()[-2:] == [True, False]
    assert [cells(row).get("tolerance") for row in table.to_dict("records")][-3:] == [None, "0.02", "0.02"]
    assert set(measure_all([EXPERIMENTS[0], search], 0.05)["group"]) == {EXPERIMENTS[0].group}
    assert ran == [1]
