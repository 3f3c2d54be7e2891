"""Measures and numbers as the page writes them: names in words, decimals, percent, intervals, differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, isfinite, log10

from agents import MEASURES

NONE = "–"
MINUS = "\u2212"
_DIGITS = 4


def measure_title(name: str) -> str:
    """A measure's name in words.

    >>> measure_title("share_no_demand"), measure_title("hhi"), measure_title("governor_revenue")
    ('Share no demand', 'HHI', 'Governor revenue')
    """
    return "HHI" if name == "hhi" else name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Style:
    """How the values of one measure are written.

    >>> style_of("welfare", [51.234]).value(51.234), style_of("compliance_rate", []).value(0.4711)
    ('51.23', '47.1%')
    """

    decimals: int
    percent: bool
    scientific: bool
    unit: str

    def _plain(self, number: float) -> str:
        if self.scientific:
            return f"{number:.3e}"
        return f"{100 * number if self.percent else number:,.{self.decimals}f}"

    def value(self, number: float) -> str:
        """A value; a dash where there is none."""
        if not isfinite(number):
            return NONE
        return _signs(self._plain(number)) + ("%" if self.percent else "")

    def interval(self, low: float, high: float) -> str:
        """A 95% interval.

        >>> style_of("welfare", [51.2]).interval(-0.5, 51.2)
        '−0.50 to 51.20'
        """
        return f"{_signs(self._plain(low))} to {_signs(self._plain(high))}" if isfinite(low) and isfinite(high) else ""

    def difference(self, number: float) -> str:
        """A signed difference, shares in percentage points without saying so."""
        text = self._plain(abs(number))
        sign = "±" if not text.strip("0.,e+-") else "+" if number > 0 else MINUS
        return sign + text

    @property
    def difference_unit(self) -> str:
        """Unit of a difference."""
        return "points" if self.percent else self.unit


def _signs(text: str) -> str:
    return text.replace("-", MINUS) if text.startswith("-") else text


def style_of(measure: str, numbers: Iterable[float]) -> Style:
    """Style for a measure whose values are these: about four digits for the largest."""
    unit = MEASURES[measure].unit
    if unit.startswith("share"):
        return Style(1, True, False, unit)
    largest = max((abs(x) for x in numbers if isfinite(x)), default=0.0)
    size = floor(log10(largest)) + 1 if largest > 0 else 1
    return Style(max(0, min(_DIGITS, _DIGITS - max(size, 1))), False, size > 9, unit)
