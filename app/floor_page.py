"""The auction floor: one month of one world."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import compute, state
from app.drawing import chart
from app.frame import heading
from app.mechanism_form import runnable
from experiments.charts import floor_chart
from mechanisms import InputError
from scenarios import Scenario

MOST_SEEDS = 999
MONTH, SEED = "floor_month", "floor_seed"


def draw() -> None:
    """The market of a month under the mechanisms at the side."""
    chosen = state.selection()
    heading("The auction floor of one month", chosen.scenario.name)
    if mechanisms := runnable(chosen).mechanisms:
        _floor(chosen.scenario, mechanisms)


@st.fragment
def _floor(scenario: Scenario, mechanisms: Sequence[str]) -> None:
    """Demand, supply and prices of a month that the reader picks; looking around redraws nothing else."""
    state.kept(MONTH, 1)
    state.kept(SEED, 0)
    month_place, seed_place = st.columns([3, 1])
    with month_place:
        month = _month(scenario.months)
    with seed_place:
        seed = st.number_input("World (seed)", 0, MOST_SEEDS, key=SEED, help="Worlds differ by their seed alone.")
    try:
        chart(floor_chart(compute.floor(scenario, mechanisms, int(seed), month)), "floor")
    except InputError as error:
        st.error(str(error))


def _month(months: int) -> int:
    if months == 1:
        return 1
    st.session_state[MONTH] = min(st.session_state[MONTH], months)
    return int(st.slider("Month", 1, months, key=MONTH))
