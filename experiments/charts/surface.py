"""Charts of a sweep: a measure along one of its axes, and over two."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from agents import MEASURES
from experiments.charts.style import (
    FIT,
    PLAIN,
    AnyChart,
    axis_format,
    finished,
    group_name,
    groups,
    is_share,
    number_format,
)
from experiments.maps.axes import MapAxis
from experiments.numbers import measure_title
from experiments.palette import colours

WIDTH, HEIGHT = 560, 320
_FINE = ".4~g"
_NUMBERS = ["mean", "low", "high", "n"]


def measure_by_axis(rows: pd.DataFrame, path: str, measure: str, *, drawn: bool = False, fixed: str = "") -> AnyChart:
    """A measure along one axis, with its 95% interval, a line a mechanism; the points alone where they are a sample.

    Parameters
    ----------
    rows : table with columns label, x, mean, low, high, n
    path : the axis, a setting by its path
    measure : a measure's name
    drawn : whether the points were drawn at random, so that the other axes vary as well
    fixed : what the other axes are set to, in words

    Examples
    --------
    >>> rows = pd.DataFrame({"label": "vickrey", "x": [0.2, 0.8], "mean": 0.5, "low": 0.4, "high": 0.6, "n": 20})
    >>> measure_by_axis(rows, "enforcement.penalty", "compliance_rate").to_dict()["title"]["text"]
    ['Compliance rate by penalty']
    """
    axis = _axis(path, rows["x"])
    table, tints = _together(rows)
    x = alt.X("x:Q" if axis.numeric else "x:N", title=axis.title, axis=_x_axis(axis), scale=_x_scale(axis))
    y = alt.Y("mean:Q", title=MEASURES[measure].unit, axis=alt.Axis(format=axis_format(measure)), scale=_y(measure))
    scale = alt.Scale(domain=list(tints), range=list(tints.values()))
    colour = alt.Color(
        "label:N", scale=scale, sort=list(tints), legend=alt.Legend(title=None, columns=2, symbolOpacity=1)
    )
    base = alt.Chart(table).encode(x=x, color=colour, tooltip=_told(axis, "x", measure))
    if drawn:
        layers = [base.mark_circle(size=34, opacity=0.6).encode(y=y)]
    elif axis.numeric:
        band = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", scale=_y(measure)), y2="high:Q")
        layers = [band, base.mark_line(strokeWidth=2.2).encode(y=y), base.mark_circle(size=42, opacity=1).encode(y=y)]
    else:
        apart = alt.XOffset("label:N", sort=list(tints))
        rule = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", scale=_y(measure)), y2="high:Q", xOffset=apart)
        layers = [rule, base.mark_circle(size=70, opacity=1).encode(y=y, xOffset=apart)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, autosize=FIT)
    said = "Each point is a cell; the other axes vary too." if drawn else "95% intervals over the worlds."
    return finished(chart, f"{measure_title(measure)} by {axis.words}", " ".join(filter(None, [said, fixed])))


def measure_by_two(
    rows: pd.DataFrame, x: str, y: str, measure: str, *, drawn: bool = False, fixed: str = ""
) -> dict[str, AnyChart]:
    """A measure over two axes, a panel for each mechanism, or one for those that are exactly equal, on one scale.

    Parameters
    ----------
    rows : table with columns label, x, y, mean, low, high, n
    x, y : the axes, settings by their paths
    measure, drawn, fixed : as in `measure_by_axis`

    Examples
    --------
    >>> rows = pd.DataFrame({"label": "vickrey", "x": [0.2, 0.8], "y": 1, "mean": 0.5, "low": 0.4, "high": 0.6, "n": 2})
    >>> list(measure_by_two(rows, "enforcement.penalty", "months", "welfare"))
    ['vickrey']
    """
    table, tints = _together(rows)
    axes = {"x": _axis(x, rows["x"]), "y": _axis(y, rows["y"])}
    colour = _colour(measure, rows["mean"])
    said = "Each dot is a cell." if drawn else "Each field is a cell."
    if len(tints) == 1 < rows["label"].nunique():
        said += " One picture for all mechanisms: exactly equal."
    return {
        name: finished(
            _panel(table[table["label"] == name], axes, measure, colour, drawn=drawn),
            _title(measure, axes, name if len(tints) > 1 else ""),
            " ".join(filter(None, [said, fixed])),
        )
        for name in tints
    }


def _title(measure: str, axes: dict[str, MapAxis], name: str) -> str:
    if name:
        return f"{measure_title(measure)}: {name}"
    return f"{measure_title(measure)} by {axes['x'].words} and {axes['y'].words}"


def _panel(
    table: pd.DataFrame, axes: dict[str, MapAxis], measure: str, colour: alt.Color, *, drawn: bool
) -> alt.Chart | alt.LayerChart:
    told = [*_told(axes["x"], "x", measure)[:2], *_told(axes["y"], "y", measure)[1:]]
    base = alt.Chart(table).encode(color=colour, tooltip=told)
    if drawn:
        marks = base.mark_circle(size=90, opacity=0.9)
        kinds = {side: "Q" if axis.numeric else "N" for side, axis in axes.items()}
    else:
        marks, kinds = base.mark_rect(), dict.fromkeys(axes, "O")
    channels: dict[str, Any] = {
        "x": alt.X(f"x:{kinds['x']}", title=axes["x"].title, axis=_plain(axes["x"], "x", drawn), scale=_free(drawn)),
        "y": alt.Y(
            f"y:{kinds['y']}",
            title=axes["y"].title,
            axis=_plain(axes["y"], "y", drawn),
            scale=_free(drawn),
            sort=None if drawn else "descending" if axes["y"].numeric else None,
        ),
    }
    return marks.encode(**channels).properties(width=440, height=HEIGHT, autosize=FIT)


def _plain(axis: MapAxis, side: str, drawn: bool) -> alt.Axis:
    form: dict[str, Any] = {"format": PLAIN if drawn else "~g"} if axis.numeric else {}
    if side == "x":
        form["labelAngle"] = 0
    return alt.Axis(grid=drawn, labelOverlap=True, labelLimit=120, **form)


def _free(drawn: bool) -> Any:
    return alt.Scale(zero=False, nice=False, padding=8) if drawn else alt.Undefined


def _colour(measure: str, means: pd.Series[float]) -> alt.Color:
    """Viridis, which people with any common colour blindness can read, over the values of all panels."""
    low, high = (float(means.min()), float(means.max())) if means.notna().any() else (0.0, 1.0)
    ends = [0.0, 1.0] if is_share(measure) and low >= 0 and high <= 1 else [low, high if high > low else low + 1]
    legend = alt.Legend(
        type="gradient",
        title=MEASURES[measure].unit,
        format=axis_format(measure),
        gradientLength=220,
        gradientThickness=12,
        tickCount=3,
        titleOrient="top",
    )
    return alt.Color("mean:Q", scale=alt.Scale(scheme="viridis", domain=ends), legend=legend)


def _axis(path: str, values: pd.Series[Any]) -> MapAxis:
    return MapAxis(path, path, tuple(values.dropna().unique().tolist()))


def _together(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rows with mechanisms that are exactly equal under one label, and the colour of each label."""
    labels = rows["label"].unique().tolist()
    numbers = {label: rows.loc[rows["label"] == label, _NUMBERS].to_numpy(dtype=np.float64) + 0.0 for label in labels}
    found = groups(labels, lambda label: np.nan_to_num(numbers[label], nan=np.inf).tobytes())
    own = colours(labels)
    names = {group[0]: group_name(group, len(labels)) for group in found}
    table = rows[rows["label"].isin(list(names))]
    return table.assign(label=table["label"].map(names)), {name: own[label] for label, name in names.items()}


def _x_axis(axis: MapAxis) -> alt.Axis:
    return alt.Axis(format=PLAIN, tickCount=7, grid=False) if axis.numeric else alt.Axis(labelAngle=0, labelLimit=150)


def _x_scale(axis: MapAxis) -> Any:
    return alt.Scale(zero=False, nice=False, padding=6) if axis.numeric else alt.Undefined


def _y(measure: str) -> alt.Scale:
    return alt.Scale(zero=is_share(measure))


def _told(axis: MapAxis, side: str, measure: str) -> list[alt.Tooltip]:
    shown, kind = number_format(measure), "Q" if axis.numeric else "N"
    form: dict[str, Any] = {"format": _FINE} if axis.numeric else {}
    place = alt.Tooltip(f"{side}:{kind}", title=axis.words, **form)
    return [
        alt.Tooltip("label:N", title="mechanism"),
        place,
        alt.Tooltip("mean:Q", title=measure_title(measure).lower(), format=shown),
        alt.Tooltip("low:Q", title="95% interval from", format=shown),
        alt.Tooltip("high:Q", title="to", format=shown),
        alt.Tooltip("n:Q", title="worlds", format="d"),
    ]
