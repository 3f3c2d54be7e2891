"""Long work outside the run of a page: each piece in a process of its own, which can be watched and ended.

A page keeps its jobs in `mine`, where they survive a change of page and nobody else sees them::

    job = mine()["map"] = start(heatmap, scenario, ["vickrey"])
    job.running, job.progress  # read in a fragment that draws itself again every second
    job.cancel()
    job.result  # once it is done; InputError with one line where it failed
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Literal

import streamlit as st

from experiments.worker import BOOTSTRAP
from mechanisms import InputError

State = Literal["running", "done", "failed", "cancelled"]


@dataclass
class _Told:
    """What a worker has said so far."""

    state: State = "running"
    progress: float = 0.0
    answer: Any = None
    error: str = ""
    warnings: list[str] = field(default_factory=list)


class Job:
    """A piece of work in a process of its own; see `start`."""

    def __init__(self, process: subprocess.Popen[bytes], message: bytes, *, outlive: bool) -> None:
        self._process, self._told, self._begun = process, _Told(), time.monotonic()
        self._listener = Thread(target=_listen, args=(process, message, self._told), daemon=True)
        self._listener.start()
        if not outlive:
            weakref.finalize(self, _kill, process)

    @property
    def state(self) -> State:
        """Whether it is ``running``, ``done``, ``failed`` or ``cancelled``."""
        return self._told.state

    @property
    def running(self) -> bool:
        """Whether it is not over yet."""
        return self._told.state == "running"

    @property
    def progress(self) -> float:
        """Share that is done, in [0, 1]."""
        return self._told.progress

    @property
    def seconds(self) -> float:
        """Time since it was started."""
        return time.monotonic() - self._begun

    @property
    def error(self) -> str:
        """What went wrong, in one line; empty where nothing has."""
        return self._told.error

    @property
    def warnings(self) -> list[str]:
        """Lines of warning so far."""
        return list(self._told.warnings)

    @property
    def result(self) -> Any:
        """The answer; InputError where there is none."""
        if self._told.state != "done":
            raise InputError(self._told.error or f"work: is {self._told.state}, so there is no answer")
        return self._told.answer

    def cancel(self) -> None:
        """End the process at once, with those that it has started; what is over stays as it is."""
        if self.running:
            self._told.state = "cancelled"
        _kill(self._process)

    def wait(self, seconds: float | None = None) -> State:
        """Wait until it is over, or some seconds."""
        self._listener.join(seconds)
        return self.state


def start(work: Callable[..., Any], *arguments: Any, outlive: bool = False, **named: Any) -> Job:
    """Start work in a process of its own, which ends with this one at the latest.

    Parameters
    ----------
    work : callable
        A function of a module, called with the arguments and with ``progress``, a function to tell the share done. Its
        arguments and its answer travel as pickles.
    outlive : bool
        Go on when nobody holds the job any more, as when its reader has closed the page: for work that leaves files.

    Examples
    --------
    >>> from experiments import compare
    >>> job = start(compare, "thin_market", ["vickrey"], 4)
    >>> job.wait(), job.result.labels
    ('done', ('vickrey',))
    """
    command, pipe = [sys.executable, "-c", BOOTSTRAP], subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)
    message = pickle.dumps(sys.path) + pickle.dumps((work, arguments, named))
    return Job(process, message, outlive=outlive)


def mine() -> dict[str, Job]:
    """What this session has started, by a name of the page's choice."""
    jobs: dict[str, Job] = st.session_state.setdefault("jobs", {})
    return jobs


def _listen(process: subprocess.Popen[bytes], message: bytes, told: _Told) -> None:
    """Send the work, hear what comes of it; knows nothing of the job, so that a forgotten job ends its process."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError), process, suppress(OSError, EOFError, pickle.UnpicklingError):
        process.stdin.write(message)
        process.stdin.flush()
        while told.state == "running":
            _hear(told, *pickle.load(process.stdout))
    if told.state == "running":
        told.error = f"work: its process ended by itself (code {process.wait()}); is there enough memory?"
        told.state = "failed"


def _hear(told: _Told, kind: str, content: Any) -> None:
    if kind == "progress":
        told.progress = float(content)
    elif kind == "warning":
        told.warnings.append(content)
    elif told.state == "running" and kind == "done":
        told.answer, told.progress, told.state = content, 1.0, "done"
    elif told.state == "running":
        told.error, told.state = content, "failed"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still there, with its group, which is its own."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        with suppress(ProcessLookupError):  # it has ended since it was asked
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
