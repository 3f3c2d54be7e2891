"""Results as tables to read, with the digits that their intervals leave."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from rich.table import Table

from agents import MEASURES
from experiments.cli.printing import console, table
from experiments.comparison import Comparison
from experiments.defaults import HEADLINES
from experiments.maps.results import Heatmap

NOTHING = "–"
EQUAL = "exactly equal"
MONTHLY = ("compliance_rate", "deterrence_rate", "price", "volume", "uncovered_units", "welfare")
_LONG = 1e6
_ROUNDING = 1e-12
"""An interval narrower than this share of its mean is a sum that was rounded."""


def heading(comparison: Comparison | Heatmap, what: str) -> str:
    """A line that says what is shown, and over which worlds."""
    count = len(comparison.seeds)
    worlds = f"{count} world{'s' if count > 1 else ''} from seed {comparison.seeds[0]}"
    return f"{comparison.scenario.name}, {worlds}: {what}"


def number(value: float, scale: float | None = None) -> str:
    """A number with the digits that its scale leaves, one or two uncertain ones; without a scale three or four.

    >>> number(0.51234, 0.0123), number(0.51234, 0.05), number(120.0), number(1.23456e27), number(float("nan"))
    ('0.512', '0.51', '120', '1.235e+27', '–')
    """
    if math.isnan(value):
        return NOTHING
    if abs(value) >= _LONG:
        return f"{value:.1e}" if value == scale else f"{value:.3e}"
    size = scale / 3 if scale and not math.isnan(scale) else abs(value) / 100
    decimals = min(max(-math.floor(math.log10(size)), 0), 6) if size else 0
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def comparison_tables(comparison: Comparison, baseline: str, everything: bool) -> list[str | Table]:
    """Means, then differences to the baseline, of the headline measures or of all."""
    names = list(MEASURES) if everything else list(HEADLINES)
    parts: list[str | Table] = [
        heading(comparison, "mean ± half of the 95% interval"),
        summary_table(comparison, names),
    ]
    if len(comparison.labels) > 1:
        parts += ["", f"Differences to {baseline} in the same worlds", paired_table(comparison, baseline, names)]
    if comparison.equilibria:
        parts += ["", *(f"{label}: {found}" for label, found in comparison.equilibria.items())]
    return parts if everything else [*parts, "", f"{len(MEASURES) - len(names)} more measures: --all"]


def summary_table(comparison: Comparison, names: Sequence[str]) -> Table:
    """Mean and half of the 95% interval of some measures, a column a mechanism."""
    return _by_label(comparison.summary(), names)


def paired_table(comparison: Comparison, baseline: str, names: Sequence[str]) -> Table:
    """Differences to one mechanism in the same worlds."""
    return _by_label(comparison.paired(baseline), names)


def _by_label(found: pd.DataFrame, names: Sequence[str]) -> Table:
    columns: dict[str, Sequence[str]] = {"measure": list(names)}
    for label, rows in found.groupby("label", sort=False):
        by_name = rows.set_index("measure")
        columns[str(label)] = _aligned([_statistic(row) for _, row in by_name.loc[list(names)].iterrows()])
    units, room = [MEASURES[name].unit for name in names], console().width
    if _width(columns | {"unit": units}) <= room:
        columns["unit"] = units
    whole = list(columns) if _width(columns) <= room else ["measure"]
    return table(list(columns), zip(*columns.values(), strict=True), whole=whole)


def _width(columns: Mapping[str, Sequence[str]]) -> int:
    """Columns that a framed table takes."""
    return 1 + sum(2 + max(map(len, [name, *cells])) for name, cells in columns.items())


def _statistic(row: pd.Series[Any]) -> tuple[str, str]:
    """Mean and half interval of one measure; a difference that is nowhere different says so.

    >>> import pandas as pd
    >>> _statistic(pd.Series({"mean": 0.3, "high": 0.3 + 1e-15})), _statistic(pd.Series({"mean": 0.3, "high": 0.32}))
    (('0.300', '± 0'), ('0.300', '± 0.020'))
    """
    difference = "equal" in row.index
    if difference and row["equal"] and row["n"]:
        return EQUAL, ""
    half = row["high"] - row["mean"]
    if abs(half) <= _ROUNDING * abs(row["mean"]):
        half = 0.0
    mean = number(row["mean"], half)
    signed = f"+{mean}" if difference and row["mean"] > 0 else mean
    return signed, "" if math.isnan(half) else f"± {number(half, half)}"


def _aligned(cells: Sequence[tuple[str, str]]) -> list[str]:
    """Numbers under each other, decimal point under decimal point."""
    plain = [mean for mean, _ in cells if mean != EQUAL]
    before = max((len(mean.partition(".")[0]) for mean in plain), default=0)
    after = max((len(mean) - len(mean.partition(".")[0]) for mean in plain), default=0)
    lines = []
    for mean, half in cells:
        whole, dot, rest = mean.partition(".")
        lines.append(mean if mean == EQUAL else f"{whole:>{before}}{dot + rest:<{after}} {half}".rstrip())
    return lines


def monthly_table(comparison: Comparison) -> Table:
    """Mean over worlds of the main measures, month by month."""
    means = comparison.by_month().pivot(index="month", columns="measure", values="mean")
    rows = [[str(month), *(number(x) for x in row)] for month, *row in means[list(MONTHLY)].itertuples()]
    return table(["month", *MONTHLY], rows, right=["month", *MONTHLY])


def heatmap_tables(heatmap: Heatmap, baseline: str | None = None) -> list[str | Table]:
    """A grid for each label, y upwards and x to the right, as on the map; then the differences to a baseline."""
    across = f"over {heatmap.x.symbol} (across) and {heatmap.y.symbol} (up)"
    unit = MEASURES[heatmap.measure].unit
    parts: list[str | Table] = [heading(heatmap, f"mean {heatmap.measure} ({unit}) {across}"), *_grids(heatmap)]
    if baseline is not None:
        said = f"Differences to {baseline} in the same worlds; in brackets: the 95% interval contains 0"
        parts += ["", said, *_grids(heatmap.difference(baseline=baseline))]
    return parts


def _grids(heatmap: Heatmap) -> Iterator[str | Table]:
    columns = [heatmap.y.symbol, *map(_place, heatmap.x.shown)]
    peak = heatmap.data["mean"].abs().max()
    for label in heatmap.labels:
        cells = heatmap.data[heatmap.data["label"] == label]
        numbers = np.array([_cell(row, peak / 10) for row in cells.to_dict("records")])
        grid = numbers.reshape(len(heatmap.y.shown), -1)
        rows = [[_place(place), *row] for place, row in zip(heatmap.y.shown[::-1], grid[::-1], strict=True)]
        yield from ("", label, table(columns, rows, right=columns, tight=True))


def _cell(cell: Mapping[Any, Any], scale: float) -> str:
    shown = number(cell["mean"], scale)
    if "sure" not in cell or not cell["n"]:
        return shown
    signed = f"+{shown}" if cell["mean"] > 0 else shown
    return signed if cell["sure"] else f"({signed})"


def _place(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
