"""The tutorial works as it stands: its files, its commands and what they print, its package, its messages."""

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from experiments import compare, ensemble, launch
from experiments.cli import main
from experiments.ensemble import as_seeds, run_worlds
from mechanisms import InputError, loading, mechanism, use_plugins
from scenarios import load_scenario, override

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "plugins"
TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- file: plugins/(\S+) -->\n```\w+\n(.*?)```", TEXT, re.S))
SESSIONS = re.findall(r"^\$ (.*)\n((?:(?!\$ |```).*\n)*)", TEXT, re.M)
MESSAGES = dict(re.findall(r"^\| ([^`|]+) \| `(.*)` \|$", TEXT, re.M))


def test_every_file_stands_in_the_tutorial_as_it_is():
    assert {name: (FOLDER / name).read_text(encoding="utf-8") for name in BLOCKS} == BLOCKS
    assert set(BLOCKS) == {path.name for path in FOLDER.iterdir() if path.is_file()}


@pytest.fixture
def in_folder(clean_slate, monkeypatch, tmp_path):
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path))


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize(("command", "output"), SESSIONS, ids=[command for command, _ in SESSIONS])
def test_every_command_prints_what_the_tutorial_shows(command, output, capsys, monkeypatch):
    served = []
    monkeypatch.setattr(launch, "run", lambda **options: served.append(os.environ[loading.VARIABLE]))
    program, *arguments = shlex.split(command)
    assert (program, main(arguments)) == ("permit-lab", 0)
    printed = capsys.readouterr().out
    how = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(output, printed, how), printed
    assert served == ([str(FOLDER / "spanish.py")] if arguments[0] == "app" else [])


def test_the_sessions_are_found():
    assert [shlex.split(command)[1] for command, _ in SESSIONS] == [
        *("mechanisms", "compare", "app", "run", "run", "scenarios", "run")
    ]


def installed(folder: Path, project: str, entries: dict[str, str]) -> None:
    """A package as pip leaves it."""
    about = folder / f"{project}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
    lines = [f"{name} = {module}" for name, module in entries.items()]
    (about / "entry_points.txt").write_text("\n".join([f"[{loading.ENTRY_POINTS}]", *lines]))


@pytest.mark.usefixtures("clean_slate")
def test_installed_packages_are_found_and_a_broken_one_is_left_out_by_name(tmp_path):
    package = tomllib.loads(TEXT.partition("<!-- package -->\n```toml\n")[2].partition("```")[0])["project"]
    installed(tmp_path, package["name"], package["entry-points"][loading.ENTRY_POINTS])
    installed(tmp_path, "broken-auctions", {"broken": "broken_auctions"})
    (tmp_path / "spanish.py").write_text(BLOCKS["spanish.py"], encoding="utf-8")
    (tmp_path / "broken_auctions.py").write_text("import no_such_thing\n")
    places = os.pathsep.join([str(ROOT), str(tmp_path)])
    call = "import sys; from experiments.cli import main; sys.exit(main(['mechanisms', '-f', 'csv']))"
    done = subprocess.run(
        [sys.executable, "-c", call], env=os.environ | {"PYTHONPATH": places}, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert '\nspanish,"Winners pay their bid, ' in done.stdout
    assert "\nvickrey," in done.stdout
    assert done.stderr == (
        "warning: plug-ins of broken-auctions (broken_auctions) are left out: "
        "ModuleNotFoundError: No module named 'no_such_thing'\n"
    )


@pytest.mark.usefixtures("in_folder")
def test_other_processes_know_a_file_that_only_this_one_has_loaded(monkeypatch):
    monkeypatch.setattr(ensemble, "LAB_UNITS_PER_CHUNK", 72)
    run_worlds([load_scenario("thin_market")], as_seeds(4), jobs=2)  # processes that are there before the plug-ins
    use_plugins(["spanish.py", "haggle.py", "crackdown.py"])
    scenario = override(load_scenario("madrid.yaml"), {"months": 2})
    alone, spread = (run_worlds([scenario], as_seeds(4), jobs=jobs) for jobs in (1, 2))
    assert all(np.array_equal(alone[name], spread[name], equal_nan=True) for name in alone)


@pytest.mark.usefixtures("clean_slate")
def test_other_processes_cannot_see_a_notebook(monkeypatch):
    @mechanism("scribble")
    def scribble(book, draws): ...

    scribble.__module__ = "__main__"
    monkeypatch.setattr(ensemble, "LAB_UNITS_PER_CHUNK", 72)
    with pytest.raises(InputError, match=r"^jobs: other processes cannot see 'scribble'; define it in a file"):
        compare("thin_market", ["scribble"], 4, jobs=2)


HEAD = "from mechanisms import mechanism\n\n"
MINE = f"{HEAD}@mechanism('mine')\ndef mine(book, draws):\n    'Does what it likes.'\n    return "
BROKEN = {
    "no such file": ("-p spansh.py", ""),
    "no such module": ("-p spansh", ""),
    "an error in the file": ("-p broken.py", f"{HEAD}@mechansim('mine')\ndef mine(book, draws): ...\n"),
    "a file named like another module": ("-p statistics.py", ""),
    "a claim misspelt": ("-p broken.py", f"{HEAD}@mechanism('mine', truthfull='no')\ndef mine(book, draws): ...\n"),
    "a name that is taken": ("-p broken.py", f"{HEAD}@mechanism('vickrey')\ndef mine(book, draws): ...\n"),
    "an option out of range": ("-p spanish.py -m spanish:ceiling=2", BLOCKS["spanish.py"]),
    "a fill above its order": ("-p broken.py -m mine", f"{MINE}book.amounts + 1, book.amounts\n"),
    "permits from nowhere": ("-p broken.py -m mine", f"{MINE}book.amounts, book.amounts\n"),
}


@pytest.mark.usefixtures("in_folder")
@pytest.mark.parametrize("mistake", BROKEN)
def test_every_mistake_gets_its_one_line(mistake, tmp_path, monkeypatch, capsys):
    options, content = BROKEN[mistake]
    monkeypatch.chdir(tmp_path)
    file = options.split()[1]
    if not mistake.startswith("no such"):
        Path(file).write_text(content, encoding="utf-8")
    assert main(["compare", "thin_market", "--seeds", "2", *options.split()]) == 2
    assert capsys.readouterr() == ("", f"error: {MESSAGES[mistake]}\n")
    assert Path(file).stem not in sys.modules or mistake not in ("an error in the file", "a claim misspelt")


def test_every_message_of_the_tutorial_is_tried():
    assert list(MESSAGES) == list(BROKEN)
