"""The page of findings: every number is what the lab computes today, every command is one."""

import runpy
import shlex
from pathlib import Path

from experiments.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGE = runpy.run_path(str(DOCS / "findings.py"))
FINDINGS = [finding for part in PAGE["FINDINGS"].values() for finding in part]


def test_the_page_is_what_the_lab_finds():
    assert (DOCS / "findings.md").read_text(encoding="utf-8") == PAGE["page"]()


def test_a_command_prints_the_numbers(capsys):
    finding = next(one for one in FINDINGS if one.changes == ("permits.resale=double-auction",))
    program, *words = shlex.split(finding.command)
    assert program == "permit-lab"
    assert main([*words, "--format", "csv"]) == 0
    assert "lottery,uniform-price,compliance_rate,share of labs,0.0,0.0,0.0,100,True" in capsys.readouterr().out
