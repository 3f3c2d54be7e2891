"""Run a sweep: check the plan, claim the folder, compute what is missing, write each chunk as it comes."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agents.equilibrium import Equilibrium, known_equilibria, remember
from experiments.ensemble import Progress, plugin_modules, prepare
from experiments.output import environment
from experiments.sweeps import chunks as parquet
from experiments.sweeps.cells import Cells, cells_of, identity
from experiments.sweeps.engines import answers, check_engine
from experiments.sweeps.plan import Plan, read_plan
from experiments.sweeps.points import Point
from experiments.sweeps.results import Sweep, open_sweep
from experiments.sweeps.store import Store, SweepWarning, key_of, open_store, read_manifest, write_manifest
from mechanisms import InputError
from mechanisms.loading import load_modules

MOST_CELLS = 1_000_000


def sweep(
    plan: Plan | str | os.PathLike[str] | Mapping[str, Any] | None = None,
    *,
    out: str | os.PathLike[str],
    resume: bool = False,
    engine: str = "local",
    jobs: int = 1,
    yes: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Run a plan into a folder, chunk by chunk; memory does not grow with the plan.

    The files are the same bytes whatever the engine, the number of processes and the interruptions.

    Parameters
    ----------
    plan : Plan, file, or mapping
        See `Plan`; None takes that of the folder to be resumed.
    out : path
        A new or empty folder, or, with `resume`, one in which this plan was begun.
    resume : bool
        Continue: sound chunks stay as they are, damaged and foreign ones are named and computed again.
    engine : str
        ``local``, or ``dask=tcp://host:port`` for a Dask cluster.
    jobs : int
        Local processes; -1 for one a core.
    yes : bool
        Run more than a million cells.
    progress : callable
        Told the share done of what was left to do.

    Returns
    -------
    Sweep
        The folder, to be read as a table or with SQL.

    Raises
    ------
    InputError
        One line, before anything is written, for a plan, engine or folder that cannot be.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> plan = {"scenario": "seed_binary", "axes": {"enforcement.penalty": [0.2, 0.8]}, "seeds": 3}
    >>> found = sweep(plan, out=folder).table()
    >>> bool(found["compliance_rate"][1] > found["compliance_rate"][0])
    True
    """
    folder = Path(out)
    check_engine(engine, jobs)
    begun = read_manifest(folder) if resume else None
    cells = Cells(_plan(plan, folder, begun).resolved())
    if cells.count > MOST_CELLS and not yes:
        raise InputError(f"plan: {cells.count:,} cells are more than {MOST_CELLS:,}; say --yes if they are meant")
    probes = cells.check()
    prepare(probes[: cells.labels])
    text = identity(cells, probes)
    store = open_store(folder, text, cells, resume=resume)
    _fill(store, cells, plugin_modules(probes), engine, jobs, progress)
    write_manifest(store, cells, complete=True)
    return open_sweep(folder)


def _plan(given: Any, folder: Path, begun: dict[str, Any] | None) -> Plan:
    """The plan given, or that of the folder; what was begun keeps its chunks."""
    if given is None and begun is None:
        raise InputError(f"plan: is needed, unless a sweep in {folder} is resumed")
    own = begun["identity"]["plan"] if begun else {}
    plan = read_plan(own if given is None else Path(given) if isinstance(given, str | os.PathLike) else given)
    return plan if plan.chunk else read_plan(plan, chunk=own.get("chunk"))


def _fill(store: Store, cells: Cells, homes: dict[str, str], engine: str, jobs: int, progress: Progress | None) -> None:
    """Compute and write what is missing."""
    todo, known, here, told = list(store.missing()), known_equilibria(), fingerprint(), False

    def compute(chunk: int) -> tuple[Any, tuple[Any, ...]]:
        return run_chunk, (store.identity, chunk, *cells.stretch(chunk), homes, known)

    for done, (chunk, (content, there)) in enumerate(answers(engine, jobs, iter(todo), compute), 1):
        if isinstance(content, InputError):
            raise content
        if there != here and not told:
            warnings.warn("workers have other versions or processors; last bits may differ", SweepWarning, stacklevel=3)
            told = True
        store.write(chunk, content)
        if progress:
            progress(done / len(todo))


def run_chunk(
    text: str, chunk: int, start: int, points: list[Point], homes: dict[str, str], known: dict[str, Equilibrium]
) -> tuple[bytes | InputError, str]:
    """A chunk's file, from any process; a user's mistake comes back as an answer, since trying again is no use.

    Parameters
    ----------
    text : str
        What identifies the sweep.
    chunk, start : int
        Number of the chunk and of its first point.
    points : list
    homes : dict
        Modules of the plug-ins, with their files.
    known : dict
        Equilibria that have been found already.
    """
    try:
        load_modules(homes)
        remember(known)
        return parquet.to_bytes(cells_of(text).table(start, points), key_of(text), chunk), fingerprint()
    except InputError as error:
        return error, fingerprint()


@cache
def fingerprint() -> str:
    """Versions and processor features of this process, on which last bits depend."""
    found = environment()
    return json.dumps([found["versions"]["numpy"], found["versions"]["scipy"], found["numpy_features"]["found"]])
