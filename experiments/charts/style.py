"""One theme for every chart: colours fixed by meaning, sizes, titles, and what to call lines that coincide.

Text of axes, legends and titles has no colour of its own: it is black in files and follows the page in the app. Marks
that stand on the bare background are drawn in `INK`, a grey that reads on white and on near-black.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import altair as alt

from agents import MEASURES
from experiments.palette import GREEN, GREY, INK, SKY, VERMILLION, YELLOW

Mark = dict[str, Any]

DARK, PALE = "#14191f", "#ffffff"
FONT = "Source Sans, Liberation Sans, Helvetica, Arial, sans-serif"
TITLE_LENGTH, LINE_LENGTH = 42, 54
PLAIN = ",~f"
"""D3 format of an axis with plain numbers."""

SHARES = {
    "share_no_demand": ("no demand", GREY),
    "share_covered": ("covered", SKY),
    "share_deterred": ("deterred", GREEN),
    "share_violating": ("violating", VERMILLION),
}
PARTS = {
    "lab_surplus": ("lab surplus", 1, SKY),
    "governor_revenue": ("Governor revenue", 1, GREEN),
    "audit_cost": ("audit cost", -1, YELLOW),
    "harm": ("harm", -1, VERMILLION),
    "false_alarm_cost": ("false alarms", -1, GREY),
}
_TYPES = {"N": "nominal", "Q": "quantitative"}
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4])

_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleFontSize": 12.5,
        "subtitleFontWeight": 400,
        "subtitleLineHeight": 16,
        "subtitlePadding": 4,
        "offset": 12,
    },
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "labelPadding": 5,
        "titlePadding": 8,
        "labelLimit": 150,
        "domain": False,
        "ticks": False,
        "gridColor": INK,
        "gridOpacity": 0.22,
    },
    "axisY": {"titleAlign": "left", "titleAngle": 0, "titleAnchor": "end", "titleBaseline": "bottom", "titleY": -9},
    "legend": {
        "orient": "bottom",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "labelLimit": 320,
        "symbolStrokeWidth": 2.5,
        "columnPadding": 14,
        "rowPadding": 3,
        "offset": 10,
        "padding": 0,
    },
}


def is_share(name: str) -> bool:
    """Whether a measure is a share, shown in percent."""
    return MEASURES[name].unit.startswith("share")


def number_format(name: str) -> str:
    """D3 format of a measure's values."""
    return ".1%" if is_share(name) else ".4~g"


def axis_format(name: str) -> str:
    """D3 format of a measure's axis."""
    return "~%" if is_share(name) else ".2~e" if MEASURES[name].unit.startswith("FLOP") else PLAIN


def tips(*fields: str) -> list[alt.Tooltip]:
    """What pointing at a mark tells, as channels: Altair takes ten times as long to make them from plain texts.

    >>> [tip.to_dict() for tip in tips("label:N")]
    [{'field': 'label', 'type': 'nominal'}]
    """
    return [alt.Tooltip(field) for field in fields]


def field(told: str, **more: Any) -> dict[str, Any]:
    """A channel of a mark as Vega-Lite spells it, from Altair's shorthand.

    >>> field("share:Q", format=".1%")
    {'field': 'share', 'type': 'quantitative', 'format': '.1%'}
    """
    name, _, kind = told.rpartition(":")
    return {"field": name, "type": _TYPES[kind], **more}


class Layered(alt.TopLevelMixin, alt.TopLevelLayerSpec):
    """Marks over each other, each as Vega-Lite spells it, and taken as it is.

    Altair's own layers are copied and hashed when they are put together, rows of data included, which takes longer than
    the chart is worth where it is drawn at every move of a slider.

    >>> import pandas as pd
    >>> bars = mark("bar", {"x": field("share:Q")})
    >>> Layered(data=pd.DataFrame({"share": [0.5]}), layer=[bars], width=100).to_dict()["layer"] == [bars]
    True
    """


class Single(alt.TopLevelMixin, alt.TopLevelUnitSpec):
    """A mark over data of its own, likewise."""


class Beside(alt.TopLevelMixin, alt.TopLevelConcatSpec):
    """Charts beside each other, likewise."""


def mark(kind: str, encoding: Mapping[str, Any], **look: Any) -> Mark:
    """A mark and its channels as Vega-Lite spells them."""
    return {"mark": {"type": kind, **look}, "encoding": dict(encoding)}


AnyChart = alt.Chart | alt.LayerChart | alt.ConcatChart | alt.FacetChart | Layered | Beside


def groups(labels: Sequence[str], key: Callable[[str], Hashable]) -> list[list[str]]:
    """Labels whose keys agree, together, in order of first appearance.

    >>> groups(["a", "b", "A"], str.lower)
    [['a', 'A'], ['b']]
    """
    found: dict[Hashable, list[str]] = {}
    for label in labels:
        found.setdefault(key(label), []).append(label)
    return list(found.values())


def group_name(group: Sequence[str], total: int) -> str:
    """What to call mechanisms that are exactly equal in what a chart shows.

    >>> group_name(["vickrey"], 3), group_name(["a", "b"], 3), group_name(["a", "b"], 2)
    ('vickrey', 'a = b', 'all mechanisms (exactly equal)')
    """
    return "all mechanisms (exactly equal)" if len(group) == total > 1 else " = ".join(group)


def finished(chart: AnyChart, title: str, subtitle: str, line: int = LINE_LENGTH) -> AnyChart:
    """The same chart with the theme and a title in lines short enough for a phone, or for a place as wide as `line`."""
    heading = {"text": textwrap.wrap(title, TITLE_LENGTH), "subtitle": textwrap.wrap(subtitle, line)}
    chart.title, chart.description = heading, f"{title}. {subtitle}"
    chart.config = dict(_CONFIG)  # set and not asked of Altair, which would copy the chart for each
    return chart


FIT = alt.AutoSizeParams(type="fit-x", contains="padding")
"""A chart's width includes its axes, so that it fits wherever that width fits."""
