"""Which settings a measure depends on: Sobol indices of a sweep that was sampled for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.statistics import CONFIDENCE
from experiments.sweeps.results import Sweep
from mechanisms import InputError
from mechanisms.errors import unknown

if TYPE_CHECKING:
    from experiments.output import Files

Array = NDArray[Any]

RESAMPLES = 200
BOOTSTRAP_SEED = 1
_LABEL = ["mechanism", "bidding"]


def sensitivity(found: Sweep, measure: str) -> pd.DataFrame:
    """First-order and total Sobol indices of a measure, with 95% bootstrap intervals.

    The first-order index of a setting is the share of the measure's variance, over the ranges of the plan, that goes
    when that setting alone is known; the total index the share that stays while all others are known. Where the two
    differ the setting acts together with others.

    Parameters
    ----------
    found : Sweep
        A finished sweep whose plan says ``sample: {method: saltelli}``.
    measure : str

    Returns
    -------
    DataFrame
        Columns mechanism, bidding, setting, first, first_low, first_high, total, total_low, total_high. NaN where the
        measure does not vary at all.

    References
    ----------
    Sobol' (2001), Mathematics and Computers in Simulation 55. Saltelli et al. (2010), Computer Physics
    Communications 181: 259-270.

    Examples
    --------
    >>> import tempfile
    >>> from experiments import sweep
    >>> plan = {"scenario": "seed_binary", "set": {"months": 1}, "seeds": 2, "measures": "compliance_rate"}
    >>> plan |= {"axes": {"enforcement.penalty": "0.2:0.8", "welfare.harm": "0:1"}}
    >>> plan |= {"sample": {"method": "saltelli", "size": 32}}
    >>> table = sensitivity(sweep(plan, out=tempfile.mkdtemp()), "compliance_rate")
    >>> table["total"].round(3).tolist()[1], bool(table["total"][0] > 0.9)
    (0.0, True)
    """
    cells = _checked(found, measure)
    names = [axis.path for axis in cells.axes]
    rows = found.table("cell", *_LABEL, measure)
    parts, labels = [], found.manifest["cells"] // found.manifest["points"]
    for place in range(labels):
        mine = rows.iloc[place::labels]
        values = mine[measure].to_numpy()
        if np.isnan(values).any():
            raise InputError(
                f"measure: {measure} is undefined in {np.isnan(values).sum()} of {values.size} cells; choose another"
            )
        label = {name: mine[name].iloc[0] for name in _LABEL}
        parts.append(pd.DataFrame({**label, "setting": names, **indices(values, len(names))}))
    return pd.concat(parts, ignore_index=True)


def _checked(found: Sweep, measure: str) -> Any:
    cells = found.cells
    if cells.plan.sample.method != "saltelli":
        raise InputError("sensitivity: the sweep's sample is not saltelli; make one with sweep --sample saltelli")
    if cells.plan.keep != "cells":
        raise InputError("sensitivity: the sweep keeps worlds; make one that keeps cells")
    if not found.complete:
        raise InputError("sensitivity: the sweep is unfinished; continue it with sweep --resume")
    if measure not in cells.measures:
        raise unknown("measure", measure, cells.measures)
    return cells


def indices(values: Array, axes: int) -> dict[str, Array]:
    """Indices of values at the points of a saltelli sample, each (axes,).

    >>> {name: float(found[0]) for name, found in indices(np.ones(24), 1).items()}["total"]
    nan
    """
    names = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    if not np.ptp(values):
        return {name: np.full(axes, np.nan) for name in names}
    from SALib.analyze import sobol

    problem = {"num_vars": axes, "names": [str(i) for i in range(axes)], "bounds": [[0.0, 1.0]] * axes}
    options = {"num_resamples": RESAMPLES, "conf_level": CONFIDENCE, "seed": BOOTSTRAP_SEED}
    found = sobol.analyze(problem, values, calc_second_order=False, **options)
    out: dict[str, Array] = {}
    for name, key in (("first", "S1"), ("total", "ST")):
        index, half = np.asarray(found[key]), np.asarray(found[f"{key}_conf"])
        out |= {name: index, f"{name}_low": index - half, f"{name}_high": index + half}
    return out


def sensitivity_files(table: pd.DataFrame, measure: str) -> Files:
    """Name and content of each file: the table and its chart."""
    from experiments.charts.sensitivity import sensitivity_chart
    from experiments.output import csv, figure

    yield "sensitivity.csv", csv(table)
    yield from figure("sensitivity", sensitivity_chart(table, measure))
