"""The suites by name, and running several of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.benchmark.app import browsing
from experiments.benchmark.app.suite import app
from experiments.benchmark.clearing import clearing
from experiments.benchmark.economics import economics
from experiments.benchmark.findings import Effort, Findings, Progress
from experiments.benchmark.simulation.suite import simulation
from experiments.benchmark.validation import theory
from experiments.defaults import ALL_SUITES
from mechanisms import InputError
from mechanisms.errors import unknown


@dataclass(frozen=True)
class Suite:
    """A part of the benchmark.

    Attributes
    ----------
    title : heading in the report
    seconds : what it takes at full size, about; for the time that is left
    run : does the work
    """

    title: str
    seconds: float
    run: Callable[[Effort], Findings]


REGISTRY = {
    "theory": Suite("Theory: numbers from the literature, measured again", 95.0, theory),
    "clearing": Suite("Clearing: time against the number of orders", 18.0, clearing),
    "simulation": Suite("Simulation: what a month costs, and how it grows", 135.0, simulation),
    "economics": Suite("Economics: from thin markets to thick ones", 500.0, economics),
    "app": Suite("App: how long a reader waits, a crowd, and accessibility", 400.0, app),
}


def chosen(names: Sequence[str]) -> list[str]:
    """Suites asked for, each once, in the order of the registry; ``all`` stands for every one that can run here.

    >>> chosen(["economics,theory", "theory"]), set(REGISTRY) - set(chosen(["all"])) <= {"app"}
    (['theory', 'economics'], True)
    """
    asked = [name.strip() for part in names for name in part.split(",")]
    for name in asked:
        if name not in (*REGISTRY, ALL_SUITES):
            raise unknown("suite", name, (*REGISTRY, ALL_SUITES))
    everything = {name for name in REGISTRY if ALL_SUITES in asked and (name != "app" or not browsing.missing())}
    return [name for name in REGISTRY if name in asked or name in everything]


def check_scale(scale: float) -> float:
    """A scale as it is; InputError where it is none.

    >>> check_scale(0.05)
    0.05
    """
    if not 0 < scale <= 1:
        raise InputError(f"scale: {scale:g} is not in (0, 1]")
    return scale


def benchmark(
    suites: Sequence[str] = (ALL_SUITES,),
    *,
    scale: float = 1.0,
    first_seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> dict[str, Findings]:
    """Run some suites.

    Parameters
    ----------
    suites : names, or ``all``
    scale : share of the full size
    first_seed : seed of the first market or world
    jobs : processes for the suites that do not measure time
    progress : told the share of the work that is done

    Returns
    -------
    dict
        Name of the suite to what it found.

    Examples
    --------
    >>> list(benchmark(["theory"], scale=0.0005))
    ['theory']
    """
    names, effort = chosen(suites), Effort(check_scale(scale), first_seed, jobs, progress)
    done = np.cumsum([REGISTRY[name].seconds for name in names])
    shares = [0.0, *(done / done[-1])]
    return {
        name: REGISTRY[name].run(effort.within(before, after))
        for name, before, after in zip(names, shares, shares[1:], strict=False)
    }
