"""Taking times, and scenarios of any size to take them with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from scenarios import Scenario, load_scenario, override

Work = Callable[[], Any]

RUNS, MOST_RUNS, ENOUGH_SECONDS = 5, 50, 0.5


def shortest(works: Sequence[Work], runs: int = RUNS, enough: float = ENOUGH_SECONDS) -> list[float]:
    """Shortest time of each work in seconds; they take turns, so that the machine's noise hits all of them.

    Parameters
    ----------
    works : callables without arguments
    runs : rounds at least
    enough : seconds in all after which no further round begins

    Examples
    --------
    >>> order = []
    >>> times = shortest([lambda: order.append("a"), lambda: order.append("b")], runs=2, enough=0)
    >>> order, all(seconds >= 0 for seconds in times)
    (['a', 'b', 'a', 'b'], True)
    """
    spent: list[list[float]] = []
    while len(spent) < runs or (len(spent) < MOST_RUNS and sum(map(sum, spent)) < enough):
        spent.append([_seconds(work) for work in works])
    return [min(times) for times in zip(*spent, strict=True)]


def _seconds(work: Work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def sized(name: str, labs: int, months: int) -> Scenario:
    """A scenario of the vault with another number of labs, permits in proportion.

    >>> sized("baseline", labs=1_000, months=2).permits.cap
    1200
    """
    base = load_scenario(name)
    cap = max(1, base.permits.cap * labs // base.labs.count)
    return override(base, {"labs.count": labs, "permits.cap": cap, "months": months})
