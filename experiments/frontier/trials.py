"""Run audit policies of one scenario in the same worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import PermitMarket
from experiments.ensemble import run_worlds
from experiments.frontier.levers import under_policy
from experiments.frontier.objectives import Worlds
from experiments.frontier.results import SHOWN, Tried
from mechanisms import InputError
from scenarios import Scenario

Array = NDArray[Any]


@dataclass
class Trials:
    """Policies of a scenario, each in the same worlds.

    Attributes
    ----------
    refused : policy -> why the market did not take it, in the end

    Examples
    --------
    >>> trials = Trials(Scenario(months=2), np.arange(3))
    >>> [one.worlds["audits"].shape for one in trials.run("random", [{"probability": 0.1}, {"probability": 0.9}])]
    [(3,), (3,)]
    """

    scenario: Scenario
    seeds: Array
    jobs: int = 1
    refused: dict[str, str] = field(default_factory=dict)

    def run(self, kind: str, points: Sequence[dict[str, Any]]) -> list[Tried | None]:
        """Each policy's worlds; None where the market does not take it."""
        cells = [self._allowed(kind, point) for point in points]
        runs = [cell for cell in cells if cell is not None]
        found = run_worlds(runs, self.seeds, jobs=self.jobs) if runs else {}
        places = iter(range(len(runs)))
        return [
            None if cell is None else self._tried(kind, point, found, next(places))
            for point, cell in zip(points, cells, strict=True)
        ]

    def without_audits(self) -> Worlds:
        """The same worlds where nobody is audited."""
        (one,) = self.run("none", [{}])
        assert one is not None, "every market takes it"
        return one.worlds

    def _tried(self, kind: str, point: dict[str, Any], found: dict[str, Array], place: int) -> Tried:
        worlds = {name: found[name][place] for name in SHOWN}
        return Tried(kind, point, worlds | {"labs": np.full(self.seeds.size, self.scenario.labs.count)})

    def _allowed(self, kind: str, point: dict[str, Any]) -> Scenario | None:
        try:
            cell = under_policy(self.scenario, kind, point)
            PermitMarket(cell, seed=self.seeds[:1])
        except InputError as error:
            self.refused[kind] = str(error)
            return None
        return cell
