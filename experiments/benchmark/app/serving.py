"""The app served by a process of its own, with a home folder of its own, and what that process holds in memory."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.launch import url

ROOT = Path(__file__).parents[3]
_COMMAND = "import sys; from experiments.cli import main; sys.exit(main(sys.argv[1:]))"
PATIENCE, _STEP = 60.0, 0.02


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Attributes
    ----------
    url : where
    started : `time.perf_counter` when its process was started
    pid : its process
    """

    url: str
    started: float
    pid: int

    def megabytes(self) -> float:
        """Memory that it holds now, in MiB; NaN where the system does not tell."""
        facts = Path(f"/proc/{self.pid}/status")
        lines = facts.read_text(encoding="ascii").splitlines() if facts.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), math.nan)


@contextmanager
def served() -> Iterator[Server]:
    """Start ``permit-lab app`` as a user would, wait until it answers, and end it afterwards.

    Python may keep what it has compiled, as it does unless it is told otherwise.
    """
    port = free_port()
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with TemporaryDirectory() as home:
        environment = os.environ | {"PYTHONPATH": path, "PERMIT_LAB_HOME": home, "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-c", _COMMAND, "app", "--no-browser", "--port", str(port)]
        started = time.perf_counter()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(url(port, "127.0.0.1"), process)
                yield Server(url(port, "127.0.0.1"), started, process.pid)
            finally:
                process.terminate()


def free_port() -> int:
    """A port of this machine that nobody listens on.

    >>> 0 < free_port() < 65536
    True
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(place: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; RuntimeError if it ends before."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(f"{place}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(_STEP)
    raise RuntimeError(f"the app did not start at {place}")
