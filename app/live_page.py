"""Live month: one world that plays, pauses and steps, with every lab open to inspection."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from app import live_charts, live_html, live_words, state, waiting
from app.drawing import chart
from app.frame import heading
from app.mechanism_form import runnable
from experiments.ensemble import under_mechanisms
from experiments.live import PHASES, LiveWorld
from mechanisms import InputError
from scenarios import Scenario, to_json

MOST_SEEDS = 999
MECHANISM, SEED, SPEED, LAB = "live_mechanism", "live_seed", "live_speed", "live_lab"
WORLD, PLAYING, DUE = "live_world", "live_playing", "live_due"

SPEEDS = {
    "a phase a second": (False, 1.0),
    "a month in 2 seconds": (True, 2.0),
    "a month a second": (True, 1.0),
    "2 months a second": (True, 0.5),
}
"""Whether a step is a whole month, and the seconds between steps."""


def draw() -> None:
    """One world of the scenario at the side, as it happens."""
    chosen = state.selection()
    heading("One world, as it happens", chosen.scenario.name)
    st.html(live_html.STYLE)
    if mechanisms := runnable(chosen).mechanisms:
        _page(chosen.scenario, mechanisms)


@st.fragment
def _page(scenario: Scenario, mechanisms: Sequence[str]) -> None:
    """Which world, the controls, and the stage, which redraws itself while the world plays."""
    mechanism, seed = _which(mechanisms)
    cells = under_mechanisms(scenario, [mechanism])
    try:
        waiting.search(cells)
        world = _world(next(iter(cells.values())), seed)
    except InputError as error:
        st.error(str(error))
        return
    _buttons(world)
    if st.session_state.get(PLAYING):
        st.fragment(_playing, run_every=SPEEDS[st.session_state[SPEED]][1])(world)
    else:
        st.fragment(_paused)(world)  # a fragment too, so that one stage takes the place of the other


def _which(mechanisms: Sequence[str]) -> tuple[str, int]:
    """Mechanism, seed and speed."""
    state.kept(MECHANISM, mechanisms[0])
    state.kept(SEED, 0)
    state.kept(SPEED, "a month a second")
    if st.session_state[MECHANISM] not in mechanisms:
        st.session_state[MECHANISM] = mechanisms[0]
    first, second, third = st.columns([2, 1, 2])
    mechanism = first.selectbox("Mechanism", mechanisms, key=MECHANISM, help="One of those at the side.")
    seed = second.number_input("World (seed)", 0, MOST_SEEDS, key=SEED, help="Worlds differ by their seed alone.")
    third.selectbox("Speed", list(SPEEDS), key=SPEED, help="How fast the world goes on while it plays.")
    return mechanism, int(seed)


def _world(cell: Scenario, seed: int) -> LiveWorld:
    """The world of the session; a new one, paused after its first month, where scenario, mechanism or seed changed."""
    wanted = (to_json(cell), seed)
    known, world = st.session_state.get(WORLD, (None, None))
    if world is None or known != wanted:
        world = LiveWorld(cell, seed)
        world.next_month()
        st.session_state[WORLD] = (wanted, world)
        st.session_state[PLAYING] = False
    return world


def _buttons(world: LiveWorld) -> None:
    """Play or pause, the two steps, and back to the start."""
    playing = bool(st.session_state.get(PLAYING))
    with st.container(horizontal=True, gap="small"):
        words, icon = ("Pause", ":material/pause:") if playing else ("Play", ":material/play_arrow:")
        over = world.finished
        st.button(words, key="live_play", icon=icon, on_click=_toggle, disabled=over, type="primary")
        st.button("Next phase", key="live_phase", icon=":material/skip_next:", on_click=_phase, disabled=over)
        st.button("Next month", key="live_month", icon=":material/fast_forward:", on_click=_month, disabled=over)
        st.button("From the start", key="live_start", icon=":material/replay:", on_click=_again)


def _toggle() -> None:
    """Play, or pause at once (a callback)."""
    st.session_state[PLAYING] = not st.session_state.get(PLAYING)
    st.session_state[DUE] = 0.0


def _phase() -> None:
    """One phase, and pause (a callback)."""
    st.session_state[PLAYING] = False
    st.session_state[WORLD][1].next_phase()


def _month() -> None:
    """One month, and pause (a callback)."""
    st.session_state[PLAYING] = False
    st.session_state[WORLD][1].next_month()


def _again() -> None:
    """The same world, back in its first month's first phase (a callback)."""
    wanted, world = st.session_state[WORLD]
    st.session_state.update({PLAYING: False, WORLD: (wanted, LiveWorld(world.scenario, world.seed))})


