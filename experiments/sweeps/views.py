"""What a picture of a sweep needs: rows of one measure with intervals, at chosen values of the axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.statistics import interval
from experiments.sweeps.results import Sweep
from mechanisms.errors import unknown


def measure_rows(found: Sweep, measure: str) -> pd.DataFrame:
    """Every cell that has been computed, with one measure's mean over its worlds.

    Returns
    -------
    DataFrame
        Columns cell, one for each axis by its path, label (mechanism, and bidding rule where there are several), mean,
        low, high (95% t-interval over the worlds), n.

    Examples
    --------
    >>> import tempfile
    >>> from experiments import sweep
    >>> plan = {"scenario": "seed_binary", "set": {"months": 1}, "seeds": 3, "axes": {"permits.cap": [5, 10]}}
    >>> cells = measure_rows(sweep(plan, out=tempfile.mkdtemp()), "welfare")
    >>> means = measure_rows(sweep(plan | {"keep": "worlds"}, out=tempfile.mkdtemp()), "welfare")
    >>> cells.equals(means), list(cells)
    (True, ['cell', 'permits.cap', 'label', 'mean', 'low', 'high', 'n'])
    """
    cells = found.cells
    if measure not in cells.measures:
        raise unknown("measure", measure, cells.measures)
    places = ["cell", *(axis.path for axis in cells.axes), "mechanism", "bidding"]
    if cells.plan.keep == "worlds":
        table = found.table(*places, measure)
        rows = table.iloc[:: cells.seeds.size].reset_index(drop=True).drop(columns=measure)
        rows = rows.assign(**interval(table[measure].to_numpy().reshape(-1, cells.seeds.size))._asdict())
    else:
        names = {measure: "mean", **{f"{measure}_{end}": end for end in ("low", "high", "n")}}
        rows = found.table(*places, *names).rename(columns=names)
    return _labelled(rows, several=len(cells.plan.bidding or ()) > 1)


def _labelled(rows: pd.DataFrame, *, several: bool) -> pd.DataFrame:
    label = rows["mechanism"] + (" (" + rows["bidding"] + ")" if several else "")
    rows.insert(list(rows).index("mechanism"), "label", label)
    return rows.drop(columns=["mechanism", "bidding"])


def where(rows: pd.DataFrame, fixed: Mapping[str, Any]) -> pd.DataFrame:
    """Rows at these values of some axes.

    >>> where(pd.DataFrame({"a": [1, 2, 1], "b": [1, 1, 2]}), {"a": 1})["b"].tolist()
    [1, 2]
    """
    for path, value in fixed.items():
        rows = rows[rows[path].isna() if value is None else rows[path] == value]
    return rows
