"""The Governor's choice: what audit policies reach at which effort, and the best of them, by a search apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

import streamlit as st

from app import state
from app.background import Job, mine, start
from app.drawing import chart
from app.frame import heading
from app.mechanism_form import runnable
from app.waiting import watched
from experiments import Frontier, policy_frontier
from experiments.charts.frontier import frontier_panels
from experiments.defaults import FRONTIER_POINTS, FRONTIER_ROUNDS, FRONTIER_WORLDS
from experiments.ensemble import under_mechanisms
from experiments.frontier.levers import own_policies
from experiments.frontier.objectives import OBJECTIVES
from experiments.numbers import style_of
from experiments.output import csv
from experiments.report.tables import frontier_rows
from mechanisms import InputError, plugin_names
from scenarios import Scenario, parse, to_json

KINDS, POINTS, ROUNDS, WORLDS = (f"governor_{name}" for name in ("kinds", "points", "rounds", "worlds"))
JOB, ASKED = "frontier", "governor_asked"
MOST_POINTS, MOST_ROUNDS, MOST_WORLDS = 200, 50, 1000


@dataclass(frozen=True)
class Search:
    """What a search follows from; the scenario as JSON."""

    scenario: str
    kinds: tuple[str, ...]
    points: int
    rounds: int
    worlds: int


def draw() -> None:
    """What to try, the button that starts the search, and what the last one found."""
    chosen = runnable(state.selection())
    heading("What each audit policy buys", "Governor")
    if not chosen.mechanisms:
        return
    label, cell = next(iter(under_mechanisms(chosen.scenario, chosen.mechanisms[0], chosen.bidding[0]).items()))
    st.caption(
        f"Tries audit policies in the worlds of **{cell.name}** under {label}, the first mechanism at the side, and "
        "shows which of them no other beats in compliance, audits and harm together. All but the audit policy is as "
        "set at the side."
    )
    search, job = _asked(cell), mine().get(JOB)
    words = "Search" if job is None else "Search again"
    busy = bool(job and job.running)
    st.button(words, key="governor_start", type="primary", on_click=_start, args=(search,), disabled=busy)
    if job:
        _told(job, search)


def _asked(cell: Scenario) -> Search:
    """What the controls ask for."""
    defaults = (
        (KINDS, own_policies()),
        (POINTS, FRONTIER_POINTS),
        (ROUNDS, FRONTIER_ROUNDS),
        (WORLDS, FRONTIER_WORLDS),
    )
    for key, default in defaults:
        state.kept(key, default)
    kinds = st.multiselect("Audit policies", plugin_names("policy"), key=KINDS, placeholder="Choose some")
    left, middle, right = st.columns(3)
    said = "Policies of each kind that are tried, spread over all that its options allow."
    points = left.number_input("Policies of each kind", 2, MOST_POINTS, key=POINTS, help=said)
    said = "Rounds of differential evolution that start from the best of these; 0 takes the best as it is."
    rounds = middle.number_input("Rounds of the search", 0, MOST_ROUNDS, key=ROUNDS, help=said)
    said = "As many other worlds, which the search did not see, measure the winners."
    worlds = right.number_input("Worlds", 2, MOST_WORLDS, key=WORLDS, help=said)
    return Search(to_json(cell), tuple(kinds), int(points), int(rounds), int(worlds))


def _start(search: Search) -> None:
    """Search in the background (a callback)."""
    if not search.kinds:
        st.session_state["problem"] = "policies: choose at least one"
        return
    cell = parse(json.loads(search.scenario))
    mine()[JOB] = start(
        policy_frontier, cell, search.kinds, points=search.points, rounds=search.rounds, seeds=search.worlds
    )
    st.session_state[ASKED] = search


def _told(job: Job, search: Search) -> None:
    """How far the search is, or what it found."""
    if job.running:
        watched(job, JOB, "Trying policies")
        return
    if job.state == "cancelled":
        st.info("The search was cancelled.")
        return
    try:
        found: Frontier = job.result
    except InputError as error:
        st.error(str(error))
        return
    if st.session_state[ASKED] != search:
        st.info("This is what was searched before settings were changed. Search again to follow them.")
    _found(found)


def _found(found: Frontier) -> None:
    for words in winners(found):
        st.html(f'<p class="pl-lead">{escape(words)}</p>')
    st.caption(
        "The best were measured again in worlds that the search had not seen, where luck no longer favours them: the "
        "charts and the table show the worlds of the search."
    )
    for column, (measure, panel) in zip(st.columns(2, gap="large"), frontier_panels(found).items(), strict=False):
        with column:
            chart(panel, f"frontier_{measure}")
    st.subheader("Efficient policies, from few audits to many", anchor=False)
    st.dataframe(frontier_rows(found), hide_index=True, height="content")
    st.download_button(
        "Every policy tried (CSV)", lambda: csv(found.data), "frontier.csv", "text/csv", on_click="ignore"
    )
    for kind, why in found.refused.items():
        st.caption(f"{kind} is left out: {why}")


def winners(found: Frontier) -> list[str]:
    """The best policy for each objective in a sentence, measured in worlds that the search did not see.

    >>> found = policy_frontier("seed_binary", ["none", "random"], points=2, rounds=0, seeds=2)
    >>> winners(found)[0].partition(" a month")[0]
    'Best for welfare: none, 11.59 M$'
    """
    sentences = []
    for objective, rows in found.winners.groupby("objective", sort=False):
        best, unit = rows.iloc[0], OBJECTIVES[str(objective)].unit
        ends = f"95% interval {best['value_low']:.3g} to {best['value_high']:.3g}"
        share = style_of("compliance_rate", []).value(best["compliance_rate"])
        aim, options = str(objective).replace("-", " "), "" if best["options"] == "–" else f" ({best['options']})"
        sentences.append(
            f"Best for {aim}: {best['policy']}{options}, {best['value']:.4g} {unit} ({ends}), "
            f"with {best['audits']:.3g} audits a month and {share} of labs complying."
        )
    return sentences
