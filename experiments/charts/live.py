"""A live month as charts: labs by state, what they report and use, signals and audits against the truth.

A table holds what changes from step to step, the other arguments what stays. So a chart that is drawn again and again
needs to be made once, and then filled with one table after the other.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts.style import FIT, SHARES, AnyChart, finished
from experiments.palette import BLUE, INK, PURPLE

Array = NDArray[np.float64]

WIDTH = 560
_NARROW, _WIDEST = 320, 26
"""Pixels that a phone leaves, and columns of the grid that fit them."""
_REACH = 0.36
"""How far labs with the same numbers spread around their point, in units."""
_GOLDEN = np.pi * (3 - np.sqrt(5))

STATES = {
    "no demand": (SHARES["share_no_demand"][1], "circle"),
    "undecided": (BLUE, "triangle-down"),
    "covered": (SHARES["share_covered"][1], "square"),
    "deterred": (SHARES["share_deterred"][1], "triangle-up"),
    "violating": (SHARES["share_violating"][1], "diamond"),
    "violating, caught": (PURPLE, "cross"),
}
"""Colour and symbol of a lab's state."""
_TOLD = {
    "lab": "Lab",
    "state": "State",
    "wanted": "Units wanted",
    "held": "Permits held",
    "run": "Units run",
    "uncovered": "Without a permit",
    "signal": "Signal",
    "audited": "Audited",
    "caught": "Caught",
    "penalty": "Penalty (M$)",
    "reported": "Reported (FLOP)",
    "true": "True (FLOP)",
}
_FORMATS = {"penalty": ".3~f", "reported": ".3~g", "true": ".3~g"}


def grid_shape(labs: int) -> tuple[int, int]:
    """Columns and rows of the grid: no more columns than a phone has room for.

    >>> grid_shape(100), grid_shape(1)
    ((14, 8), (2, 1))
    """
    most = max(_WIDEST, int(np.ceil(labs / 24)))
    columns = int(np.clip(np.ceil(np.sqrt(1.7 * labs)), 1, most))
    return columns, int(np.ceil(labs / columns))


