"""Charts of a comparison: who complies, how months differ, and where welfare goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from agents import MEASURES
from experiments.charts.style import (
    DARK,
    DASHES,
    FIT,
    PALE,
    PARTS,
    PLAIN,
    SHARES,
    AnyChart,
    Layered,
    axis_format,
    field,
    finished,
    group_name,
    groups,
    mark,
    number_format,
)
from experiments.numbers import measure_title
from experiments.palette import INK, colours
from experiments.statistics import interval
from mechanisms.errors import unknown

if TYPE_CHECKING:
    from experiments.comparison import Comparison

WIDTH = 560
_BAR, _ROW = 26, 40
_LABELLED_SHARE = 0.07
_BEYOND = 1.18
_TWO_LINES = "split(replace(datum.label, ' (', '|('), '|')"
"""A bidding rule goes below its mechanism."""


def _means(comparison: Comparison, names: list[str]) -> pd.DataFrame:
    """Mean and interval over worlds: a row a mechanism and measure."""
    rows = [
        {"label": label, "measure": name, "unit": MEASURES[name].unit, **interval(worlds[name])._asdict()}
        for label, worlds in comparison.worlds.items()
        for name in names
    ]
    return pd.DataFrame(rows).astype({"mean": float, "low": float, "high": float, "n": int})


def _monthly(comparison: Comparison, measure: str, names: dict[str, str]) -> pd.DataFrame:
    """Mean and interval over worlds: a row a line and month, where there is a mean."""
    frames = []
    for label, line in names.items():
        values = comparison.months[label][measure]
        columns = {"label": label, "line": line, "month": np.arange(1, values.shape[1] + 1)}
        frames.append(pd.DataFrame(columns | interval(values.T)._asdict()))
    return pd.concat(frames, ignore_index=True).dropna(subset="mean")


def _equal_groups(comparison: Comparison, names: list[str]) -> list[list[str]]:
    """Mechanisms that agree in these measures to the last bit, in every world and month."""
    months = comparison.months
    return groups(comparison.labels, lambda label: tuple((months[label][name] + 0.0).tobytes() for name in names))


def _equal_words(comparison: Comparison, names: list[str]) -> str:
    """What to say of mechanisms that agree exactly, if any do."""
    together = [group for group in _equal_groups(comparison, names) if len(group) > 1]
    if not together:
        return ""
    if len(together[0]) == len(comparison.labels):
        return " Exactly equal under all mechanisms."
    return " Exactly equal: " + "; ".join(" = ".join(group) for group in together) + "."


def _rows(comparison: Comparison) -> dict[str, Any]:
    """Axis and height of one bar a mechanism."""
    offset = -7 if any(" (" in label for label in comparison.labels) else 0
    axis = {"title": None, "labelLimit": 130, "grid": False, "labelExpr": _TWO_LINES, "labelOffset": offset}
    return {"y": field("label:N", sort=list(comparison.labels), axis=axis, scale={"paddingInner": 0.35})}


def _legend(names: Sequence[str], tints: Sequence[str]) -> dict[str, Any]:
    legend = {"title": None, "columns": 2, "symbolType": "square"}
    return field("part:N", scale={"domain": list(names), "range": list(tints)}, legend=legend)


def compliance_split(comparison: Comparison) -> AnyChart:
    """Four shares of labs that sum to 1, one stacked bar a mechanism.

    >>> from experiments import compare
    >>> chart = compliance_split(compare("seed_binary", seeds=3))
    >>> chart.data.groupby("label")["share"].sum().round(12).unique().tolist()
    [1.0]
    """
    table = _share_table(comparison)
    names, tints = zip(*SHARES.values(), strict=True)
    axis = {"format": "~%", "title": MEASURES["compliance_rate"].unit, "tickCount": 5}
    percent = [field(f"{name}:Q", format=".1%") for name in ("share", "low", "high")]
    bars = _rows(comparison) | {
        "x": field("start:Q", axis=axis, scale={"domain": [0, 1], "nice": False}),
        "x2": {"field": "end"},
        "color": _legend(names, tints),
        "tooltip": [field("label:N"), field("part:N"), field("words:N"), *percent, field("n:Q")],
    }
    text = _rows(comparison) | {"x": field("middle:Q"), "text": field("text:N")}
    marks = mark("bar", bars, height=_BAR), mark("text", text, color=DARK, fontSize=12)
    chart = Layered(data=table, layer=list(marks), width=WIDTH, height=_ROW * len(comparison.labels), autosize=FIT)
    said = "Compliant labs are those with no demand, covered or deterred." + _equal_words(comparison, list(SHARES))
    return finished(chart, "Who complies", said)


def _share_table(comparison: Comparison) -> pd.DataFrame:
    """The four shares in order, with the ends of their bars."""
    table = _means(comparison, list(SHARES)).rename(columns={"mean": "share"})
    end = table.groupby("label", sort=False)["share"].cumsum()
    return table.assign(
        part=[SHARES[name][0] for name in table["measure"]],
        words=[MEASURES[name].description for name in table["measure"]],
        start=end - table["share"],
        end=end,
        middle=end - table["share"] / 2,
        text=[f"{share:.0%}" if share >= _LABELLED_SHARE else "" for share in table["share"]],
    )


def by_month(comparison: Comparison, measure: str) -> AnyChart:
    """A measure month by month with 95% bands; mechanisms that are exactly equal share one line, which says so.

    >>> from experiments import compare
    >>> chart = by_month(compare("seed_binary", seeds=3), "compliance_rate")
    >>> chart.data["line"].unique().tolist()
    ['all mechanisms (exactly equal)']
    """
    if measure not in MEASURES:
        raise unknown("measure", measure, MEASURES)
    together = _equal_groups(comparison, [measure])
    names = {group[0]: group_name(group, len(comparison.labels)) for group in together}
    table = _monthly(comparison, measure, names)
    shown = {label: name for label, name in names.items() if label in set(table["label"])}
    tints = colours(comparison.labels) if len(names) > 1 or len(comparison.labels) == 1 else {}
    lines = _lines(table, measure, {name: tints.get(label, INK) for label, name in shown.items()})
    return finished(lines, f"{measure_title(measure)} by month", _month_words(comparison, measure, names, shown))


def _lines(table: pd.DataFrame, measure: str, tints: dict[str, str]) -> Layered:
    """Band, line and points to hover over for each name in `tints`."""
    names = list(tints)
    columns, legend = _columns(names), {"title": None, "symbolType": "stroke", "symbolOpacity": 1, "symbolSize": 250}
    shown = legend | {"columns": columns} if len(names) > 1 else None
    dashes = [DASHES[i % len(DASHES)] for i in range(len(names))]
    dash = field("line:N", scale={"domain": names, "range": dashes}, legend=shown)
    numbers = [field(f"{name}:Q", format=number_format(measure)) for name in ("mean", "low", "high")]
    axis = {"format": axis_format(measure), "title": MEASURES[measure].unit, "tickCount": 5}
    own = {
        "x": field(
            "month:Q", axis={"format": "d", "tickMinStep": 1, "grid": False, "title": "month"}, scale=_tight(table)
        ),
        "color": field("line:N", scale={"domain": names, "range": list(tints.values())}, legend=shown),
        "tooltip": [field("line:N"), field("month:Q"), *numbers, field("n:Q")],
    }
    band = own | {"y": field("low:Q", axis=axis, scale={"zero": False}), "y2": {"field": "high"}}
    line = own | {"y": field("mean:Q", scale={"zero": False}), "strokeDash": dash}
    marks = (
        mark("area", band, opacity=0.2 if len(names) < 2 else 0.12),
        mark("line", line, strokeWidth=2.5),
        mark("point", own | {"y": field("mean:Q")}, size=60, filled=True, opacity=_dots(table)),
    )
    return Layered(data=table, layer=list(marks), width=WIDTH, height=220, autosize=FIT)


def _dots(table: pd.DataFrame) -> float:
    """Points are there to hover over; only a single month needs to show them."""
    return 1.0 if table["month"].nunique() == 1 else 0.001


def _tight(table: pd.DataFrame) -> dict[str, Any]:
    last = int(table["month"].max()) if len(table) else 1
    return {"domain": [1, max(last, 2)], "nice": False}


def _columns(names: list[str]) -> int:
    return 1 if max(map(len, names), default=0) > 20 else min(3, len(names))


def _month_words(comparison: Comparison, measure: str, names: dict[str, str], shown: dict[str, str]) -> str:
    worlds = len(comparison.seeds)
    said = f"Mean of {worlds} worlds with its 95% band." if worlds > 1 else "One world."
    if len(names) == 1 and len(comparison.labels) > 1:
        said += " One line for all mechanisms: exactly equal."
    missing = [name for label, name in names.items() if label not in shown]
    return said + (f" No {measure_title(measure).lower()} under {', '.join(missing)}." if missing else "")


def welfare_parts(comparison: Comparison) -> AnyChart:
    """Parts that add up to welfare: lab surplus and Governor revenue, less audit cost and harm; a tick is the total.

    >>> from experiments import compare
    >>> chart = welfare_parts(compare("seed_binary", seeds=3))
    >>> parts, total = chart.data, chart.layer[1].data
    >>> gap = parts.groupby("label", sort=False)["value"].sum().to_numpy() - total["value"].to_numpy()
    >>> bool(abs(gap).max() < 1e-12)
    True
    """
    parts, total = _part_table(comparison), _means(comparison, ["welfare"]).rename(columns={"mean": "value"})
    low, high = (_sum(parts, sign) for sign in (-1, 1))
    total = total.assign(end=total["label"].map(high), text=[f"= {value:.4g}" for value in total["value"]])
    reach = [min(0.0, float(low.min())), float(high.max()) * _BEYOND]
    scale = {"domain": reach if reach[1] > reach[0] else [0, 1], "nice": False}
    used = _parts(comparison)
    names, _, tints = zip(*(PARTS[name] for name in used), strict=True)
    value, low_end, high_end = (field(f"{name}:Q", format=".4~g") for name in ("value", "low", "high"))
    bars = _rows(comparison) | {
        "x": field("value:Q", axis={"title": MEASURES["welfare"].unit, "format": PLAIN, "tickCount": 5}, scale=scale),
        "color": _legend(names, tints),
        "order": field("order:Q"),
        "tooltip": [field("label:N"), field("part:N"), field("words:N"), value, field("unit:N")],
    }
    tick = {"x": field("value:Q"), "tooltip": [field("label:N"), value, low_end, high_end]}
    text = {"x": field("end:Q"), "text": field("text:N")}
    marks = [
        mark("tick", _rows(comparison) | tick, thickness=4, height=_BAR + 8, color=DARK, stroke=PALE, strokeWidth=1),
        mark("text", _rows(comparison) | text, align="left", dx=7, fontSize=13, fontWeight=600, color=INK),
    ]
    bar, totals = mark("bar", bars, height=_BAR), Layered(data=total, layer=marks)
    chart = Layered(data=parts, layer=[bar, totals], width=WIDTH, height=_ROW * len(comparison.labels), autosize=FIT)
    said = "Parts right of zero less parts left of it are welfare: the tick and the number."
    return finished(chart, "Where welfare goes", said + _equal_words(comparison, ["welfare", *used]))


def _parts(comparison: Comparison) -> list[str]:
    """Parts of welfare; the cost of false alarms only where they cost anything."""
    alarms = any(worlds["false_alarm_cost"].any() for worlds in comparison.worlds.values())
    return [name for name in PARTS if alarms or name != "false_alarm_cost"]


def _part_table(comparison: Comparison) -> pd.DataFrame:
    """Mean of each part with its sign in welfare, in `value`."""
    table = _means(comparison, _parts(comparison))
    names = table["measure"]
    return table.assign(
        part=[PARTS[name][0] for name in names],
        words=[MEASURES[name].description for name in names],
        value=[PARTS[name][1] * mean for name, mean in zip(names, table["mean"], strict=True)],
        order=[list(PARTS).index(name) for name in names],
    )


def _sum(table: pd.DataFrame, sign: int) -> pd.Series[float]:
    """Sum of each mechanism's positive or negative values."""
    values = table["value"].where(table["value"] * sign > 0, 0.0)
    return values.groupby(table["label"], sort=False).sum()
