"""Charts: the data in them is right, what coincides is said, and every one of them compiles offline."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert

from experiments import Comparison, Floor, Heatmap, auction_floor, charts, compare, heatmap
from experiments.charts.floor import stacked
from experiments.charts.map_layers import edges, here
from experiments.charts.style import SHARES, groups
from experiments.palette import colours
from mechanisms import InputError
from scenarios import load_scenario, override

NAMES = ("split", "months", "one line", "welfare", "floor", "one panel", "closed form", "two panels")
THREE = ("uniform-price", "vickrey", "double-auction")


@cache
def thin() -> Comparison:
    return compare("thin_market", mechanisms=THREE, seeds=8)


@cache
def floor() -> Floor:
    return auction_floor("thin_market", THREE, seed=3, month=4)


@cache
def half_reachable() -> Heatmap:
    weak = override(load_scenario("seed_binary"), {"enforcement.audit_accuracy": 0.6})
    return heatmap(weak, ["uniform-price", "vickrey"], penalties=[0.3, 0.6, 0.9], detections=[0.3, 0.5, 0.9], seeds=4)


@cache
def closed_form() -> Heatmap:
    steady = override(load_scenario("seed_binary"), {"labs.value_noise": 0.0})
    return heatmap(steady, ["uniform-price"], penalties=[0.2, 0.5, 0.8], detections=[0.1, 0.5, 0.9], seeds=4)


@cache
def every_chart() -> dict[str, charts.AnyChart]:
    return {
        "split": charts.compliance_split(thin()),
        "months": charts.by_month(thin(), "price_paid"),
        "one line": charts.by_month(thin(), "compliance_rate"),
        "welfare": charts.welfare_parts(thin()),
        "floor": charts.floor_chart(floor()),
        "one panel": charts.deterrence_map(half_reachable()),
        "closed form": charts.deterrence_map(closed_form()),
        "two panels": charts.deterrence_map(revenue_map()),
    }


@cache
def revenue_map() -> Heatmap:
    axes = {"penalties": [0.2, 0.8], "detections": [0.25, 0.75]}
    return heatmap("seed_binary", ["uniform-price", "vickrey"], measure="auction_revenue", seeds=3, **axes)


def data_of(chart: Any) -> pd.DataFrame:
    """All rows that a chart shows, from its specification."""
    spec = chart.to_dict()
    return pd.concat([pd.DataFrame(rows) for rows in spec["datasets"].values()])


def words_of(chart: Any) -> str:
    title = chart.to_dict()["title"]
    return " ".join([*title["text"], *title["subtitle"]])


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_compiles_offline_has_a_finite_size_and_carries_its_data(name: str) -> None:
    spec = every_chart()[name].to_dict()
    svg = vl_convert.vegalite_to_svg(spec)
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    assert '"url"' not in str(spec).replace("'", '"')
    panels = spec.get("concat", [spec])
    assert all(0 < panel["width"] <= 600 and 0 < panel["height"] <= 600 for panel in panels)
    assert spec["config"]["background"] == "transparent"


@pytest.mark.parametrize("name", NAMES)
def test_titles_fit_a_phone(name: str) -> None:
    title = every_chart()[name].to_dict()["title"]
    assert max(map(len, title["text"])) <= 42
    assert max(map(len, title["subtitle"])) <= 54


def test_the_four_shares_fill_each_bar() -> None:
    rows = data_of(every_chart()["split"])
    assert rows["label"].unique().tolist() == list(THREE)
    for _, bar in rows.groupby("label"):
        assert bar["part"].tolist() == [name for name, _ in SHARES.values()]
        assert bar["share"].sum() == pytest.approx(1, abs=1e-12)
        assert bar["start"].iloc[0] == pytest.approx(0, abs=1e-12)
        assert bar["end"].iloc[-1] == pytest.approx(1, abs=1e-12)
        assert bar["start"].to_numpy()[1:] == pytest.approx(bar["end"].to_numpy()[:-1])


def test_the_split_agrees_with_the_compliance_rate() -> None:
    rows = data_of(every_chart()["split"]).set_index(["label", "part"])
    rate = thin().summary().set_index(["label", "measure"])["mean"]
    for label in THREE:
        assert 1 - rows.loc[(label, "violating"), "share"] == pytest.approx(rate[label, "compliance_rate"])


def test_parts_of_welfare_add_up_to_it() -> None:
    rows = data_of(charts.welfare_parts(thin()))
    parts, total = rows[rows["part"].notna()], rows[rows["part"].isna()].set_index("label")["value"]
    summed = parts.groupby("label")["value"].sum()
    assert summed.to_numpy() == pytest.approx(total[summed.index].to_numpy())
    assert (parts.loc[parts["part"].isin(["audit cost", "harm"]), "value"] <= 0).all()


def test_false_alarms_are_a_part_of_welfare_where_they_cost_anything() -> None:
    costly = compare(override(load_scenario("thin_market"), {"welfare.false_alarm_cost": 0.2}), list(THREE), 5)
    rows = data_of(charts.welfare_parts(costly))
    parts, total = rows[rows["part"].notna()], rows[rows["part"].isna()].set_index("label")["value"]
    assert (parts.loc[parts["part"] == "false alarms", "value"] < 0).all()
    assert "false alarms" not in set(data_of(charts.welfare_parts(thin()))["part"])
    assert parts.groupby("label")["value"].sum().to_numpy() == pytest.approx(total[list(THREE)].to_numpy())


def test_months_show_the_means_and_bands_of_the_comparison() -> None:
    rows = data_of(charts.by_month(thin(), "price_paid"))
    truth = thin().by_month().query("measure == 'price_paid'")
    joined = rows.merge(truth, on=["label", "month"], suffixes=("", "_true"))
    assert len(joined) == len(rows) == 3 * 24
    for column in ("mean", "low", "high", "n"):
        assert joined[column].to_numpy() == pytest.approx(joined[f"{column}_true"].to_numpy())


def test_equal_mechanisms_share_one_line_that_says_so() -> None:
    chart = charts.by_month(thin(), "compliance_rate")
    assert data_of(chart)["line"].unique().tolist() == ["all mechanisms (exactly equal)"]
    assert "exactly equal" in words_of(chart)
    assert "exactly equal" not in words_of(charts.by_month(thin(), "price_paid")).lower()


def test_a_pair_of_equal_mechanisms_is_named_together() -> None:
    twins = compare("seed_binary", mechanisms=["vickrey", "uniform-price", "uniform-price:k=0"], seeds=3)
    months = {label: dict(measures) for label, measures in twins.months.items()}
    months["uniform-price:k=0"]["auction_revenue"] = months["vickrey"]["auction_revenue"]  # rounding aside they are
    chart = charts.by_month(replace(twins, months=months), "auction_revenue")
    assert data_of(chart)["line"].unique().tolist() == ["vickrey = uniform-price:k=0", "uniform-price"]
    assert "Exactly equal under all mechanisms." in words_of(charts.compliance_split(twins))


def test_a_mechanism_without_a_single_price_is_named_instead_of_drawn() -> None:
    chart = charts.by_month(thin(), "price")
    assert set(data_of(chart)["line"]) == {"uniform-price", "double-auction"}
    assert "No price under vickrey." in words_of(chart)


def test_an_unknown_measure_gets_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'price_paid'"):
        charts.by_month(thin(), "price_payed")


def test_one_world_has_no_band() -> None:
    chart = charts.by_month(compare("seed_binary", seeds=1), "compliance_rate")
    assert "One world." in words_of(chart)
    assert data_of(chart)["low"].isna().all()


def test_a_mechanism_keeps_its_colour_in_every_chart_and_company() -> None:
    alone, company = colours(["vickrey"]), colours(["lottery", "vickrey", "uniform-price:k=0", "uniform-price"])
    assert alone["vickrey"] == company["vickrey"]
    assert len(set(company.values())) == 4
    assert len(set(colours([f"mine-{i}" for i in range(8)]).values())) == 8
    lines = charts.by_month(thin(), "price_paid").to_dict()["layer"][1]["encoding"]["color"]["scale"]
    assert dict(zip(lines["domain"], lines["range"], strict=True)) == colours(THREE)


def test_the_floor_shows_both_curves_to_their_ends() -> None:
    rows = data_of(every_chart()["floor"])
    for side in ("demand", "supply"):
        steps, truth = rows[rows["side"] == side], floor().curves.query("side == @side and label == 'vickrey'")
        assert steps["permits"].max() == truth["permits"].max()
        assert set(truth["price"]) <= set(steps["price"])
    assert rows[rows["side"] == "demand"]["price"].iloc[-1] == 0


def test_the_floor_merges_equal_prices_and_bands_unequal_ones() -> None:
    prices = data_of(every_chart()["floor"]).dropna(subset="line").set_index("first")
    assert prices.loc["uniform-price", "low"] == prices.loc["uniform-price", "high"]
    assert prices.loc["vickrey", "low"] < prices.loc["vickrey", "high"]
    same = auction_floor("seed_binary", ["vickrey", "uniform-price:k=0"])
    assert data_of(charts.floor_chart(same))["line"].dropna().str.startswith("vickrey = uniform-price:k=0 ").all()


def test_a_floor_without_trade_says_so() -> None:
    dear = override(load_scenario("thin_market"), {"permits.reserve_price": 50.0, "permits.grandfathered": 0.0})
    chart = charts.floor_chart(auction_floor(dear, THREE))
    assert "No trade under uniform-price, vickrey, double-auction." in words_of(chart)
    assert vl_convert.vegalite_to_svg(chart.to_dict()).startswith("<svg")


def test_labels_of_close_prices_never_overlap() -> None:
    heights = np.array([0.5, 0.51, 0.9, 0.505, 2.0])
    placed = stacked(heights, 0.1)
    assert (np.diff(np.sort(placed)) >= 0.1 - 1e-12).all()
    assert (placed >= heights).all()
    assert np.argsort(placed).tolist() == np.argsort(heights).tolist()
    assert stacked(np.array([]), 0.1).size == 0


def test_a_map_is_one_panel_where_mechanisms_are_exactly_equal() -> None:
    panels = charts.map_panels(half_reachable())
    assert list(panels) == ["all mechanisms (exactly equal)"]
    assert "One map for all mechanisms: exactly equal." in words_of(panels["all mechanisms (exactly equal)"])
    assert list(charts.map_panels(revenue_map())) == ["uniform-price", "vickrey"]
    assert len(every_chart()["two panels"].to_dict()["concat"]) == 2


def test_each_panel_of_a_picture_shows_its_own_mechanism() -> None:
    svg = vl_convert.vegalite_to_svg(every_chart()["two panels"].to_dict())
    assert [len(re.findall(f"; mechanism: {name};", svg)) for name in ("uniform-price", "vickrey")] == [4, 4]


def test_panels_share_one_colour_scale() -> None:
    scales = [
        panel.to_dict()["layer"][0]["encoding"]["color"]["scale"] for panel in charts.map_panels(revenue_map()).values()
    ]
    assert scales[0] == scales[1]
    assert scales[0]["domain"][0] < scales[0]["domain"][1]


def test_cells_that_no_audit_reaches_are_hatched_and_have_no_colour() -> None:
    chart = every_chart()["one panel"]
    rows = data_of(chart).dropna(subset="reachable")
    assert set(rows.loc[~rows["reachable"].astype(bool), "y"]) == {0.9}
    assert rows.loc[~rows["reachable"].astype(bool), "mean"].isna().all()
    assert "Hatched" in words_of(chart)
    marks = [layer["mark"] for layer in chart.to_dict()["layer"]]
    assert any(str(mark.get("shape", "")).startswith("M") for mark in marks)


def test_tooltips_of_cells_tell_mean_interval_n_and_audit_probability() -> None:
    cells = every_chart()["one panel"].to_dict()["layer"][0]
    fields = {shown["field"] for shown in cells["encoding"]["tooltip"]}
    assert {"mean", "low", "high", "n", "audit_probability", "x", "y"} <= fields


def test_cells_tile_the_map() -> None:
    rows = data_of(every_chart()["closed form"]).dropna(subset="x_from")
    area = (rows["x_to"] - rows["x_from"]) * (rows["y_to"] - rows["y_from"])
    penalties, detections = edges(np.array([0.2, 0.5, 0.8])), np.clip(edges(np.array([0.1, 0.5, 0.9])), 0, 1)
    assert area.sum() == pytest.approx(np.ptp(penalties) * np.ptp(detections))


def test_the_closed_form_is_drawn_where_there_is_one() -> None:
    assert "closed form" in words_of(every_chart()["closed form"])
    assert "closed form" not in words_of(every_chart()["one panel"])


def test_the_half_line_is_that_of_the_map() -> None:
    drawn = data_of(every_chart()["one panel"])
    contour = half_reachable().contour()
    assert ("50%" in words_of(every_chart()["one panel"])) == (len(contour) > 0)
    for column, side in (("penalty", "x"), ("detection", "y")):
        assert set(contour[column]) <= set(drawn[side])


def test_the_scenario_is_marked_where_it_stands_and_only_inside() -> None:
    base = load_scenario("baseline")
    axes = {"penalties": [0.2, 0.8], "detections": [0.25, 0.75]}
    inside = heatmap(override(base, {"months": 2}), seeds=2, **axes)
    assert here(base, inside) == pytest.approx((0.5, 0.8 * 0.8 + 0.2 * 0.1))
    assert "Diamond:" in words_of(charts.deterrence_map(inside))
    assert here(override(base, {"enforcement.penalty": 3.0}), inside) is None
    assert here(load_scenario("targeted_audit"), inside) is None


def test_groups_keep_the_order_of_first_appearance() -> None:
    assert groups(["b", "a", "c"], lambda label: label == "a") == [["b", "c"], ["a"]]


EDGES: dict[str, dict[str, Any]] = {
    "no permits": {"permits.cap": 0},
    "nobody wants to run": {"labs.running_cost": 50.0},
    "neither": {"permits.cap": 0, "labs.running_cost": 50.0},
    "one lab": {"labs.count": 1, "permits.cap": 1},
    "more permits than units": {"permits.cap": 500},
    "equal values": {"labs.value": {"distribution": "constant"}, "labs.value_shock": 0, "labs.value_noise": 0},
    "one month": {"months": 1},
    "all handed out": {"permits.grandfathered": 1.0},
}


@pytest.mark.parametrize("changes", EDGES.values(), ids=EDGES)
def test_charts_draw_whatever_a_scenario_leaves_of_a_market(changes: dict[str, Any]) -> None:
    scenario = override(load_scenario("thin_market"), {"months": 2, **changes})
    found = compare(scenario, THREE, 3)
    mapped = heatmap(scenario, ["vickrey"], penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=2)
    drawn = [
        charts.compliance_split(found),
        charts.welfare_parts(found),
        *(charts.by_month(found, measure) for measure in ("price", "deterrence_rate")),
        charts.floor_chart(auction_floor(scenario, THREE)),
        charts.deterrence_map(mapped),
    ]
    for chart in drawn:
        svg = vl_convert.vegalite_to_svg(chart.to_dict())
        assert "NaN" not in svg
