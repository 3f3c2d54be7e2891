"""The auction floor: one month of one world, or orders of one's own, under each mechanism."""

from __future__ import annotations

import streamlit as st

from app import compute, state
from app.floor_view import floor_view
from app.frame import heading
from app.mechanism_form import runnable
from app.own_orders import own_orders
from mechanisms import InputError

MOST_SEEDS = 999
MONTH, SEED, WHICH = "floor_month", "floor_seed", "floor_which"
A_MONTH, OWN = SOURCES = ("A month of the scenario", "Orders of your own")


def draw() -> None:
    """The market of a month, or of one's own orders, under the mechanisms at the side."""
    chosen = state.selection()
    heading("Who wins, who loses, who pays what", "Auction floor")
    if runnable(chosen).mechanisms:
        _floor()


@st.fragment
def _floor() -> None:
    """Demand, supply, prices and single orders; looking around redraws nothing else."""
    chosen = runnable(state.selection())
    state.kept(WHICH, A_MONTH)
    which = st.radio("Orders", SOURCES, key=WHICH, horizontal=True, label_visibility="collapsed")
    try:
        if which == OWN:
            own_orders(chosen)
        else:
            _month(chosen)
    except InputError as error:
        st.error(str(error))


def _month(chosen: state.Selection) -> None:
    state.kept(MONTH, 1)
    state.kept(SEED, 0)
    st.caption(f"**{chosen.scenario.name}**, as set at the side: the orders of one month in one world.")
    month_place, seed_place = st.columns([3, 1])
    with month_place:
        month = _pick_month(chosen.scenario.months)
    with seed_place:
        seed = st.number_input("World (seed)", 0, MOST_SEEDS, key=SEED, help="Worlds differ by their seed alone.")
    floor_view(compute.floor(chosen.scenario, chosen.mechanisms, int(seed), month), "floor")


def _pick_month(months: int) -> int:
    if months == 1:
        return 1
    st.session_state[MONTH] = min(st.session_state[MONTH], months)
    return int(st.slider("Month", 1, months, key=MONTH))
