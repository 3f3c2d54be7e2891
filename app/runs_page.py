"""Runs: sweeps that are computed in the background, stored by name, and opened again."""

from __future__ import annotations

import os
import re
from typing import Any

import streamlit as st

from app import plan_form, run_view, state
from app.background import Job, mine, start
from app.frame import heading
from app.mechanism_form import runnable
from app.state import Selection
from app.waiting import spoken
from experiments.sweeps import stored
from experiments.sweeps.stored import Stored, all_stored, free_name, run_folder, run_stored
from mechanisms import InputError

NAME, JOBS, DRAWN = "run_name", "run_jobs", "run_drawn"
MOST_AT_ONCE = 2
"""Sweeps that one session may have running."""


def draw() -> None:
    """A form for a new sweep, all sweeps with their progress, and the one that is open."""
    chosen = state.selection()
    heading("Sweeps over any settings, in the background", "Runs")
    _new(chosen)
    st.header("Stored sweeps", anchor=False)
    st.session_state[DRAWN] = _shown()
    st.fragment(_list, run_every=1.0 if _running() else None)()
    run_view.draw(st.session_state.get(state.RUN))


@st.fragment
def _new(chosen: Selection) -> None:
    """What to sweep, how large that is, and the button that starts it."""
    st.header("New sweep", anchor=False)
    st.caption(
        f"Runs **{chosen.scenario.name}** with the mechanisms and bidding rules at the side at every point of axes. "
        "It goes on when you leave this page, and keeps what it has when it is stopped."
    )
    ready = runnable(chosen)
    if not ready.mechanisms:
        return
    plan = None
    try:
        wanted = plan_form.form(ready)
        st.info(f"{', '.join(ready.mechanisms)}: {plan_form.measure(wanted)}.", icon=":material/straighten:")
        plan = wanted
    except InputError as error:
        st.error(str(error))
    _start(plan)


def _start(plan: dict[str, Any] | None) -> None:
    state.kept(NAME, free_name("sweep"))
    state.kept(JOBS, 1)
    name_place, jobs_place, button_place = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = name_place.text_input("Name", key=NAME, help="Letters a-z, 0-9, _ and -.")
    cores = os.cpu_count() or 1
    said = "Processes that compute at once; the files are the same for any number."
    jobs = jobs_place.number_input("Processes", 1, cores, key=JOBS, help=said)
    with button_place:
        options: dict[str, Any] = {"type": "primary", "disabled": plan is None, "width": "stretch"}
        if st.button("Start", key="run_start", on_click=_begin, args=(name, plan, jobs), **options):
            st.rerun()


def _begin(name: str, plan: dict[str, Any], jobs: int) -> None:
    """Start a new sweep (a callback)."""
    try:
        plan_form.measure(plan)
        if run_folder(name).exists() or name in _running():
            raise InputError(f"run: {name} is there already; choose another name")
        _compute(name, plan, jobs)
    except InputError as error:
        st.session_state["problem"] = str(error)
        return
    st.session_state[NAME] = _next(name)


def _next(name: str) -> str:
    """A free name after one that is taken now, counting on."""
    stem = re.sub(r"-\d+$", "", name)
    return free_name(stem, besides=_jobs())


def _resume(name: str) -> None:
    """Continue a sweep (a callback)."""
    try:
        _compute(name, None, st.session_state.get(JOBS, 1))
    except InputError as error:
        st.session_state["problem"] = str(error)


def _compute(name: str, plan: dict[str, Any] | None, jobs: int) -> None:
    if sum(job.running for job in _jobs().values()) >= MOST_AT_ONCE:
        raise InputError(f"run: {MOST_AT_ONCE} sweeps of yours are running; wait for one, or stop it")
    mine()[f"run:{name}"] = start(run_stored, name, plan, resume=plan is None, jobs=int(jobs), outlive=True)


def _jobs() -> dict[str, Job]:
    """Sweeps of this session by name."""
    return {key.removeprefix("run:"): job for key, job in mine().items() if key.startswith("run:")}


def _own(name: str) -> Job | None:
    return _jobs().get(name)


def _is_running(run: Stored) -> bool:
    """Whether a sweep is being computed, by this session or elsewhere."""
    own = _own(run.name)
    return run.running or bool(own and own.running)


