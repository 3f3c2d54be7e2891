"""The policy brief: one page that needs nothing else, tables that say what was computed, one line for a mistake."""

import io
import re
from dataclasses import replace

import pandas as pd
import pytest

from experiments.numbers import style_of
from experiments.report.brief import report, varied
from experiments.report.caveats import caveats
from experiments.report.files import brief_files
from experiments.report.tables import EQUAL, setting_rows, tables
from scenarios import load_scenario, override

TINY = {"months": 2, "labs.count": 6, "permits.cap": 7}


@pytest.fixture(scope="module")
def brief():
    scenario = override(load_scenario("thin_market"), TINY | {"sources": {"permits.cap": "assumed: a round number"}})
    return report(scenario, ["vickrey", "uniform-price"], seeds=4, command="permit-lab report thin_market")


@pytest.fixture(scope="module")
def files(brief):
    return dict(brief_files(brief))


def test_the_page_stands_alone(files):
    page = files["brief.html"]
    assert not re.search(r"<script|<link|src=|@import|url\((?!#)", page)
    assert set(re.findall(r"https?://[^\"' <]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<svg") == 7
    names = re.findall(r' id="([^"]+)"', page)
    assert len(set(names)) == len(names) > 0
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(names)
    assert page.count("<h2>") == 8


def test_the_page_says_what_was_found(brief, files):
    page = files["brief.html"]
    assert "Compliance is exactly equal under both mechanisms" in page
    assert "permit-lab report thin_market" in page
    assert "6 labs may each start up to 3 runs a month for 2 months; 7 permits a month cover them." in page
    assert "A lab that is caught running without a permit owes 0.5 M$ a unit;" in page
    assert all(caveat[:40] in page for caveat in caveats(brief) if "'" not in caveat[:40])


def test_tables_hold_the_comparison(brief, files):
    table = pd.read_csv(io.StringIO(files["comparison.csv"])).set_index("Measure")
    rows = brief.comparison.summary().set_index(["label", "measure"])
    welfare = rows.loc[("vickrey", "welfare")]
    style = style_of("welfare", brief.comparison.summary().query("measure == 'welfare'")["mean"])
    assert (
        table.loc["Welfare", "vickrey"]
        == f"{style.value(welfare['mean'])} ({style.interval(welfare['low'], welfare['high'])})"
    )
    differences = pd.read_csv(io.StringIO(files["differences.csv"])).set_index("Measure")
    assert differences.loc["Compliance rate", "uniform-price"] == EQUAL
    assert differences.loc["Auction revenue", "uniform-price"] != EQUAL


def test_every_table_is_there_as_csv_and_latex(brief, files):
    for table in tables(brief):
        assert len(pd.read_csv(io.StringIO(files[f"{table.name}.csv"]))) == len(table.rows)
        latex = files[f"{table.name}.tex"]
        assert latex.count(r"\\") == len(table.rows) + 1
        assert r"\toprule" in latex
        assert not re.search(r"(?<!\\)[%$&_](?!\{)", latex.replace(" & ", "").replace(r"\label{tab:" + table.name, ""))


def test_settings_name_their_source(brief):
    rows = setting_rows(brief.scenario).set_index("Setting")
    assert rows.loc["permits.cap", "Source"] == "assumed: a round number"
    assert rows.loc["labs.count", "Source"] == "This scenario's choice."
    assert "seed model" in rows.loc["enforcement.penalty", "Source"]
    assert rows.index.is_unique
    assert any("1 are assumed" in caveat for caveat in caveats(brief))


def test_sensitivity_varies_settings_that_have_a_value(brief):
    ranges = varied(brief.scenario)
    assert ranges["enforcement.penalty"] == "0.25:0.75"
    assert "labs.value_noise" not in varied(override(brief.scenario, {"labs.value_noise": 0}))
    assert set(brief.sensitivity["welfare"]["setting"]) == set(ranges)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["report", "thin_market", "--out", "{folder}/brief", "-m", "vickry"], "did you mean 'vickrey'"),
        (["report", "thin_market", "--out", "{folder}/brief", "--seeds", "0"], "seeds: 0 is not in [1,"),
        (["report", "nowhere", "--out", "{folder}/brief"], "nowhere"),
    ],
)
def test_mistakes_cost_one_line_and_leave_nothing(lab, tmp_path, arguments, line):
    code, out, err = lab(*(text.format(folder=tmp_path) for text in arguments))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert line in err
    assert not (tmp_path / "brief").exists()


def test_what_varies_follows_the_penalty_rule():
    ranges = varied(load_scenario("eu_ai_act"))
    assert ranges["enforcement.penalty_rule.share"] == "0.015:0.045"
    assert "enforcement.penalty_rule.curvature" not in ranges


def test_a_caveat_needs_its_cause(brief):
    pays = "may have to pay labs that sell more"
    assert any(pays in caveat for caveat in caveats(brief))
    sold = replace(brief, scenario=override(brief.scenario, {"permits.grandfathered": 0}))
    assert not any(pays in caveat for caveat in caveats(sold))
