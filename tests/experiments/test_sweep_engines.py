"""The same bytes from every engine, also when workers are killed."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import sweep
from experiments.sweeps import cells, engines
from mechanisms import InputError, use_plugins

ROOT = Path(__file__).parents[2]
PLAN = {
    "scenario": "thin_market",
    "set": {"labs.count": 3, "labs.units": 1, "months": 2},
    "axes": {"enforcement.penalty": "0.2:0.8:24", "permits.cap": [2]},
    "mechanisms": ["vickrey"],
    "bidding": ["full-value", "equilibrium"],
    "seeds": 3,
    "chunk": 1,
}


def files(folder):
    """Content of every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("here")
    sweep(PLAN, out=folder)
    found = files(folder)
    assert len(found) == 24 + 1
    return found


def test_bidding_that_cannot_answer_to_a_mechanism_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(InputError, match="equilibrium needs a mechanism that takes many books at once"):
        sweep(PLAN | {"mechanisms": "pymarket:huang"}, out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("clean_slate")
def test_other_processes_know_a_plugin_from_a_file(tmp_path):
    sweep(
        PLAN | {"axes": {"permits.cap": [2]}, "bidding": None}, out=tmp_path / "before", jobs=2
    )  # processes from before
    use_plugins([ROOT / "docs" / "plugins" / "spanish.py"])
    plan = PLAN | {"axes": {"permits.cap": [3, 4]}, "mechanisms": "spanish", "bidding": "full-value"}
    for name, jobs in (("one", 1), ("two", 2)):
        sweep(plan, out=tmp_path / name, jobs=jobs)
    assert files(tmp_path / "one") == files(tmp_path / "two")


@pytest.mark.slow
def test_processes_give_the_same_bytes_and_a_killed_one_is_replaced(expected, tmp_path, monkeypatch):
    window, executors, killed = engines._window, [], []

    def watched(executor, *rest):
        executors.append(executor)
        return window(executor, *rest)

    def kill(share):
        if not killed:
            killed.append(min(executors[0]._processes))
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr(engines, "_window", watched)
    sweep(PLAN, out=tmp_path, jobs=2, progress=kill)
    assert len(executors) == 2
    assert files(tmp_path) == expected


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_cell_that_cannot_be_is_named_and_what_came_before_stays(jobs, tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "CHECKED", 2)
    axes = {"labs.value.low": [0.1, 0.8, 0.2], "labs.value.high": [1.0, 0.5, 0.9]}
    with pytest.raises(
        InputError, match=r"low 0.8 is above high 0.5 \(at point 4: labs.value.low=0.8, labs.value.high"
    ):
        sweep(PLAN | {"axes": axes, "bidding": None}, out=tmp_path, jobs=jobs)
    assert len(list((tmp_path / "chunks").iterdir())) >= (4 if jobs == 1 else 0)


def test_work_that_kills_every_process_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(engines, "ATTEMPTS", 1)
    with pytest.raises(InputError, match=r"engine: worker processes died 1 times at chunks \[0, 1, 2, 3\]"):
        list(engines.answers("local", 2, iter(range(5)), lambda chunk: (os._exit, (1,))))


@pytest.fixture
def start(tmp_path):
    """Start a part of a Dask cluster on this machine; all are stopped at the end."""
    started = []

    def start(part, *options):
        local = ["--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1"]
        command = [sys.executable, "-m", f"distributed.cli.dask_{part}", *options, *local]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(expected, start, tmp_path):
    scheduler = start("scheduler", "--port", "0")
    address = next(filter(None, (re.search(r"Scheduler at: +(tcp://\S+)", line) for line in scheduler.stderr)))[1]
    single = ["--nworkers", "1", "--nthreads", "1", "--no-nanny"]
    workers = [start("worker", address, *single) for _ in range(2)]
    shares = []

    def kill(share):
        shares.append(share)
        if len(shares) == 6:
            workers[0].kill()

    sweep(PLAN, out=tmp_path / "swept", engine=f"dask={address}", progress=kill)
    assert workers[0].wait() == -signal.SIGKILL
    assert workers[1].poll() is None
    assert len(shares) == 24
    assert files(tmp_path / "swept") == expected


def test_a_scheduler_that_is_not_there_is_told_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(engines, "PATIENCE", 0.2)
    with pytest.raises(InputError, match=r"engine: no Dask scheduler answers at tcp://127.0.0.1:9"):
        sweep(PLAN, out=tmp_path, engine="dask=tcp://127.0.0.1:9")


def test_without_dask_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"engine: dask is not installed; install permit-lab\[cluster\]"):
        sweep(PLAN, out=tmp_path / "new", engine="dask=tcp://127.0.0.1:9")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("engine", ["ray", "dask", "dask=", "local=2", ""])
def test_other_engines_are_refused(engine, tmp_path):
    with pytest.raises(InputError, match=r"engine: .* is neither local nor dask=tcp://host:port"):
        sweep(PLAN, out=tmp_path, engine=engine)