def _running() -> list[str]:
    """Names of all sweeps that are being computed."""
    own = [name for name, job in _jobs().items() if job.running]
    return sorted({*own, *(run.name for run in all_stored() if _is_running(run))})


def _shown() -> tuple[Any, ...]:
    """What the page outside the list follows from."""
    return st.session_state.get(state.RUN), st.session_state.get("problem"), _running()


def _list() -> None:
    """Every sweep; drawn again each second while one is running."""
    runs = all_stored()
    if st.session_state[DRAWN] != _shown():
        st.rerun()
    names = {run.name for run in runs}
    for name, job in _jobs().items():
        if name not in names:
            _begun(name, job)
    for run in runs:
        _row(run)
    if not runs and not _jobs():
        st.caption("There are none yet.")


def _begun(name: str, job: Job) -> None:
    """A sweep of one's own that has no folder yet, or never got one."""
    if job.state == "cancelled":
        return
    words, button = st.columns([5, 1], vertical_alignment="center")
    words.markdown(f"**{name}**")
    if job.running:
        words.caption("Checking the plan, and how labs bid …")
        button.button("Stop", key=f"run_stop_{name}", on_click=_stop, args=(name,), width="stretch")
    else:
        words.error(job.error or "It has left no files.")
        button.button("Dismiss", key=f"run_dismiss_{name}", on_click=_forget, args=(name,), width="stretch")


def _row(run: Stored) -> None:
    """One sweep: what it is, how far it is, and what can be done with it."""
    with st.container(border=True, key=f"run_row_{run.name}"):
        opened = st.session_state.get(state.RUN) == run.name
        text, buttons = st.columns([3, 1], vertical_alignment="center")
        with text:
            st.markdown(f"**{run.name}** · {run_view.described(run)}")
            _progress(run)
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            words, target = ("Close", None) if opened else ("Open", run.name)
            key = f"run_open_{run.name}"
            st.button(words, key=key, disabled=not run.done, on_click=_open, args=(target,))
            if _is_running(run):
                _stop_button(run)
            else:
                _idle_buttons(run)


def _progress(run: Stored) -> None:
    own = _own(run.name)
    if _is_running(run):
        st.progress(run.share, text=f"{run.share:.0%} of {run.manifest['cells']:,} cells{_left(run, own)}")
    elif own and own.error:
        st.error(own.error)
    elif not run.complete:
        st.caption(f"Unfinished: {run.done} of {run.manifest['chunks']} chunks are there.")
    for line in own.warnings if own else ():
        st.caption(f":material/warning: {line}")


def _left(run: Stored, own: Job | None) -> str:
    if own is None:
        return ", started elsewhere"
    if not 0 < own.progress < 1:
        return ""
    return f", about {spoken(own.seconds * (1 - own.progress) / own.progress)} left"


def _stop_button(run: Stored) -> None:
    if _own(run.name):
        st.button("Stop", key=f"run_stop_{run.name}", on_click=_stop, args=(run.name,))
        return
    with st.popover("Stop"):
        st.write(f"Somebody else may have started **{run.name}**. What is finished stays, and it can be resumed.")
        st.button(f"Stop {run.name}", key=f"run_stop_{run.name}", on_click=_stop, args=(run.name,), type="primary")


def _idle_buttons(run: Stored) -> None:
    if not run.complete:
        st.button("Resume", key=f"run_resume_{run.name}", on_click=_resume, args=(run.name,))
    with st.popover("Delete", type="tertiary"):
        st.write(f"Delete **{run.name}** with all its files for good?")
        words = f"Delete {run.name}"
        st.button(words, key=f"run_delete_{run.name}", on_click=_delete, args=(run.name,), type="primary")


def _open(name: str | None) -> None:
    """Show a sweep below, or none (a callback)."""
    st.session_state[state.RUN] = name


def _stop(name: str) -> None:
    """Stop a sweep, wherever it runs (a callback)."""
    if own := _own(name):
        own.cancel()
    stored.stop(name)


def _forget(name: str) -> None:
    """Leave a sweep of one's own out of what this session has started (a callback)."""
    mine().pop(f"run:{name}", None)


def _delete(name: str) -> None:
    """Delete a sweep (a callback)."""
    try:
        stored.delete(name)
    except InputError as error:
        st.session_state["problem"] = str(error)
        return
    _forget(name)
    if st.session_state.get(state.RUN) == name:
        st.session_state[state.RUN] = None
