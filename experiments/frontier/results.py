"""What a search over audit policies found: every policy tried, which of them are efficient, and the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.frontier.levers import shown
from experiments.frontier.objectives import OBJECTIVES
from experiments.statistics import Interval, interval
from scenarios import Scenario

Array = NDArray[Any]

SHOWN = ("compliance_rate", "audits", "harm", "welfare", "false_alarms", "multiple_equilibria", "infeasible_target")
"""Measures that are kept of every policy."""
AIMS = {"compliance_rate": 1, "audits": -1, "harm": -1}
"""What makes a policy efficient, and whether more of it is better."""


@dataclass(frozen=True, eq=False)
class Tried:
    """One policy, and what it did in each world: measure -> array (worlds,)."""

    policy: str
    chosen: dict[str, Any]
    worlds: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Best:
    """The best policy of one kind for one objective.

    Attributes
    ----------
    searched : the objective in the worlds of the search, which flatters the winner
    found : the same in worlds that the search did not see
    worlds : measures of those worlds
    """

    objective: str
    policy: str
    chosen: dict[str, Any]
    searched: float
    found: Interval
    worlds: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Frontier:
    """Policies tried in the same worlds, and the best of each kind.

    Attributes
    ----------
    seeds, fresh : the worlds of the search, and those in which its winners were measured
    refused : policy -> why the market does not take it
    """

    scenario: Scenario
    seeds: Array
    fresh: Array
    tried: Sequence[Tried]
    best: Sequence[Best]
    refused: Mapping[str, str]

    @cached_property
    def data(self) -> pd.DataFrame:
        """One row a policy tried: policy, options, efficient, then each measure with low and high, and n."""
        head = {
            "policy": [one.policy for one in self.tried],
            "options": [shown(one.chosen) for one in self.tried],
            "efficient": efficient(self._means(AIMS) * list(AIMS.values())),
        }
        return pd.DataFrame(head | _columns([one.worlds for one in self.tried]))

    def efficient_by(self, *measures: str) -> Array:
        """Which policies are efficient where these measures alone count, bool (policies,)."""
        return efficient(self._means(measures) * [AIMS[name] for name in measures])

    def _means(self, measures: Sequence[str] | Mapping[str, int]) -> Array:
        return np.array([[float(one.worlds[name].mean()) for name in measures] for one in self.tried])

    @cached_property
    def winners(self) -> pd.DataFrame:
        """One row an objective and policy, best first: objective, policy, options, unit, searched, value, interval."""
        rows = [
            {
                "objective": one.objective,
                "policy": one.policy,
                "options": shown(one.chosen),
                "unit": OBJECTIVES[one.objective].unit,
                "searched": one.searched,
                "value": float(one.found.mean),
                "value_low": float(one.found.low),
                "value_high": float(one.found.high),
            }
            for one in self.best
        ]
        table = pd.DataFrame(rows).join(pd.DataFrame(_columns([one.worlds for one in self.best])))
        order = table["objective"].map({name: place for place, name in enumerate(OBJECTIVES)})
        ranked = table.assign(order=order).sort_values(["order", "value"], ascending=[True, False], kind="stable")
        return ranked.drop(columns="order").reset_index(drop=True)


def _columns(worlds: Sequence[Mapping[str, Array]]) -> dict[str, Any]:
    """Mean, low and high of every measure, and the number of worlds."""
    columns: dict[str, Any] = {}
    for name in SHOWN:
        found = interval(np.array([one[name] for one in worlds]))
        columns |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
    return columns | {"n": found.n}


def efficient(points: Array) -> Array:
    """Points to which no other is at least equal in every column and better in one; larger is better, bool (points,).

    >>> efficient(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.5], [1.0, 0.0]])).tolist()
    [True, True, False, True]
    """
    as_good = (points[:, None] >= points[None]).all(axis=-1)
    better = (points[:, None] > points[None]).any(axis=-1)
    return np.asarray(~(as_good & better).any(axis=0))
