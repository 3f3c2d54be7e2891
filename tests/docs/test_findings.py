"""The page of findings: every number is what the lab computes today, every command is one."""

import runpy
import shlex
from pathlib import Path

import pytest

from experiments.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGE = runpy.run_path(str(DOCS / "findings.py"))
FINDINGS = [finding for part in PAGE["FINDINGS"].values() for finding in part]


def test_the_page_is_what_the_lab_finds():
    assert (DOCS / "findings.md").read_text(encoding="utf-8") == PAGE["page"]()


@pytest.mark.parametrize("finding", FINDINGS, ids=range(len(FINDINGS)))
def test_a_sentence_stands_with_its_command(finding):
    text = (DOCS / "findings.md").read_text(encoding="utf-8")
    assert f"{finding.filled()}\n\n    {finding.command}\n" in text


def test_a_command_prints_the_numbers(capsys):
    finding = FINDINGS[0]
    program, *words = shlex.split(finding.command)
    assert program == "permit-lab"
    assert main([*words, "--format", "csv"]) == 0
    assert "vickrey,uniform-price,compliance_rate,share of labs,0.0,0.0,0.0,100,True" in capsys.readouterr().out
