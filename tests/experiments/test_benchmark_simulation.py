"""The suite `simulation`: what it measures is what it says, its fit and its limits are right; no time is asserted."""

import math

import numpy as np
import pandas as pd
import pytest

from agents import PermitMarket
from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation import growth, months, plain, scaling, streaming, suite, timing
from experiments.benchmark.simulation.floor import floor, uniforms_a_world
from experiments.benchmark.simulation.readings import readings
from experiments.benchmark.simulation.rows import LAB_MONTHS, PEAK, PEAK_SLOPE, SECONDS, SLOPE, Limit, Run
from experiments.benchmark.simulation.shown import limits
from experiments.benchmark.simulation.timing import shortest, sized
from mechanisms import Draws
from scenarios import load_scenario, override

SCALE = 0.001


IN_A_FRESH_PROCESS = scaling._in_a_fresh_process


@pytest.fixture(scope="module")
def found(quick_simulation):
    """A small suite, and what it told on the way."""
    told = []
    return suite.simulation(Effort(SCALE, progress=told.append)), told


def test_every_part_is_measured_and_every_figure_positive(found):
    table = found[0].table
    parts = table["part"].str.replace(r"^switch .*", "switches", regex=True)
    assert parts.unique().tolist() == [
        "months",
        "plain Mesa",
        "one world",
        "map",
        "switches",
        "growth",
        "sweep, more cells",
        "sweep, more seeds",
    ]
    figures = table[~table["measure"].isin([PEAK_SLOPE])]
    assert (figures["value"] > 0).all()
    assert np.isfinite(table["value"]).all()


def test_growth_goes_through_labs_and_worlds_in_one_process_and_two(found):
    rows = found[0].table.query("part == 'growth' and measure == @LAB_MONTHS")
    ours = rows[rows["program"] == "ensemble"]
    wanted = {(w, n, j) for w in growth.WORLDS for n in growth.LABS for j in (1, 2) if w * n <= 1_000}
    assert set(ours[["worlds", "labs", "jobs"]].itertuples(index=False, name=None)) == wanted
    assert rows.loc[rows["program"] == "plain Mesa", "labs"].tolist() == [1, 10, 100]


def test_the_full_size_reaches_as_far_as_it_should():
    sizes = [(w, n) for w in growth.WORLDS for n in growth.LABS if w * n <= growth.LARGEST]
    assert (max(n for _, n in sizes), max(w for w, _ in sizes)) == (100_000, 10_000)
    assert months.SHAPES == ((1_000, 100), (10, 10_000))


def test_a_rate_is_lab_months_over_seconds(found):
    table = found[0].table
    keys = ["part", "program", "scenario", "cells", "worlds", "labs", "months", "jobs"]
    wide = table[table["part"].isin(["months", "growth"])].pivot(index=keys, columns="measure", values="value")
    size = wide.index.to_frame()[["cells", "worlds", "labs", "months"]].prod(axis=1)
    np.testing.assert_allclose(wide[LAB_MONTHS] * wide[SECONDS], size)


def test_limits_are_judged_at_full_size_alone(found, monkeypatch, quick_simulation):
    assert (found[0].table["verdict"] == "").all()
    assert any("not judged at 0.001" in said for said in found[0].words)
    monkeypatch.setattr(suite, "PARTS", ((1.0, scaling.scaling),))
    monkeypatch.setattr(suite, "growth_chart", lambda table: None)
    monkeypatch.setattr(suite, "readings", lambda table, scale: [])
    verdicts = suite.simulation(Effort()).table.query("least.notna()")["verdict"]
    assert verdicts.tolist() == ["passes"] * 4


def test_progress_rises_to_the_end(found):
    told = found[1]
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert len(told) > len(growth.LABS)


def test_limits_are_shown_beside_their_numbers(found):
    shown = limits(found[0].table)
    assert set(shown["limit"]) == {
        "",
        "at most 4",
        "at most 5",
        "at least 60",
        "at most 0.3",
        "at most 2",
        "0.95 to 1.05",
        "-0.05 to 0.05",
    }
    assert "growth" not in " ".join(shown["what"])


VERDICTS = [
    (Limit(most=4), 4.0, "passes"),
    (Limit(most=4), 4.01, "fails"),
    (Limit(least=60), 60.0, "passes"),
    (Limit(least=60), 59.0, "fails"),
    (Limit(0.95, 1.05), 0.94, "fails"),
    (Limit(0.95, 1.05), 1.06, "fails"),
    (Limit(0.95, 1.05), 1.0, "passes"),
    (Limit(most=4), math.nan, "fails"),
    (Limit(), math.nan, ""),
]


