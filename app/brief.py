"""A policy brief about what the side says: made in the background, handed over as one page that needs no network."""

from __future__ import annotations

import streamlit as st

from app.background import mine, start
from app.state import Selection
from app.waiting import watched

JOB, ASKED = "brief", "brief_asked"


def offer(selection: Selection) -> None:
    """A button that makes the brief; then how far it is; then the page."""
    job = mine().get(JOB)
    if job and job.running:
        watched(job, JOB, "Writing the policy brief")
    elif job and job.state == "done" and st.session_state[ASKED] == selection:
        st.download_button(
            "Download the policy brief (HTML)", job.result, "brief.html", "text/html", key="brief", on_click="ignore"
        )
    else:
        said = "Findings, tables, map, audit policies and what matters most, on one page. Takes a minute or so."
        st.button("Make a policy brief", key="brief_start", on_click=_start, args=(selection,), help=said)
        if job and job.error:
            st.error(job.error)


def _start(selection: Selection) -> None:
    """Write the brief in the background (a callback)."""
    from experiments.report.files import brief_page

    mine()[JOB] = start(
        brief_page, selection.scenario, selection.mechanisms, bidding=selection.bidding, seeds=selection.worlds
    )
    st.session_state[ASKED] = selection