def _paused(world: LiveWorld) -> None:
    """The stage while the world stands still."""
    _stage(world)


def _playing(world: LiveWorld) -> None:
    """The stage while the world plays: one step on whenever one is due; a look at another lab is none."""
    by_month, seconds = SPEEDS[st.session_state[SPEED]]
    now = time.monotonic()
    if now >= st.session_state.get(DUE, 0.0):
        st.session_state[DUE] = now + seconds / 2
        if by_month:
            world.next_month()
        else:
            world.next_phase()
    if world.finished:
        st.session_state[PLAYING] = False
        st.rerun()
    _stage(world)


def _stage(world: LiveWorld) -> None:
    """The month: phases, labs and the lab looked at, signals and audits, prices, ledger."""
    begun = f"Month {world.month} of {world.months}"
    st.progress((world.month - 1 + world.phase / len(PHASES)) / world.months, text=f"**{begun}**")
    st.html(live_html.phases(live_words.happened(world), begun))
    left, right = st.columns(2, gap="large")
    with right:
        lab = _lab(world)
    with left:
        labs, shape = world.labs(), world.scenario.labs
        chart(live_charts.labs(labs, lab), "live_labs")
        chart(live_charts.compute(labs, shape.units, shape.flop_per_unit), "live_compute")
    _months(world)
    st.header("The month's ledger", anchor=False)
    st.caption("What each phase moved between accounts; every line sums to zero. Resources is nature's account.")
    st.html(live_html.accounts(world.ledger(), "world", 2))


def _months(world: LiveWorld) -> None:
    """Signals and audits against the truth, price and compliance, as far as the months have come."""
    outcomes, history, months = world.outcomes(), world.history(), world.months
    price = "price" if history["price"].notna().any() else "price_paid"
    left, right = st.columns(2, gap="large")
    with left:
        chart(live_charts.matrix(outcomes, world.month), "live_matrix")
    with right:
        chart(live_charts.measure(history, price, months), "live_price")
        chart(live_charts.measure(history, "compliance_rate", months), "live_compliance")
    for place, of in zip(st.columns(2, gap="large"), ("signal", "audit"), strict=True):
        with place:
            chart(live_charts.outcomes(outcomes, of, months, world.scenario.labs.count), f"live_{of}s")


def _lab(world: LiveWorld) -> int:
    """The lab looked at: units and orders, choice and reason, signal and audit, money by account."""
    count = world.scenario.labs.count
    state.kept(LAB, 1)
    st.session_state[LAB] = min(st.session_state[LAB], count)
    pick, jump = st.columns([3, 2], vertical_alignment="bottom")
    lab = pick.selectbox("Look into a lab", range(1, count + 1), key=LAB, format_func=lambda n: f"Lab {n}")
    labs = world.labs()
    violators = labs.loc[labs["state"].str.startswith("violating"), "lab"].tolist()
    words = "Next violator"
    jump.button(words, key="live_jump", on_click=_jump, args=(violators,), disabled=not violators, width="stretch")
    st.markdown(f"**Lab {lab}: {labs['state'].iloc[lab - 1]}**")
    st.html(live_html.units(world.units(lab - 1)))
    if said := live_words.counted(world.scenario):
        st.caption(said)
    if choice := world.choice(lab - 1):
        st.html(live_html.said(live_words.reasons(choice)))
        if choice.units.size:
            st.html(live_html.options(choice.options, choice.chosen))
    if told := live_words.fate(world, lab - 1):
        st.html(live_html.said(told))
    st.html(live_html.accounts(world.statement(lab - 1), "lab", 3))
    return int(lab)


def _jump(violators: Sequence[int]) -> None:
    """Look into the next violator, round and round (a callback)."""
    now = st.session_state[LAB]
    st.session_state[LAB] = next((lab for lab in violators if lab > now), violators[0])
