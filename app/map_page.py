"""The deterrence map: a measure over any two settings, under each mechanism and bidding rule; cells open in Compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app import controls, map_axes, state
from app.background import mine, start
from app.chart_files import Spec
from app.drawing import chart
from app.frame import heading, open_first
from app.map_running import (
    MapRequest,
    background_map,
    cell_scenario,
    drawn_map,
    map_worlds,
    mechanism_seconds,
    run_map,
)
from app.mechanism_form import runnable
from app.waiting import shown_progress, spoken, watched
from experiments import Heatmap
from experiments.charts import MEASURES, measure_title
from experiments.defaults import MAP_MEASURE
from experiments.numbers import style_of
from mechanisms import InputError
from scenarios import to_json

KIND, MEASURE, CELLS, WORLDS = "map_kind", "map_measure", "map_cells", "map_worlds"
DIFFERENCE, LEAVE = "map_difference", "map_leave"
SIZES, SIZE = (6, 10, 20, 30), 20
AUTOMATIC, NUMBERS = "automatic", (5, 10, 20, 50)
LONGEST = 8.0
"""Seconds: a mechanism that needs longer for its map waits until the reader asks for it, and then runs apart."""


def draw() -> None:
    """The map under the mechanisms and bidding rules at the side."""
    chosen = state.selection()
    heading("A measure over two settings at once", "Deterrence map")
    st.caption(
        f"Each cell runs **{chosen.scenario.name}** with two settings changed, in the same worlds; everything else is "
        "as set at the side. Click a cell to open its scenario in Compare."
    )
    if runnable(chosen).mechanisms:
        _map()


@st.fragment
def _map() -> None:
    """The controls and the map; a change computes only what it changes."""
    if st.session_state.pop(LEAVE, False):
        open_first()
    try:
        request, kind = _asked()
        waiting = _slow(request)
        ready = _apart(request, waiting)
        names = tuple(name for name in request.mechanisms if name in ready or name not in waiting)
        if names:
            _draw(replace(request, mechanisms=names), kind, ready)
    except InputError as error:
        st.error(str(error))


def _asked() -> tuple[MapRequest, str]:
    """What the controls ask for."""
    chosen = runnable(state.selection())
    for key, value in ((KIND, map_axes.DETERRENCE), (MEASURE, MAP_MEASURE), (CELLS, SIZE), (WORLDS, AUTOMATIC)):
        state.kept(key, value)
    kind = str(st.radio("The map shows", map_axes.KINDS, key=KIND, horizontal=True))
    left, middle, right = st.columns([2, 1, 1])
    with left:
        measure = st.selectbox("Measure", list(MEASURES), key=MEASURE, format_func=measure_title)
    with middle:
        size = int(st.selectbox("Cells", SIZES, key=CELLS, format_func=lambda n: f"{n} × {n}"))
    with right:
        said = "More worlds give narrower intervals. Automatic: as many as take about a second, from 2 to 10."
        worlds = st.selectbox("Worlds a cell", (AUTOMATIC, *NUMBERS), key=WORLDS, help=said)
    x, y = map_axes.axes(chosen.scenario, kind, size)
    rules, mechanisms = chosen.bidding, chosen.mechanisms
    quick = map_worlds(chosen.scenario, mechanisms, x, y)
    each = int(worlds) if isinstance(worlds, int) else quick
    return MapRequest(to_json(chosen.scenario), mechanisms, rules, measure, x, y, each), kind


def _slow(request: MapRequest) -> dict[str, float]:
    """Mechanisms whose maps take long, and how long."""
    return {name: took for name, took in mechanism_seconds(request).items() if took > LONGEST}


def _apart(request: MapRequest, waiting: Mapping[str, float]) -> dict[str, Heatmap]:
    """Maps that take long and are there; the others are offered, or show how far they are."""
    jobs = {name: mine().get(_job_key(request, name)) for name in waiting}
    offered = {name: waiting[name] for name, job in jobs.items() if job is None or job.state == "cancelled"}
    if offered:
        took = spoken(sum(offered.values()))
        st.warning(f"{', '.join(offered)}: the map will take about {took}. Fewer cells, worlds or rules are faster.")
        words = f"Run in the background (about {took})"
        st.button(words, key="run_map", on_click=_start, args=(request, tuple(offered)))
    for name, job in jobs.items():
        if job and job.running:
            watched(job, f"map_{name}", f"The map of {name}")
        elif job and job.error:
            st.error(f"{name}: {job.error}")
    return {name: job.result for name, job in jobs.items() if job and job.state == "done"}


def _job_key(request: MapRequest, mechanism: str) -> str:
    return f"map:{replace(request, mechanisms=(mechanism,))}"


def _start(request: MapRequest, names: Sequence[str]) -> None:
    """Start maps in the background (a callback)."""
    for name in names:
        mine()[_job_key(request, name)] = start(background_map, replace(request, mechanisms=(name,)))


def _draw(request: MapRequest, kind: str, ready: Mapping[str, Heatmap]) -> None:
    several = len(request.labels) > 1
    difference = several and _switch(next(iter(request.labels)))
    with shown_progress("Running the cells") as progress:
        found = run_map(request, progress, ready)
    panels = list(drawn_map(request, difference, found).values())
    _arrange(panels, found, kind)
    _cell(found)


def _switch(first: str) -> bool:
    state.kept(DIFFERENCE, False)
    said = "Differences are taken world by world in each cell, so that they are far surer than two separate maps."
    return bool(st.toggle(f"Difference to {first}", key=DIFFERENCE, help=said))


def _arrange(panels: Sequence[Spec], found: Heatmap, kind: str) -> None:
    """Panels in two columns; a single one leaves the other to the words."""
    columns = st.columns(2, gap="large")
    for place, panel in enumerate(panels):
        with columns[place % 2]:
            chart(panel, f"map_{place}", ("cell", partial(_clicked, found)))
    with columns[1] if len(panels) == 1 else st.container():
        st.markdown(map_axes.guide(kind))
        st.caption(f"{found.seeds.size} worlds a cell. Point at a cell for its mean and 95% interval.")


def _clicked(found: Heatmap, fields: dict[str, Any]) -> None:
    """Open a clicked cell (a callback)."""
    _open(found, float(fields["x"]), float(fields["y"]))


def _open(found: Heatmap, x: float, y: float) -> None:
    """Make a cell's scenario the one at the side, bidding rules as they were, and leave for Compare (a callback)."""
    scenario, rules = cell_scenario(found, x, y), list(st.session_state[controls.BIDDING])
    if scenario is not None:
        state.change_to(scenario)
        st.session_state[controls.BIDDING] = rules
        st.session_state[LEAVE] = True


