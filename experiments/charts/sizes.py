"""Chart of who gains and who pays, by size of lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from experiments.charts.style import FIT, PLAIN, AnyChart, Layered, field, finished, group_name, groups, mark
from experiments.palette import INK, colours
from experiments.sizes import ACCOUNTS, UNIT

if TYPE_CHECKING:
    from experiments.sizes import BySize

WIDTH, HEIGHT, LINE = 360, 200, 36
TITLES = {"surplus": "Who gains: surplus", "permits": "Who pays for permits", "penalties": "Who pays penalties"}


def size_bars(found: BySize, account: str) -> AnyChart:
    """An account by size of lab with 95% intervals; mechanisms that are exactly equal share one bar, which says so.

    >>> from experiments import compare
    >>> from experiments.sizes import by_size
    >>> chart = size_bars(by_size(compare("seed_binary", seeds=3).cells, 3), "penalties")
    >>> chart.data["line"].unique().tolist()
    ['all mechanisms (exactly equal)']
    """
    names = _names(found, account)
    table = found.table().query("account == @account and label in @names")
    table = table.assign(
        line=table["label"].map(names), size=[size_name(group, found.groups) for group in table["group"]]
    )
    meaning = ACCOUNTS[account]
    return finished(_bars(table, found, names), TITLES[account], f"{meaning[:1].upper()}{meaning[1:]}.", LINE)


def size_name(group: int, groups: int) -> str:
    """A group's name on the axis.

    >>> [size_name(group, 3) for group in (1, 2, 3)]
    ['smallest', '2', 'largest']
    """
    return "all labs" if groups == 1 else {1: "smallest", groups: "largest"}.get(group, str(group))


def _names(found: BySize, account: str) -> dict[str, str]:
    """First label of each group of mechanisms that agree to the last bit, and what to call the group."""
    together = groups(found.labels, lambda label: (found.worlds[label][account] + 0.0).tobytes())
    return {group[0]: group_name(group, len(found.labels)) for group in together}


def _bars(table: pd.DataFrame, found: BySize, names: dict[str, str]) -> Layered:
    several = len(names) > 1
    colour = colours(found.labels)
    tints = [colour[label] if several or len(found.labels) == 1 else INK for label in names]
    legend = {"title": None, "columns": 1 if max(map(len, names.values())) > 20 else 2} if several else None
    scale = {"domain": list(names.values()), "range": tints}
    order = [size_name(group, found.groups) for group in range(1, found.groups + 1)]
    numbers = [field(f"{name}:Q", format=".4~g") for name in ("mean", "low", "high")]
    own = {
        "x": field("size:N", sort=order, axis={"title": "labs by the value of their first unit", "labelAngle": 0}),
        "xOffset": field("line:N", sort=list(names.values())),
        "tooltip": [field("line:N"), field("size:N"), *numbers, field("n:Q")],
    }
    height = field("mean:Q", axis={"title": UNIT, "format": PLAIN, "tickCount": 5})
    bars = own | {"y": height, "color": field("line:N", scale=scale, legend=legend)}
    spans = own | {"y": field("low:Q"), "y2": {"field": "high"}}
    marks = mark("bar", bars, opacity=0.75), mark("rule", spans, strokeWidth=2, color=INK)
    return Layered(data=table, layer=list(marks), width=WIDTH, height=HEIGHT, autosize=FIT)
