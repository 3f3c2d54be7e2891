"""The page on learners: measured at a small size, its table can be replaced, and it says what labs learn."""

import importlib.util
from pathlib import Path

from experiments.charts import learning_chart

DOCS = Path(__file__).parents[2] / "docs"
spec = importlib.util.spec_from_file_location("learning", DOCS / "learning.py")
learning = importlib.util.module_from_spec(spec)
spec.loader.exec_module(learning)


def test_a_small_run_gives_the_table_and_the_picture():
    points, ends = learning.measured(months=200, worlds=8)
    assert points["month"].unique().tolist() == [50.0, 150.0]
    lines = list(learning.section(ends))
    assert len(lines) == 2 + len(learning.CASES) + 1
    assert all(row.low < row.mean < row.high for row in ends.itertuples())
    drawn = learning_chart(points).to_dict()
    assert [panel["title"]["text"] for panel in drawn["concat"]] == [learning.ONE, learning.TWO]


def test_the_measured_part_alone_is_replaced():
    old = learning.TARGET.read_text(encoding="utf-8")
    head, rest = old.split(learning.OPENS)
    new = learning.page(old, "| x |")
    assert new.startswith(head)
    assert new.endswith(rest.split(learning.CLOSES)[1])
    assert learning.OPENS + "\n| x |\n\n" + learning.CLOSES in new


def test_the_page_holds_every_case():
    table = learning.TARGET.read_text(encoding="utf-8").split(learning.OPENS)[1].split(learning.CLOSES)[0]
    for market, mechanism, *_ in learning.CASES:
        assert f"| {market} | {mechanism} |" in table