@pytest.mark.parametrize(("limit", "value", "verdict"), VERDICTS)
def test_a_limit_judges(limit, value, verdict):
    assert limit.verdict(value) == verdict
    assert Run("map", "heatmap", "baseline", 1, 1, 1).row("x", "", value, limit=limit)["verdict"] == verdict


@pytest.mark.parametrize("power", [0.0, 1.0, 1.3])
def test_the_fit_finds_a_power_and_its_error(power):
    sizes = np.array([10.0, 20.0, 40.0, 80.0, 160.0])
    assert scaling.fitted_slope(sizes, 3 * sizes**power) == pytest.approx((power, 0.0), abs=1e-6)
    noise = np.random.default_rng(0).normal(0, 0.02, (400, sizes.size))
    fits = np.array([scaling.fitted_slope(sizes, 3 * sizes**power * np.exp(e)) for e in noise])
    assert fits[:, 0].mean() == pytest.approx(power, abs=0.003)
    assert np.sqrt((fits[:, 1] ** 2).mean()) == pytest.approx(fits[:, 0].std(), rel=0.1)


def test_the_first_sweep_only_warms_up_and_the_quickest_counts():
    sizes, seconds = [10, 10, 20, 40, 10, 20, 40], [9.0, 2.0, 4.0, 9.0, 1.0, 3.0, 9.5]
    found = pd.DataFrame({"size": sizes, "seconds": seconds, "peak": [5.0, 10.0, 20.0, 40.0, 40.0, 40.0, 40.0]})
    rows = pd.DataFrame(scaling.observed("cells", found)).set_index(["measure", "cells"])["value"]
    assert rows[SECONDS].to_dict() == {10: 1.0, 20: 3.0, 40: 9.0}
    assert rows[PEAK].to_dict() == {10: 10.0, 20: 20.0, 40: 40.0}
    assert rows[SLOPE, 40] == pytest.approx(math.log2(3))
    assert rows[PEAK_SLOPE, 40] == pytest.approx(1.0)


@pytest.mark.slow
def test_a_fresh_process_measures_and_tells():
    told = []
    found = list(IN_A_FRESH_PROCESS("seeds", [2, 4], Effort(progress=told.append)))
    assert [row["size"] for row in found] == [2, 2, 4, 2, 4]
    assert all(row["seconds"] > 0 and row["peak"] > 20 for row in found)
    assert told[-1] == pytest.approx(1.0)


def test_a_peak_stays_when_memory_is_given_back():
    before = streaming.peak_megabytes()
    np.ones(60_000_000)
    after = streaming.peak_megabytes()
    assert before + 50 < after <= streaming.peak_megabytes()


@pytest.mark.parametrize("name", ["baseline", "seed_binary", "high_risk"])
@pytest.mark.parametrize("choice", ["rational", "quantal"])
def test_the_floor_draws_what_the_month_draws(name, choice, monkeypatch):
    scenario = override(load_scenario(name), {"labs.choice": {"kind": choice}, "enforcement.backcheck": 0.1})
    market, drawn = PermitMarket(scenario, seed=0), {}

    def counted(real):
        return lambda self, what, *shape: drawn.update({what: math.prod(shape)}) or real(self, what, *shape)

    for kind in ("uniform", "luck", "normal"):
        monkeypatch.setattr(Draws, kind, counted(getattr(Draws, kind)))
    happens = Draws.happens
    monkeypatch.setattr(
        Draws, "happens", lambda self, what, labs, *p: drawn.update({what: labs}) or happens(self, what, labs, *p)
    )
    market.step()
    assert uniforms_a_world(scenario) == drawn


def test_the_floor_sorts_the_reports_of_every_month(monkeypatch):
    scenario, sorted_ = sized("baseline", labs=7, months=3), []
    work = floor(scenario, worlds=2)
    market = PermitMarket(scenario, seed=range(2))
    market.step()
    market.step()
    monkeypatch.setattr(np, "sort", lambda values, axis: sorted_.append(values))
    work()
    assert len(sorted_) == 3
    assert (sorted_[0] == market.month.reports.reshape(2, -1)).all()


def test_works_take_turns_until_it_is_enough(monkeypatch):
    order = []
    clock = iter(range(1_000))
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert shortest([lambda: order.append("a"), lambda: order.append("b")], runs=1, enough=5.0) == [1, 1]
    assert order == ["a", "b"] * 3


def test_without_the_plain_model_the_rest_is_measured_and_one_line_says_so(monkeypatch, tmp_path, found):
    monkeypatch.setattr(plain, "FILE", tmp_path / "plain_mesa.py")
    assert list(months.beside_plain(Effort(SCALE))) == []
    assert list(growth._plain(10)) == []
    without = found[0].table.query("part != 'plain Mesa' and program != 'plain Mesa'")
    assert plain.MISSING in readings(without, SCALE)
