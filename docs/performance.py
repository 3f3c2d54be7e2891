"""Put measured numbers into performance.md, and draw its picture.

Run ``python docs/performance.py`` (two to three minutes, nothing else running) after making the lab faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.benchmark.findings import Effort, Findings
from experiments.benchmark.simulation.suite import simulation
from experiments.cli.progress import progress
from experiments.output import pictures

ROOT = Path(__file__).resolve().parents[1]
TARGET, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "images" / "performance.png"
OPENS, CLOSES = "<!-- measured by docs/performance.py -->\n", "<!-- until here -->\n"
LEFT = ("what", "scenario", "size", "program", "worlds", "")


def section(found: Findings) -> str:
    """The suite's words and tables as Markdown."""
    return "\n".join([*(f"- {said}" for said in found.words), "", *_tables(found)])


def _tables(found: Findings) -> Iterator[str]:
    for heading, shown in found.shown.items():
        yield f"{heading[0].upper()}{heading[1:]}:\n"
        yield from markdown(shown)
        yield ""


def markdown(shown: pd.DataFrame) -> Iterator[str]:
    """A table of texts, line by line."""
    yield "| " + " | ".join(shown.columns) + " |"
    yield "| " + " | ".join("---" if name in LEFT else "---:" for name in shown.columns) + " |"
    yield from ("| " + " | ".join(line) + " |" for line in shown.itertuples(index=False, name=None))


def page(old: str, measured: str) -> str:
    """The page with another measured part."""
    head, _, rest = old.partition(OPENS)
    return head + OPENS + "\n" + measured + "\n" + CLOSES + rest.partition(CLOSES)[2]


def main() -> None:
    """Measure, draw, write."""
    with progress("Measuring") as told:
        found = simulation(Effort(progress=told))
    chart = found.figures["simulation_growth"].properties(background="white")
    PICTURE.write_bytes(dict(pictures("performance", chart))["performance.png"])
    text = page(TARGET.read_text(encoding="utf-8"), section(found))
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
