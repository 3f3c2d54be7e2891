"""Marks of single orders on the auction floor: what became of each, by shape and colour; a chosen one in a ring."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from experiments.palette import BLUE, INK, ORANGE, SKY, VERMILLION

SELECTION = "order"
"""Name of the chart's selection; it gives the clicked order's place in the book."""
MARKS = {
    "filled": ("circle", BLUE),
    "filled in part": ("diamond", SKY),
    "passed over": ("triangle-up", VERMILLION),
    "not filled": ("cross", INK),
}
"""Shape and colour of each outcome."""
_LARGEST, _SMALLEST, _ROOM = 90, 16, 4_000


def order_marks(
    orders: pd.DataFrame, x: alt.X, y: alt.Y, chosen: int | None, displaced: Sequence[int]
) -> list[alt.Chart]:
    """A mark for each order, and rings around a chosen one and around those that it displaced."""
    size = float(np.clip(_ROOM / max(len(orders), 1), _SMALLEST, _LARGEST))
    click = alt.selection_point(name=SELECTION, fields=[SELECTION], on="click", empty=False)
    base = alt.Chart(orders).mark_point(
        filled=True, opacity=1, size=size, stroke=INK, strokeWidth=0.4, cursor="pointer"
    )
    found = [name for name in MARKS if (orders["outcome"] == name).any()]
    shapes, tints = ([MARKS[name][i] for name in found] for i in (0, 1))
    marks = base.encode(
        x=x,
        y=y,
        shape=alt.Shape("outcome:N", scale=alt.Scale(domain=found, range=shapes), legend=alt.Legend(title=None)),
        color=alt.Color("outcome:N", scale=alt.Scale(domain=found, range=tints), legend=alt.Legend(title=None)),
        tooltip=_told(),
    ).add_params(click)
    rings = [([] if chosen is None else [chosen], VERMILLION, [1, 0]), (list(displaced), ORANGE, [3, 2])]
    return [marks, *(_ring(orders, x, y, some, colour, dash, size) for some, colour, dash in rings if some)]


def _ring(
    orders: pd.DataFrame, x: alt.X, y: alt.Y, some: Sequence[int], colour: str, dash: list[int], size: float
) -> alt.Chart:
    ring = alt.Chart(orders[orders["order"].isin(some)]).mark_point(
        shape="circle", filled=False, size=4 * size + 60, stroke=colour, strokeWidth=2.5, strokeDash=dash, opacity=1
    )
    return ring.encode(x=x, y=y)


def _told() -> list[alt.Tooltip]:
    form = ".4~g"
    return [
        alt.Tooltip("user:N"),
        alt.Tooltip("side:N"),
        alt.Tooltip("unit:Q", title="which of its orders"),
        alt.Tooltip("quantity:Q", format=form),
        alt.Tooltip("price:Q", format=form),
        alt.Tooltip("outcome:N"),
        alt.Tooltip("fill:Q", format=form),
        alt.Tooltip("payment:Q", format=form),
    ]
