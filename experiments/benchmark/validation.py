"""The suite `theory`: numbers from the literature, measured beside expected."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from experiments.benchmark.findings import Effort, Findings
from experiments.benchmark.theory import EXPERIMENTS, measure_all
from experiments.charts import agreement_chart

DIGITS = 5


def theory(effort: Effort) -> Findings:
    """Measure every row; those of searched equilibria at full size alone.

    >>> found = theory(Effort(scale=0.0005))
    >>> len(found.table) == sum(len(experiment.rows) for experiment in EXPERIMENTS if not experiment.searched)
    True
    """
    table = measure_all(EXPERIMENTS, effort.scale, effort.first_seed, effort.told)
    words = [
        agreement(table),
        "A row passes if measured and expected differ by at most three standard errors plus half a unit of the last "
        "printed digit; an example of one market has to be exact, and an equilibrium that was searched may be as far "
        "off as its tolerance says. Searches run at full size only.",
    ]
    return Findings(table, by_group(table), {"theory": agreement_chart(table)}, words)


def agreement(table: pd.DataFrame) -> str:
    """How many rows pass, and how far measured and expected are apart where the closed form is exact.

    >>> from experiments.benchmark.theory import sales
    >>> agreement(measure_all([sales.THREE_LABS]))
    '10 of 10 rows pass.'
    """
    said = f"{int(table['passes'].sum())} of {len(table)} rows pass."
    exact = table[(table["standard_error"] > 0) & (table["printed"] == "") & (table["tolerance"] == 0)]
    if exact.empty:
        return said
    apart = exact["error"] / exact["standard_error"]
    return (
        f"{said} Over the {len(exact)} simulated rows with an exact closed form the error is "
        f"{(apart**2).mean() ** 0.5:.2f} standard errors (root mean square; 1 by chance), at most "
        f"{apart.abs().max():.1f}."
    )


def cells(row: Mapping[Hashable, Any]) -> dict[str, str]:
    """One row as text.

    >>> from experiments.benchmark.theory import sales
    >>> list(cells(sales.THREE_LABS.measure()[0]).values())
    ['permits of A', '2', '2', '0', '', '1', 'passes']
    """
    unit = f" {row['unit']}" if row["unit"] else ""
    searched = not row["markets"]
    measurable = row["standard_error"] or row["tolerance"] or not row["passes"]
    chance = "tolerance" if searched else "standard error"
    allowed = f"{row['tolerance']:g}" if searched else f"{row['standard_error']:.1e}"
    return {
        "number": row["name"],
        "expected": f"{row['printed'] or _number(row['expected'])}{unit}",
        "measured": f"{_number(row['measured'])}{unit}",
        "error": f"{row['error']:.1e}" if measurable else "0",
        chance: allowed if row["standard_error"] or searched else "",
        **({} if searched else {"markets": f"{row['markets']:,}"}),
        "": "passes" if row["passes"] else "fails",
    }


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}"


def by_group(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows as text by group, a market named once."""
    found = {}
    for group, rows in table.groupby("group", sort=False):
        opens = ~rows["case"].duplicated()
        lines = zip(rows.to_dict("records"), opens, strict=True)
        found[str(group)] = pd.DataFrame({"market": row["case"] if first else "", **cells(row)} for row, first in lines)
    return found
