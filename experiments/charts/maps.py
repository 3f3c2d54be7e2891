"""The deterrence map as a chart: a measure over the penalty P and the probability that a violation is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import MEASURES, PermitMarket
from experiments.charts.style import (
    DARK,
    FIT,
    INK,
    PALE,
    PLAIN,
    AnyChart,
    axis_format,
    finished,
    group_name,
    groups,
    is_share,
    measure_title,
    number_format,
)
from mechanisms import get_plugin

if TYPE_CHECKING:
    from experiments.maps import Heatmap
    from scenarios import Scenario

Array = NDArray[Any]

WIDTH, HEIGHT = 440, 340
_HATCH = "M-1,0L0,-1M-1,1L1,-1M0,1L1,0"


def deterrence_map(heatmap: Heatmap) -> AnyChart:
    """All panels of a map: one a mechanism, or one for mechanisms that are exactly equal in every cell.

    >>> from experiments import heatmap
    >>> result = heatmap("seed_binary", penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=3)
    >>> type(deterrence_map(result)).__name__
    'LayerChart'
    """
    panels = _panels(heatmap)
    if len(panels) == 1:
        return next(iter(map_panels(heatmap).values()))
    chart = alt.concat(*(panel.properties(title=name) for name, panel in panels.items()), columns=2)
    return finished(chart.resolve_scale(color="shared"), _title(heatmap), _words(heatmap, 2))


def map_panels(heatmap: Heatmap) -> dict[str, AnyChart]:
    """The same panels as charts of their own, by name, with one colour scale, for pages that arrange them."""
    panels = _panels(heatmap)
    words = _words(heatmap, len(panels))
    titles = {
        name: f"{measure_title(heatmap.measure)}: {name}" if len(panels) > 1 else _title(heatmap) for name in panels
    }
    return {name: finished(panel.properties(autosize=FIT), titles[name], words) for name, panel in panels.items()}


def _title(heatmap: Heatmap) -> str:
    return f"{measure_title(heatmap.measure)} by penalty and detection"


def _words(heatmap: Heatmap, panels: int) -> str:
    equal = panels == 1 and len(heatmap.labels) > 1
    half = is_share(heatmap.measure) and len(heatmap.contour()) > 0
    said = {
        "One map for all mechanisms: exactly equal.": equal,
        "White line:\u00a050%.": half,
        "Dashed: where the closed form says that violating starts to pay.": _closed_form(heatmap),
        "Diamond:\u00a0this\u00a0scenario.": here(heatmap.scenario, heatmap) is not None,
        "Hatched: no audit probability reaches this.": not heatmap.data["reachable"].all(),
    }
    return " ".join(words for words, holds in said.items() if holds)


def _closed_form(heatmap: Heatmap) -> bool:
    return heatmap.measure == "compliance_rate" and len(heatmap.flip_line()) > 0


def _panels(heatmap: Heatmap) -> dict[str, AnyChart]:
    cells = _with_edges(heatmap)
    rows = {label: cells[cells["label"] == label] for label in heatmap.labels}
    same = ["mean", "low", "high", "n"]
    together = groups(heatmap.labels, lambda label: (rows[label][same].to_numpy(dtype=float) + 0.0).tobytes())
    return {group_name(group, len(heatmap.labels)): _panel(heatmap, rows[group[0]], group[0]) for group in together}


def edges(centres: Array) -> Array:
    """Borders of cells around these centres, half-way between neighbours, (n+1,).

    >>> edges(np.array([0.25, 0.75])).tolist()
    [0.0, 0.5, 1.0]
    """
    middles = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middles[0]], middles, [2 * centres[-1] - middles[-1]]])


def _borders(heatmap: Heatmap) -> dict[str, tuple[Array, Array]]:
    """Centres and borders of the cells along each axis; no border lies where no value can."""
    return {
        "penalty": (heatmap.penalties, np.clip(edges(heatmap.penalties), 0.0, None)),
        "detection": (heatmap.detections, np.clip(edges(heatmap.detections), 0.0, 1.0)),
    }


def _with_edges(heatmap: Heatmap) -> pd.DataFrame:
    cells = heatmap.data.copy()
    for name, (centres, borders) in _borders(heatmap).items():
        place = np.searchsorted(centres, cells[name])
        cells[f"{name}_from"], cells[f"{name}_to"] = borders[place], borders[place + 1]
    return cells


def _colour(heatmap: Heatmap) -> alt.Color:
    """Viridis: perceptually uniform, and readable with any common colour blindness."""
    means = heatmap.data["mean"].dropna()
    low, high = (float(means.min()), float(means.max())) if len(means) else (0.0, 1.0)
    domain = [0.0, 1.0] if is_share(heatmap.measure) and high <= 1 else [low, high if high > low else low + 1]
    legend = alt.Legend(
        type="gradient",
        title=MEASURES[heatmap.measure].unit,
        format=axis_format(heatmap.measure),
        gradientLength=220,
        gradientThickness=12,
        tickCount=3,
        titleOrient="top",
    )
    return alt.Color("mean:Q", scale=alt.Scale(scheme="viridis", domain=domain), legend=legend)


def _panel(heatmap: Heatmap, cells: pd.DataFrame, label: str) -> AnyChart:
    reached, unreached = cells[cells["reachable"]], cells[~cells["reachable"]]
    x, y = _axes(heatmap)
    layers = [_rects(reached, heatmap, x, y), *_hatched(unreached, x, y)]
    if is_share(heatmap.measure):
        contour = heatmap.contour()
        layers += _line(contour[contour["label"] == label], x, y, [1, 0])
    if _closed_form(heatmap):
        layers += _line(heatmap.flip_line().assign(line=0, step=lambda t: np.arange(len(t))), x, y, [5, 4])
    point = here(heatmap.scenario, heatmap)
    if point is not None:
        layers.append(_marker(point, x, y))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _axes(heatmap: Heatmap) -> tuple[alt.X, alt.Y]:
    columns, rows = (borders for _, borders in _borders(heatmap).values())
    x_axis = alt.Axis(title="penalty P (M$ per unit)", format=PLAIN, grid=False, tickCount=6)
    y_axis = alt.Axis(title="p_eff, probability that a violation is found", format=PLAIN, grid=False, tickCount=6)
    x = alt.X("penalty:Q", axis=x_axis, scale=alt.Scale(domain=[columns[0], columns[-1]], nice=False, zero=False))
    y = alt.Y("detection:Q", axis=y_axis, scale=alt.Scale(domain=[rows[0], rows[-1]], nice=False, zero=False))
    return x, y


def _spans(x: alt.X, y: alt.Y) -> dict[str, Any]:
    from_x, from_y = x.copy(), y.copy()
    from_x.shorthand, from_y.shorthand = "penalty_from:Q", "detection_from:Q"
    return {"x": from_x, "x2": "penalty_to:Q", "y": from_y, "y2": "detection_to:Q"}


def _tooltip(measure: str) -> list[alt.Tooltip]:
    shown = number_format(measure)
    return [
        alt.Tooltip("label:N", title="mechanism"),
        alt.Tooltip("penalty:Q", title="penalty P", format=".3~g"),
        alt.Tooltip("detection:Q", title="p_eff", format=".3~g"),
        alt.Tooltip("audit_probability:Q", title="audit probability", format=".3~g"),
        alt.Tooltip("mean:Q", title=measure_title(measure).lower(), format=shown),
        alt.Tooltip("low:Q", title="95% interval from", format=shown),
        alt.Tooltip("high:Q", title="to", format=shown),
        alt.Tooltip("n:Q", title="worlds", format="d"),
    ]


def _rects(cells: pd.DataFrame, heatmap: Heatmap, x: alt.X, y: alt.Y) -> alt.Chart:
    rim = alt.ExprRef("scale('color', datum.mean)")  # closes the hairlines between neighbours
    rects = alt.Chart(cells).mark_rect(stroke=rim, strokeWidth=0.6)
    return rects.encode(color=_colour(heatmap), tooltip=_tooltip(heatmap.measure), **_spans(x, y))


def _hatched(cells: pd.DataFrame, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    if cells.empty:
        return []
    said = [
        alt.Tooltip("penalty:Q", title="penalty P", format=".3~g"),
        alt.Tooltip("detection:Q", title="p_eff (not reachable)"),
    ]
    base = alt.Chart(cells).encode(tooltip=said)
    hatch = base.mark_point(shape=_HATCH, size=260, stroke=INK, strokeWidth=1.3, filled=False)
    return [base.mark_rect(fill=INK, opacity=0.15).encode(**_spans(x, y)), hatch.encode(x=x, y=y)]


def _line(points: pd.DataFrame, x: alt.X, y: alt.Y, dash: list[int]) -> list[alt.Chart]:
    """A white line with a dark rim, which shows on every colour of the scale."""
    base = alt.Chart(points).encode(x=x, y=y, detail="line:N", order="step:Q")
    rim = base.mark_line(color=DARK, strokeWidth=4.5, opacity=0.55)
    return [rim, base.mark_line(color=PALE, strokeWidth=2.5, strokeDash=dash)]


def _marker(point: tuple[float, float], x: alt.X, y: alt.Y) -> alt.Chart:
    table = pd.DataFrame({"penalty": [point[0]], "detection": [point[1]], "what": ["this scenario"]})
    said = ["what:N", *(alt.Tooltip(f"{name}:Q", format=".3~g") for name in ("penalty", "detection"))]
    mark = alt.Chart(table).mark_point(shape="diamond", size=130, fill=PALE, stroke=DARK, strokeWidth=2, opacity=1)
    return mark.encode(x=x, y=y, tooltip=said)


def here(scenario: Scenario, heatmap: Heatmap) -> tuple[float, float] | None:
    """Where the scenario itself stands, (P, p_eff); None outside the map, or where audits answer to the auction.

    >>> from experiments import heatmap
    >>> here((result := heatmap("no_enforcement", seeds=1)).scenario, result) is None
    True
    """
    if get_plugin("policy", scenario.enforcement.policy.kind).after_clearing:
        return None
    found = np.unique(PermitMarket(scenario).detection)
    point = {"penalty": scenario.enforcement.penalty, "detection": float(found[0])}
    inside = all(borders[0] <= point[name] <= borders[-1] for name, (_, borders) in _borders(heatmap).items())
    return (point["penalty"], point["detection"]) if found.size == 1 and inside else None
