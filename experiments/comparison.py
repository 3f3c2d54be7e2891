"""Compare mechanisms on the same labs, the same demand and the same luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import MEASURES
from agents.equilibrium import Equilibrium, equilibrium_of
from agents.measures import defined_mean
from experiments.defaults import MECHANISMS, WORLDS
from experiments.ensemble import Progress, as_scenario, as_seeds, run_worlds, under_mechanisms
from experiments.statistics import Interval, interval
from mechanisms.errors import unknown
from scenarios import Scenario

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    scenario : the scenario compared
    seeds : the worlds
    cells : label (mechanism with its options, and bidding rule where there are several) -> the scenario under it
    months : label -> measure -> array (seeds, months)
    """

    scenario: Scenario
    seeds: Array
    cells: dict[str, Scenario]
    months: dict[str, dict[str, Array]]

    @property
    def labels(self) -> tuple[str, ...]:
        """Mechanisms with their options, in the order asked for."""
        return tuple(self.cells)

    @cached_property
    def equilibria(self) -> dict[str, Equilibrium]:
        """How labs bid where they answer to the mechanism: label -> equilibrium, with what is left to gain."""
        found = {label: equilibrium_of(cell) for label, cell in self.cells.items()}
        return {label: answer for label, answer in found.items() if answer is not None}

    @cached_property
    def worlds(self) -> dict[str, dict[str, Array]]:
        """Each world's value (mean over its months): label -> measure -> array (seeds,)."""
        return {
            label: {name: defined_mean(values) for name, values in measures.items()}
            for label, measures in self.months.items()
        }

    def summary(self) -> pd.DataFrame:
        """Mean over worlds with a 95% t-interval: columns label, measure, unit, mean, low, high, n."""
        return self._table(self.worlds)

    def paired(self, baseline: str | None = None) -> pd.DataFrame:
        """Differences to one mechanism, world by world: columns label, measure, unit, mean, low, high, n, equal.

        `equal` says that the two are exactly equal in every world. Worlds where both are defined count.

        >>> result = compare("seed_binary", seeds=4)
        >>> bool(result.paired("vickrey").query("measure == 'compliance_rate'")["equal"].all())
        True
        """
        baseline = self.labels[0] if baseline is None else baseline
        if baseline not in self.labels:
            raise unknown("baseline", baseline, self.labels)
        base = self.worlds[baseline]
        others = [label for label in self.labels if label != baseline]
        differences = {label: {name: v - base[name] for name, v in self.worlds[label].items()} for label in others}
        table = self._table(differences)
        table["equal"] = [
            bool(np.array_equal(self.worlds[label][name], base[name], equal_nan=True))
            for label in others
            for name in MEASURES
        ]
        return table

    def by_month(self) -> pd.DataFrame:
        """Mean over worlds for each month: columns label, month, measure, mean, low, high, n."""
        frames = []
        for label in self.labels:
            for name, values in self.months[label].items():
                found = interval(values.T)
                columns = {"label": label, "month": np.arange(1, values.shape[1] + 1), "measure": name}
                frames.append(pd.DataFrame(columns | found._asdict()))
        return pd.concat(frames, ignore_index=True)

    def results(self) -> pd.DataFrame:
        """Every world and month: columns label, seed, month from 1, then the measures."""
        frames = []
        for label, measures in self.months.items():
            worlds, months = next(iter(measures.values())).shape
            places = {"seed": np.repeat(self.seeds, months), "month": np.tile(np.arange(1, months + 1), worlds)}
            numbers = {name: values.reshape(-1) for name, values in measures.items()}
            frames.append(pd.DataFrame({"label": label} | places | numbers))
        return pd.concat(frames, ignore_index=True)

    def _table(self, values: dict[str, dict[str, Array]]) -> pd.DataFrame:
        rows = [
            {"label": label, "measure": name, "unit": MEASURES[name].unit, **_as_numbers(interval(measures[name]))}
            for label, measures in values.items()
            for name in MEASURES
        ]
        columns = ["label", "measure", "unit", *Interval._fields]
        return pd.DataFrame(rows, columns=columns)


def _as_numbers(found: Interval) -> dict[str, float | int]:
    return {"mean": float(found.mean), "low": float(found.low), "high": float(found.high), "n": int(found.n)}


def compare(
    scenario: str | Scenario,
    mechanisms: Sequence[str] = MECHANISMS,
    seeds: int | Sequence[int] = WORLDS,
    *,
    first_seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
    bidding: str | Sequence[str] | None = None,
) -> Comparison:
    """Run a scenario under several mechanisms, and bidding rules, in the same worlds.

    Parameters
    ----------
    scenario : str or Scenario
        A name, a file, or a scenario.
    mechanisms : sequence of str
        Names, also with options: ``uniform-price:k=0``. The scenario's own options hold for its own mechanism alone.
    seeds : int or sequence of int
        Number of worlds from `first_seed`, or their seeds.
    jobs : int
        Processes; the result does not depend on it.
    bidding : str or sequence of str
        Bidding rules to put side by side, such as ``["full-value", "equilibrium"]``; None: the scenario's own.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> result = compare("seed_binary", mechanisms=["uniform-price:k=0", "vickrey"], seeds=5)
    >>> result.labels, len(result.summary()) == 2 * len(MEASURES)
    (('uniform-price:k=0', 'vickrey'), True)
    >>> compare("seed_binary", mechanisms=["vickrey"], bidding=["full-value", "zero-intelligence"], seeds=5).labels
    ('vickrey (full-value)', 'vickrey (zero-intelligence)')
    """
    chosen, worlds = as_scenario(scenario), as_seeds(seeds, first_seed)
    cells = under_mechanisms(chosen, mechanisms, bidding)
    values = run_worlds(list(cells.values()), worlds, monthly=True, jobs=jobs, progress=progress)
    months = {label: {name: v[i] for name, v in values.items()} for i, label in enumerate(cells)}
    return Comparison(chosen, worlds, cells, months)
