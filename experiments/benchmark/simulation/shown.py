"""The suite's tables as text: numbers beside their limits, and growth with worlds down and labs across."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.benchmark.simulation.rows import FLOOR, MONTH, NANOSECONDS, PLAIN, SWITCHED, Limit

PROGRAM_COLUMNS = ("program", "worlds")
_DIGITS = {NANOSECONDS: ".0f", FLOOR: ".1f", PLAIN: ".0f", MONTH: ".2f", SWITCHED: ".1f"}


def limits(table: pd.DataFrame) -> pd.DataFrame:
    """Every number that has a limit, and the time of a lab-month that belongs to a ratio, as text.

    Columns: scenario, what, size, measured, limit, and the verdict.
    """
    limited = table["least"].notna() | table["most"].notna() | (table["measure"] == NANOSECONDS)
    return pd.DataFrame(_cells(row) for row in table[limited].to_dict("records"))


def _cells(row: Mapping[Hashable, Any]) -> dict[str, str]:
    value = format(row["value"], _DIGITS.get(row["measure"], ".3f"))
    error = "" if np.isnan(row["error"]) else f" ± {row['error']:.3f}"
    return {
        "what": f"{row['part']}: {row['measure']}",
        "scenario": row["scenario"],
        "size": size(row),
        "measured": f"{value}{error} {row['unit']}".rstrip(),
        "limit": str(Limit(row["least"], row["most"])),
        "": row["verdict"],
    }


def size(row: Mapping[Hashable, Any]) -> str:
    """Cells, worlds and labs in words.

    >>> size({"cells": 1, "worlds": 1000, "labs": 1})
    '1,000 worlds x 1 lab'
    """
    counts = [(row[name], name) for name in ("cells", "worlds", "labs") if name != "cells" or row["cells"] > 1]
    return " x ".join(f"{count:,} {name if count > 1 else name[:-1]}" for count, name in counts)


def across(rows: pd.DataFrame) -> pd.DataFrame:
    """Lab-months a second as text, a line a number of worlds (and one for the plain model), labs across.

    >>> rows = pd.DataFrame({"program": "ensemble", "worlds": [1, 10], "labs": 10, "value": [5e4, 2.5e6]})
    >>> across(rows).to_numpy().tolist()
    [['ensemble', '1', '50 thousand'], ['ensemble', '10', '2.5 million']]
    """
    wide = rows.pivot(index=PROGRAM_COLUMNS, columns="labs", values="value").map(short)
    wide.columns = pd.Index([f"{labs:,}" for labs in wide.columns])
    table = wide.reset_index()
    return table.assign(worlds=table["worlds"].map("{:,}".format))


def short(value: float) -> str:
    """A large number in three digits, nothing where there is none.

    >>> short(12_345.0), short(1.2e7), short(float("nan"))
    ('12.3 thousand', '12 million', '')
    """
    if np.isnan(value):
        return ""
    unit, name = (1e6, " million") if value >= 1e6 else (1e3, " thousand") if value >= 1e3 else (1.0, "")
    return f"{value / unit:.3g}{name}"
