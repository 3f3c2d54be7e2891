"""The benchmark command: every file whole, one report that loads nothing, one line for every mistake."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from agents import PermitMarket, equilibrium
from experiments.benchmark import clearing, economics, report, validation
from experiments.benchmark.app import browsing
from experiments.benchmark.findings import Effort
from experiments.benchmark.report import benchmark_files, inline, table
from experiments.benchmark.suites import REGISTRY, benchmark
from experiments.benchmark.theory import EXPERIMENTS
from experiments.benchmark.theory.trades import mcafee_rows
from experiments.defaults import SUITES
from experiments.output import pictures
from mechanisms import CentralExchange, OrderBook
from mechanisms.properties import regret
from scenarios import override

SCALE = 0.001
LOADS = re.compile(r"""(?:src|href)\s*=\s*["'](?!#)|<link\b|<script\b|@import|url\((?!#)|\bimport\(""")
SMALL = ["benchmark", "--suite", "theory,economics", "--scale", SCALE]


REAL = ("theory", "clearing_time", "simulation_growth", "simulation_scaling")


def draft(name, chart):
    """Some figures as they are, the others at no cost."""
    if name in REAL:
        yield from pictures(name, chart)
    else:
        yield from ((f"{name}.svg", "<svg></svg>"), (f"{name}.png", b"\x89PNG\r\n\x1a\n"))


@pytest.fixture(scope="module", autouse=True)
def small(quick_simulation):
    """A few rows, two market sizes, one run of each clearing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "EXPERIMENTS", (EXPERIMENTS[0], EXPERIMENTS[1], mcafee_rows(2)))
        patch.setattr(economics, "LABS", (4, 8))
        patch.setattr(clearing, "MOST_RUNS", 1)
        patch.setattr(clearing, "LEAST_RUNS", 1)
        patch.setattr(report, "pictures", draft)
        patch.setattr(browsing, "missing", lambda: "No browser.")  # `app` has tests of its own, in a browser
        yield


@pytest.fixture(scope="module")
def files(small):
    """All files of a small benchmark, and what its suites found."""
    found = benchmark(scale=SCALE)
    return found, dict(benchmark_files(found, "permit-lab benchmark <all>", SCALE))


class Tags(HTMLParser):
    """Opened elements that are not closed, and identifiers."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.sections = [], [], []

    def handle_starttag(self, tag, attributes):
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_suite_has_a_table_twice_and_figures(files):
    found, written = files
    assert [*found, "app"] == list(SUITES) == list(REGISTRY)
    for name, findings in found.items():
        text = pd.read_csv(io.StringIO(written[f"{name}.csv"]))
        binary = pd.read_parquet(io.BytesIO(written[f"{name}.parquet"]))
        pd.testing.assert_frame_equal(binary, findings.table.reset_index(drop=True), check_dtype=False)
        assert list(text.columns) == list(binary.columns)
        assert len(text) == len(binary) > 0
        assert findings.figures
        for figure in findings.figures:
            assert written[f"{figure}.svg"].lstrip().startswith("<svg")
            assert written[f"{figure}.png"].startswith(b"\x89PNG\r\n\x1a\n")


