"""The comparison's table as HTML that reads on a phone, and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd

from experiments import Comparison
from experiments.charts import MEASURES, measure_title
from experiments.headline import HEADLINES, Contrast, Tables
from experiments.numbers import NONE, Style, style_of
from experiments.palette import colours

_FEW = 3
"""Columns that have room for a difference and its interval on one line."""
_ROUNDING, _TWO_DIGITS = 1e-9, 9.5


def html_table(tables: Tables, measures: Sequence[str] = HEADLINES) -> str:
    """A row a measure with its meaning, a column a mechanism: mean, 95% interval, difference to the first.

    Every cell also names its mechanism, which shows where the table turns into a list on a narrow screen.
    """
    tints, many = colours(tables.labels), " pl-many" if len(tables.labels) > _FEW else ""
    heads = "".join(f'<th scope="col">{_dot(tints[label])}{_in_lines(label)}</th>' for label in tables.labels)
    rows = "".join(_row(tables, measure, tints) for measure in measures)
    return (
        f'<div class="pl-box"><table class="pl-table{many}"><thead><tr><th scope="col">Measure</th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _in_lines(label: str) -> str:
    """A label with the bidding rule on a line of its own.

    >>> _in_lines("vickrey (full-value)")
    'vickrey<br>(full-value)'
    """
    return escape(label).replace(" (", "<br>(")


def _dot(colour: str) -> str:
    return f'<span class="pl-dot" style="background:{colour}"></span>'


def _row(tables: Tables, measure: str, tints: dict[str, str]) -> str:
    known = MEASURES[measure]
    means = [float(tables.mean(label, measure)["mean"]) for label in tables.labels]
    style = style_of(measure, means)
    unit = f"% of {known.unit.removeprefix('share of ')}" if style.percent else known.unit
    head = (
        f'<th scope="row"><span class="pl-name">{escape(measure_title(measure))}</span> '
        f'<span class="pl-unit">{escape(unit)}</span><span class="pl-words">{escape(known.description)}</span></th>'
    )
    cells = "".join(_cell(tables, label, measure, style, tints[label]) for label in tables.labels)
    return f'<tr data-measure="{measure}">{head}{cells}</tr>'


def _cell(tables: Tables, label: str, measure: str, style: Style, tint: str) -> str:
    row = tables.mean(label, measure)
    value, span = style.value(float(row["mean"])), style.interval(float(row["low"]), float(row["high"]))
    said = "" if label == tables.labels[0] else _difference(tables.contrast(label, measure), style)
    if value == NONE:
        span, said = "not defined here", ""
    return (
        f'<td data-label="{escape(label)}"><span class="pl-who">{_dot(tint)}{escape(label)}</span>'
        f'<span class="pl-value">{value}</span><span class="pl-span">{span}</span>{said}</td>'
    )


def _difference(contrast: Contrast, style: Style) -> str:
    """The difference to the first mechanism: exactly equal, equal up to rounding, or signed with its interval."""
    if contrast.equal:
        return '<span class="pl-equal">exactly equal</span>'
    if not contrast.n:
        return ""
    if max(abs(contrast.low), abs(contrast.high)) < _ROUNDING:
        return '<span class="pl-equal">equal up to rounding</span>'
    own = style_of_difference(style, contrast)
    span = own.interval(contrast.low, contrast.high)
    sure = "pl-sure" if contrast.sure else "pl-unsure"
    ends = f' <span class="pl-ends">({span})</span>' if span else ""
    return f'<span class="{sure}">{own.difference(contrast.mean)}{ends}</span>'


def style_of_difference(style: Style, contrast: Contrast) -> Style:
    """The row's style with as many further decimals as two digits of a small difference need, three at most."""
    size = abs(contrast.mean) * (100 if style.percent else 1)
    more = next((more for more in range(3) if size * 10 ** (style.decimals + more) >= _TWO_DIGITS), 3)
    return replace(style, decimals=style.decimals + more)


def csv_table(comparison: Comparison) -> str:
    """Every measure: mean, interval and n of each mechanism, and the paired differences to the first."""
    index = ["label", "measure"]
    paired = comparison.paired().drop(columns="unit").set_index(index).add_prefix("difference_")
    table: pd.DataFrame = comparison.summary().join(paired, on=index)
    table["difference_to"] = [comparison.labels[0] if label != comparison.labels[0] else "" for label in table["label"]]
    return table.to_csv(index=False)
