"""Bars of Sobol indices: what each setting explains alone, and with all that it acts together with."""

from __future__ import annotations

import altair as alt
import pandas as pd

from experiments.charts.style import BLUE, INK, SKY, AnyChart, finished, measure_title

WIDTH, STEP = 420, 18
_INDICES = {"alone": "first", "with others": "total"}


def sensitivity_chart(table: pd.DataFrame, measure: str) -> AnyChart:
    """First-order and total indices with their intervals, the most important setting on top, a panel a mechanism.

    Parameters
    ----------
    table : what `experiments.sensitivity` gives
    measure : the measure explained

    Examples
    --------
    >>> row = {"mechanism": "vickrey", "bidding": "full-value", "setting": "permits.cap"}
    >>> row |= {f"{index}{end}": 0.5 for index in ("first", "total") for end in ("", "_low", "_high")}
    >>> len(sensitivity_chart(pd.DataFrame([row]), "welfare").to_dict()["datasets"])
    1
    """
    order = table.groupby("setting")["total"].mean().sort_values(ascending=False).index.tolist()
    scale = alt.Scale(domain=list(_INDICES), range=[BLUE, SKY])
    base = alt.Chart().encode(
        y=alt.Y("setting:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, grid=False)),
        yOffset=alt.YOffset("index:N", sort=list(_INDICES)),
    )
    bars = base.mark_bar().encode(
        x=alt.X("share:Q", title="Share of the variance over the plan's ranges", axis=alt.Axis(format="~%")),
        color=alt.Color("index:N", scale=scale, sort=list(_INDICES), title=None),
    )
    whiskers = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    rows = _long(table)
    panels = alt.layer(bars, whiskers, data=rows).properties(width=WIDTH, height=alt.Step(STEP))
    names = list(dict.fromkeys(rows["panel"]))
    chart = panels.facet(
        facet=alt.Facet("panel:N", sort=names, title=None, header=alt.Header(labelFontSize=13)), columns=1
    )
    said = "Dark: the setting alone; light: with all that it acts together with. Lines are 95% bootstrap intervals."
    return finished(chart, f"What {measure_title(measure).lower()} depends on", said)


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """One row a bar."""
    several = table["bidding"].nunique() > 1
    panel = table["mechanism"] + (" (" + table["bidding"] + ")" if several else "")
    parts = []
    for words, name in _INDICES.items():
        columns = {"share": table[name], "low": table[f"{name}_low"], "high": table[f"{name}_high"]}
        parts.append(pd.DataFrame({"panel": panel, "setting": table["setting"], "index": words, **columns}))
    return pd.concat(parts, ignore_index=True)
