"""The page on performance: its measured part can be replaced, and names every number that has a limit."""

import importlib.util
from pathlib import Path

import pandas as pd

from experiments.benchmark.findings import Findings
from experiments.benchmark.simulation import months, scaling

DOCS = Path(__file__).parents[2] / "docs"
spec = importlib.util.spec_from_file_location("performance", DOCS / "performance.py")
performance = importlib.util.module_from_spec(spec)
spec.loader.exec_module(performance)


def test_the_measured_part_alone_is_replaced():
    table = pd.DataFrame({"what": ["map"], "measured": ["0.1 s"]})
    old = performance.TARGET.read_text(encoding="utf-8")
    head, rest = old.split(performance.OPENS)
    tail = rest.split(performance.CLOSES)[1]
    new = performance.page(old, performance.section(Findings(table, {"numbers": table}, {}, ["Said."])))
    assert new.startswith(head)
    assert new.endswith(tail)
    assert "- Said.\n\nNumbers:\n\n| what | measured |\n| --- | ---: |\n| map | 0.1 s |\n" in new
    assert performance.page(new, "x\n") == performance.page(old, "x\n")


def test_the_page_shows_every_limit_of_the_suite():
    measured = performance.TARGET.read_text(encoding="utf-8").split(performance.OPENS)[1].split(performance.CLOSES)[0]
    limits = [*months.FLOOR_LIMITS.values(), months.PLAIN_LIMIT, months.WORLD_LIMIT, months.MAP_LIMIT]
    for limit in (*limits, scaling.LINEAR, scaling.FLAT):
        assert f"| {limit} |" in measured
