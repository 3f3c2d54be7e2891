"""The auction floor as a chart: demand and supply of one book, the price of each mechanism, and what orders got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts.floor_orders import order_marks
from experiments.charts.style import DASHES, FIT, PLAIN, AnyChart, finished, group_name, groups, tips
from experiments.palette import INK, colours

if TYPE_CHECKING:
    from experiments.floor import Floor

Array = NDArray[Any]

WIDTH, HEIGHT = 560, 320
_LABEL_GAP = 16 / HEIGHT
"""Room that one label needs, as a share of the chart's height."""
_SAME = 9
"""Decimals to which prices must agree to count as one."""


def floor_chart(
    floor: Floor, label: str | None = None, chosen: int | None = None, displaced: Sequence[int] = ()
) -> AnyChart:
    """Steps of demand and supply, a line for each single price, a band and its mean where buyers paid differently.

    Mechanisms with the same price share one line. With a label, the orders are those under that mechanism, each with a
    mark of what became of it that can be clicked (selection ``order``), a ring around a chosen one and dashed rings
    around those that it displaced, by their places in the book.

    >>> from experiments import auction_floor
    >>> floor = auction_floor("seed_binary", ["uniform-price", "vickrey", "uniform-price:k=0"])
    >>> [line.partition(" 0")[0] for line in floor_chart(floor).layer[1].data["line"]]
    ['uniform-price', 'vickrey = uniform-price:k=0']
    >>> len(floor_chart(floor, "vickrey", chosen=3).layer) - len(floor_chart(floor).layer)
    2
    """
    shown = str(floor.prices["label"].iloc[0]) if label is None else label
    steps = floor.curves[floor.curves["label"] == shown]
    lines = _price_lines(floor.prices)
    top = max(float(steps["price"].max()) if len(steps) else 0.0, _highest(lines), 1e-9) * 1.1
    right = max(float(steps["permits"].max()) if len(steps) else 0.0, 1.0)
    lines["label_y"] = stacked(lines["middle"].to_numpy(dtype=float), _LABEL_GAP * top)
    x_scale, y_scale = alt.Scale(domain=[0, right], nice=False), alt.Scale(domain=[0, top], nice=False)
    x = alt.X("permits:Q", scale=x_scale, axis=alt.Axis(title="permits", grid=False, format=PLAIN, tickCount=6))
    y = alt.Y("price:Q", scale=y_scale, axis=alt.Axis(title="M$ per permit", format=PLAIN, tickCount=5))
    marks = order_marks(floor.orders(label), x, y, chosen, displaced) if label else []
    chart = alt.layer(_curves(_with_ends(steps, top), x, y), *_prices(lines, floor, right, y_scale), *marks)
    chart = chart.resolve_scale(strokeDash="independent", color="independent", shape="independent")
    title = "Demand and supply" if label is None else f"Demand, supply and the orders filled under {label}"
    sized = chart.properties(width=WIDTH, height=HEIGHT, autosize=FIT)
    return finished(sized, title, _words(floor, shown))


def _words(floor: Floor, shown: str) -> str:
    said = "Bids and asks of one month in one world, with what buyers paid."
    if any(clearing.book.source for clearing in floor.clearings.values()):
        said = "The bids and asks given, with what buyers paid."
    if not floor.same_orders:
        said += f" The orders are those under {shown}; under others labs bid differently."
    if floor.prices["price"].isna().any() and floor.prices["paid_mean"].notna().any():
        said += " A band spans the prices of a mechanism without a single one; its line is their mean."
    without = floor.prices.loc[floor.prices["paid_mean"].isna(), "label"]
    return said + (f" No trade under {', '.join(without)}." if len(without) else "")


