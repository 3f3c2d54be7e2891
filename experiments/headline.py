"""A comparison in words: what differs most, by how much and how sure, and what is exactly equal and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from experiments.comparison import Comparison
from experiments.numbers import measure_title, style_of
from mechanisms import get_plugin

HEADLINES = (
    "compliance_rate",
    "deterrence_rate",
    "welfare",
    "auction_revenue",
    "price_paid",
    "allocative_efficiency",
    "cap_overrun",
)
"""The table's measures. Price paid is the single price wherever the mechanism has one."""
_ROUNDING = 1e-9
_NUMBERS = {2: "both", 3: "all three", 4: "all four", 5: "all five", 6: "all six"}


class Contrast(NamedTuple):
    """A paired difference of one mechanism to the first: worlds count where both are defined."""

    mean: float
    low: float
    high: float
    n: int
    equal: bool

    @classmethod
    def of(cls, row: Any) -> Contrast:
        """From a row of the paired differences."""
        return cls(float(row["mean"]), float(row["low"]), float(row["high"]), int(row["n"]), bool(row["equal"]))

    @property
    def nothing(self) -> bool:
        """Whether there is no difference but for rounding."""
        return self.equal or not self.n or max(abs(self.mean), abs(self.low), abs(self.high)) < _ROUNDING

    @property
    def sure(self) -> bool:
        """Whether the 95% interval leaves zero out."""
        return not self.equal and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Tables:
    """A comparison's means and its paired differences to the first mechanism, by (label, measure)."""

    means: pd.DataFrame
    contrasts: pd.DataFrame
    labels: tuple[str, ...]

    @classmethod
    def of(cls, comparison: Comparison) -> Tables:
        """Compute both once."""
        index = ["label", "measure"]
        return cls(
            comparison.summary().set_index(index), comparison.paired().set_index(index), tuple(comparison.labels)
        )

    def mean(self, label: str, measure: str) -> Any:
        """Row with mean, low, high and n."""
        return self._means[label, measure]

    def contrast(self, label: str, measure: str) -> Contrast:
        """Difference of a mechanism to the first one."""
        return Contrast.of(self._contrasts[label, measure])

    @cached_property
    def _means(self) -> dict[Any, Any]:
        """Rows by (label, measure): pandas takes a hundred times as long to find one."""
        return self.means.to_dict("index")

    @cached_property
    def _contrasts(self) -> dict[Any, Any]:
        return self.contrasts.to_dict("index")


class Headline(NamedTuple):
    """The page's first words: the finding, then why."""

    lead: str
    why: str


def headline(comparison: Comparison, tables: Tables) -> Headline:
    """What a reader should know first.

    >>> from experiments import compare
    >>> result = compare("seed_binary", seeds=20)
    >>> headline(result, Tables.of(result)).lead.partition(":")[0]
    'Compliance is exactly equal under all three mechanisms'
    """
    if len(tables.labels) == 1:
        return Headline(_alone(tables), "")
    return Headline(f"{_compliance(tables)} {_largest(tables)}", _why(comparison, tables))


def rate(tables: Tables, label: str, measure: str = "compliance_rate") -> str:
    """A mechanism's share of labs with its interval."""
    row, style = tables.mean(label, measure), style_of(measure, [])
    span = style.interval(float(row["low"]), float(row["high"]))
    return style.value(float(row["mean"])) + (f" (95% interval {span})" if span else "")


def _alone(tables: Tables) -> str:
    label = tables.labels[0]
    lead = f"Under {label}, {rate(tables, label)} of labs comply."
    if int(tables.mean(label, "deterrence_rate")["n"]):
        lead += f" Of the labs short of permits, {rate(tables, label, 'deterrence_rate')} are deterred."
    return lead


def _compliance(tables: Tables) -> str:
    first, *others = tables.labels
    contrasts = {label: tables.contrast(label, "compliance_rate") for label in others}
    if all(contrast.equal for contrast in contrasts.values()):
        many = _NUMBERS.get(len(tables.labels), f"all {len(tables.labels)}")
        return f"Compliance is exactly equal under {many} mechanisms: {rate(tables, first)} of labs comply."
    label, widest = max(contrasts.items(), key=lambda item: abs(item[1].mean))
    if not widest.sure:
        return f"Compliance differs by no more than chance would make it: {rate(tables, first)} under {first}."
    return f"{rate(tables, first)} of labs comply under {first}; {more(label, first, 'compliance_rate', widest)}."


def more(label: str, first: str, measure: str, contrast: Contrast) -> str:
    """By how much one label's measure is more or less than another's, with the interval."""
    style = style_of(measure, [contrast.mean, contrast.low, contrast.high])
    word = "more" if contrast.mean > 0 else "less"
    ends = sorted(abs(x) for x in (contrast.low, contrast.high))
    size, unit = style.difference(contrast.mean).lstrip("+\u2212±"), style.difference_unit
    return f"{label} has {size} {unit} {word} (95% interval {style.interval(*ends)})"


def _largest(tables: Tables) -> str:
    """Sentence on what differs most."""
    first, *others = tables.labels
    apart = [(first, label, name, tables.contrast(label, name)) for name in HEADLINES[1:] for label in others]
    if said := largest(tables, apart):
        return f"What differs most is {said}"
    equal = all(tables.contrast(label, measure).equal for measure in HEADLINES for label in others)
    return "So is everything else below." if equal else "Nothing else below differs by more than chance would."


def largest(tables: Tables, differences: Sequence[tuple[str, str, str, Contrast]]) -> str:
    """The measure that differs most relative to its size, among differences that are sure; empty where none is.

    `differences` are those of one label to another, by measure: (to, of, measure, difference).
    """
    found = []
    for first, label, measure, contrast in differences:
        scale = max(abs(float(tables.mean(name, measure)["mean"])) for name in (first, label))
        if contrast.n and contrast.sure and abs(contrast.mean) > _ROUNDING * max(scale, 1.0):
            found.append((abs(contrast.mean) / scale, measure, label, first, contrast))
    if not found:
        return ""
    relative, measure, label, first, contrast = max(found, key=lambda item: item[0])
    title, said = measure_title(measure).lower(), more(label, first, measure, contrast)
    return f"{title}: {said} than {first}, a difference of {relative:.1%}."


def _why(comparison: Comparison, tables: Tables) -> str:
    others = tables.labels[1:]
    if not all(tables.contrast(label, "compliance_rate").equal for label in others):
        return ""
    facts = [get_plugin("mechanism", cell.market.mechanism).facts for cell in comparison.cells.values()]
    if any(fact.efficient != "for reports" for fact in facts):
        return ""
    return (
        "Why equal: labs report the same values under each of these mechanisms, and each gives the permits to the "
        "highest reports. So the same labs hold permits and face the same choice; only money moves between them."
    )
