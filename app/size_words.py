"""Who gains and who pays, by size of lab, in words computed from the result."""

from __future__ import annotations

from experiments.sizes import UNIT, BySize

_SHARES = {2: "half", 3: "third", 4: "quarter", 5: "fifth"}
_NOTHING = 5e-4


def size_words(found: BySize) -> str:
    """What the largest and the smallest labs gain and pay under the first mechanism.

    >>> from experiments import compare
    >>> from experiments.sizes import by_size
    >>> size_words(by_size(compare("seed_binary", ["vickrey"], 20).cells, 20)).partition(" gains")[0]
    'Under vickrey, the fifth of labs with the most valuable runs'
    """
    label, last = found.labels[0], found.groups
    rows = found.table().query("label == @label").set_index(["account", "group"])
    share = _SHARES.get(last, "group")

    def said(account: str, group: int) -> str:
        row = rows.loc[(account, group)]
        return f"{abs(row['mean']):.3f}{_span(row['low'], row['high'])}"

    def pays(group: int) -> str:
        mean = float(rows.loc[("permits", group)]["mean"])
        paid = "pays nothing for permits" if abs(mean) < _NOTHING else f"{_verb(mean)} {said('permits', group)}"
        return f"{paid} and loses {said('penalties', group)} in penalties"

    def gains(group: int) -> str:
        lost = float(rows.loc[("surplus", group)]["mean"]) < -_NOTHING
        return f"{'loses' if lost else 'gains'} {said('surplus', group)}"

    if last == 1:
        return f"Under {label}, labs {gains(1)} {UNIT}."
    return (
        f"Under {label}, the {share} of labs with the most valuable runs {gains(last)} {UNIT}: it {pays(last)}. "
        f"The {share} with the least valuable runs {gains(1)}: it {pays(1)}."
    )


def _verb(mean: float) -> str:
    return "pays for permits" if mean > 0 else "receives for permits"


def _span(low: float, high: float) -> str:
    """An interval in brackets; nothing where one world leaves none."""
    if low != low:
        return ""
    ends = sorted(abs(end) for end in (low, high)) if low * high > 0 else [low, high]
    return f" ({ends[0]:.3f} to {ends[1]:.3f})".replace("-", "\u2212")
