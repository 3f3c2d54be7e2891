"""Background jobs: progress, answers, one-line errors, and no process that outlives what it should not."""

import gc
import os
import subprocess
import sys
import time

import pytest

from app.background import start
from mechanisms import InputError
from tests.app import works


def until(holds, seconds=20.0):
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the second where it ends between opening and reading
        return False


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks processes up in /proc")


def test_work_runs_in_another_process_and_answers():
    job = start(works.counts, 4)
    assert job.wait(30) == "done"
    assert job.result != os.getpid()
    assert (job.progress, job.error, job.warnings) == (1.0, "", ["mind the gap"])
    job.cancel()
    assert job.state == "done"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("work", "line"),
    [
        (works.mistakes, "labs.count: 0 is not in [1, 10]"),
        (works.dies, "work: its process ended by itself (code 3); is there enough memory?"),
        (works.unpicklable, "Error: Can't pickle local object"),
    ],
)
def test_what_goes_wrong_is_one_line(work, line):
    job = start(work)
    assert job.wait(30) == "failed"
    assert line in job.error
    assert "\n" not in job.error
    with pytest.raises(InputError, match=r"\S"):
        _ = job.result


@needs_proc
def test_cancel_ends_the_process_at_once():
    job = start(works.sleeps, 60)
    until(lambda: job.progress == 0.5)
    assert job.running
    begun = time.monotonic()
    job.cancel()
    assert job.wait(5) == "cancelled"
    assert time.monotonic() - begun < 2
    assert not is_alive(job._process.pid)
    with pytest.raises(InputError, match="cancelled"):
        _ = job.result


@needs_proc
def test_a_forgotten_job_ends():
    jobs = [start(works.sleeps, 60)]
    until(lambda: jobs[0].progress == 0.5)
    pid = jobs.pop()._process.pid
    gc.collect()
    until(lambda: not is_alive(pid), 5)


@needs_proc
@pytest.mark.slow
def test_work_that_outlives_its_job_ends_with_a_server_that_is_killed():
    script = (
        "import gc, time; from app.background import start; from tests.app import works\n"
        "job = start(works.sleeps, 60, outlive=True)\n"
        "while job.progress < 0.5: time.sleep(0.02)\n"
        "pid = job._process.pid; del job; gc.collect(); time.sleep(0.3)\n"
        "print(pid, flush=True); time.sleep(60)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdout
        worker = int(server.stdout.readline())
        assert is_alive(worker)
        server.kill()
    until(lambda: not is_alive(worker), 5)
