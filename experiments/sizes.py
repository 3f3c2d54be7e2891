"""Who gains and who pays: labs of a world in groups by the value of their first unit, from small to large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.model import Worlds
from experiments.ensemble import as_seeds, prepare, worlds_together
from experiments.statistics import interval
from mechanisms import InputError
from scenarios import Scenario

Array = NDArray[Any]

GROUPS = 5
ACCOUNTS = {
    "surplus": "net value of a lab's runs less its payments and penalties",
    "permits": "what a lab pays for permits, less what it receives for its own",
    "penalties": "fines and collateral that a lab loses",
}
"""Accounts of a lab and what they mean, all in M$ per lab a month."""
UNIT = "M$ per lab a month"


@dataclass(frozen=True, eq=False)
class BySize:
    """Accounts of labs by size.

    Attributes
    ----------
    worlds : label -> account -> array (worlds, groups), the mean over a group's labs and all months; smallest first
    """

    worlds: dict[str, dict[str, Array]]

    @property
    def labels(self) -> tuple[str, ...]:
        """Mechanisms, in the order asked for."""
        return tuple(self.worlds)

    @property
    def groups(self) -> int:
        """Number of groups."""
        return int(next(iter(self.worlds.values()))["surplus"].shape[-1])

    def table(self) -> pd.DataFrame:
        """Means over worlds with 95% t-intervals: columns label, account, group from 1, mean, low, high, n."""
        frames = []
        for label, accounts in self.worlds.items():
            for account, values in accounts.items():
                place = {"label": label, "account": account, "group": np.arange(1, values.shape[-1] + 1)}
                frames.append(pd.DataFrame(place | interval(values.T)._asdict()))
        return pd.concat(frames, ignore_index=True)


def by_size(cells: Mapping[str, Scenario], seeds: int | Sequence[int], groups: int = GROUPS) -> BySize:
    """What labs of each size gain and pay under each mechanism.

    Parameters
    ----------
    cells : label -> scenario, as in ``compare(...).cells``
    seeds : number of worlds, or their seeds
    groups : equal groups (to within one lab) of each world's labs, by the value of their first unit; as many as labs
        where there are fewer of these

    Examples
    --------
    >>> from experiments import compare
    >>> found = by_size(compare("seed_binary", ["vickrey"], 3).cells, 3)
    >>> found.worlds["vickrey"]["surplus"].shape, len(found.table())
    ((3, 5), 15)
    """
    if groups < 1:
        raise InputError(f"groups: {groups} is not at least 1")
    return BySize({label: watched(cell, as_seeds(seeds), groups).accounts for label, cell in cells.items()})


class Watched(NamedTuple):
    """One scenario's worlds with their labs watched.

    Attributes
    ----------
    months : measure -> array (worlds, months), as in ``compare(...).months``
    accounts : account -> array (worlds, groups), smallest labs first
    """

    months: dict[str, Array]
    accounts: dict[str, Array]


def watched(cell: Scenario, seeds: Array, groups: int = GROUPS) -> Watched:
    """Run a scenario once for both its measures and its labs' accounts, in blocks of worlds that fit the cache.

    >>> from scenarios import load_scenario
    >>> found = watched(load_scenario("seed_binary"), as_seeds(3), groups=2)
    >>> found.months["welfare"].shape, found.accounts["surplus"].shape
    ((3, 10), (3, 2))
    """
    prepare([cell])
    together = worlds_together(cell)
    blocks = [_block(cell, seeds[first : first + together], groups) for first in range(0, seeds.size, together)]
    parts = zip(*blocks, strict=True)
    return Watched(*({name: np.concatenate([block[name] for block in part]) for name in part[0]} for part in parts))


def _block(cell: Scenario, seeds: Array, groups: int) -> Watched:
    market = Worlds(cell, seed=seeds)
    value, paid, lost = (np.zeros((seeds.size, cell.labs.count)) for _ in range(3))
    while market.running:
        market.step()
        month = market.month
        value += month.run_value
        paid += month.paid
        lost += month.penalty
        value -= getattr(month, "lost_value", 0.0)
    sums = {"surplus": value - paid - lost, "permits": paid, "penalties": lost}
    first = np.broadcast_to(market.gross_value, month.net_value.shape)[..., 0, :]
    accounts = {account: grouped(sums[account] / cell.months, first, groups) for account in ACCOUNTS}
    return Watched(market.measures(), accounts)


def grouped(values: Array, sizes: Array, groups: int) -> Array:
    """Mean of each group of labs, smallest first: (worlds, labs) to (worlds, groups).

    >>> grouped(np.array([[1.0, 2.0, 3.0, 5.0]]), np.array([[0.9, 0.1, 0.2, 0.8]]), 2).tolist()
    [[2.5, 3.0]]
    """
    labs = values.shape[-1]
    starts = np.unique(np.arange(min(groups, labs)) * labs // min(groups, labs))
    ranked = np.take_along_axis(values, np.argsort(sizes, axis=-1, kind="stable"), axis=-1)
    return np.asarray(np.add.reduceat(ranked, starts, axis=-1) / np.diff(starts, append=labs))
