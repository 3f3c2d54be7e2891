"""The auction floor: one month of one world, on its own, so that looking around redraws nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import compute
from app.drawing import chart
from experiments.charts import floor_chart
from mechanisms import InputError
from scenarios import Scenario

MOST_SEEDS = 999


@st.fragment
def floor_section(scenario: Scenario, mechanisms: Sequence[str]) -> None:
    """Demand, supply and prices of a month that the reader picks."""
    st.header("The auction floor", anchor=False)
    month_place, seed_place = st.columns([3, 1])
    with month_place:
        month = _month(scenario.months)
    with seed_place:
        seed = st.number_input(
            "World (seed)", 0, MOST_SEEDS, key="floor_seed", help="Worlds differ by their seed alone."
        )
    try:
        chart(floor_chart(compute.floor(scenario, mechanisms, int(seed), month)), "floor")
    except InputError as error:
        st.error(str(error))


def _month(months: int) -> int:
    if months == 1:
        return 1
    st.session_state["floor_month"] = min(st.session_state.get("floor_month", 1), months)
    return int(st.slider("Month", 1, months, key="floor_month"))
