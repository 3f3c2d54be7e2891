"""Run many worlds: in chunks that fit the cache, in this process or several. Worlds do not depend on either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import PermitMarket
from agents.settings import structure
from mechanisms import InputError, resolve
from mechanisms.draws import check_seeds
from scenarios import Scenario, load_scenario, override

Array = NDArray[Any]
Progress = Callable[[float], None]
"""Told the share of the work that is done, in [0, 1]."""

LAB_UNITS_PER_CHUNK = 100_000


def as_scenario(source: str | Scenario) -> Scenario:
    """A scenario as it is, or loaded by name or path."""
    return source if isinstance(source, Scenario) else load_scenario(source)


def as_seeds(seeds: int | Sequence[int], first: int = 0) -> Array:
    """World seeds: a number of them from `first`, or the seeds themselves.

    >>> as_seeds(3, first=10).tolist()
    [10, 11, 12]
    """
    if isinstance(seeds, int) and not isinstance(seeds, bool):
        if not 1 <= seeds <= 10_000_000:
            raise InputError(f"seeds: {seeds} is not in [1, 10000000]")
        seeds = range(first, first + seeds)
    return check_seeds(seeds).reshape(-1)


def under_mechanisms(scenario: Scenario, mechanisms: str | Sequence[str]) -> dict[str, Scenario]:
    """The scenario under each mechanism, by label.

    A mechanism is a name or ``name:key=value``. The scenario's own options hold for its own mechanism alone; others run
    at their defaults.

    >>> list(under_mechanisms(load_scenario("baseline"), ["vickrey", "uniform-price:k=0"]))
    ['vickrey', 'uniform-price:k=0']
    """
    cells: dict[str, Scenario] = {}
    for name in [mechanisms] if isinstance(mechanisms, str) else mechanisms:
        bound = resolve("mechanism", name, where="mechanisms")
        market = scenario.market
        if name == market.mechanism:
            bound = resolve("mechanism", name, market.options)
        if bound.label in cells:
            raise InputError(f"mechanisms: {bound.label} is given twice")
        changed = {"market": {"mechanism": bound.plugin.name, "options": bound.options}}
        cells[bound.label] = override(scenario, changed)
    if not cells:
        raise InputError("mechanisms: at least one is needed")
    return cells


def _chunks(scenarios: Sequence[Scenario], seeds: Array) -> Iterator[tuple[list[int], Array]]:
    """Cells and seeds that run together: cells of one structure, about as many lab-units as the cache holds."""
    groups: dict[Any, list[int]] = {}
    for cell, scenario in enumerate(scenarios):
        groups.setdefault(structure(scenario), []).append(cell)
    for cells in groups.values():
        labs = scenarios[cells[0]].labs
        worlds = max(1, LAB_UNITS_PER_CHUNK // (labs.count * labs.units))
        together = max(1, worlds // seeds.size)
        for start in range(0, len(cells), together):
            for first in range(0, seeds.size, worlds):
                yield cells[start : start + together], seeds[first : first + worlds]


def _run_chunk(scenarios: list[Scenario], seeds: Array, monthly: bool) -> dict[str, Array]:
    """Measures of a chunk, each (cells, seeds) or, by month, (cells, seeds, months)."""
    market = PermitMarket(scenarios, seed=seeds)
    market.run()
    values = market.measures() if monthly else market.world_values()
    return {name: v.reshape(len(scenarios), seeds.size, *v.shape[1:]) for name, v in values.items()}


def run_worlds(
    scenarios: Sequence[Scenario],
    seeds: Array,
    *,
    monthly: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> dict[str, Array]:
    """Run every scenario under every seed.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Cells; months must agree where `monthly`.
    seeds : array of seeds
    monthly : bool
        Keep every month instead of each world's mean over the months.
    jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Told the share done after each chunk.

    Returns
    -------
    dict
        Measure name to array (cells, seeds) or (cells, seeds, months).
    """
    chunks = list(_chunks(scenarios, seeds))
    work = (([scenarios[c] for c in cells], some, monthly) for cells, some in chunks)
    out: dict[str, Array] = {}
    place = {int(seed): i for i, seed in enumerate(seeds)}
    for done, ((cells, some), values) in enumerate(zip(chunks, _results(work, jobs, len(chunks)), strict=True), 1):
        first = place[int(some[0])]
        for name, v in values.items():
            if name not in out:
                out[name] = np.empty((len(scenarios), seeds.size, *v.shape[2:]))
            out[name][cells, first : first + some.size] = v
        if progress:
            progress(done / len(chunks))
    return out


def _results(work: Iterator[tuple[Any, ...]], jobs: int, count: int) -> Iterator[dict[str, Array]]:
    """Results of chunks in order, here or in worker processes."""
    if jobs == 1 or count == 1:
        return (_run_chunk(*arguments) for arguments in work)
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs")
    results: Iterator[dict[str, Array]] = parallel(delayed(_run_chunk)(*arguments) for arguments in work)
    return results
