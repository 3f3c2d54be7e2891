"""Maps as charts: a measure, or its difference between two mechanisms, over any two settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.charts import map_layers as layers
from experiments.charts.style import FIT, AnyChart, Beside, Layered, finished, group_name, groups, is_share
from experiments.numbers import measure_title

if TYPE_CHECKING:
    from experiments.maps.results import Heatmap


def deterrence_map(heatmap: Heatmap) -> AnyChart:
    """All panels of a map: one a mechanism, or one for mechanisms that are exactly equal in every cell.

    A map of differences (`Heatmap.difference`) has colours that part at zero, and dots where zero is in the interval.

    >>> from experiments import heatmap
    >>> result = heatmap("seed_binary", penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=3)
    >>> type(deterrence_map(result)).__name__
    'Layered'
    """
    panels = _panels(heatmap)
    if len(panels) == 1:
        return next(iter(map_panels(heatmap).values()))
    for name, panel in panels.items():
        panel.title = name
    chart = Beside(concat=list(panels.values()), columns=2, resolve={"scale": {"color": "shared"}})
    return finished(chart, _title(heatmap), _words(heatmap, 2))


def map_panels(heatmap: Heatmap) -> dict[str, AnyChart]:
    """The same panels as charts of their own, by name, with one colour scale, for pages that arrange them.

    A cell can be clicked: selection ``cell`` gives its places along both axes.
    """
    panels = _panels(heatmap, clickable=True)
    words = _words(heatmap, len(panels))
    several = len(panels) > 1 or heatmap.baseline is not None
    titles = {name: f"{measure_title(heatmap.measure)}: {name}" if several else _title(heatmap) for name in panels}
    for panel in panels.values():
        panel.autosize, panel.params = FIT, [layers.CLICKED]
    return {name: finished(panel, titles[name], words) for name, panel in panels.items()}


def _title(heatmap: Heatmap) -> str:
    what = measure_title(heatmap.measure) + ("" if heatmap.baseline is None else ", differences")
    return f"{what} by {heatmap.x.words} and {heatmap.y.words}"


def _words(heatmap: Heatmap, panels: int) -> str:
    difference = heatmap.baseline is not None
    equal = panels == 1 and len(heatmap.labels) > 1
    unreached = next((axis.formula.unreached for axis in (heatmap.y, heatmap.x) if axis.formula), "")
    said = {
        "Differences within the same worlds.": difference,
        "Exactly equal everywhere.": difference and bool(heatmap.data["equal"].all()),
        "Dots: the 95%\u00a0interval contains zero.": difference and not heatmap.data["sure"].all(),
        "One map for all mechanisms: exactly equal.": equal and not difference,
        "White line:\u00a050%.": _half(heatmap),
        "Dashed: where the closed form says that violating starts to pay.": any(
            _closed_form(heatmap, label) for label in heatmap.labels
        ),
        "Diamond:\u00a0this\u00a0scenario.": layers.here(heatmap.scenario, heatmap) is not None,
        f"Hatched: {unreached}.": not heatmap.reachable.all(),
    }
    return " ".join(words for words, holds in said.items() if holds)


def _half(heatmap: Heatmap) -> bool:
    return heatmap.baseline is None and is_share(heatmap.measure) and len(heatmap.contour()) > 0


def _closed_form(heatmap: Heatmap, label: str) -> bool:
    told = heatmap.measure == "compliance_rate" and heatmap.baseline is None
    return told and len(heatmap.flip_line(label)) > 0


def _panels(heatmap: Heatmap, *, clickable: bool = False) -> dict[str, Layered]:
    cells = layers.with_borders(heatmap)
    rows = {label: cells[cells["label"] == label] for label in heatmap.labels}
    values = np.where(np.isnan(heatmap.worlds), np.nan, heatmap.worlds) + 0.0  # one zero and one NaN, bit for bit
    found = dict(zip(heatmap.labels, values, strict=True))
    together = groups(heatmap.labels, lambda label: found[label].tobytes())
    return {_name(heatmap, group): _panel(heatmap, rows[group[0]], group, clickable) for group in together}


def _name(heatmap: Heatmap, group: list[str]) -> str:
    if heatmap.baseline is None:
        return group_name(group, len(heatmap.labels))
    return f"{' = '.join(group)} less {heatmap.baseline}"


def _panel(heatmap: Heatmap, cells: pd.DataFrame, group: list[str], clickable: bool) -> Layered:
    reached, unreached = cells[cells["reachable"]], cells[~cells["reachable"]]
    paper = layers.Paper(heatmap)
    drawn = [paper.rects(reached, clickable=clickable), *paper.hatched(unreached), *paper.dots(reached)]
    if _half(heatmap):
        contour = heatmap.contour()
        drawn += paper.line(contour[contour["label"] == group[0]], [1, 0])
    for label in group:
        if _closed_form(heatmap, label):
            line = heatmap.flip_line(label)
            drawn += paper.line(line.assign(line=0, step=range(len(line))), [5, 4])
            break
    drawn += paper.marker()
    return Layered(layer=drawn, width=layers.WIDTH, height=layers.HEIGHT)
