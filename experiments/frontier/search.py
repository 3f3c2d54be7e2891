"""Search for the best policy of a kind: differential evolution from the best that were tried, tested in new worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import differential_evolution

from experiments.frontier.levers import Lever
from experiments.frontier.objectives import OBJECTIVES, Objective, Worlds
from experiments.frontier.results import Best, Tried
from experiments.frontier.trials import Trials

Array = NDArray[Any]

PARENTS = 10
"""Policies that each round of the search improves on."""
FORBIDDEN = 1e18
"""Stands for the cost of a policy that the market refuses or whose objective is undefined."""


@dataclass(frozen=True)
class Search:
    """What is searched: the policies of one kind, in some worlds, with others kept for the test."""

    kind: str
    levers: Sequence[Lever]
    trials: Trials
    test: Trials
    rounds: int

    def winners(self, found: Sequence[Tried]) -> list[tuple[Tried, Best]]:
        """The best policy for each objective, as it did in the search and in the test."""
        bare, unaudited = self.trials.without_audits(), self.test.without_audits()
        winners = []
        for objective in OBJECTIVES.values():
            aim = _Aim(objective, bare)
            ranked = aim.ranked(found)
            if ranked and self.levers and self.rounds:
                ranked = aim.ranked(self._evolved(ranked, aim))
            if ranked:
                (again,) = self.test.run(self.kind, [ranked[0].chosen])
                assert again is not None, "the market took it in the search"
                told = objective.found(again.worlds, unaudited)
                best = Best(objective.name, self.kind, again.chosen, aim.of(ranked[0]), told, again.worlds)
                winners.append((ranked[0], best))
        return winners

    def _evolved(self, ranked: Sequence[Tried], aim: _Aim) -> list[Tried]:
        """Every policy that differential evolution (Storn & Price 1997) tries, the ones found included."""
        seen: dict[tuple[Any, ...], Tried | None] = {_key(one.chosen): one for one in ranked}

        def cost(population: Any, /) -> Any:
            points = [point(self.levers, share) for share in np.atleast_2d(population.T)]
            new = {_key(chosen): chosen for chosen in points if _key(chosen) not in seen}
            seen.update(zip(new, self.trials.run(self.kind, list(new.values())), strict=True))
            return np.array([aim.cost(seen[_key(chosen)]) for chosen in points])

        bounds: Any = [(0.0, 1.0)] * len(self.levers)
        start = np.array([[lever.share(one.chosen[lever.name]) for lever in self.levers] for one in ranked[:PARENTS]])
        differential_evolution(
            cost,
            bounds,
            init=np.resize(start, (PARENTS, len(self.levers))),
            maxiter=self.rounds,
            vectorized=True,
            updating="deferred",
            polish=False,
            tol=0.0,
            rng=np.random.default_rng(0),
        )
        return [one for one in seen.values() if one is not None]


@dataclass(frozen=True)
class _Aim:
    """An objective in the worlds of the search."""

    objective: Objective
    unaudited: Worlds

    def of(self, one: Tried) -> float:
        return float(self.objective.found(one.worlds, self.unaudited).mean)

    def cost(self, one: Tried | None) -> float:
        value = np.nan if one is None else self.of(one)
        return -value if np.isfinite(value) else FORBIDDEN

    def ranked(self, found: Sequence[Tried]) -> list[Tried]:
        """Policies of which the objective is defined, the best first."""
        return sorted((one for one in found if self.cost(one) < FORBIDDEN), key=self.cost)


def point(levers: Sequence[Lever], share: Array) -> dict[str, Any]:
    """Options at a point of the unit cube.

    >>> point([Lever("high", 0.0, 1.0), Lever("audits", 0, 8, whole=True)], np.array([0.25, 0.5]))
    {'high': 0.25, 'audits': 4}
    """
    return {lever.name: lever.at(float(x)) for lever, x in zip(levers, share, strict=True)}


def _key(chosen: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(chosen.values())
