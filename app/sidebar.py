"""The side: scenario, mechanisms, main settings, and the run's size."""

from __future__ import annotations

import streamlit as st

from app import controls, mechanism_form, state
from app.explained import explained, guide
from mechanisms import InputError, mechanism_names
from scenarios import Scenario, scenario_names


def choices() -> None:
    """Draw what is chosen first, the scenario and the mechanisms: about what a screen has room for."""
    with st.sidebar:
        _scenario()
        _mechanisms()


def settings() -> None:
    """Draw the controls of single settings below."""
    base: Scenario = st.session_state["base"]
    with st.sidebar:
        with st.expander("Enforcement", expanded=True):
            controls.slider(controls.ENFORCEMENT[0], base)
            controls.policy()
            for control in controls.ENFORCEMENT[1:]:
                controls.slider(control, base)
        with st.expander("Permits", expanded=True):
            for control in controls.PERMITS:
                controls.slider(control, base)
        with st.expander("Labs", expanded=True):
            for control in controls.LABS:
                controls.slider(control, base)
            controls.bidding(base)
        with st.expander("Size of the run", expanded=True):
            controls.slider(controls.MONTHS, base)
            _worlds()


def _scenario() -> None:
    st.header("Permit Lab", anchor=False)
    own = [state.UPLOADED] if "uploaded" in st.session_state else []
    options = [*own, *scenario_names()]
    if st.session_state["scenario"] not in options:
        options.append(st.session_state["scenario"])
    said = "Complete settings of an experiment: those that come with the lab, then your own."
    st.selectbox("Scenario", options, key="scenario", on_change=state.choose, help=said)
    base: Scenario = st.session_state["base"]
    st.caption(f"**{base.name}.** {base.description}")
    with st.container():  # one place whatever it holds: a slider that moves down loses the keyboard's focus
        _changes(base)


def _changes(base: Scenario) -> None:
    """What differs from the scenario as it was loaded, and the way back."""
    try:
        chosen = state.selection().scenario
    except InputError:
        chosen = base
    changed = state.changes(st.session_state["original"], chosen)
    if changed:
        told = [f"{path.rpartition('.')[2].replace('_', ' ')} {old} → {new}" for path, (old, new) in changed.items()]
        st.caption(f"Changed: {'; '.join(told[:6])}{' …' if len(told) > 6 else ''}")
        st.button("Undo all changes", key="reset", on_click=state.reset, width="stretch")


def _mechanisms() -> None:
    said = "The first is what the others are compared with. Options can also be typed, as in uniform-price:k=0."
    known = mechanism_names()
    typed = [name for name in st.session_state["mechanisms"] if name not in known]
    st.multiselect(
        "Mechanisms", [*known, *typed], key="mechanisms", help=said, accept_new_options=True, placeholder="Choose some"
    )
    chosen = st.session_state["mechanisms"]
    if chosen:
        st.html(explained(chosen, controls.rules(st.session_state["base"])))
    with st.popover("What each mechanism does", width="stretch"):
        st.html(guide(known))
    mechanism_form.form()


def _worlds() -> None:
    said = "Seeded economies with the same labs and the same luck under each mechanism; more give narrower intervals."
    st.slider("Worlds (seeds)", state.LEAST_WORLDS, state.MOST_WORLDS, step=state.WORLD_STEP, key="worlds", help=said)
