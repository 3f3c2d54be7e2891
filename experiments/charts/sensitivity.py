"""Bars of Sobol indices: what each setting explains alone, and with all that it acts together with."""

from __future__ import annotations

import altair as alt
import pandas as pd

from experiments.charts.style import FIT, AnyChart, finished
from experiments.numbers import measure_title
from experiments.palette import BLUE, INK, SKY

WIDTH, STEP, LABEL = 420, 18, 200
_SAID = "Dark: the setting alone; light: with all that it acts together with. Lines are 95% bootstrap intervals."
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
    rows = _long(table)
    names = list(dict.fromkeys(rows["panel"]))
    chart = _bars(rows, _order(table)).facet(
        facet=alt.Facet("panel:N", sort=names, title=None, header=alt.Header(labelFontSize=13)), columns=1
    )
    return finished(chart, _title(measure), _SAID)


def sensitivity_panels(table: pd.DataFrame, measure: str) -> dict[str, AnyChart]:
    """The same panels as charts of their own, by mechanism, for pages that arrange them."""
    rows = _long(table)
    several = rows["panel"].nunique() > 1
    return {
        name: finished(
            _bars(rows[rows["panel"] == name], _order(table)).properties(autosize=FIT),
            _title(measure) + (f": {name}" if several else ""),
            _SAID,
        )
        for name in dict.fromkeys(rows["panel"])
    }


def _title(measure: str) -> str:
    return f"What {measure_title(measure).lower()} depends on"


def _order(table: pd.DataFrame) -> list[str]:
    """Settings, the most important one first."""
    return table.groupby("setting")["total"].mean().sort_values(ascending=False).index.tolist()


def _bars(rows: pd.DataFrame, order: list[str]) -> alt.LayerChart | alt.FacetChart:
    scale = alt.Scale(domain=list(_INDICES), range=[BLUE, SKY])
    percent = [alt.Tooltip(f"{field}:Q", format=".1%") for field in ("share", "low", "high")]
    base = alt.Chart().encode(
        y=alt.Y("setting:N", sort=order, title=None, axis=alt.Axis(labelLimit=LABEL, grid=False)),
        yOffset=alt.YOffset("index:N", sort=list(_INDICES)),
        tooltip=["panel:N", "setting:N", "index:N", *percent],
    )
    bars = base.mark_bar().encode(
        x=alt.X("share:Q", title="Share of the variance over the plan's ranges", axis=alt.Axis(format="~%")),
        color=alt.Color("index:N", scale=scale, sort=list(_INDICES), title=None),
    )
    whiskers = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    return alt.layer(bars, whiskers, data=rows).properties(width=WIDTH, height=alt.Step(STEP))


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """One row a bar."""
    several = table["bidding"].nunique() > 1
    panel = table["mechanism"] + (" (" + table["bidding"] + ")" if several else "")
    parts = []
    for words, name in _INDICES.items():
        columns = {"share": table[name], "low": table[f"{name}_low"], "high": table[f"{name}_high"]}
        parts.append(pd.DataFrame({"panel": panel, "setting": table["setting"], "index": words, **columns}))
    return pd.concat(parts, ignore_index=True)