def _price_lines(prices: pd.DataFrame) -> pd.DataFrame:
    """One row for all mechanisms of the same prices: name, ends of the band, and the line in it."""
    traded = prices[prices["paid_mean"].notna()]
    rows = {str(row["label"]): row for row in traded.to_dict("records")}
    spans = ("paid_low", "paid_mean", "paid_high")
    together = groups(list(rows), lambda label: tuple(round(float(rows[label][name]), _SAME) for name in spans))
    table = []
    for group in together:
        first = rows[group[0]]
        name = f"{group_name(group, -1)} {first['paid_mean']:.4g}"
        ends = {"low": first["paid_low"], "middle": first["paid_mean"], "high": first["paid_high"]}
        table.append({"line": name, "first": group[0], "volume": first["volume"], **ends})
    return pd.DataFrame(table, columns=["line", "first", "volume", "low", "middle", "high"])


def _highest(lines: pd.DataFrame) -> float:
    return float(lines["high"].max()) if len(lines) else 0.0


def _with_ends(steps: pd.DataFrame, top: float) -> pd.DataFrame:
    """The steps with what comes after the last permit: no further demand at any price, no further supply at any."""
    ends = steps.groupby("side", sort=False).tail(1)
    ends = ends.assign(price=[0.0 if side == "demand" else top for side in ends["side"]])
    return pd.concat([steps, ends]).sort_values("side", kind="stable")


def _curves(steps: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    styles = alt.StrokeDash(
        "side:N",
        scale=alt.Scale(domain=["demand", "supply"], range=[[1, 0], [5, 3]]),
        legend=alt.Legend(title=None, symbolStrokeColor=INK),
    )
    told = [*tips("side:N", "permits:Q"), alt.Tooltip("price:Q", format=".3~g")]
    order = alt.Order("place:Q")
    placed = steps.assign(place=np.arange(len(steps)))
    line = alt.Chart(placed).mark_line(color=INK, strokeWidth=2)
    return line.encode(x=x, y=y, strokeDash=styles, order=order, tooltip=told)


def _prices(lines: pd.DataFrame, floor: Floor, right: float, y_scale: alt.Scale) -> list[alt.Chart]:
    """Lines, bands and labels; labels stand at the right end, moved apart where prices are close."""
    alike = len(lines) == 1 < len(floor.prices)
    tints = dict.fromkeys(lines["first"], INK) if alike else colours(floor.prices["label"])
    names = lines["line"].tolist()
    colour = alt.Color(
        "line:N", scale=alt.Scale(domain=names, range=[tints[label] for label in lines["first"]]), legend=None
    )
    dashes = [DASHES[i % len(DASHES)] for i in range(len(names))]
    dash = alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=dashes), legend=None)
    numbers = [alt.Tooltip(f"{field}:Q", format=".4~g") for field in ("low", "middle", "high", "volume")]
    base = alt.Chart(lines.assign(left=0.0, right=right)).encode(color=colour, tooltip=[*tips("line:N"), *numbers])
    wide = base.transform_filter("datum.high > datum.low")
    middle, left, to_right = alt.Y("middle:Q", scale=y_scale), alt.X("left:Q"), alt.X2("right:Q")
    return [
        base.mark_rule(strokeWidth=2.5).encode(y=middle, x=left, x2=to_right, strokeDash=dash),
        wide.mark_rect(opacity=0.25).encode(x=left, x2=to_right, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        base.mark_text(align="right", baseline="bottom", dy=-2, fontSize=13, fontWeight=600).encode(
            x=alt.X("right:Q"), y=alt.Y("label_y:Q"), text=alt.Text("line:N")
        ),
    ]


def stacked(heights: Array, gap: float) -> Array:
    """Heights for labels above their lines: where lines crowd, in a stack above the highest of them.

    >>> stacked(np.array([0.52, 0.5, 2.0]), 0.1).round(2).tolist()
    [0.62, 0.52, 2.0]
    """
    placed = np.array(heights, dtype=float)
    crowd: list[int] = []
    for i in np.argsort(heights, kind="stable"):
        crowded = crowd and heights[i] < placed[crowd[-1]] + gap
        crowd = [*crowd, int(i)] if crowded else [int(i)]
        placed[crowd] = heights[i] + gap * np.arange(len(crowd))
    return placed
