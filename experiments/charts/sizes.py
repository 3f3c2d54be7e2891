"""Chart of who gains and who pays, by size of lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from experiments.charts.style import FIT, INK, PLAIN, AnyChart, colours, finished, group_name, groups, tips
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


def _bars(table: pd.DataFrame, found: BySize, names: dict[str, str]) -> alt.LayerChart | alt.FacetChart:
    several = len(names) > 1
    own = colours(found.labels)
    tints = [own[label] if several or len(found.labels) == 1 else INK for label in names]
    legend = alt.Legend(title=None, columns=1 if max(map(len, names.values())) > 20 else 2) if several else None
    scale = alt.Scale(domain=list(names.values()), range=tints)
    order = [size_name(group, found.groups) for group in range(1, found.groups + 1)]
    x = alt.X("size:N", sort=order, axis=alt.Axis(title="labs by the value of their first unit", labelAngle=0))
    numbers = [alt.Tooltip(f"{field}:Q", format=".4~g") for field in ("mean", "low", "high")]
    base = alt.Chart(table).encode(
        x=x,
        xOffset=alt.XOffset("line:N", sort=list(names.values())),
        tooltip=[*tips("line:N", "size:N"), *numbers, *tips("n:Q")],
    )
    y = alt.Y("mean:Q", axis=alt.Axis(title=UNIT, format=PLAIN, tickCount=5))
    bars = base.mark_bar(opacity=0.75).encode(y=y, color=alt.Color("line:N", scale=scale, legend=legend))
    spans = base.mark_rule(strokeWidth=2, color=INK).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    return alt.layer(bars, spans, width=WIDTH, height=HEIGHT, autosize=FIT)
