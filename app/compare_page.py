"""First page: compare mechanisms under one scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from app import brief, compute, state
from app.bidding_words import bidding_headline, several_rules
from app.compute import Compared, drawn
from app.drawing import chart
from app.frame import heading
from app.mechanism_form import runnable
from app.size_words import size_words
from app.state import DEFAULT, Selection
from app.table import csv_table, html_table
from app.waiting import affordable, search, shown_progress
from experiments import Comparison, charts
from experiments.charts import MEASURES, measure_title
from experiments.defaults import MECHANISMS, WORLDS
from experiments.ensemble import under_mechanisms
from experiments.headline import HEADLINES, Tables, headline
from experiments.sizes import ACCOUNTS
from scenarios import load_scenario

_MONTHLY = ("price_paid", "compliance_rate")
"""Measures shown month by month at first, left and right."""
_TAB = "compare_tab"
TABS = ("Month by month", "Who gains and who pays", "All measures")
FIRST = TABS[0]
"""The tab that is open at first."""


def draw() -> None:
    """What differs and how sure it is, in words, a table and pictures."""
    selection = state.selection()
    heading("Auctions of compute permits compared", selection.scenario.name)
    mechanisms = affordable(runnable(selection))
    if not mechanisms:
        return
    compared = _compared(selection, mechanisms)
    comparison = compared.comparison
    tables = Tables.of(comparison)
    _lead(comparison, tables)
    _table(comparison, tables)
    with st.container(horizontal=True, vertical_alignment="center"):
        _download(comparison)
        brief.offer(replace(selection, mechanisms=mechanisms))
    _equilibria(comparison)
    _pictures(comparison)
    _more(compared, tables)


def prepare_default() -> None:
    """Compute and draw what a reader without a link sees, so that it waits in the cache."""
    scenario = load_scenario(DEFAULT)
    compared = compute.comparison(scenario, MECHANISMS, [scenario.labs.bidding], WORLDS, lambda _: None)
    for make in (charts.compliance_split, charts.welfare_parts):
        drawn(make, compared.comparison)
    for measure in _MONTHLY:
        drawn(charts.by_month, compared.comparison, measure)


def _compared(selection: Selection, mechanisms: Sequence[str]) -> Compared:
    search(under_mechanisms(selection.scenario, mechanisms, selection.bidding))
    with shown_progress("Running the worlds") as progress:
        return compute.comparison(selection.scenario, mechanisms, selection.bidding, selection.worlds, progress)


def _equilibria(comparison: Comparison) -> None:
    """How far labs that bid for their own advantage have settled, mechanism by mechanism."""
    if not comparison.equilibria:
        return
    found = "\n".join(f"- {label}: {answer}." for label, answer in comparison.equilibria.items())
    st.caption(f"Equilibria are approximate, found by a search. How far labs got:\n\n{found}")


def _lead(comparison: Comparison, tables: Tables) -> None:
    said = (bidding_headline if several_rules(comparison) else headline)(comparison, tables)
    why = f'<p class="pl-why pl-muted">{escape(said.why)}</p>' if said.why else ""
    st.html(f'<p class="pl-lead">{escape(said.lead)}</p>{why}')


def _table(comparison: Comparison, tables: Tables) -> None:
    worlds, months = len(comparison.seeds), comparison.scenario.months
    st.html(html_table(tables))
    first = comparison.labels[0]
    against = (
        f" Below it, the difference to {first}: **bold** where its interval leaves zero out."
        if len(tables.labels) > 1
        else ""
    )
    st.caption(f"Means of {worlds} worlds of {months} months with 95% intervals (percentages in points).{against}")


def _download(comparison: Comparison) -> None:
    st.download_button(
        "Download the table (CSV)", lambda: csv_table(comparison), "comparison.csv", "text/csv", on_click="ignore"
    )


def _pictures(comparison: Comparison) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        chart(drawn(charts.compliance_split, comparison), "split")
    with right:
        chart(drawn(charts.welfare_parts, comparison), "welfare")


@st.fragment
def _more(compared: Compared, tables: Tables) -> None:
    """What else there is to see, of which only the tab that is open is drawn: charts are most of a browser's work."""
    state.kept(_TAB, FIRST)
    months, sizes, measures = st.tabs(TABS, key=_TAB, on_change="rerun")
    if months.open:
        with months:
            _months(compared.comparison)
    if sizes.open:
        with sizes:
            _sizes(compared)
    if measures.open:
        with measures:
            st.html(html_table(tables, [name for name in MEASURES if name not in HEADLINES]))


def _months(comparison: Comparison) -> None:
    """Two measures month by month; either can be another one."""
    for column, measure, side in zip(st.columns(2, gap="large"), _MONTHLY, ("left", "right"), strict=True):
        with column:
            names = list(MEASURES)
            chosen = st.selectbox(
                "Measure", names, names.index(measure), format_func=measure_title, key=f"monthly_{side}"
            )
            chart(drawn(charts.by_month, comparison, chosen), f"by_month_{side}")
            st.caption(f"{MEASURES[chosen].description[:1].upper()}{MEASURES[chosen].description[1:]}.")


def _sizes(compared: Compared) -> None:
    """Who gains and who pays, by size of lab."""
    st.html(f'<p class="pl-why">{escape(size_words(compared.sizes))}</p>')
    for column, account in zip(st.columns(3, gap="large"), ACCOUNTS, strict=True):
        with column:
            chart(compute.drawn_sizes(compared, account), f"sizes_{account}")
