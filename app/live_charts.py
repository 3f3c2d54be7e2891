"""The live month's charts, fast enough to play: each is made once and then filled with one table after the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd
import streamlit as st

from app.chart_files import Spec, rows, specification
from experiments.charts import AnyChart, live, live_months


def labs(table: pd.DataFrame, chosen: int) -> Spec:
    """The labs as a grid, one of them chosen."""
    return _filled(live.lab_grid, live.grid_table(table, chosen), *live.grid_shape(len(table)))


def compute(table: pd.DataFrame, units: int, flop: float) -> Spec:
    """True against reported compute."""
    return _filled(live.compute_scatter, live.scatter_table(table, units, flop), units, flop)


def matrix(outcomes: pd.DataFrame, month: int) -> Spec:
    """Signals and audits against the truth."""
    return _filled(live_months.confusion_matrix, live_months.matrix_table(outcomes, month))


def outcomes(table: pd.DataFrame, of: str, months: int, count: int) -> Spec:
    """Signals or audits by month."""
    return _filled(live_months.outcomes_by_month, live_months.outcome_table(table, of), of, months, count)


def measure(history: pd.DataFrame, name: str, months: int) -> Spec:
    """A measure by month."""
    return _filled(live_months.so_far, live_months.measure_table(history, name), name, months)


def _filled(make: Callable[..., AnyChart], table: pd.DataFrame, *fixed: Hashable) -> Spec:
    """A chart of a table, from the chart of an earlier table that differs in its numbers alone."""
    spec = _template(make.__name__, tuple(table.columns), fixed, make, table)
    (name,) = spec["datasets"]
    return spec | {"datasets": {name: rows(table)["values"]}}


@st.cache_data(max_entries=64, show_spinner=False)
def _template(
    name: str, columns: tuple[str, ...], fixed: tuple[Any, ...], _make: Callable[..., AnyChart], _table: pd.DataFrame
) -> Spec:
    return specification(_make(_table, *fixed))
