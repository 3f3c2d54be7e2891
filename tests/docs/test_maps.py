"""The page on maps works as it stands: its commands and what they print."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from experiments.cli import main
from experiments.maps.axes import SHORT
from experiments.maps.formulas import FORMULAS

TEXT = (Path(__file__).parents[2] / "docs" / "maps.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```console\n\$ ([^\n]*)\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize(("command", "output"), COMMANDS)
def test_every_command_prints_what_the_page_shows(command, output, capsys):
    assert main(shlex.split(command)[1:]) == 0
    printed = capsys.readouterr().out
    how = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(output, printed, how), printed


def test_the_page_names_every_axis_that_is_no_path():
    assert set(re.findall(r"^\| `(\w+)` \| ", TEXT, re.M)) == {*FORMULAS, *SHORT.values()}
