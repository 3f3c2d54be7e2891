"""What changes with how labs bid, in words: the same mechanism under one bidding rule and under another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from experiments import Comparison
from experiments.headline import HEADLINES, Contrast, Headline, Tables, largest, more, rate
from mechanisms import get_plugin

_SELFISH = "equilibrium"


class Pair(NamedTuple):
    """A mechanism under two bidding rules: its label under the first and under the other, differences by measure."""

    first: str
    other: str
    contrasts: dict[str, Contrast]

    @property
    def alike(self) -> bool:
        """Whether the rules come to the same."""
        return all(contrast.nothing for contrast in self.contrasts.values())


def several_rules(comparison: Comparison) -> bool:
    """Whether labs bid by more than one rule."""
    return len({cell.labs.bidding for cell in comparison.cells.values()}) > 1


def pairs(comparison: Comparison) -> Iterator[Pair]:
    """Each mechanism under each further bidding rule, beside its first one."""
    firsts: dict[str, str] = {}
    for label, cell in comparison.cells.items():
        first = firsts.setdefault(label.removesuffix(f" ({cell.labs.bidding})"), label)
        if label != first:
            table = comparison.paired(first).query("label == @label").set_index("measure")
            rows = {measure: table.loc[measure] for measure in HEADLINES}
            yield Pair(first, label, {measure: Contrast.of(row) for measure, row in rows.items()})


def bidding_headline(comparison: Comparison, tables: Tables) -> Headline:
    """What a reader should know first where labs bid by several rules.

    >>> from experiments import compare
    >>> result = compare("seed_binary", ["vickrey"], 20, bidding=["full-value", "zero-intelligence"])
    >>> bidding_headline(result, Tables.of(result)).lead.startswith("How labs bid matters most for ")
    True
    """
    found = list(pairs(comparison))
    moved = [(pair.first, pair.other, measure, c) for pair in found for measure, c in pair.contrasts.items()]
    said = largest(tables, moved)
    parts = [f"How labs bid matters most for {said}" if said else "How labs bid changes nothing below beyond chance."]
    alike = [pair for pair in found if pair.alike]
    if said and alike:
        parts.append(f"Under {_names(comparison, alike)} it changes nothing.")
    return Headline(" ".join([*parts, _compliance(found, tables)]), _why(comparison, alike))


def _compliance(found: list[Pair], tables: Tables) -> str:
    """Who complies, and where how labs bid moves that most."""
    first = tables.labels[0]
    if all(tables.contrast(label, "compliance_rate").nothing for label in tables.labels[1:]):
        return f"{rate(tables, first)} of labs comply in every case."
    widest = max(found, key=lambda pair: abs(pair.contrasts["compliance_rate"].mean))
    contrast, said = widest.contrasts["compliance_rate"], f"{rate(tables, widest.first)} of labs comply"
    if not contrast.sure:
        return f"{said} under {widest.first}, and how labs bid changes that by no more than chance would."
    return f"{said} under {widest.first}; {more(widest.other, widest.first, 'compliance_rate', contrast)}."


def _why(comparison: Comparison, alike: list[Pair]) -> str:
    truthful = [pair for pair in alike if _best_true(comparison, pair)]
    if not truthful:
        return ""
    return (
        f"Why nothing changes: under {_names(comparison, truthful)} the truth is a lab's best report whatever the "
        "others do, so labs that look for their own advantage report it too."
    )


def _best_true(comparison: Comparison, pair: Pair) -> bool:
    """Whether the search had nothing to find, because the mechanism is truthful for any number of units."""
    cell = comparison.cells[pair.other]
    truthful = get_plugin("mechanism", cell.market.mechanism).facts.truthful
    return cell.labs.bidding.startswith(_SELFISH) and truthful == "multi-unit"


def _names(comparison: Comparison, found: list[Pair]) -> str:
    names = [pair.other.removesuffix(f" ({comparison.cells[pair.other].labs.bidding})") for pair in found]
    return ", ".join(dict.fromkeys(names))
