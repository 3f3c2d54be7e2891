"""What a suite gives: one tidy table, how to show it, figures, and what there is to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from experiments.charts import AnyChart

Progress = Callable[[float], None]
"""Told the share of the work that is done, in [0, 1]."""


@dataclass(frozen=True)
class Effort:
    """How much a suite shall do.

    Attributes
    ----------
    scale : share of the full size, in (0, 1]
    first_seed : seed of the first market or world
    jobs : processes, for suites that do not measure time
    progress : told the share done
    """

    scale: float = 1.0
    first_seed: int = 0
    jobs: int = 1
    progress: Progress | None = None

    def part(self, full: int, least: int = 1) -> int:
        """A number of things at this scale.

        >>> Effort(scale=0.05).part(400, least=2), Effort(scale=0.05).part(10, least=2)
        (20, 2)
        """
        return max(least, round(self.scale * full))

    def within(self, start: float, end: float) -> Effort:
        """The same for a part of the work, from one share that is done to another.

        >>> told = []
        >>> Effort(progress=told.append).within(0.5, 0.75).told(1.0)
        >>> told
        [0.75]
        """

        def part(share: float) -> None:
            self.told(start + share * (end - start))

        return replace(self, progress=part)

    def told(self, share: float) -> None:
        """Pass on the share of the suite's work that is done."""
        if self.progress:
            self.progress(share)


@dataclass(frozen=True)
class Findings:
    """Results of one suite.

    Attributes
    ----------
    table : tidy, a row an observation
    shown : the same as text for people to read, by heading; the screen and the report show it
    figures : charts by file name
    words : paragraphs for the report
    """

    table: pd.DataFrame
    shown: Mapping[str, pd.DataFrame]
    figures: Mapping[str, AnyChart]
    words: Sequence[str]
