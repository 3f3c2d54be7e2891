"""Rows of the suite: what ran at which size, what was measured of it, and the limit that the number has to keep."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

LAB_MONTHS, FLOOR, PLAIN = "lab-months a second", "times the floor", "times as fast as plain Mesa"
SECONDS, MONTH, NANOSECONDS = "time", "time of a month", "time of a lab-month"
SWITCHED = "times the default month"
PEAK, SLOPE, PEAK_SLOPE = "peak memory", "slope of time", "slope of peak memory"


class Limit(NamedTuple):
    """What a number may be: from `least` to `most`, NaN where that side is open."""

    least: float = math.nan
    most: float = math.nan

    def verdict(self, value: float) -> str:
        """Whether a number keeps the limit; nothing where there is none.

        >>> Limit(most=4).verdict(4.0), Limit(least=60).verdict(59.9), Limit().verdict(1.0)
        ('passes', 'fails', '')
        """
        if math.isnan(self.least) and math.isnan(self.most):
            return ""
        return "fails" if math.isnan(value) or value < self.least or value > self.most else "passes"

    def __str__(self) -> str:
        """In words.

        >>> str(Limit(0.95, 1.05)), str(Limit(most=0.3)), str(Limit(least=60)), str(Limit())
        ('0.95 to 1.05', 'at most 0.3', 'at least 60', '')
        """
        if math.isnan(self.least):
            return "" if math.isnan(self.most) else f"at most {self.most:g}"
        return f"at least {self.least:g}" if math.isnan(self.most) else f"{self.least:g} to {self.most:g}"


OPEN = Limit()


@dataclass(frozen=True)
class Run:
    """What was run, and at which size.

    Attributes
    ----------
    part : of the suite: months, plain Mesa, one world, map, growth, sweep
    program : ``ensemble``, ``plain Mesa``, ``floor``, ``heatmap`` or ``sweep``
    scenario : name in the vault
    cells, worlds, labs, months, jobs : size; worlds are those of a cell, jobs are processes
    """

    part: str
    program: str
    scenario: str
    worlds: int
    labs: int
    months: int
    cells: int = 1
    jobs: int = 1

    @property
    def lab_months(self) -> int:
        """Months of labs in all.

        >>> Run("growth", "ensemble", "baseline", worlds=10, labs=20, months=3).lab_months
        600
        """
        return self.cells * self.worlds * self.labs * self.months

    def row(
        self, measure: str, unit: str, value: float, *, error: float = math.nan, limit: Limit = OPEN
    ) -> dict[str, Any]:
        """One observation.

        Parameters
        ----------
        measure, unit : str
        value : float
        error : float
            Standard error, where the number is an estimate.
        limit : Limit
        """
        judged = {"error": error, "least": limit.least, "most": limit.most, "verdict": limit.verdict(value)}
        return asdict(self) | {"measure": measure, "unit": unit, "value": value} | judged

    def timed(self, seconds: float) -> list[dict[str, Any]]:
        """Rows of a time: in seconds, and as lab-months a second.

        >>> [row["value"] for row in Run("growth", "ensemble", "baseline", 10, 20, 3).timed(2.0)]
        [2.0, 300.0]
        """
        return [self.row(SECONDS, "s", seconds), self.row(LAB_MONTHS, "1/s", self.lab_months / seconds)]
