"""The validation page is as new as the code, and its rows hold at a twentieth of their size.

Searched equilibria and learners have no smaller size: tests/agents/test_equilibrium.py and test_learning.py test both
on small markets.
"""

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
    assert {"agents/learning.py", "agents/minds.py", "agents/choice.py"} <= names
    assert {"agents/equilibrium.py", "agents/best_response.py", "agents/bid_functions.py", "agents/rivals.py"} <= names
    before = validation.fingerprint(page)
    assert validation.fingerprint(page.replace("58.33", "58.34")) != before
    monkeypatch.setattr(validation, "SOURCES", ("mechanisms/**/*.py", "agents/closed_forms.py"))
    assert validation.fingerprint(page) != before


@pytest.mark.parametrize("experiment", [e for e in EXPERIMENTS if not e.searched], ids=lambda e: f"{e.group}: {e.case}")
def test_every_row_holds_at_a_twentieth_of_its_size(experiment):
    rows = experiment.measure(SHARE)
    apart = [(r["name"], r["expected"], r["measured"], r["allowed"]) for r in rows if not r["passes"]]
    assert not apart


def test_the_page_holds_the_searches_that_the_gate_does_not_run(validation):
    page = validation.TARGET.read_text(encoding="utf-8")
    searched = [e for e in EXPERIMENTS if e.searched]
    assert {e.group for e in searched} == {"Equilibrium found without being told", "Learning bidders"}
    assert all(f"| {e.case} | {e.rows[0].name} |" in page for e in searched)
