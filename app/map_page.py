"""The deterrence map: a measure over penalty and detection."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import compute, state
from app.drawing import chart
from app.frame import heading
from app.mechanism_form import runnable
from app.waiting import quick, shown_progress, spoken
from experiments.charts import MEASURES, AnyChart, map_panels, measure_title
from experiments.defaults import MAP_MEASURE
from mechanisms import InputError
from scenarios import Scenario

CELLS = (6, 10, 16)
GUIDE = (
    "**How to read it.** To the right a violation costs more, upwards it is found more often. A lab runs a unit "
    "without a permit where the unit's net value is above the expected penalty, p_eff × P, so compliance flips along "
    "a falling curve: a small fine that is certain deters like a large one that is not. What is left at the bottom "
    "left is arithmetic, not deterrence: labs whose permits cover all that they want, or that want nothing."
)
LONGEST = 5.0
"""Seconds: a mechanism that needs longer for its map is left out."""


def draw() -> None:
    """The map under the mechanisms at the side."""
    chosen = state.selection()
    heading("The deterrence map", chosen.scenario.name)
    if mechanisms := runnable(chosen).mechanisms:
        _map(chosen.scenario, mechanisms)


@st.fragment
def _map(scenario: Scenario, mechanisms: Sequence[str]) -> None:
    """A measure over penalty and detection, with the line where half comply."""
    state.kept("map_measure", MAP_MEASURE)
    state.kept("map_cells", CELLS[1])
    st.caption(
        "Each cell runs the scenario with another penalty and with random audits that find a violation with "
        "probability p_eff, in the same worlds. Everything else is as set at the side."
    )
    left, right = st.columns([3, 1])
    with left:
        measure = st.selectbox("Measure", list(MEASURES), key="map_measure", format_func=measure_title)
    with right:
        cells = st.selectbox("Cells", CELLS, key="map_cells", format_func=lambda n: f"{n} × {n}")
    try:
        _draw(scenario, mechanisms, measure, cells)
    except InputError as error:
        st.error(str(error))


def _draw(scenario: Scenario, mechanisms: Sequence[str], measure: str, cells: int) -> None:
    if compute.searches_anew(scenario):
        st.info("The map is left out: a permit's worth depends on enforcement, so labs would search anew in each cell.")
        return
    times = [2 * cells**2 * compute.seconds(scenario, name, 1) for name in mechanisms]
    shown = quick(times, mechanisms, LONGEST)
    for name, time in zip(mechanisms, times, strict=True):
        if name not in shown:
            st.info(f"{name} is left out here: its map would take about {spoken(time)}.")
    if not shown:
        return
    worlds = compute.map_worlds(scenario, shown, cells)
    with shown_progress("Running the cells") as progress:
        progress(0.0)
        found = compute.deterrence(scenario, shown, measure, cells, worlds, progress)
    panels = list(map_panels(found).values())
    _arrange(panels, f"{worlds} worlds a cell. Point at a cell for its mean, interval and audit probability.")


def _arrange(panels: list[AnyChart], said: str) -> None:
    """Panels in two columns; a single one leaves the other to the words."""
    columns = st.columns(2, gap="large")
    for place, panel in enumerate(panels):
        with columns[place % 2]:
            chart(panel, f"map_{place}")
    with columns[1] if len(panels) == 1 else st.container():
        st.markdown(GUIDE)
        st.caption(said)
