"""Numbers, words, table and waiting times, without Streamlit."""

import io

import numpy as np
import pandas as pd
import pytest

from app.compute import _blocks, seconds
from app.table import csv_table, html_table, style_of_difference
from experiments import Comparison, compare
from experiments.charts import MEASURES
from experiments.headline import HEADLINES, Contrast, Tables, headline
from experiments.numbers import style_of
from scenarios import load_scenario, override

THREE = ["uniform-price", "vickrey", "double-auction"]


@pytest.fixture(scope="module")
def thin() -> Comparison:
    return compare("thin_market", THREE, 20)


def changed(comparison: Comparison, label: str, measure: str, by: float) -> Comparison:
    """The same comparison, with one mechanism's measure moved."""
    months = {name: dict(measures) for name, measures in comparison.months.items()}
    months[label][measure] = months[label][measure] + by
    return Comparison(comparison.scenario, comparison.seeds, comparison.cells, months)


def lead(comparison: Comparison) -> str:
    return headline(comparison, Tables.of(comparison)).lead


def test_the_headline_names_what_differs_most_and_how_sure_it_is(thin):
    said = headline(thin, Tables.of(thin))
    assert said.lead.startswith("Compliance is exactly equal under all three mechanisms: ")
    row = thin.paired().query("label == 'vickrey' and measure == 'auction_revenue'").iloc[0]
    assert "What differs most is auction revenue: vickrey has" in said.lead
    assert f"{abs(row['mean']):.3f} M$ a month less" in said.lead
    assert "only money moves" in said.why


def test_the_headline_says_when_compliance_differs(thin):
    moved = changed(thin, "vickrey", "compliance_rate", 0.1)
    said = headline(moved, Tables.of(moved))
    assert "vickrey has 10.0 points more (95% interval 10.0 to 10.0)" in said.lead
    assert said.why == ""


def test_the_headline_does_not_make_a_difference_of_chance(thin):
    noise = np.random.default_rng(0).normal(0, 0.01, thin.months["vickrey"]["compliance_rate"].shape)
    months = thin.months | {"vickrey": thin.months["vickrey"] | {}}
    months["vickrey"]["compliance_rate"] = months["vickrey"]["compliance_rate"] + noise - noise.mean()
    same = Comparison(thin.scenario, thin.seeds, thin.cells, months)
    assert lead(same).startswith("Compliance differs by no more than chance would make it")


def test_one_mechanism_has_a_headline_of_its_own():
    alone = compare("thin_market", ["vickrey"], 5)
    assert lead(alone).startswith("Under vickrey, ")
    assert "exactly equal" not in html_table(Tables.of(alone))


def test_everything_equal_is_said():
    twins = compare("seed_binary", ["vickrey", "double-auction"], 5)
    months = dict.fromkeys(twins.labels, twins.months["vickrey"])
    same = Comparison(twins.scenario, twins.seeds, twins.cells, months)
    assert lead(same).endswith("So is everything else below.")


def test_the_table_escapes_what_users_name():
    twins = compare("seed_binary", ["vickrey"], 3)
    evil = '<img src="x">'
    named = Comparison(twins.scenario, twins.seeds, {evil: twins.cells["vickrey"]}, {evil: twins.months["vickrey"]})
    assert evil not in html_table(Tables.of(named))


def test_the_table_explains_every_measure(thin):
    html = html_table(Tables.of(thin), list(MEASURES))
    assert html.count("<tr data-measure=") == len(MEASURES)
    assert all(measure.description in html for measure in MEASURES.values() if "'" not in measure.description)
    assert "not defined here" in html  # vickrey has no single price
    assert set(HEADLINES) <= set(MEASURES)


def test_the_csv_holds_every_number(thin):
    table = pd.read_csv(io.StringIO(csv_table(thin)))
    assert len(table) == 3 * len(MEASURES)
    assert table["mean"].to_numpy() == pytest.approx(thin.summary()["mean"].to_numpy(), nan_ok=True)
    vickrey = table[table["label"] == "vickrey"].set_index("measure")
    assert bool(vickrey.loc["compliance_rate", "difference_equal"]) is True
    assert vickrey.loc["compliance_rate", "difference_to"] == "uniform-price"
    assert table.loc[table["label"] == "uniform-price", "difference_mean"].isna().all()


@pytest.mark.parametrize(
    ("mean", "text"), [(0.0043, "+0.0043"), (-0.00012, "−0.00012"), (12.3, "+12.300"), (0.0, "±0.000000")]
)
def test_small_differences_keep_two_digits(mean, text):
    style = style_of("price_paid", [0.5])
    shown = style_of_difference(style, Contrast(mean, mean, mean, 5, False))
    assert shown.difference(mean) == text


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("compliance_rate", 0.4567, "45.7%"),
        ("welfare", -1234.5, "−1,234"),
        ("welfare", 0.01234, "0.012"),
        ("true_compute", 1.5e27, "1.500e+27"),
        ("price", float("nan"), "–"),
    ],
)
def test_numbers_read_well(measure, value, text):
    assert style_of(measure, [value]).value(value) == text


def test_estimates_grow_with_the_work():
    base = load_scenario("baseline")
    assert seconds(base, "vickrey", 20_000) == pytest.approx(2 * seconds(base, "vickrey", 10_000), rel=1e-3)
    alone = seconds(override(base, {"labs.count": 1}), "vickrey", 1)
    assert 0.5 < alone / seconds(override(base, {"labs.count": 1}), "vickrey", 100) <= 1  # a month's calls, mostly
    assert seconds(base, "vickrey", 1, cells=400) > 400 * 1e-3
    assert seconds(base, "pymarket:huang", 1) > 50 * seconds(base, "vickrey", 1)


@pytest.mark.parametrize(("duration", "worlds"), [(0.1, 100), (9.0, 100), (1e6, 7), (1e6, 500)])
def test_blocks_cover_every_world_once(duration, worlds):
    blocks = _blocks(duration, worlds)
    assert [first for first, _ in blocks] == np.cumsum([0, *(count for _, count in blocks[:-1])]).tolist()
    assert sum(count for _, count in blocks) == worlds
    assert len(blocks) <= 20
