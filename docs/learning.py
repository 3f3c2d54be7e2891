"""Put measured numbers into learning.md, and draw its picture: what reinforcement learners come to bid.

Run ``python docs/learning.py`` (about half a minute) after changing how labs learn or how a mechanism clears.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.benchmark.theory.learners import COUNTED, MONTHS, WORLDS, course
from experiments.charts import learning_chart
from experiments.output import pictures
from experiments.statistics import interval

ROOT = Path(__file__).resolve().parents[1]
TARGET, PICTURE = ROOT / "docs" / "learning.md", ROOT / "docs" / "images" / "learning.png"
OPENS, CLOSES = "<!-- measured by docs/learning.py -->\n", "<!-- until here -->\n"
BLOCK = 100
"""Months of a point in the picture."""
ONE, TWO = "one unit: 5 labs, 2 permits", "second unit: 3 labs with 2, 3 permits"
CASES = (
    (ONE, "vickrey", (5, 1, 2), "share", 1.0),
    (ONE, "pay-as-bid", (5, 1, 2), "share", 4 / 7),
    (TWO, "vickrey", (3, 2, 3), "second", 1.0),
    (TWO, "uniform-price", (3, 2, 3), "second", np.nan),
)
"""Market, mechanism, its size, what is shown, and where labs that bid one share of their value settle."""


def measured(months: int = MONTHS, worlds: int = WORLDS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shares in blocks of months for the picture, and what labs have learnt at the end."""
    points, ends, last = [], [], {}
    for market, mechanism, size, name, target in CASES:
        found = course(mechanism, *size, months=months, worlds=worlds)[name]
        head = {"market": market, "mechanism": mechanism}
        for start in range(0, months, BLOCK):
            values = found[start : start + BLOCK].mean(axis=0)
            points.append({**head, "month": start + BLOCK / 2, **_interval(values), "target": target})
        last[market, mechanism] = found[-round(months * COUNTED) :].mean(axis=0)
        ends.append({**head, **_interval(last[market, mechanism]), "target": target})
    less = last[TWO, "vickrey"] - last[TWO, "uniform-price"]
    ends.append({"market": TWO, "mechanism": "vickrey less uniform-price", **_interval(less), "target": np.nan})
    return pd.DataFrame(points), pd.DataFrame(ends)


def _interval(values: np.typing.NDArray[np.float64]) -> dict[str, float]:
    found = interval(values)
    return {name: float(getattr(found, name)) for name in ("mean", "low", "high")}


def section(ends: pd.DataFrame) -> Iterator[str]:
    """The table of what labs have learnt, line by line."""
    yield "| market | mechanism | share of the value that is bid | 95% interval | where labs settle |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for row in ends.itertuples():
        target = "" if np.isnan(row.target) else f"{row.target:.3f}"
        yield f"| {row.market} | {row.mechanism} | {row.mean:.3f} | {row.low:.3f} to {row.high:.3f} | {target} |"


def page(old: str, table: str) -> str:
    """The page with another measured part."""
    head, _, rest = old.partition(OPENS)
    return head + OPENS + "\n" + table + "\n\n" + CLOSES + rest.partition(CLOSES)[2]


def main() -> None:
    """Measure, draw, write."""
    points, ends = measured()
    chart = learning_chart(points).properties(background="white")
    PICTURE.write_bytes(dict(pictures("learning", chart))["learning.png"])
    text = page(TARGET.read_text(encoding="utf-8"), "\n".join(section(ends)))
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
