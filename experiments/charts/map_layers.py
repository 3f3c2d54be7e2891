"""What the panels of a map are made of: cells, hatching, dots, lines and the scenario's own place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import MEASURES
from experiments.charts.style import DARK, PALE, PLAIN, Single, axis_format, field, is_share, mark, number_format
from experiments.numbers import measure_title
from experiments.palette import INK

if TYPE_CHECKING:
    from experiments.maps.axes import MapAxis
    from experiments.maps.results import Heatmap
    from scenarios import Scenario

Array = NDArray[Any]

WIDTH, HEIGHT = 440, 340
CELLS = "cells"
"""Name of the layer that can be clicked."""
CELL = "cell"
"""Name of a panel's selection; it gives the clicked cell's places, ``x`` and ``y``."""
CLICKED = {"name": CELL, "select": {"type": "point", "fields": ["x", "y"], "on": "click"}, "views": [CELLS]}
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
        self.x = {"axis": _axis(heatmap.x), "scale": _scale(heatmap.x)}
        self.y = {"axis": _axis(heatmap.y), "scale": _scale(heatmap.y)}

    def rects(self, cells: pd.DataFrame, *, clickable: bool = False) -> Single:
        """The cells that have a value."""
        look = {"strokeWidth": 0.6, "cursor": "pointer" if clickable else "default"}
        rim = {"expr": "scale('color', datum.mean)"}  # closes the hairlines between neighbours
        channels = self._spans() | {"color": self._colour(), "tooltip": self._tooltip()}
        rects = Single(data=cells, **mark("rect", channels, stroke=rim, **look))
        if clickable:  # views of one name, beside each other, would all show the data of one
            rects.name = CELLS
        return rects

    def hatched(self, cells: pd.DataFrame) -> list[Single]:
        """The cells that nothing reaches."""
        if cells.empty:
            return []
        told = {"tooltip": [*self._places(), field("reachable:N", title="reachable")]}
        rects = mark("rect", self._spans() | told, fill=INK, opacity=0.15)
        hatch = mark("point", self._centres() | told, shape=_HATCH, size=260, stroke=INK, strokeWidth=1.3, filled=False)
        return [Single(data=cells, **rects), Single(data=cells, **hatch)]

    def dots(self, cells: pd.DataFrame) -> list[Single]:
        """A dot in every cell of differences whose interval contains zero."""
        unsure = cells[~cells["sure"] & (cells["n"] > 0)] if self.heatmap.baseline is not None else cells[:0]
        if unsure.empty:
            return []
        side = min(WIDTH / len(self.heatmap.x.values), HEIGHT / len(self.heatmap.y.values))
        look = {"size": float(np.clip(side**2 / 25, 3, 36)), "fill": DARK, "opacity": 0.7}
        channels = self._centres() | {"tooltip": self._tooltip()}
        return [Single(data=unsure, **mark("point", channels, shape="circle", filled=True, **look))]

    def line(self, points: pd.DataFrame, dash: list[int]) -> list[Single]:
        """A white line with a dark rim, which shows on every colour of the scale."""
        names = {self.heatmap.x.name: "x", self.heatmap.y.name: "y"}
        channels = self._centres() | {"detail": field("line:N"), "order": field("step:Q")}
        rim = mark("line", channels, color=DARK, strokeWidth=4.5, opacity=0.55)
        line = mark("line", channels, color=PALE, strokeWidth=2.5, strokeDash=dash)
        data = points.rename(columns=names)
        return [Single(data=data, **rim), Single(data=data, **line)]

    def marker(self) -> list[Single]:
        """A diamond where the scenario itself stands."""
        point = here(self.heatmap.scenario, self.heatmap)
        if point is None:
            return []
        table = pd.DataFrame({"x": [point[0]], "y": [point[1]], "what": ["this scenario"]})
        sides = (("x", self.heatmap.x), ("y", self.heatmap.y))
        said = [field(f"{side}:Q", title=axis.words, format=_FINE) for side, axis in sides if axis.numeric]
        channels = self._centres() | {"tooltip": [field("what:N"), *said]}
        look = {"size": 130, "fill": PALE, "stroke": DARK, "strokeWidth": 2, "opacity": 1}
        return [Single(data=table, **mark("point", channels, shape="diamond", **look))]

    def _centres(self) -> dict[str, Any]:
        return {"x": field("x:Q", **self.x), "y": field("y:Q", **self.y)}

    def _spans(self) -> dict[str, Any]:
        ends = {"x2": {"field": "x_to"}, "y2": {"field": "y_to"}}
        return {"x": field("x_from:Q", **self.x), "y": field("y_from:Q", **self.y)} | ends

    def _colour(self) -> dict[str, Any]:
        """Viridis, or purple to orange around zero: both readable with any common colour blindness."""
        measure, difference = self.heatmap.measure, self.heatmap.baseline is not None
        form = axis_format(measure)
        legend = {
            "type": "gradient",
            "title": MEASURES[measure].unit + (", difference" if difference else ""),
            "format": f"+{form}" if difference else form,
            "gradientLength": 220,
            "gradientThickness": 12,
            "tickCount": 3,
            "titleOrient": "top",
        }
        scale = {"scheme": "purpleorange" if difference else "viridis", "domain": self._domain()}
        return field("mean:Q", scale=scale, legend=legend)

    def _domain(self) -> list[float]:
        means = self.heatmap.data["mean"].dropna()
        low, high = (float(means.min()), float(means.max())) if len(means) else (0.0, 1.0)
        if self.heatmap.baseline is not None:
            most = max(-low, high) or 1.0
            return [-most, most]
        shares = is_share(self.heatmap.measure) and high <= 1
        return [0.0, 1.0] if shares else [low, high if high > low else low + 1]

    def _places(self) -> list[dict[str, Any]]:
        sides = (("x", self.heatmap.x), ("y", self.heatmap.y))
        return [
            field(f"{side}:Q", title=_called(axis), format=_FINE)
            if axis.numeric
            else field(f"{side}_text:N", title=_called(axis))
            for side, axis in sides
        ]

    def _tooltip(self) -> list[dict[str, Any]]:
        measure, difference = self.heatmap.measure, self.heatmap.baseline is not None
        shown = f"+{number_format(measure)}" if difference else number_format(measure)
        title = measure_title(measure).lower()
        return [
            field("label:N", title="mechanism"),
            *self._places(),
            *(field(f"{name}:Q", title=name.replace("_", " "), format=_FINE) for name in self.heatmap.extras),
            field("mean:Q", title=f"{title} less {self.heatmap.baseline}" if difference else title, format=shown),
            field("low:Q", title="95% interval from", format=shown),
            field("high:Q", title="to", format=shown),
            field("n:Q", title="worlds", format="d"),
        ]


def _called(axis: MapAxis) -> str:
    """What a tooltip calls an axis: in words, with its symbol where it has one."""
    return axis.words if axis.symbol == axis.path else f"{axis.words}, {axis.symbol}"


def _axis(axis: MapAxis) -> dict[str, Any]:
    if axis.numeric:
        return {"title": axis.title, "format": PLAIN, "grid": False, "tickCount": 6}
    names = "[" + ", ".join(f"'{_escaped(text)}'" for text in axis.shown) + "][round(datum.value)]"
    places = axis.places.tolist()
    return {"title": axis.title, "values": places, "labelExpr": names, "grid": False, "labelLimit": 110}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _scale(axis: MapAxis) -> dict[str, Any]:
    around = borders(axis).tolist()
    return {"domain": [around[0], around[-1]], "nice": False, "zero": False}
