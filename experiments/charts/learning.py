"""Chart of learning bidders: what share of its value a lab bids, month by month."""

from __future__ import annotations

import altair as alt
import pandas as pd

from experiments.charts.style import PLAIN, AnyChart, finished
from experiments.palette import INK, colours

_WIDTH, _HEIGHT = 300, 230


def learning_chart(table: pd.DataFrame) -> AnyChart:
    """A panel for each market, a line for each mechanism with its 95% interval, dashes where labs should end up.

    Parameters
    ----------
    table : columns market, mechanism, month, mean, low, high, target (NaN where there is none)
    """
    hues = colours(table["mechanism"].unique())
    panels = [_panel(str(market), rows, hues) for market, rows in table.groupby("market", sort=False)]
    said = "Bands are 95% intervals over worlds; dashes mark where labs that bid one share of their value settle."
    return finished(alt.concat(*panels, columns=2), "What labs learn to bid", said)


def _panel(title: str, rows: pd.DataFrame, hues: dict[str, str]) -> alt.LayerChart:
    scale = alt.Scale(domain=list(hues), range=list(hues.values()))
    hue = alt.Color("mechanism:N", scale=scale, legend=alt.Legend(title=None))
    x = alt.X("month:Q", axis=alt.Axis(title="month", grid=False, tickCount=5, format=PLAIN))
    y = alt.Y("mean:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title="share of the value that is bid"))
    base = alt.Chart(rows).encode(x=x, color=hue)
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q")
    line = base.mark_line(strokeWidth=2.3).encode(y=y, tooltip=["mechanism:N", "month:Q", "mean:Q", "low:Q", "high:Q"])
    ends = rows.dropna(subset=["target"]).drop_duplicates("mechanism")
    rule = alt.Chart(ends).mark_rule(strokeDash=[5, 4], color=INK).encode(y="target:Q")
    heading = alt.TitleParams(title, fontSize=13, anchor="start", frame="group", offset=8)
    return alt.LayerChart(layer=[rule, band, line], width=_WIDTH, height=_HEIGHT, title=heading)
