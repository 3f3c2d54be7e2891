"""Running the command line in tests."""

import subprocess
import sys

import pytest

from experiments.cli import main


@pytest.fixture
def lab(capsys, monkeypatch, tmp_path):
    """Run a command line; gives exit code, standard output and standard error."""
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path / "home"))

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def printed(lab):
    """Standard output of a command line that works and says nothing else."""

    def run(*arguments):
        code, out, err = lab(*arguments)
        assert (code, err) == (0, "")
        return out

    return run


@pytest.fixture
def start():
    """Start ``permit-lab`` as a process of its own."""
    call = "import sys; from experiments.cli import main; sys.exit(main())"

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-c", call, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start
