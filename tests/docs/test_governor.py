"""The page on the Governor: its commands work, and every policy is on it."""

import re
import shlex
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.frontier.levers import own_policies

TEXT = (Path(__file__).parents[2] / "docs" / "governor.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```console\n\$ ([^\n]*)\n", TEXT)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(command, capsys):
    assert main(shlex.split(command)[1:]) == 0
    assert capsys.readouterr().out


def test_every_policy_of_the_lab_is_on_the_page():
    table = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == set(own_policies())