def grid_table(labs: pd.DataFrame, chosen: int = 0) -> pd.DataFrame:
    """The labs of `experiments.live.LiveWorld.labs` with their places in the grid; one is chosen, by its number.

    >>> grid_table(pd.DataFrame({"lab": [1, 2, 3]}), 3).values.tolist()
    [[1, 0, 0, False], [2, 1, 0, False], [3, 2, 0, True]]
    """
    columns, place = grid_shape(len(labs))[0], np.arange(len(labs))
    return labs.assign(column=place % columns, row=place // columns, chosen=labs["lab"] == chosen)


def lab_grid(table: pd.DataFrame, columns: int, rows: int) -> AnyChart:
    """A mark a lab in rows, coloured and shaped by its state; the chosen lab has a ring. See `grid_table`.

    >>> table = grid_table(pd.DataFrame({"lab": [1, 2], "state": ["covered", "deterred"]}), 2)
    >>> lab_grid(table, *grid_shape(2)).data["chosen"].tolist()
    [False, True]
    """
    pitch = min(30.0, _NARROW / columns)
    x = alt.X("column:O", axis=None, scale=alt.Scale(domain=list(range(columns))))
    base = alt.Chart(table).encode(x=x, y=alt.Y("row:O", axis=None))
    marks = base.mark_point(filled=True, opacity=1, size=(0.62 * pitch) ** 2).encode(
        color=_state_colour(), shape=_state_shape(), tooltip=_tooltip(table)
    )
    ring = base.transform_filter("datum.chosen").mark_point(size=(0.98 * pitch) ** 2, color=INK, strokeWidth=2)
    height = max(60.0, pitch * rows)
    chart = alt.layer(marks, ring).properties(width=WIDTH, height=height, autosize=FIT)
    said = "A mark is a lab; point at it for its numbers. The ring is the lab looked at."
    return finished(chart, "The labs this month", said)


def _state_colour() -> alt.Color:
    scale = alt.Scale(domain=list(STATES), range=[colour for colour, _ in STATES.values()])
    return alt.Color("state:N", scale=scale, legend=alt.Legend(title=None, columns=3, symbolSize=110))


def _state_shape() -> alt.Shape:
    scale = alt.Scale(domain=list(STATES), range=[shape for _, shape in STATES.values()])
    return alt.Shape("state:N", scale=scale, legend=alt.Legend(title=None, columns=3, symbolSize=110))


def _tooltip(table: pd.DataFrame) -> list[alt.Tooltip]:
    told = {name: title for name, title in _TOLD.items() if name in table}
    return [alt.Tooltip(name, title=title, format=_FORMATS.get(name, alt.Undefined)) for name, title in told.items()]


def scatter_table(labs: pd.DataFrame, units: int, flop: float) -> pd.DataFrame:
    """The labs with places x and y: those with the same numbers in a sunflower around their point, by state.

    Empty before labs have chosen their runs. The size of the marks fits the fullest flower.

    >>> one = {"lab": 1, "state": "violating", "reported": 1e25, "true": 3e25}
    >>> table = scatter_table(pd.DataFrame([one, one | {"lab": 2, "state": "covered"}]), 3, 1e25)
    >>> table["lab"].tolist(), float(table["x"].iloc[0])
    ([2, 1], 1e+25)
    """
    if "true" not in labs:
        labs = labs.assign(reported=np.nan, true=np.nan).iloc[:0]
    ordered = labs.sort_values("state", key=lambda s: s.map(list(STATES).index), kind="stable")
    place = ordered.groupby(["reported", "true"]).cumcount().to_numpy(dtype=float)
    most = max(float(place.max()) + 1 if place.size else 1.0, 12.0)
    radius = _REACH * np.sqrt(place / most) * flop
    return ordered.assign(
        x=ordered["reported"] + radius * np.cos(place * _GOLDEN),
        y=ordered["true"] + radius * np.sin(place * _GOLDEN),
        size=float(np.clip(2.2 * (_REACH * 230 / (units + 1)) ** 2 / most, 7, 70)),
    )


def compute_scatter(table: pd.DataFrame, units: int, flop: float) -> AnyChart:
    """True against reported compute of each lab with the diagonal; those above it hide runs. See `scatter_table`.

    >>> chart = compute_scatter(scatter_table(pd.DataFrame({"lab": [1], "state": ["undecided"]}), 3, 1e25), 3, 1e25)
    >>> len(chart.layer[1].data)
    0
    """
    low, top = -0.5 * flop, (units + 0.5) * flop
    scale, ticks = alt.Scale(domain=[low, top], nice=False), [n * flop for n in range(units + 1)][:12]
    x = alt.X("x:Q", scale=scale, axis=_flop_axis("reported compute, FLOP", ticks))
    y = alt.Y("y:Q", scale=scale, axis=_flop_axis("true compute, FLOP", ticks))
    ends = alt.Chart(alt.sequence(0, 2, as_="end")).transform_calculate(
        x=f"{low} + datum.end * {top - low}", y="datum.x"
    )
    line = ends.mark_line(color=INK, strokeDash=[5, 4], strokeWidth=1.5)
    points = (
        alt.Chart(table)
        .mark_point(filled=True, opacity=0.9)
        .encode(
            color=_state_colour(),
            shape=_state_shape(),
            size=alt.Size("size:Q", scale=None),
            tooltip=_tooltip(table),
        )
    )
    chart = alt.layer(line.encode(x=x, y=y), points.encode(x=x, y=y))
    said = "On the dashed line a lab reports all that it uses; above it, it hides runs. Equal labs stand together."
    return finished(chart.properties(width=WIDTH, height=280, autosize=FIT), "True and reported compute", said)


def _flop_axis(title: str, ticks: list[float]) -> alt.Axis:
    return alt.Axis(title=title, format=".1~e", values=ticks, grid=True)
