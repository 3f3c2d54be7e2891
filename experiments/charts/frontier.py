"""Chart of audit policies: what each reaches at which effort, and the line that no policy tried lies beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from agents import MEASURES
from experiments.charts.style import FIT, PLAIN, AnyChart, axis_format, finished, number_format
from experiments.numbers import measure_title
from experiments.palette import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, VERMILLION, YELLOW

if TYPE_CHECKING:
    from experiments.frontier.results import Frontier

WIDTH, HEIGHT = 480, 260
POLICIES = {
    "none": INK,
    "random": GREY,
    "signal": BLUE,
    "optimal": ORANGE,
    "budgeted": GREEN,
    "targeted": PURPLE,
    "escalating": VERMILLION,
}
_FREE = (SKY, YELLOW)
_SAID = "A dot is a policy, the line joins those that no other beats in both. A diamond is the best for welfare."


def frontier_chart(found: Frontier) -> AnyChart:
    """Compliance, and harm where there is any, against audits: every policy tried, the efficient ones joined.

    >>> from experiments import policy_frontier
    >>> chart = frontier_chart(policy_frontier("thin_market", ["none", "random"], points=3, rounds=0, seeds=2))
    >>> len(chart.concat)
    2
    """
    shown = _shown(found)
    chart = alt.concat(*(_panel(found, measure) for measure in shown), columns=1, spacing=30)
    title = "What audits buy" if len(shown) > 1 else "Compliance for audits"
    return finished(chart, f"{title}: {found.scenario.name}", _SAID)


def frontier_panels(found: Frontier) -> dict[str, AnyChart]:
    """The same panels as charts of their own, by measure, for pages that arrange them."""
    return {
        measure: finished(
            _panel(found, measure).properties(autosize=FIT), f"{measure_title(measure)} for audits", _SAID
        )
        for measure in _shown(found)
    }


def _shown(found: Frontier) -> list[str]:
    return ["compliance_rate", *(["harm"] if found.data["harm"].any() else [])]


def _panel(found: Frontier, measure: str) -> alt.LayerChart | alt.FacetChart:
    names = list(dict.fromkeys(found.data["policy"]))
    tints = dict(zip([name for name in names if name not in POLICIES], _FREE * len(names), strict=False)) | POLICIES
    colour = alt.Color(
        "policy:N",
        scale=alt.Scale(domain=names, range=[tints[name] for name in names]),
        legend=alt.Legend(title=None, columns=4, symbolOpacity=1),
    )
    axes = {
        "x": alt.X("audits:Q", axis=alt.Axis(title=MEASURES["audits"].unit, format=PLAIN, tickCount=6)),
        "y": alt.Y(f"{measure}:Q", axis=alt.Axis(title=_title(measure), format=axis_format(measure), tickCount=5)),
    }
    told = [alt.Tooltip("policy:N"), alt.Tooltip("options:N"), *map(_told, ("audits", "compliance_rate", "harm"))]
    line = alt.Chart(_line(found, measure)).mark_line(color=INK, strokeWidth=1.6, opacity=0.9).encode(**axes)
    dots = alt.Chart(_plain(found.data)).mark_circle(size=46, opacity=0.65).encode(color=colour, tooltip=told, **axes)
    best = alt.Chart(_plain(found.data.nlargest(1, "welfare")))
    diamond = best.mark_point(shape="diamond", size=210, strokeWidth=2.2, color=INK).encode(tooltip=told, **axes)
    return alt.layer(line, dots, diamond).properties(width=WIDTH, height=HEIGHT)


def _line(found: Frontier, measure: str) -> pd.DataFrame:
    """Policies that are efficient in these two, from few audits to many."""
    rows = found.data[found.efficient_by(measure, "audits")]
    return _plain(rows).sort_values("audits")


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["policy", "options", "audits", "compliance_rate", "harm", "welfare"]]


def _title(measure: str) -> str:
    return f"{measure_title(measure)} ({MEASURES[measure].unit})"


def _told(measure: str) -> alt.Tooltip:
    return alt.Tooltip(f"{measure}:Q", title=measure_title(measure).lower(), format=number_format(measure))
