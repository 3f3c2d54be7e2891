"""Sweeps stored by name in the user's folder: begun, watched and stopped from any process, listed and deleted.

A sweep that is being computed has a file beside its folder, which its process touches twice a second. Whoever takes
that file away stops the process; where it has not been touched for a while, the process has gone.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

from experiments.ensemble import Progress
from experiments.sweeps.plan import Plan, read_plan
from experiments.sweeps.running import sweep
from experiments.sweeps.store import FOLDER, MANIFEST, read_manifest
from experiments.worker import end
from mechanisms import InputError
from scenarios.store import NAME, home_folder

BEAT, GONE = 0.5, 10.0
"""Seconds between two signs of life, and without one after which a process is taken to have gone."""


def runs_folder() -> Path:
    """Folder of the user's stored sweeps."""
    return home_folder() / "runs"


def run_folder(name: object) -> Path:
    """Folder of a stored sweep; InputError for a name that could lead anywhere else.

    >>> run_folder("../elsewhere")
    Traceback (most recent call last):
    mechanisms.errors.InputError: run: name '../elsewhere' does not match [a-z0-9_-]{1,64}
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(f"run: name {name!r} does not match [a-z0-9_-]{{1,64}}")
    folder = runs_folder() / name
    if folder.is_symlink():
        raise InputError(f"run: {name} is a link to another place")
    return folder


@dataclass(frozen=True)
class Stored:
    """A stored sweep as its folder shows it.

    Attributes
    ----------
    name : its name
    manifest : plan, columns, seeds and versions
    done : chunks that have been written, of ``manifest["chunks"]``
    changed : when it was begun, continued or finished last, in seconds since 1970
    running : whether a process is computing it now
    """

    name: str
    manifest: dict[str, Any]
    done: int
    changed: float
    running: bool

    @property
    def complete(self) -> bool:
        """Whether every cell has been computed."""
        return bool(self.manifest["complete"])

    @property
    def share(self) -> float:
        """Share of the chunks that have been written."""
        return min(self.done / max(int(self.manifest["chunks"]), 1), 1.0)

    @property
    def plan(self) -> Plan:
        """What it runs; InputError where the manifest holds no plan."""
        return read_plan(self.manifest["identity"]["plan"])


def stored(name: str) -> Stored | None:
    """A stored sweep; None where there is none under that name."""
    folder = run_folder(name)
    manifest = read_manifest(folder)
    if manifest is None or not isinstance(manifest["chunks"], int) or not isinstance(manifest["identity"], dict):
        return None
    done = sum(1 for _ in (folder / FOLDER).glob("[0-9]*.parquet"))
    return Stored(name, manifest, done, (folder / MANIFEST).stat().st_mtime, is_running(name))


def all_stored() -> list[Stored]:
    """Every stored sweep, the one that changed last first."""
    names = [path.name for path in runs_folder().glob("*") if NAME.fullmatch(path.name) and not path.is_symlink()]
    found = [run for run in map(stored, names) if run]
    return sorted(found, key=lambda run: (-run.changed, run.name))


def free_name(stem: str, besides: Collection[str] = ()) -> str:
    """The first name of a stem and a number that neither a stored sweep nor one of `besides` has.

    >>> free_name("no-such-sweep"), free_name("no-such-sweep", ["no-such-sweep-1"])
    ('no-such-sweep-1', 'no-such-sweep-2')
    """
    names = (f"{stem[:56]}-{number}" for number in count(1))
    return next(name for name in names if name not in besides and not run_folder(name).exists())


def run_stored(
    name: str,
    plan: Mapping[str, Any] | None = None,
    *,
    resume: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> None:
    """Compute a stored sweep in this process, which `stop` ends from any other.

    Parameters
    ----------
    name : letters a-z, digits, _ and -
    plan : mapping
        See `Plan`; None takes that of the sweep to be resumed.
    resume, jobs, progress : as in `experiments.sweep`
    """
    folder = run_folder(name)
    if folder.exists() and not resume:
        raise InputError(f"run: {name} is there already; resume it, or choose another name")
    with _sign_of_life(name):
        sweep(plan, out=folder, resume=resume, jobs=jobs, progress=progress)


def _sign(name: str) -> Path:
    return runs_folder() / f".{run_folder(name).name}.running"


@contextmanager
def _sign_of_life(name: str) -> Iterator[None]:
    """Show that a sweep is being computed; refuse one that another process computes."""
    sign, over = _sign(name), Event()
    try:
        sign.parent.mkdir(parents=True, exist_ok=True)
        if is_running(name):
            raise InputError(f"run: {name} is running already")
        sign.touch()
    except OSError as error:
        raise InputError(f"run: {sign.parent}: {error.strerror or error}") from None
    beating = Thread(target=_beat, args=(sign, over), daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
        sign.unlink(missing_ok=True)


def _beat(sign: Path, over: Event) -> None:
    """Touch the sign while it is there; end the process when somebody has taken it away."""
    while not over.wait(BEAT):
        try:
            os.utime(sign)
        except FileNotFoundError:
            end()
        except OSError:  # a disk that is away for a moment is no reason to stop
            continue


def is_running(name: str) -> bool:
    """Whether some process is computing a stored sweep."""
    try:
        return time.time() - _sign(name).stat().st_mtime < GONE
    except OSError:
        return False


def stop(name: str) -> None:
    """Stop a stored sweep wherever it runs; what is finished stays, and it can be resumed."""
    _sign(name).unlink(missing_ok=True)


def delete(name: str) -> None:
    """Delete a stored sweep that is not running."""
    folder = run_folder(name)
    if is_running(name):
        raise InputError(f"run: {name} is running; stop it first")
    if read_manifest(folder) is None:
        raise InputError(f"run: {name} is not the folder of a sweep")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise InputError(f"run: {folder}: {error.strerror or error}") from None
