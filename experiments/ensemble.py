"""Run many worlds: in chunks that fit the cache, in this process or several. Worlds do not depend on either."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.equilibrium import Equilibrium, known_equilibria, remember
from agents.model import Worlds
from agents.reporting import Reporting
from agents.settings import structures
from mechanisms import InputError, get_plugin, resolve
from mechanisms.draws import check_seeds
from mechanisms.loading import load_modules
from scenarios import Scenario, load_scenario, override

Array = NDArray[Any]
Progress = Callable[[float], None]
"""Told the share of the work that is done, in [0, 1]."""

LAB_UNITS_PER_CHUNK, WORLDS_PER_CHUNK = 300_000, 10_000
CELLS_TOGETHER = 32
"""Cells that differ in enforcement alone share their markets, if they run together."""
MOST_WORLDS = 10_000_000
PREPARATION = 0.9
"""Share of the work for which bidding that depends on the mechanism is taken."""


def as_scenario(source: str | Scenario) -> Scenario:
    """A scenario as it is, or loaded by name or path."""
    return source if isinstance(source, Scenario) else load_scenario(source)


def as_seeds(seeds: int | Sequence[int], first: int = 0) -> Array:
    """World seeds: a number of them from `first`, or the seeds themselves, each once.

    >>> as_seeds(3, first=10).tolist()
    [10, 11, 12]
    """
    if isinstance(seeds, int | np.integer) and not isinstance(seeds, bool):
        if not 1 <= seeds <= MOST_WORLDS:
            raise InputError(f"seeds: {seeds} is not in [1, {MOST_WORLDS}]")
        seeds = range(first, first + int(seeds))
    worlds = check_seeds(seeds).reshape(-1)
    unique, times = np.unique(worlds, return_counts=True)
    if unique.size < worlds.size:
        raise InputError(f"seeds: {unique[times > 1][0]} is given twice")
    return worlds


def under_mechanisms(
    scenario: Scenario, mechanisms: str | Sequence[str], bidding: str | Sequence[str] | None = None
) -> dict[str, Scenario]:
    """The scenario under each mechanism and bidding rule, by label.

    A mechanism is a name or ``name:key=value``. The scenario's own options hold for its own mechanism alone; others run
    at their defaults. Bidding rules are named alike; None stands for the scenario's own. Only where there are several
    does the label name them.

    >>> list(under_mechanisms(load_scenario("baseline"), ["vickrey", "uniform-price:k=0"]))
    ['vickrey', 'uniform-price:k=0']
    >>> list(under_mechanisms(load_scenario("baseline"), "vickrey", ["full-value", "outside-option"]))
    ['vickrey (full-value)', 'vickrey (outside-option)']
    """
    rules = [scenario.labs.bidding] if bidding is None else [bidding] if isinstance(bidding, str) else list(bidding)
    cells: dict[str, Scenario] = {}
    for name in [mechanisms] if isinstance(mechanisms, str) else mechanisms:
        bound = resolve("mechanism", name, where="mechanisms")
        market = scenario.market
        if name == market.mechanism:
            bound = resolve("mechanism", name, market.options)
        for rule in rules:
            spec = _bidding_label(scenario, rule)
            label = f"{bound.label} ({spec})" if len(rules) > 1 else bound.label
            if label in cells:
                raise InputError(f"{'bidding' if len(rules) > 1 else 'mechanisms'}: {label} is given twice")
            changed = {"market": {"mechanism": bound.plugin.name, "options": bound.options}, "labs.bidding": spec}
            cells[label] = override(scenario, changed)
    if not cells:
        raise InputError(f"{'mechanisms' if rules else 'bidding'}: at least one is needed")
    return cells


def _bidding_label(scenario: Scenario, rule: str) -> str:
    """A bidding rule with its options; one that asks what a permit is worth takes the scenario's own rule for that."""
    bound, own = resolve("bidding", rule, where="bidding"), scenario.labs.bidding
    asks = "worth" in bound.options and "worth" not in rule
    if asks and not resolve("bidding", own, where="labs.bidding").plugin.prepares:
        bound = resolve("bidding", bound.plugin.name, {**bound.options, "worth": own}, where="bidding")
    return bound.label


def prepare(scenarios: Sequence[Scenario], jobs: int = 1, progress: Progress | None = None) -> float:
    """Work out bidding rules that depend on the mechanism, once for all worlds; refuse what they do not hold for.

    Gives the share of all work that this is taken for, as `progress` is told it.
    """
    todo = [cell for cell in scenarios if resolve("bidding", cell.labs.bidding, where="labs.bidding").plugin.prepares]
    work = ((cell, known_equilibria()) for cell in todo)
    alone = jobs == 1 or len(todo) < 2
    answers = starmap(_prepared, work) if alone else _in_processes(_prepared, work, jobs, todo)
    for done, known in enumerate(answers, 1):
        remember(known)
        if progress:
            progress(PREPARATION * done / len(todo))
    return PREPARATION if todo else 0.0


