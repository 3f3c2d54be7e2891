"""The small languages of the options, help, progress, and tables that fit."""

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from experiments.cli.entry import cli
from experiments.cli.options import names_from, settings_from
from experiments.cli.progress import progress
from mechanisms import InputError


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["--help"], ["compare", "--help"], ["heatmap", "-h"], ["benchmark", "--help"], ["app", "--help"]),
        *(["sweep", "--help"], ["results", "--help"], ["sensitivity", "--help"]),
    ],
)
def test_help_is_shown(arguments):
    shown = CliRunner().invoke(cli, arguments)
    assert shown.exit_code == 0
    assert "Usage: " in shown.output


def test_help_imports_nothing_heavy():
    heavy = {"numpy", "pandas", "scipy", "altair", "mesa", "pymarket", "streamlit", "mechanisms", "agents", "duckdb"}
    asked = [["--help"], ["compare", "--help"], ["benchmark", "--help"], ["sweep", "--help"]]
    call = (
        f"import sys; from experiments.cli import main; codes = [main(words) for words in {asked}]; "
        f"print(codes, sorted({heavy} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", call], capture_output=True, check=True, text=True)
    assert shown.stdout.splitlines()[-1] == "[0, 0, 0, 0] []"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["a,b:k=0,c"], ["a", "b:k=0", "c"]),
        (["posted-price:price=0.5,rationing=lot,vickrey"], ["posted-price:price=0.5,rationing=lot", "vickrey"]),
        (
            ["pymarket:huang,pymarket:p2p:p_coef=0.3,lab:muda"],
            ["pymarket:huang", "pymarket:p2p:p_coef=0.3", "lab:muda"],
        ),
        (["a:x=p:q,y=r:s", " b , c "], ["a:x=p:q,y=r:s", "b", "c"]),
        (["a:k=1,b:k=2,j=3"], ["a:k=1", "b:k=2,j=3"]),
    ],
)
def test_commas_part_mechanisms_and_options(given, names):
    assert names_from(given) == names


@pytest.mark.parametrize("given", ["a,,b", "", "a,", "k=0", "a,k=0"])
def test_pieces_that_belong_to_nothing_are_refused(given):
    with pytest.raises(InputError, match="mechanisms: "):
        names_from([given])


def test_values_are_read_as_yaml():
    given = ["labs.count=12", "a.b= {x: 1} ", "c=null", "d=text with = sign", "e=[1, 2]"]
    assert settings_from(given) == {
        "labs.count": 12,
        "a.b": {"x": 1},
        "c": None,
        "d": "text with = sign",
        "e": [1, 2],
    }


def test_nobody_is_told_of_progress_where_nobody_looks(capsys):
    with progress("Running") as told:
        assert told is None
    assert capsys.readouterr() == ("", "")


def test_progress_goes_to_the_terminal_on_standard_error(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress("Running") as told:
        told(0.5)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Running" in err
    assert "50%" in err


@pytest.mark.parametrize("width", [60, 80, 120])
def test_tables_fit_the_terminal_and_lose_no_digit(printed, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = printed("compare", "thin_market", "--seeds", "2", "--set", "months=1")
    lines = re.sub("\x1b[^m]*m", "", out).splitlines()
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    assert width < 120 or any("M$" in line for line in lines)


def test_decimal_points_stand_under_each_other(printed):
    lines = printed("compare", "thin_market", "-m", "vickrey", "--seeds", "5", "--set", "months=1").splitlines()
    places = {line.index(".") for line in lines[2:] if "±" in line and "." in line.partition("±")[0]}
    assert len(places) == 1
