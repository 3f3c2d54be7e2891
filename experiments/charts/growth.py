"""Charts of the suite `simulation`: speed against labs and worlds, time and memory against the size of a sweep."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from experiments.charts.style import PLAIN, AnyChart, finished
from experiments.palette import BLUE, INK

WIDTH, HEIGHT = 560, 260
_PANEL = 215
_SHADES = ("#9ecae1", "#5fa3d0", "#2f7ab8", "#0b539b", "#06305f")
_POINTS = alt.OverlayMarkDef(size=25)
PLAIN_MESA = "plain Mesa"


def growth_chart(table: pd.DataFrame) -> AnyChart:
    """Lab-months a second against labs, a line a number of worlds and a panel a number of processes.

    Parameters
    ----------
    table : rows of the suite: columns program, jobs, worlds, labs, value
    """
    plain = table[table["program"] == PLAIN_MESA]
    domain = [float(10 ** np.floor(np.log10(table["value"].min()))), float(table["value"].max() * 1.5)]
    panels = [
        _speeds(rows, plain, int(str(jobs)), domain)
        for jobs, rows in table[table["program"] != PLAIN_MESA].groupby("jobs")
    ]
    beside = "" if plain.empty else " Grey: a plain Mesa model, one object a lab, one world."
    said = f"A line for each number of worlds, from 1 (pale) upwards. More in one array cost less each.{beside}"
    return finished(alt.concat(*panels, columns=1), "Lab-months a second", said)


def _speeds(rows: pd.DataFrame, plain: pd.DataFrame, jobs: int, domain: list[float]) -> alt.LayerChart:
    axis = alt.Axis(format="~s", grid=False, title="labs", tickCount=6)
    x = alt.X("labs:Q", scale=alt.Scale(type="log"), axis=axis)
    scale = alt.Scale(type="log", domain=domain, nice=False)
    powers = [10.0**power for power in range(-1, 12) if domain[0] <= 10.0**power <= domain[1]]
    y = alt.Y("value:Q", scale=scale, axis=alt.Axis(title="lab-months a second", format="~s", values=powers))
    counts = sorted(int(n) for n in rows["worlds"].unique())
    names = [f"{count:,}" for count in counts]
    shown = rows.assign(line=rows["worlds"].map("{:,}".format))
    legend = alt.Legend(title="worlds", columns=5, symbolType="stroke", symbolOpacity=1, symbolSize=250)
    shades = alt.Scale(domain=names, range=list(_SHADES[: len(names)]))
    tooltip = [alt.Tooltip("worlds:Q"), alt.Tooltip("labs:Q"), alt.Tooltip("value:Q", format=".3~s")]
    lines = (
        alt.Chart(shown)
        .mark_line(strokeWidth=2.3, point=_POINTS)
        .encode(x=x, y=y, tooltip=tooltip, color=alt.Color("line:N", scale=shades, legend=legend))
    )
    layers: list[Any] = [lines]
    if not plain.empty:
        grey = alt.Chart(plain).encode(x=x, y=y, tooltip=tooltip)
        text = alt.Chart(plain.tail(1)).mark_text(
            text=PLAIN_MESA, dx=10, align="left", fontSize=12.5, fontWeight=600, color=INK
        )
        layers = [grey.mark_line(color=INK, strokeWidth=3, opacity=0.8), lines, text.encode(x=x, y=y)]
    title = "one process" if jobs == 1 else f"{jobs} processes"
    heading = alt.TitleParams(title, fontSize=13, anchor="start", frame="group", offset=8)
    return alt.LayerChart(layer=layers, width=WIDTH - 70, height=HEIGHT, title=heading)


def scaling_chart(table: pd.DataFrame) -> AnyChart:
    """Time and peak memory of sweeps against cells and against seeds, with the fitted lines.

    Parameters
    ----------
    table : rows of the suite: columns part, cells, worlds, measure, value
    """
    panels = []
    for _, rows in table.groupby("part", sort=False):
        axis = "cells" if rows["cells"].nunique() > 1 else "worlds"
        for measure, slope, unit in (("time", "slope of time", "s"), ("peak memory", "slope of peak memory", "MB")):
            fitted = rows[rows["measure"] == slope]
            shown = rows[rows["measure"] == measure].rename(columns={axis: "size"})
            panels.append(_fit(shown, f"{measure}: slope {fitted['value'].iloc[0]:.2f}", axis, unit))
    said = "Points are measured, lines fitted on logarithmic axes: slope 1 is linear, slope 0 flat."
    return finished(alt.concat(*panels, columns=2), "Time and memory of a sweep", said)


def _fit(rows: pd.DataFrame, title: str, axis: str, unit: str) -> alt.LayerChart:
    low, high = float(rows["value"].min()), float(rows["value"].max())
    room = 1.3 if high > 2 * low else 2.0
    scale = alt.Scale(type="log", domain=[low / room, high * room], nice=False)
    ticks = sorted(int(n) for n in rows["size"])
    x = alt.X(
        "size:Q",
        scale=alt.Scale(type="log", domain=[ticks[0] / 1.2, ticks[-1] * 1.2], nice=False),
        axis=alt.Axis(values=ticks, title=axis if axis == "cells" else "seeds", format=PLAIN, grid=False),
    )
    y = alt.Y("value:Q", scale=scale, axis=alt.Axis(title=unit, format=PLAIN, tickCount=5))
    base = alt.Chart(rows)
    line = base.transform_regression("size", "value", method="pow").mark_line(color=INK, strokeWidth=2)
    points = base.mark_point(filled=True, size=60, color=BLUE, opacity=1)
    heading = alt.TitleParams(title, fontSize=13, anchor="start", frame="group", offset=8)
    layer = [line.encode(x=x, y=y), points.encode(x=x, y=y, tooltip=["size:Q", "value:Q"])]
    return alt.LayerChart(layer=layer, width=_PANEL, height=_PANEL - 40, title=heading)
