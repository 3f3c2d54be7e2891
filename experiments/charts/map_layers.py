"""What the panels of a map are made of: cells, hatching, dots, lines and the scenario's own place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import MEASURES
from experiments.charts.style import DARK, PALE, PLAIN, axis_format, is_share, number_format
from experiments.numbers import measure_title
from experiments.palette import INK

if TYPE_CHECKING:
    from experiments.maps.axes import MapAxis
    from experiments.maps.results import Heatmap
    from scenarios import Scenario

Array = NDArray[Any]

WIDTH, HEIGHT = 440, 340
CELL = "cell"
"""Name of a panel's selection; it gives the clicked cell's places, ``x`` and ``y``."""
_HATCH = "M-1,0L0,-1M-1,1L1,-1M0,1L1,0"
_FINE = ".3~g"


def edges(centres: Array) -> Array:
    """Borders of cells around these centres, half-way between neighbours, (n+1,).

    >>> edges(np.array([0.25, 0.75])).tolist()
    [0.0, 0.5, 1.0]
    """
    middles = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middles[0]], middles, [2 * centres[-1] - middles[-1]]])


def borders(axis: MapAxis) -> Array:
    """Borders of the cells along an axis; none lies where no value can."""
    return np.clip(edges(axis.places), *axis.limits)


def with_borders(heatmap: Heatmap) -> pd.DataFrame:
    """The cells with their places on paper, ``x`` and ``y``, from border to border."""
    cells = heatmap.data.copy()
    for side, axis in (("y", heatmap.y), ("x", heatmap.x)):
        around, number = borders(axis), cells.pop(axis.name).map({value: i for i, value in enumerate(axis.shown)})
        cells[side] = axis.places[number]
        cells[f"{side}_from"], cells[f"{side}_to"] = around[number], around[number + 1]
        if not axis.numeric:
            cells[f"{side}_text"] = np.array(axis.shown, dtype=object)[number]
    return cells


def here(scenario: Scenario, heatmap: Heatmap) -> tuple[float, float] | None:
    """Where the scenario itself stands, (x, y); None outside the map, or where it has no place along an axis.

    >>> from experiments import heatmap
    >>> here((result := heatmap("no_enforcement", seeds=1)).scenario, result) is None
    True
    """
    x, y = heatmap.x.place(scenario), heatmap.y.place(scenario)
    if x is None or y is None:
        return None
    around = (borders(heatmap.x), borders(heatmap.y))
    inside = all(ends[0] <= place <= ends[-1] for place, ends in zip((x, y), around, strict=True))
    return (x, y) if inside else None


class Paper:
    """Draws the layers of one panel, all on the same axes."""

    def __init__(self, heatmap: Heatmap) -> None:
        self.heatmap = heatmap
        self.x = alt.X("x:Q", axis=_axis(heatmap.x), scale=_scale(heatmap.x))
        self.y = alt.Y("y:Q", axis=_axis(heatmap.y), scale=_scale(heatmap.y))

    def rects(self, cells: pd.DataFrame, *, clickable: bool = False) -> alt.Chart:
        """The cells that have a value."""
        rim = alt.ExprRef("scale('color', datum.mean)")  # closes the hairlines between neighbours
        rects = alt.Chart(cells).mark_rect(stroke=rim, strokeWidth=0.6, cursor="pointer" if clickable else "default")
        if clickable:
            rects = rects.add_params(alt.selection_point(name=CELL, fields=["x", "y"], on="click", empty=False))
        return rects.encode(color=self._colour(), tooltip=self._tooltip(), **self._spans())

    def hatched(self, cells: pd.DataFrame) -> list[alt.Chart]:
        """The cells that nothing reaches."""
        if cells.empty:
            return []
        base = alt.Chart(cells).encode(tooltip=[*self._places(), alt.Tooltip("reachable:N", title="reachable")])
        hatch = base.mark_point(shape=_HATCH, size=260, stroke=INK, strokeWidth=1.3, filled=False)
        rects = base.mark_rect(fill=INK, opacity=0.15).encode(**self._spans())
        return [rects, hatch.encode(x=self.x, y=self.y)]

    def dots(self, cells: pd.DataFrame) -> list[alt.Chart]:
        """A dot in every cell of differences whose interval contains zero."""
        unsure = cells[~cells["sure"] & (cells["n"] > 0)] if self.heatmap.baseline is not None else cells[:0]
        if unsure.empty:
            return []
        side = min(WIDTH / len(self.heatmap.x.values), HEIGHT / len(self.heatmap.y.values))
        dot = alt.Chart(unsure).mark_point(
            shape="circle", filled=True, size=float(np.clip(side**2 / 25, 3, 36)), fill=DARK, opacity=0.7
        )
        return [dot.encode(x=self.x, y=self.y, tooltip=self._tooltip())]

    def line(self, points: pd.DataFrame, dash: list[int]) -> list[alt.Chart]:
        """A white line with a dark rim, which shows on every colour of the scale."""
        names = {self.heatmap.x.name: "x", self.heatmap.y.name: "y"}
        base = alt.Chart(points.rename(columns=names)).encode(x=self.x, y=self.y, detail="line:N", order="step:Q")
        rim = base.mark_line(color=DARK, strokeWidth=4.5, opacity=0.55)
        return [rim, base.mark_line(color=PALE, strokeWidth=2.5, strokeDash=dash)]

    def marker(self) -> list[alt.Chart]:
        """A diamond where the scenario itself stands."""
        point = here(self.heatmap.scenario, self.heatmap)
        if point is None:
            return []
        table = pd.DataFrame({"x": [point[0]], "y": [point[1]], "what": ["this scenario"]})
        said: list[Any] = ["what:N"]
        said += [
            alt.Tooltip(f"{side}:Q", title=axis.words, format=_FINE)
            for side, axis in (("x", self.heatmap.x), ("y", self.heatmap.y))
            if axis.numeric
        ]
        mark = alt.Chart(table).mark_point(shape="diamond", size=130, fill=PALE, stroke=DARK, strokeWidth=2, opacity=1)
        return [mark.encode(x=self.x, y=self.y, tooltip=said)]

    def _spans(self) -> dict[str, Any]:
        from_x, from_y = self.x.copy(), self.y.copy()
        from_x.shorthand, from_y.shorthand = "x_from:Q", "y_from:Q"
        return {"x": from_x, "x2": "x_to:Q", "y": from_y, "y2": "y_to:Q"}

    def _colour(self) -> alt.Color:
        """Viridis, or purple to orange around zero: both readable with any common colour blindness."""
        measure, difference = self.heatmap.measure, self.heatmap.baseline is not None
        form = axis_format(measure)
        legend = alt.Legend(
            type="gradient",
            title=MEASURES[measure].unit + (", difference" if difference else ""),
            format=f"+{form}" if difference else form,
            gradientLength=220,
            gradientThickness=12,
            tickCount=3,
            titleOrient="top",
        )
        scale = alt.Scale(scheme="purpleorange" if difference else "viridis", domain=self._domain())
        return alt.Color("mean:Q", scale=scale, legend=legend)

    def _domain(self) -> list[float]:
        means = self.heatmap.data["mean"].dropna()
        low, high = (float(means.min()), float(means.max())) if len(means) else (0.0, 1.0)
        if self.heatmap.baseline is not None:
            most = max(-low, high) or 1.0
            return [-most, most]
        shares = is_share(self.heatmap.measure) and high <= 1
        return [0.0, 1.0] if shares else [low, high if high > low else low + 1]

    def _places(self) -> list[alt.Tooltip]:
        sides = (("x", self.heatmap.x), ("y", self.heatmap.y))
        return [
            alt.Tooltip(f"{side}:Q", title=_called(axis), format=_FINE)
            if axis.numeric
            else alt.Tooltip(f"{side}_text:N", title=_called(axis))
            for side, axis in sides
        ]

    def _tooltip(self) -> list[alt.Tooltip]:
        measure, difference = self.heatmap.measure, self.heatmap.baseline is not None
        shown = f"+{number_format(measure)}" if difference else number_format(measure)
        title = measure_title(measure).lower()
        return [
            alt.Tooltip("label:N", title="mechanism"),
            *self._places(),
            *(alt.Tooltip(f"{name}:Q", title=name.replace("_", " "), format=_FINE) for name in self.heatmap.extras),
            alt.Tooltip("mean:Q", title=f"{title} less {self.heatmap.baseline}" if difference else title, format=shown),
            alt.Tooltip("low:Q", title="95% interval from", format=shown),
            alt.Tooltip("high:Q", title="to", format=shown),
            alt.Tooltip("n:Q", title="worlds", format="d"),
        ]


def _called(axis: MapAxis) -> str:
    """What a tooltip calls an axis: in words, with its symbol where it has one."""
    return axis.words if axis.symbol == axis.path else f"{axis.words}, {axis.symbol}"


def _axis(axis: MapAxis) -> alt.Axis:
    if axis.numeric:
        return alt.Axis(title=axis.title, format=PLAIN, grid=False, tickCount=6)
    names = "[" + ", ".join(f"'{_escaped(text)}'" for text in axis.shown) + "][round(datum.value)]"
    return alt.Axis(title=axis.title, values=axis.places.tolist(), labelExpr=names, grid=False, labelLimit=110)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _scale(axis: MapAxis) -> alt.Scale:
    around = borders(axis)
    return alt.Scale(domain=[around[0], around[-1]], nice=False, zero=False)