def _cell(found: Heatmap) -> None:
    """One cell's numbers, and the way to Compare, for readers without a mouse."""
    with st.expander("A cell in numbers", key="map_cell", on_change="rerun") as place:
        if not place.open:
            return
        left, right, button = st.columns([2, 2, 1], vertical_alignment="bottom")
        with left:
            x = _place(found.x, "map_cell_x")
        with right:
            y = _place(found.y, "map_cell_y")
        row, column = found.y.values.index(y), found.x.values.index(x)
        with button:
            reached = bool(found.reachable[row, column])
            places = float(found.x.places[column]), float(found.y.places[row])
            words = "Open in Compare"
            st.button(
                words, key="map_open", on_click=_open, args=(found, *places), disabled=not reached, width="stretch"
            )
        st.table(cell_table(found, row, column), border="horizontal")


def _place(axis: Any, key: str) -> Any:
    values = list(axis.values)
    state.kept(key, values[len(values) // 2])
    if st.session_state[key] not in values:
        st.session_state[key] = values[len(values) // 2]
    return st.selectbox(axis.title, values, key=key, format_func=lambda value: f"{value:.4g}")


def cell_table(found: Heatmap, row: int, column: int) -> pd.DataFrame:
    """Mean and interval of one cell under each label.

    >>> from experiments import heatmap
    >>> found = heatmap("seed_binary", ["vickrey"], penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=3)
    >>> list(cell_table(found, 0, 1))
    ['Compliance rate', '95% interval', 'worlds']
    """
    cells = found.data.groupby("label", sort=False).nth(row * len(found.x.values) + column)
    style = style_of(found.measure, cells["mean"])
    numbers = cells[["mean", "low", "high", "n"]].itertuples(index=False)
    rows = [[style.value(mean), style.interval(low, high), f"{n:.0f}"] for mean, low, high, n in numbers]
    columns = [measure_title(found.measure), "95% interval", "worlds"]
    return pd.DataFrame(rows, index=pd.Index(cells["label"], name="mechanism"), columns=columns)
