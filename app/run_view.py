"""One stored sweep: what it runs, charts of it, its cells, SQL, and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from app import state
from app.drawing import chart
from app.markdown import plain
from app.plan_form import title_of
from experiments import open_sweep, sensitivity
from experiments.charts import MEASURES, measure_by_axis, measure_by_two, measure_title
from experiments.charts.sensitivity import sensitivity_panels
from experiments.defaults import HEADLINES, MAP_MEASURE
from experiments.output import csv, parquet
from experiments.sweeps.cells import Cells
from experiments.sweeps.results import EVERYTHING, Sweep
from experiments.sweeps.stored import Stored, run_folder, stored
from experiments.sweeps.views import measure_rows, where
from mechanisms import InputError

MEASURE, X, Y, QUERY = "view_measure", "view_x", "view_y", "view_query"
NO_AXIS = "(none: a line)"
PREVIEW, MOST_ROWS, LARGEST_FILE = 200, 10_000, 250_000
"""Rows shown at first, rows of an answer to SQL, and rows of a download."""
QUERY_SECONDS = 20.0
MOST_WORDS = 5


def described(run: Stored) -> str:
    """A sweep in a line: its scenario, axes, mechanisms and size."""
    try:
        plan = run.plan
    except InputError as error:
        return f":red[{error}]"
    title = plan.scenario.get("name", "") if isinstance(plan.scenario, dict) else plan.scenario
    worlds = plan.seeds if isinstance(plan.seeds, int) else len(plan.seeds)
    axes = " × ".join(title_of(path).partition(" (")[0] for path in plan.axes)
    names = plan.mechanisms or ["the scenario's own mechanism"]
    shown = ", ".join(names[:MOST_WORDS]) + (" …" if len(names) > MOST_WORDS else "")
    size = f"{run.manifest['cells']:,} cells of {worlds:,} worlds"
    return f"{plain(str(title))}  \n:gray[{plain(f'{axes}. {shown}. {size}.')}]"


def draw(name: str | None) -> None:
    """The sweep that is open, if one is."""
    if not name:
        return
    run = stored(name)
    if run is None:
        st.error(f"run: there is no sweep named {name}")
        return
    st.header(run.name, anchor=False)
    try:
        found = open_sweep(run_folder(run.name))
        cells = found.cells
        if not run.complete:
            st.info(f"Unfinished: what is shown are the {run.done} of {run.manifest['chunks']} chunks that are there.")
        _pictures(run, found, cells)
        _table(run, found)
        _query(found)
    except InputError as error:
        st.error(str(error))


@st.cache_data(max_entries=64, show_spinner=False)
def _rows(key: str, done: int, measure: str, _found: Sweep) -> pd.DataFrame:
    return measure_rows(_found, measure)


@st.fragment
def _pictures(run: Stored, found: Sweep, cells: Cells) -> None:
    """A measure along an axis or over two, and, where the sample is made for it, what the measure depends on."""
    paths = [axis.path for axis in cells.axes]
    measure, x, y = _choices(cells.measures, paths)
    try:
        rows = _rows(run.manifest["key"], run.done, measure, found)
        drawn = cells.plan.sample.method != "grid"
        fixed = {} if drawn else _fixed(rows, [path for path in paths if path not in (x, y)])
        _draw(where(rows, fixed), x, y, measure, drawn=drawn, fixed=_said(fixed))
        if cells.plan.sample.method == "saltelli" and run.complete and cells.plan.keep == "cells":
            _sensitivity(run, found, measure)
    except InputError as error:
        st.error(str(error))


def _choices(measures: list[str], paths: list[str]) -> tuple[str, str, str | None]:
    """Measure and axes to show, as the reader picks them."""
    for key, options in ((MEASURE, measures), (X, paths)):
        state.kept(key, MAP_MEASURE if MAP_MEASURE in options else options[0])
        st.session_state[key] = st.session_state[key] if st.session_state[key] in options else options[0]
    one, two, three = st.columns(3)
    measure = one.selectbox("Measure", measures, key=MEASURE, format_func=measure_title)
    x = two.selectbox("Along", paths, key=X, format_func=title_of)
    others = [NO_AXIS, *(path for path in paths if path != x)]
    state.kept(Y, NO_AXIS)
    st.session_state[Y] = st.session_state[Y] if st.session_state[Y] in others else NO_AXIS
    y = three.selectbox("And over", others, key=Y, format_func=lambda path: path if path == NO_AXIS else title_of(path))
    return measure, x, None if y == NO_AXIS else y


def _fixed(rows: pd.DataFrame, others: list[str]) -> dict[str, Any]:
    """Values at which the axes of a grid that are not shown are held."""
    found = {}
    for path in others:
        values = rows[path].drop_duplicates().tolist()
        key = f"view_at.{path}"
        state.kept(key, values[len(values) // 2])
        if st.session_state[key] not in values:
            st.session_state[key] = values[len(values) // 2]
        found[path] = st.selectbox(f"At {title_of(path)}", values, key=key) if len(values) > 1 else values[0]
    return found


def _said(fixed: dict[str, Any]) -> str:
    held = [f"{title_of(path).partition(' (')[0]} {value}" for path, value in fixed.items()]
    return f"At {', '.join(held)}." if held else ""


def _draw(rows: pd.DataFrame, x: str, y: str | None, measure: str, *, drawn: bool, fixed: str) -> None:
    if rows["mean"].isna().all():
        st.info(f"{measure_title(measure)} is defined in none of these cells.")
    elif y is None:
        table = rows.rename(columns={x: "x"})[["label", "x", "mean", "low", "high", "n"]]
        chart(measure_by_axis(table, x, measure, drawn=drawn, fixed=fixed), "sweep_line")
    else:
        table = rows.rename(columns={x: "x", y: "y"})[["label", "x", "y", "mean", "low", "high", "n"]]
        columns = st.columns(2, gap="large")
        for place, panel in enumerate(measure_by_two(table, x, y, measure, drawn=drawn, fixed=fixed).values()):
            with columns[place % 2]:
                chart(panel, f"sweep_heat_{place}")
    said = MEASURES[measure].description
    st.caption(f"{said[:1].upper()}{said[1:]}.")


@st.cache_data(max_entries=64, show_spinner="Working out what matters …")
def _indices(key: str, measure: str, _found: Sweep) -> pd.DataFrame:
    return sensitivity(_found, measure)


def _sensitivity(run: Stored, found: Sweep, measure: str) -> None:
    """First-order and total Sobol indices of the measure."""
    table = _indices(run.manifest["key"], measure, found)
    if table["total"].isna().all():
        st.info(f"{measure_title(measure)} does not vary over the plan's ranges, so nothing explains it.")
        return
    columns = st.columns(2, gap="large")
    for place, panel in enumerate(sensitivity_panels(table, measure).values()):
        with columns[place % 2]:
            chart(panel, f"sweep_sensitivity_{place}")


def _table(run: Stored, found: Sweep) -> None:
    """The first cells, and all of them as files."""
    st.subheader("Cells", anchor=False)
    st.dataframe(_preview(run.manifest["key"], run.done, found), hide_index=True, height=300)
    columns = list(run.manifest["columns"])
    st.caption(
        f"The first {PREVIEW} rows at most, of {len(columns)} columns. Settings are columns named by their paths."
    )
    if run.manifest["cells"] * (found.cells.seeds.size if found.cells.plan.keep == "worlds" else 1) > LARGEST_FILE:
        st.caption(f"Too large for a download here: its Parquet files lie in {found.path / 'chunks'}.")
        return
    _downloads(run.name, lambda: found.sql(EVERYTHING))


@st.cache_data(max_entries=16, show_spinner=False)
def _preview(key: str, done: int, _found: Sweep) -> pd.DataFrame:
    cells = _found.cells
    measures = [name for name in HEADLINES if name in cells.measures] or cells.measures
    names = ["cell", *(axis.path for axis in cells.axes), "mechanism", "bidding", *measures]
    order = "cell, seed" if cells.plan.keep == "worlds" else "cell"
    quoted = ", ".join(f'"{name}"' for name in names)
    return _found.sql(f"SELECT {quoted} FROM results ORDER BY {order} LIMIT {PREVIEW}")


def _downloads(name: str, table: Callable[[], pd.DataFrame]) -> None:
    """Buttons that make their files when they are pressed."""
    with st.container(horizontal=True):
        for ending, kind, content in (
            ("csv", "text/csv", lambda: csv(table())),
            ("parquet", "application/vnd.apache.parquet", lambda: parquet(table())),
        ):
            words = f"Download {'CSV' if ending == 'csv' else 'Parquet'}"
            st.download_button(words, content, f"{name}.{ending}", kind, key=f"get_{name}.{ending}", on_click="ignore")


@st.fragment
def _query(found: Sweep) -> None:
    """A box for SQL, which can touch nothing but the sweep, and its answer."""
    st.subheader("SQL", anchor=False)
    state.kept(QUERY, EXAMPLE)
    with st.form("view_sql", border=False):
        said = "DuckDB's SQL. It can neither write nor read anything but the table results."
        query = st.text_area("Query on the table results", key=QUERY, height=110, help=said)
        asked = st.form_submit_button("Run the query", key="view_ask")
    if asked:
        st.session_state["view_answered"] = (found.path.name, query)
    name, answered = st.session_state.get("view_answered", ("", ""))
    if name == found.path.name:
        _answer(found, answered)


EXAMPLE = (
    "SELECT mechanism, count(*) AS cells, avg(compliance_rate) AS compliance\nFROM results GROUP BY ALL ORDER BY ALL"
)


def _answer(found: Sweep, query: str) -> None:
    try:
        table, whole = first_rows(found, query)
    except InputError as error:
        st.error(str(error))
        return
    st.dataframe(table, hide_index=True, height="content" if len(table) < 9 else 300)
    st.caption(f"{len(table):,} rows{'' if whole else ', the first of more: the files hold these'}.")
    _downloads(f"{found.path.name}-sql", lambda: table)


def first_rows(found: Sweep, query: str) -> tuple[pd.DataFrame, bool]:
    """First rows of the answer to a query, and whether that is all of it."""
    pieces, rows = [], 0
    for piece in found.pieces(query, QUERY_SECONDS):
        pieces.append(piece)
        if (rows := rows + len(piece)) > MOST_ROWS:
            break
    table = pd.concat(pieces, ignore_index=True)
    return table.head(MOST_ROWS), len(table) <= MOST_ROWS