def _prepared(cell: Scenario, known: dict[str, Equilibrium]) -> dict[str, Equilibrium]:
    remember(known)
    Reporting([cell])
    return known_equilibria()


def worlds_together(scenario: Scenario) -> int:
    """Worlds of a chunk: enough to share the price of array calls, few enough for the memory of months and tallies.

    >>> worlds_together(load_scenario("baseline"))
    1000
    """
    labs = scenario.labs
    return min(max(1, LAB_UNITS_PER_CHUNK // (labs.count * labs.units)), WORLDS_PER_CHUNK)


def _chunks(scenarios: Sequence[Scenario], seeds: int) -> Iterator[tuple[list[int], slice]]:
    """Cells and seeds that run together: cells of one structure, about as many lab-units as the cache holds."""
    groups: dict[Any, list[int]] = {}
    for cell, structure in enumerate(structures(scenarios)):
        groups.setdefault(structure, []).append(cell)
    for cells in groups.values():
        worlds = worlds_together(scenarios[cells[0]])
        together = min(len(cells), max(worlds // seeds, min(CELLS_TOGETHER, worlds)))
        some = max(1, worlds // together)
        for start in range(0, len(cells), together):
            for first in range(0, seeds, some):
                yield cells[start : start + together], slice(first, first + some)


def _run_chunk(
    scenarios: list[Scenario], seeds: Array, monthly: bool, only: str | None, known: dict[str, Equilibrium]
) -> dict[str, Array]:
    """Measures of a chunk, each (cells, seeds) or, by month, (cells, seeds, months)."""
    remember(known)
    market = Worlds(scenarios, seed=seeds)
    market.run()
    values = market.measures(only) if monthly else market.world_values(only)
    return {name: v.reshape(len(scenarios), seeds.size, *v.shape[1:]) for name, v in values.items()}


def run_worlds(
    scenarios: Sequence[Scenario],
    seeds: Array,
    *,
    monthly: bool = False,
    only: str | None = None,
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
    only : str
        The one measure to keep; None keeps all.
    jobs : int
        Processes; -1 for one a core. The result does not depend on it.
    progress : callable
        Told the share done after each chunk.

    Returns
    -------
    dict
        Measure name to array (cells, seeds) or (cells, seeds, months).
    """
    check_jobs(jobs)
    ahead = prepare(scenarios, jobs, progress)
    chunks, known = list(_chunks(scenarios, seeds.size)), known_equilibria()
    work = (([scenarios[c] for c in cells], seeds[some], monthly, only, known) for cells, some in chunks)
    alone = jobs == 1 or len(chunks) == 1
    results = starmap(_run_chunk, work) if alone else _in_processes(_run_chunk, work, jobs, scenarios)
    out: dict[str, Array] = {}
    for done, ((cells, some), values) in enumerate(zip(chunks, results, strict=True), 1):
        for name, v in values.items():
            if name not in out:
                out[name] = np.empty((len(scenarios), seeds.size, *v.shape[2:]))
            out[name][cells, some] = v
        if progress:
            progress(ahead + (1 - ahead) * done / len(chunks))
    return out


def check_jobs(jobs: int) -> int:
    """A number of processes as it is; InputError where it is none.

    >>> check_jobs(-1)
    -1
    """
    if jobs != -1 and jobs < 1:
        raise InputError(f"jobs: {jobs} is neither -1 (one process a core) nor at least 1")
    return jobs


def _in_processes(
    function: Callable[..., Any], work: Iterable[tuple[Any, ...]], jobs: int, scenarios: Sequence[Scenario]
) -> Iterator[Any]:
    """The function's answers in the order of the work, from worker processes."""
    from joblib import Parallel, delayed

    modules = plugin_modules(scenarios)
    parallel = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs")
    answers: Iterator[Any] = parallel(delayed(_elsewhere)(modules, function, *arguments) for arguments in work)
    return answers


def _elsewhere(modules: dict[str, str], function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a worker process, which knows no plug-ins but the lab's own until it imports them."""
    load_modules(modules)
    return function(*arguments)


def plugin_modules(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Modules that define the plug-ins of these scenarios, with their files; InputError where a process cannot see one.

    >>> sorted(plugin_modules([load_scenario("baseline")]))
    ['agents.bidding', 'agents.policies', 'mechanisms.uniform_price']
    """
    homes: dict[str, str] = {}
    for cell in scenarios:
        plugins = (
            get_plugin("mechanism", cell.market.mechanism),
            resolve("bidding", cell.labs.bidding).plugin,
            get_plugin("policy", cell.enforcement.policy.kind),
        )
        for plugin in plugins:
            module, file = plugin.function.__module__, inspect.getsourcefile(plugin.function)
            if module == "__main__" or file is None:
                raise InputError(
                    f"jobs: other processes cannot see {plugin.name!r}; define it in a file and import that"
                )
            homes[module] = file
    return homes
