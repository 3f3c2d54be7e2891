"""What takes long is asked for first, and shows how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st

from app import compute
from app.background import Job
from app.compute import PATIENCE, Progress
from app.state import Selection
from experiments.ensemble import prepare, under_mechanisms
from scenarios import Scenario, to_json

SEARCH_PATIENCE = 60.0
"""Seconds; a search that is shorter starts at once, with its progress shown."""


def spoken(seconds: float) -> str:
    """A length of time in words.

    >>> spoken(9), spoken(300), spoken(9000)
    ('9 seconds', '5 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def affordable(selection: Selection) -> tuple[str, ...]:
    """Mechanisms to run now: those that are quick, and those that the reader has asked for in spite of the wait."""
    times = {name: _seconds(selection, name) for name in selection.mechanisms}
    wait = sum(times.values())
    slow = [name for name, time in times.items() if wait > PATIENCE and time > PATIENCE / len(times)]
    wanted = st.session_state.setdefault("wanted", set())
    asked = {name: (to_json(selection.scenario), name, selection.bidding, selection.worlds) for name in slow}
    left_out = [name for name in slow if asked[name] not in wanted]
    if left_out:
        took = spoken(sum(times[name] for name in left_out))
        runs = f"{selection.worlds} worlds of {selection.scenario.months} months"
        st.warning(f"{', '.join(left_out)}: {runs} will take about {took}. Fewer worlds or months are faster.")
        if st.button(f"Run anyway (about {took})", key="run_anyway"):
            wanted.update(asked[name] for name in left_out)
            st.rerun()
    return tuple(name for name in selection.mechanisms if name not in left_out)


def _seconds(selection: Selection, mechanism: str) -> float:
    """Time for the worlds of a mechanism, and for searches beyond what a reader who asks for them expects."""
    worlds = compute.seconds(selection.scenario, mechanism, selection.worlds)
    cells = under_mechanisms(selection.scenario, [mechanism], selection.bidding).values()
    search = [compute.search_seconds(cell) for cell in cells]
    return len(cells) * worlds + sum(time for time in search if time > SEARCH_PATIENCE)


def search(cells: Mapping[str, Scenario]) -> None:
    """Work out how labs bid, one mechanism after the other, and say meanwhile why that takes a while."""
    waiting = {label: cell for label, cell in cells.items() if compute.search_seconds(cell)}
    place = st.empty()
    for done, (label, cell) in enumerate(waiting.items()):
        took = spoken(compute.search_seconds(cell))
        place.progress(
            done / len(waiting),
            text=f"Searching how labs bid under {label} ({done + 1} of {len(waiting)}): they answer to each other "
            f"until next to nothing is left to gain. About {took}, the first time only …",
        )
        prepare([cell])
    place.empty()


def quick(scenario_seconds: Sequence[float], names: Sequence[str], limit: float) -> tuple[str, ...]:
    """Names whose time is within a limit.

    >>> quick([0.1, 90.0], ["vickrey", "pymarket:p2p"], 5.0)
    ('vickrey',)
    """
    return tuple(name for name, seconds in zip(names, scenario_seconds, strict=True) if seconds <= limit)


def watched(job: Job, key: str, words: str) -> None:
    """How far a job is, with a button that ends it; what shows its answer is drawn anew as soon as it is over."""
    st.fragment(_watched, run_every=1.0)(job, key, words)


def _watched(job: Job, key: str, words: str) -> None:
    if not job.running:
        st.rerun()
    bar, button = st.columns([5, 1], vertical_alignment="center")
    left = f", about {spoken(job.seconds * (1 - job.progress) / job.progress)} left" if 0 < job.progress < 1 else ""
    bar.progress(job.progress, text=f"{words}: {job.progress:.0%}{left}")
    button.button("Cancel", key=f"cancel_{key}", on_click=job.cancel, width="stretch")


@contextmanager
def shown_progress(words: str) -> Iterator[Progress]:
    """A bar that goes away when the work is done; it appears only if there is more than one step."""
    place = st.empty()

    def show(share: float) -> None:
        if share < 1:
            place.progress(share, text=f"{words} …")

    yield show
    place.empty()
