"""Who gains and who pays, by size of lab, in words computed from the result."""

from __future__ import annotations

from math import isnan

from experiments.sizes import UNIT, BySize
from experiments.statistics import interval

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
    accounts, share = found.worlds[label], _SHARES.get(found.groups, "group")

    def said(account: str, group: int) -> str:
        mean, low, high, _ = map(float, interval(accounts[account][:, group - 1]))
        return f"{abs(mean):.3f}{_span(low, high)}"

    def mean(account: str, group: int) -> float:
        return float(accounts[account][:, group - 1].mean())

    def pays(group: int) -> str:
        paid = mean("permits", group)
        words = "pays for permits" if paid > 0 else "receives for permits"
        nothing = abs(paid) < _NOTHING
        bought = "pays nothing for permits" if nothing else f"{words} {said('permits', group)}"
        return f"{bought} and loses {said('penalties', group)} in penalties"

    def gains(group: int) -> str:
        return f"{'loses' if mean('surplus', group) < -_NOTHING else 'gains'} {said('surplus', group)}"

    if last == 1:
        return f"Under {label}, labs {gains(1)} {UNIT}."
    return (
        f"Under {label}, the {share} of labs with the most valuable runs {gains(last)} {UNIT}: it {pays(last)}. "
        f"The {share} with the least valuable runs {gains(1)}: it {pays(1)}."
    )


def _span(low: float, high: float) -> str:
    """An interval in brackets; nothing where one world leaves none."""
    if isnan(low):
        return ""
    ends = sorted(abs(end) for end in (low, high)) if low * high > 0 else [low, high]
    return f" ({ends[0]:.3f} to {ends[1]:.3f})".replace("-", "\u2212")
