"""The validation page is as new as the code, and every row of it holds at a twentieth of its size."""

import importlib.util
from pathlib import Path

import pytest

from experiments.benchmark.theory import EXPERIMENTS

PAGE = Path(__file__).parents[2] / "docs" / "validation.py"
SHARE = 1 / 20


@pytest.fixture(scope="module")
def validation():
    spec = importlib.util.spec_from_file_location("validation", PAGE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_as_new_as_the_code(validation):
    page = validation.TARGET.read_text(encoding="utf-8")
    assert f"{validation.MARK}`{validation.fingerprint(page)}`" in page, "stale: run python docs/validation.py"


def test_the_fingerprint_covers_code_and_table(validation, monkeypatch):
    page = validation.TARGET.read_text(encoding="utf-8")
    names = {path.relative_to(validation.ROOT).as_posix() for path in validation.sources()}
    assert {"mechanisms/mcafee.py", "agents/closed_forms.py", "experiments/benchmark/theory/trades.py"} <= names
    before = validation.fingerprint(page)
    assert validation.fingerprint(page.replace("58.33", "58.34")) != before
    monkeypatch.setattr(validation, "SOURCES", ("mechanisms/**/*.py", "agents/closed_forms.py"))
    assert validation.fingerprint(page) != before


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: f"{e.group}: {e.case}")
def test_every_row_holds_at_a_twentieth_of_its_size(experiment):
    rows = experiment.measure(SHARE)
    apart = [(r["name"], r["expected"], r["measured"], r["allowed"]) for r in rows if not r["passes"]]
    assert not apart
