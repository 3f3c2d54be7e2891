"""Map a measure over any two settings, in the same worlds in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents import MEASURES
from experiments.defaults import MAP_MEASURE, MAP_WORLDS
from experiments.ensemble import Progress, as_scenario, as_seeds, run_worlds, under_mechanisms
from experiments.maps.axes import Given, MapAxis, read_axes
from experiments.maps.cells import Row, map_cells
from experiments.maps.results import Heatmap
from mechanisms.errors import unknown
from scenarios import Scenario

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class MapPlan:
    """A map that has been checked: its axes, and every cell of every label."""

    scenario: Scenario
    measure: str
    x: MapAxis
    y: MapAxis
    labels: dict[str, Scenario]
    cells: list[Row]
    """Rows of cells, those of the first label first."""

    def run(self, seeds: Array, jobs: int = 1, progress: Progress | None = None) -> Heatmap:
        """Run every cell in every world."""
        cells = [cell for row in self.cells for cell in row]
        reached = np.array([cell is not None for cell in cells])
        worlds = np.full((len(cells), seeds.size), np.nan)
        if reached.any():
            runs = [cell for cell in cells if cell is not None]
            worlds[reached] = run_worlds(runs, seeds, only=self.measure, jobs=jobs, progress=progress)[self.measure]
        shape = (len(self.y.values), len(self.x.values))
        return Heatmap(
            self.scenario,
            self.measure,
            self.x,
            self.y,
            self.labels,
            seeds,
            worlds.reshape(len(self.labels), *shape, seeds.size),
            self._extras(shape),
            reached.reshape(len(self.labels), *shape)[0],
        )

    def _extras(self, shape: tuple[int, int]) -> dict[str, Array]:
        """What formulas tell of the cells; the same for every label."""
        first = [cell for row in self.cells[: shape[0]] for cell in row]
        formulas = [axis.formula for axis in (self.y, self.x) if axis.formula]
        return {
            formula.column: np.array([np.nan if cell is None else formula.read(cell) for cell in first], float).reshape(
                shape
            )
            for formula in formulas
        }


def plan_map(
    scenario: str | Scenario,
    mechanisms: Sequence[str] | None = None,
    *,
    measure: str = MAP_MEASURE,
    x: Given | None = None,
    y: Given | None = None,
    bidding: str | Sequence[str] | None = None,
    penalties: ArrayLike | str | None = None,
    detections: ArrayLike | str | None = None,
) -> MapPlan:
    """Check a map and make its cells, as for `heatmap`.

    >>> plan = plan_map("seed_binary", x="permits.cap=4,8", y="labs.running_cost=0:0.2:3")
    >>> len(plan.cells), plan.cells[2][1].permits.cap
    (3, 8)
    """
    if measure not in MEASURES:
        raise unknown("measure", measure, MEASURES)
    base = as_scenario(scenario)
    columns, rows = read_axes(base, x, y, penalties, detections)
    labels = under_mechanisms(base, base.market.mechanism if mechanisms is None else mechanisms, bidding)
    cells = [row for label in labels.values() for row in map_cells(label, columns, rows)]
    return MapPlan(base, measure, columns, rows, labels, cells)


def heatmap(
    scenario: str | Scenario,
    mechanisms: Sequence[str] | None = None,
    *,
    measure: str = MAP_MEASURE,
    x: Given | None = None,
    y: Given | None = None,
    bidding: str | Sequence[str] | None = None,
    penalties: ArrayLike | str | None = None,
    detections: ArrayLike | str | None = None,
    seeds: int | Sequence[int] = MAP_WORLDS,
    first_seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Heatmap:
    """Map a measure over any two settings, in the same worlds in every cell.

    Unless told otherwise the map is that of deterrence: the penalty P to the right, and upwards the probability p_eff
    with which a violation is found. In each cell the Governor then audits at random with the probability that yields
    p_eff; a cell that no such probability reaches (accuracy too low, or backchecks alone find more) has no value.

    Parameters
    ----------
    scenario : str or Scenario
    mechanisms : sequence of str; None: the scenario's own
    measure : str, a name from `agents.MEASURES`
    x, y : ``path=values`` or a pair of a path and its values, such as ``"labs.running_cost=0:0.2:5"``
        Any setting, with a range low:high:count or a list. Besides settings, ``detection`` is p_eff by random audits,
        and ``permits_per_lab`` is Q/N with the cap rounded to whole permits (values that round to one cap are one).
    bidding : str or sequence of str, bidding rules to put side by side; None: the scenario's own
    penalties : values of x where that is the penalty, P = K + phi in M$
    detections : values of y where that is p_eff
    seeds, first_seed, jobs, progress : as for `compare`

    Raises
    ------
    InputError
        One line, before anything runs: a setting that is not known (with the nearest), values that are none or that the
        setting refuses in any cell, axes that change the same setting.

    Examples
    --------
    >>> result = heatmap("seed_binary", penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=3)
    >>> bool(result.grid("uniform-price")[1, 1] > result.grid("uniform-price")[0, 0])
    True
    >>> result = heatmap("seed_binary", ["vickrey"], y="permits_per_lab=0.25:1:4", measure="deterrence_rate", seeds=3)
    >>> result.data[["permits_per_lab", "permits"]].drop_duplicates()["permits"].tolist()
    [5.0, 10.0, 15.0, 20.0]
    """
    axes: dict[str, Any] = {"x": x, "y": y, "penalties": penalties, "detections": detections}
    plan = plan_map(scenario, mechanisms, measure=measure, bidding=bidding, **axes)
    return plan.run(as_seeds(seeds, first_seed), jobs, progress)