def test_the_report_holds_everything_and_loads_nothing(files):
    found, written = files
    page = written["report.html"]
    assert not LOADS.findall(page)
    assert page.count("<svg") == sum(len(findings.figures) for findings in found.values())
    assert page.count("<table>") == sum(len(findings.shown) for findings in found.values())
    assert "permit-lab benchmark &lt;all&gt;" in page
    assert "prefers-color-scheme: dark" in page
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert set(found) <= set(tags.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(tags.ids)


def test_drawings_on_one_page_keep_apart():
    drawing = '<svg><clipPath id="c0"/><g clip-path="url(#c0)"/></svg>'
    assert inline(drawing, "a") != inline(drawing, "b")


def test_cells_of_a_table_are_escaped_and_set_by_kind():
    page = table(pd.DataFrame({"rule": ["<b>"], "x": ["1.5"], "": ["fails"]}))
    assert "<b>" not in page
    assert '<td class="text">&lt;b&gt;</td><td>1.5</td><td class="text fails">fails</td>' in page


def test_economics_are_those_of_the_model(files):
    rows = files[0]["economics"].table
    efficient = rows[rows["mechanism"].isin(["vickrey", "double-auction"]) & (rows["measure"] == "efficiency")]
    assert efficient["mean"].to_numpy() == pytest.approx(1.0)
    assert rows.groupby("mechanism")["labs"].unique().map(list).to_list() == [list(economics.LABS)] * len(
        economics.MECHANISMS
    )
    lottery = rows[(rows["mechanism"] == "lottery") & (rows["measure"] == "revenue")]
    assert (lottery["mean"] == 0).all()


def test_regret_is_that_of_the_truthful_books_and_nothing_under_a_truthful_mechanism(files):
    rows = files[0]["economics"].table.query("labs == 4").set_index(["mechanism", "measure"])["mean"]
    assert (
        rows.xs("regret gain", level="measure")[["vickrey", "muda", "posted-price:price=0.55", "lottery"]] == 0
    ).all()
    assert np.isnan(rows["pay-as-bid", "regret"])
    assert rows["pay-as-bid", "regret gain"] > 0
    market = PermitMarket(override(economics.market(4), {"market.mechanism": "uniform-price"}), seed=range(2))
    market.discover_prices()
    alone = regret(market.exchange, market.month.clearing.book)
    assert rows["uniform-price", "regret"] == alone.mean > 0
    assert rows["uniform-price", "largest regret gain"] == alone.largest_gain


def test_economics_run_in_as_many_processes_as_asked_for(monkeypatch):
    asked = []
    real, prepare = economics.run_worlds, economics.prepare
    monkeypatch.setattr(economics, "run_worlds", lambda *a, jobs, **k: asked.append(jobs) or real(*a, **k))
    monkeypatch.setattr(economics, "prepare", lambda cells, jobs, told: asked.append(jobs) or prepare(cells, 1, told))
    economics.economics(Effort(SCALE, jobs=3))
    assert asked == [3] * (1 + len(economics.LABS))


@pytest.fixture
def quick_search(monkeypatch):
    """One market, in few worlds and rounds."""
    sizes = {"ORDERS_A_ROUND": 1, "ROUNDS": 3, "AVERAGED": 1, "FRESH": 1, "LONGEST_CYCLE": 2, "_found": {}, "_seen": {}}
    for name, value in sizes.items():
        monkeypatch.setattr(equilibrium, name, value)
    monkeypatch.setattr(economics, "LABS", (4,))
    monkeypatch.setattr(economics, "MECHANISMS", ("uniform-price",))
    monkeypatch.setattr(economics, "SEARCHED_LABS", (4,))
    monkeypatch.setattr(economics, "SEARCHED_MECHANISMS", ("uniform-price", "vickrey"))


@pytest.mark.usefixtures("quick_search")
def test_labs_in_equilibrium_are_put_beside_truthful_ones():
    told = []
    found = economics.economics(Effort(0.3, progress=told.append))
    rows = found.table.set_index(["measure", "bidding", "mechanism"])["mean"]
    assert set(rows["efficiency"].index) == {("full-value", "uniform-price"), ("equilibrium", "uniform-price")}
    assert rows["revenue", "equilibrium", "uniform-price"] < rows["revenue", "full-value", "uniform-price"]
    (answer,) = equilibrium.known_equilibria().values()
    assert rows[economics.GAIN_LEFT, "equilibrium", "uniform-price"] == answer.residual
    assert f"settled in {int(answer.settled)} of 1 markets" in found.words[1]
    assert answer.settled or str(answer) in found.words[1]
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_clearings_are_timed_at_sizes_they_can_bear(files):
    rows = files[0]["clearing"].table
    assert set(rows["mechanism"]) == {clearing.SORT, clearing.PLAIN, *clearing.OURS, *clearing.PYMARKET}
    assert (rows["seconds"] > 0).all()
    assert (rows.loc[rows["mechanism"] == clearing.SORT, "times_sort"] == 1).all()
    with_more = {name for name, _ in clearing.workers(1_000)}
    assert with_more & set(clearing.PYMARKET) == {"pymarket:huang", "pymarket:muda"}


def test_the_plain_program_is_the_uniform_price():
    values, buying = clearing.prices(101), np.arange(101) % 2 == 0
    fills, price = clearing.plain_uniform_price((values.tolist(), buying.tolist()))
    exact = CentralExchange("uniform-price").clear(OrderBook.of(values, buying=buying))
    assert fills == exact.fills.tolist()
    assert price == float(exact.price)


def test_an_input_is_made_anew_for_each_run():
    given = []
    clearing.least_seconds(lambda: given.append(object()) or given[-1], lambda made: None)
    assert len(given) == len(set(map(id, given))) >= clearing.LEAST_RUNS


def test_progress_covers_all_suites():
    told = []
    benchmark(["theory", "economics"], scale=SCALE, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert any(0.1 < share < 0.6 for share in told)


def test_the_folder_holds_command_and_seeds(lab, monkeypatch, tmp_path):
    monkeypatch.setattr(report, "pictures", lambda name, chart: iter([(f"{name}.svg", "<svg/>")]))
    code, out, err = lab(*SMALL, "--first-seed", 7, "--format", "json", "--out", tmp_path / "report")
    run = json.loads((tmp_path / "report" / "run.json").read_text())
    assert (code, err) == (0, f"{len(run['files'])} files written to {tmp_path / 'report'}\n")
    assert run["command"].startswith("permit-lab benchmark --suite theory,economics")
    assert (run["suites"], run["scale"], run["seeds"]) == (["theory", "economics"], SCALE, {"first": 7})
    assert {"report.html", "theory.csv", "theory.parquet", "economics.csv"} <= set(run["files"])
    found = json.loads(out)
    assert list(found["suites"]) == ["theory", "economics"]
    assert (
        found["suites"]["theory"]
        == json.loads(
            benchmark(["theory"], scale=SCALE, first_seed=7)["theory"].table.to_json(
                orient="records", double_precision=15
            )
        )
        or found["suites"]["theory"][0]["name"]
    )


def test_csv_is_one_table_and_the_screen_shows_all(printed):
    rows = list(csv.DictReader(io.StringIO(printed(*SMALL, "--format", "csv"))))
    assert {row["suite"] for row in rows} == {"theory", "economics"}
    out = printed(*SMALL)
    assert "McAfee" in out
    assert "efficiency, share of the best possible value" in out


MISTAKES = {
    "benchmark --suite theroy": "suite: 'theroy' is not known; did you mean 'theory'?",
    "benchmark --suite theory,": "suite: '' is not known; known: ",
    "benchmark --scale 0": "scale: 0 is not in (0, 1]",
    "benchmark --scale 2": "scale: 2 is not in (0, 1]",
    "benchmark --scale nan": "scale: nan is not in (0, 1]",
    "benchmark --jobs 0": "jobs: 0 is neither -1",
    "benchmark --first-seed -1": "seed: -1 is not a whole number",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line_and_nothing_runs(lab, monkeypatch, line):
    monkeypatch.setattr("experiments.benchmark.suites.benchmark", None)
    code, out, err = lab(*line.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {MISTAKES[line]}")
    assert err.count("\n") == 1


def test_a_folder_of_other_things_is_refused_beforehand(lab, monkeypatch, tmp_path):
    monkeypatch.setattr("experiments.benchmark.suites.benchmark", None)
    (tmp_path / "notes.txt").write_text("mine")
    code, _, err = lab("benchmark", "--out", tmp_path)
    assert (code, err.partition(":")[2][:5]) == (2, " out:")
