"""Rows of the theory suite: a number from the literature, and the simulation that has to give it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.benchmark.theory.estimates import Columns, Estimator
from mechanisms import Draws

ORDERS_PER_CHUNK = 2**18
"""Markets run together until they have so many orders: arrays of a few MB, whatever the number of markets."""
LEAST_MARKETS = 2_000
"""However small the share: below, rare cases may not come up at all."""
STANDARD_ERRORS = 3
SEARCH_WORK = 30_000_000
"""Orders that could be cleared while a search runs, about."""
ROUNDING = 1e-9
"""Relative; what floating-point arithmetic may add to an exact number."""


@dataclass(frozen=True)
class Row:
    """One expected number.

    Attributes
    ----------
    name : what is measured
    expected : a number, or, as text, a number as printed, which stands for all that round to it
    estimator : how it follows from the columns of the simulation
    unit : ``""`` or ``"%"``
    tolerance : how far measured may be from expected beyond chance, in the unit; for what is found approximately
    """

    name: str
    expected: float | str
    estimator: Estimator
    unit: str = ""
    tolerance: float = 0.0

    @property
    def half_unit(self) -> float:
        """Half a unit of the last printed digit; 0 where the number is exact.

        >>> from experiments.benchmark.theory.estimates import mean
        >>> Row("trades", "58.33", mean("trades")).half_unit, Row("trades", 0.75, mean("trades")).half_unit
        (0.005, 0.0)
        """
        if not isinstance(self.expected, str):
            return 0.0
        return 0.5 / 10.0 ** len(self.expected.partition(".")[2])


@dataclass(frozen=True)
class Experiment:
    """One simulation and the rows that are read from it.

    Attributes
    ----------
    group : the section of the table
    case : the market, in words
    source : where the expected numbers come from, formula included
    simulate : chance of many markets -> by name, one number a market
    rows : what is expected of them
    markets : how many at full size; 1 for an example worked by hand
    orders : per market, about; decides how many run together
    searched : whether this is a search, which has no markets and runs at full size or not at all
    """

    group: str
    case: str
    source: str
    simulate: Callable[[Draws], Columns]
    rows: Sequence[Row]
    markets: int = 1
    orders: int = 1
    searched: bool = False

    @property
    def work(self) -> int:
        """Orders to clear, about."""
        return SEARCH_WORK if self.searched else self.markets * self.orders

    def columns(self, share: float = 1.0, first_seed: int = 0) -> Columns:
        """Simulate a share of the markets, one seed each; by name, one number a market."""
        markets = max(round(share * self.markets), min(LEAST_MARKETS, self.markets))
        chunks = list(self._chunks(markets, first_seed))
        return {name: np.concatenate([np.atleast_1d(chunk[name]) for chunk in chunks]) for name in chunks[0]}

    def _chunks(self, markets: int, first: int) -> Iterator[Columns]:
        step = max(1, ORDERS_PER_CHUNK // self.orders)
        for start in range(first, first + markets, step):
            yield self.simulate(Draws(np.arange(start, min(start + step, first + markets))))

    def measure(self, share: float = 1.0, first_seed: int = 0) -> list[dict[str, Any]]:
        """Every row, measured beside expected."""
        columns = self.columns(share, first_seed)
        markets = 0 if self.searched else next(iter(columns.values())).size
        head = {"group": self.group, "case": self.case}
        return [{**head, **compared(row, columns), "markets": markets, "source": self.source} for row in self.rows]


def compared(row: Row, columns: Columns) -> dict[str, Any]:
    """One row beside what a simulation gave: error, standard error, the error allowed, and whether it keeps to it."""
    scale = 100.0 if row.unit == "%" else 1.0
    measured, standard_error = (scale * x for x in row.estimator(columns))
    expected = float(row.expected)
    allowed = STANDARD_ERRORS * standard_error + row.half_unit + row.tolerance + ROUNDING * max(abs(expected), 1.0)
    error = measured - expected
    return {
        "name": row.name,
        "unit": row.unit,
        "expected": expected,
        "printed": str(row.expected) if row.half_unit else "",
        "measured": measured,
        "error": error,
        "standard_error": standard_error,
        "tolerance": row.tolerance,
        "allowed": allowed,
        "passes": bool(abs(error) <= allowed),
    }


def measure_all(
    experiments: Sequence[Experiment],
    share: float = 1.0,
    first_seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Every row of some experiments.

    Parameters
    ----------
    share : of each experiment's markets; searches are left out below 1
    first_seed : market i of an experiment has the seed ``first_seed + i``
    progress : told the share of the work that is done

    Returns
    -------
    DataFrame
        Columns group, case, name, unit, expected, printed (its digits, where it is a rounded number), measured, error,
        standard_error, tolerance, allowed, passes, markets (0 of a search), source.
    """
    wanted = [experiment for experiment in experiments if share == 1 or not experiment.searched]
    work = np.cumsum([experiment.work for experiment in wanted])
    rows = []
    for experiment, done in zip(wanted, work / work[-1], strict=True):
        rows += experiment.measure(share, first_seed)
        if progress:
            progress(float(done))
    return pd.DataFrame(rows)
