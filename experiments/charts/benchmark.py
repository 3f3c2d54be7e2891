"""Charts of the benchmark: simulated against closed form, time against size, thin to thick markets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from experiments.charts.floor import stacked
from experiments.charts.style import DASHES, FIT, PLAIN, AnyChart, finished, group_name, groups
from experiments.palette import BLUE, INK, VERMILLION, colours

WIDTH, HEIGHT = 560, 320
_PANEL, _COLUMNS = 150, 4
_LEAST_POINTS = 5
_FIELDS = ("case", "name", "expected", "measured", "verdict")
_LABEL_GAP = 26 / HEIGHT
"""Room that one label needs, as a share of the chart's height, whose range is wider than the grey lines'."""
_LONG_NAME = 30
_WIDE = 50.0
"""From this ratio of largest to smallest on, a panel is drawn on logarithmic axes."""


def agreement_chart(table: pd.DataFrame) -> AnyChart:
    """Measured against expected with the 45-degree line, a panel for each group of simulated rows.

    Parameters
    ----------
    table : rows of the theory suite
    """
    drawn = table[table["standard_error"] > 0].assign(
        low=table["measured"] - table["allowed"],
        high=table["measured"] + table["allowed"],
        verdict=table["passes"].map({True: "within", False: "outside"}),
    )
    drawn = drawn.loc[drawn["expected"] > 0, ["group", "unit", *_FIELDS, "low", "high"]]
    panels = [
        _panel(_panel_title(str(group), str(unit), drawn), rows)
        for (group, unit), rows in drawn.groupby(["group", "unit"], sort=False)
        if len(rows) >= _LEAST_POINTS
    ]
    outside = int((~table["passes"]).sum())
    said = (
        "Measured (up) against expected (across). A bar is three standard errors and the rounding of the printed "
        f"number; on the line both agree. {'All rows are' if not outside else f'{outside} rows are not'} within."
    )
    return finished(alt.concat(*panels, columns=_COLUMNS), "Simulated against closed form", said)


def _panel_title(group: str, unit: str, table: pd.DataFrame) -> str:
    mixed = table.loc[table["group"] == group, "unit"].nunique() > 1
    return f"{group} (%)" if unit else f"{group}, shares" if mixed else group


def _panel(title: str, rows: pd.DataFrame) -> alt.LayerChart:
    low, high = float(rows["expected"].min()), float(rows["expected"].max())
    if high > _WIDE * low:
        domain = [low / 1.4, high * 1.4]
        axis = alt.Axis(values=[10.0**power for power in range(-6, 7)], format="~g", title=None)
        scale = alt.Scale(type="log", domain=domain, nice=False)
    else:
        domain = [low - 0.06 * (high - low), high + 0.06 * (high - low)]
        axis = alt.Axis(tickCount=3, format=PLAIN, title=None)
        scale = alt.Scale(domain=domain, nice=False, zero=False)
    x, y = alt.X("expected:Q", scale=scale, axis=axis), alt.Y("measured:Q", scale=scale, axis=axis)
    colour = alt.Color(
        "verdict:N", scale=alt.Scale(domain=["within", "outside"], range=[BLUE, VERMILLION]), legend=None
    )
    base = alt.Chart(rows).encode(x=x, color=colour, tooltip=list(_FIELDS))
    ends = alt.Chart(pd.DataFrame({"expected": domain, "measured": domain})).encode(x=x, y=y)
    return alt.LayerChart(
        layer=[
            ends.mark_line(color=INK, strokeWidth=1.5),
            base.mark_rule(strokeWidth=1.8, clip=True).encode(y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"),
            base.mark_point(filled=False, size=45, strokeWidth=1.8, opacity=1).encode(y=y),
        ],
        width=_PANEL,
        height=_PANEL,
        title=_heading(title),
    )


def _heading(title: str) -> alt.TitleParams:
    return alt.TitleParams(title, fontSize=13, anchor="start", frame="group", offset=8)


def speed_chart(table: pd.DataFrame, column: str, title: str, unit: str, ours: Sequence[str]) -> AnyChart:
    """Time of one clearing against the number of orders, both on logarithmic axes.

    Parameters
    ----------
    table : columns mechanism, orders and `column`
    ours : mechanisms drawn in their colours; what is not among them is drawn grey and named at its line's end
    """
    mine, others = table[table["mechanism"].isin(ours)], table[~table["mechanism"].isin(ours)]
    x = alt.X(
        "orders:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", grid=False, title="orders", tickCount=5)
    )
    y = alt.Y(f"{column}:Q", scale=alt.Scale(type="log"), axis=alt.Axis(title=unit, format=PLAIN, tickCount=6))
    tooltip = [alt.Tooltip("mechanism:N"), alt.Tooltip("orders:Q"), alt.Tooltip(f"{column}:Q", format=".3~g")]
    tints, dashes = colours(ours), [DASHES[i % len(DASHES)] for i in range(len(ours))]
    legend = alt.Legend(title=None, columns=3, columnPadding=28, symbolType="stroke", symbolOpacity=1, symbolSize=250)
    domain = alt.Scale(domain=list(ours), range=list(tints.values()))
    lines = (
        alt.Chart(mine)
        .mark_line(strokeWidth=2.2, point=alt.OverlayMarkDef(size=25))
        .encode(
            x=x,
            y=y,
            tooltip=tooltip,
            color=alt.Color("mechanism:N", scale=domain, legend=legend),
            strokeDash=alt.StrokeDash("mechanism:N", scale=alt.Scale(domain=list(ours), range=dashes), legend=legend),
        )
    )
    grey = alt.Chart(others).encode(x=x, y=y, tooltip=tooltip, detail="mechanism:N")
    chart = alt.layer(
        grey.mark_line(color=INK, strokeWidth=3, opacity=0.8),
        lines,
        *_names(others, column, x),
    ).properties(width=WIDTH, height=HEIGHT, autosize=FIT)
    return finished(chart, title, "Grey: what it is measured beside. Least of several runs, books built beforehand.")


def _names(others: pd.DataFrame, column: str, x: alt.X) -> list[alt.Chart]:
    """Names of grey lines: right of a line that ends early, else below its second point."""
    lines = others.groupby("mechanism", sort=False)
    starts, ends = lines.nth(min(1, others["orders"].nunique() - 1)), lines.tail(1)
    early = ends[ends["orders"] < others["orders"].max()]
    text: dict[str, Any] = {"fontSize": 12.5, "fontWeight": 600, "color": INK, "align": "left"}
    heights = np.log10(early[column].to_numpy(dtype=float))
    decades = np.log10(others[column].max() / others[column].min())
    right = early.assign(height=10 ** stacked(heights, _LABEL_GAP * decades))
    below = starts[~starts["mechanism"].isin(early["mechanism"])]
    return [
        alt.Chart(right).mark_text(dx=8, **text).encode(x=x, y="height:Q", text="mechanism:N"),
        alt.Chart(below).mark_text(dx=10, dy=12, **text).encode(x=x, y=f"{column}:Q", text="mechanism:N"),
    ]


def thickness_chart(table: pd.DataFrame, title: str, unit: str, axis_format: str = PLAIN) -> AnyChart:
    """A measure against the number of labs, a line a mechanism and a panel a way of bidding.

    Parameters
    ----------
    table : columns bidding, labs, mechanism, mean, low, high; of one measure
    """
    table = table.dropna(subset="mean")
    panels = [_sizes(str(rule), rows, unit, axis_format) for rule, rows in table.groupby("bidding", sort=False)]
    bands = " with 95% bands" if table["low"].notna().any() else ""
    said = f"Means over worlds{bands}, from thin to thick markets. Mechanisms that are exactly equal share a line."
    return finished(alt.vconcat(*panels).resolve_scale(color="independent", strokeDash="independent"), title, said)


def _sizes(rule: str, rows: pd.DataFrame, unit: str, axis_format: str) -> alt.LayerChart:
    values = {str(name): tuple(part["mean"]) for name, part in rows.groupby("mechanism", sort=False)}
    together = groups(list(values), values.__getitem__)
    names = {group[0]: group_name(group, len(values)) for group in together}
    rows = rows[rows["mechanism"].isin(names)]
    rows = rows.assign(line=rows["mechanism"].map(names))
    tints, order = colours(names), list(names.values())
    legend = alt.Legend(
        title=None,
        columns=1 if max(map(len, order)) > _LONG_NAME else 3,
        labelLimit=WIDTH - 60,
        symbolType="stroke",
        symbolOpacity=1,
        symbolSize=250,
    )
    dashes = [DASHES[i % len(DASHES)] for i in range(len(order))]
    colour = alt.Color("line:N", scale=alt.Scale(domain=order, range=list(tints.values())), legend=legend)
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=order, range=dashes), legend=legend)
    ticks = sorted(int(n) for n in rows["labs"].unique())
    scale = alt.Scale(type="log", base=2, domain=[ticks[0], max(ticks[-1], ticks[0] + 1)], nice=False)
    x = alt.X("labs:Q", scale=scale, axis=alt.Axis(values=ticks, grid=False, title="labs", format="d"))
    axis = alt.Axis(title=unit, format=axis_format, tickCount=5)
    numbers = [alt.Tooltip(f"{field}:Q", format=".4~g") for field in ("mean", "low", "high")]
    base = alt.Chart(rows).encode(x=x, color=colour, tooltip=["line:N", "labs:Q", *numbers])
    y = alt.Scale(zero=False)
    band = base.mark_area(opacity=0.12).encode(y=alt.Y("low:Q", axis=axis, scale=y), y2="high:Q")
    line = base.mark_line(strokeWidth=2.3, point=alt.OverlayMarkDef(size=25)).encode(
        y=alt.Y("mean:Q", scale=y), strokeDash=dash
    )
    return alt.LayerChart(layer=[band, line], width=WIDTH - 60, height=220, title=_heading(f"labs bid: {rule}"))
