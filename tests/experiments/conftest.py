"""Running the command line in tests."""

import subprocess
import sys

import pytest

from experiments.benchmark.simulation import growth, months, scaling, switches
from experiments.benchmark.simulation.timing import shortest
from experiments.cli import main


def sweeps_here(axis, sizes, effort):
    """Stands in for a fresh process: so long for each cell or seed, and hardly any more memory."""
    for i, size in enumerate([sizes[0], *sizes * 2]):
        yield {"size": size, "seconds": 0.01 * size, "peak": 200.0 + 0.01 * i}


@pytest.fixture(scope="module")
def quick_simulation():
    """One round of everything that the suite `simulation` times, and no further process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(months, "shortest", lambda works, runs=1: shortest(works, 1, 0.0))
        patch.setattr(switches, "shortest", lambda works, runs, enough: shortest(works, 1, 0.0))
        patch.setattr(growth, "shortest", lambda works, runs, enough: shortest(works, 1, 0.0))
        patch.setattr(growth, "_start_workers", lambda jobs: None)
        patch.setattr(scaling, "_in_a_fresh_process", sweeps_here)
        yield


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
