"""The page on sweeps works as it stands: its plans, its commands and what they print."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from experiments import Plan
from experiments.cli import main

TEXT = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
PLANS = dict(re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", TEXT, re.S))
BLOCKS = [
    re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.S)
]


@pytest.mark.parametrize("session", BLOCKS, ids=[block[0][0] for block in BLOCKS])
def test_every_command_prints_what_the_page_shows(session, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, content in PLANS.items():
        Path(name).write_text(content, encoding="utf-8")
    for command, output in session:
        program, *arguments = shlex.split(command)
        assert (program, main(arguments)) == ("permit-lab", 0)
        printed = capsys.readouterr().out
        how = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(output, printed, how), printed


def test_every_plan_is_used():
    assert set(PLANS) == {shlex.split(block[0][0])[2] for block in BLOCKS}


def test_the_page_names_every_entry_of_a_plan():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", TEXT, re.M))
    assert rows == {name: field.description for name, field in Plan.model_fields.items()}
