"""Who bids how: one bidding rule for all labs, two of them in one world, and a ring that withholds demand.

References
----------
McAfee, R. P., McMillan, J. (1992). Bidding rings. American Economic Review 82, 579-599.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.month import Month, first_units
from agents.reporting import Reporting
from mechanisms import Draws
from mechanisms.draws import smallest
from scenarios import Scenario

Array = NDArray[Any]

_WHOLE = 1e-9


def by_lot(share: Any, draws: Draws, purpose: str, labs: int) -> Array:
    """A share of labs, rounded to whole ones, drawn once a world, bool (*lead, labs); a larger share has them too.

    >>> [int(by_lot(share, Draws(0), "ring", 9).sum()) for share in (0.0, 0.5, 1.0)]
    [0, 5, 9]
    """
    return smallest(draws.priority(purpose, labs), np.floor(np.asarray(share) * labs + 0.5))


class Strategies:
    """How the labs of a market come to their reports.

    Attributes
    ----------
    full_value : whether all labs report their net values as they are
    rules : the bidding rules in use

    Examples
    --------
    >>> cell = Scenario(labs={"count": 2, "units": 1, "other_share": 0.5, "other_bidding": "outside-option"})
    >>> labs = SimpleNamespace(count=2, other_share=0.5, ring_share=0.0, ring_withheld=0.5)
    >>> month = Draws(0), np.array([[0.7], [0.7]]), np.array([0, 0]), np.array([[0.5], [0.5]])
    >>> sorted(Strategies([cell], labs, Draws(0))(*month).ravel().tolist())
    [0.5, 0.7]
    """

    def __init__(self, cells: Sequence[Scenario], labs: SimpleNamespace, draws: Draws) -> None:
        self.rules = [Reporting(cells)]
        self._ring: Ring | None = None
        if np.any(labs.other_share):
            self.rules.append(Reporting(cells, "other_bidding"))
            self._others = by_lot(labs.other_share, draws, "other bidding", labs.count)
        if np.any(labs.ring_share):
            self._ring = Ring(labs, draws)
        self.full_value = self._ring is None and all(rule.full_value for rule in self.rules)

    def __call__(
        self, draws: Draws, net_value: Array, endowment: Array, expected_penalty: Array, lost: ArrayLike = 0.0
    ) -> Array:
        """Reports of all labs (*lead, labs, units), not rising along units, in M$ per permit.

        `lost` is the part of net values that labs expect to lose without permits as their runs are stopped: a permit
        saves it. Rules that remember learn that by themselves.
        """
        reports = [
            rule(net_value, endowment, expected_penalty, draws)
            if rule.full_value or rule.plugin.remembers or not np.any(lost)
            else lost + rule(net_value - lost, endowment, expected_penalty, draws)
            for rule in self.rules
        ]
        values = reports[0] if len(reports) == 1 else np.where(self._others[..., None], reports[1], reports[0])
        return values if self._ring is None else self._ring.withhold(values, endowment)

    @property
    def remember(self) -> bool:
        """Whether a rule looks back at earlier months."""
        return any(rule.plugin.remembers for rule in self.rules)

    def tell(self, month: Month) -> None:
        """Tell the rules that remember what came of the month's reports."""
        for rule in self.rules:
            if rule.plugin.remembers:
                rule.tell(month)


class Ring:
    """Labs that withhold demand together: of their members' bids only those for the dearest units reach the market.

    >>> ring = Ring(SimpleNamespace(count=2, ring_share=1.0, ring_withheld=0.5), Draws(0))
    >>> ring.withhold(np.array([[0.9, 0.8], [0.7, 0.1]]), np.array([0, 1])).tolist()
    [[0.9, 0.8], [0.7, 0.0]]
    """

    def __init__(self, labs: SimpleNamespace, draws: Draws) -> None:
        self._members = by_lot(labs.ring_share, draws, "ring", labs.count)
        self._lots = draws.priority("ring", labs.count)
        self._withheld = np.asarray(labs.ring_withheld, dtype=np.float64)[..., None]

    def withhold(self, reports: Array, endowment: Array) -> Array:
        """Reports (*lead, labs, units) with the members' lowest bids at 0, which is no order; asks stay."""
        values = np.moveaxis(reports, -1, -2)  # units first, as they lie in memory
        bids = self._members[..., None, :] & (values > 0) & ~first_units(endowment, values.shape[-2])
        count = bids.sum(axis=(-2, -1), keepdims=True)
        kept = count - np.floor(self._withheld * count + _WHOLE).astype(np.int64)
        low = values < _nth(values * bids, kept)
        if ((bids & ~low).sum(axis=(-2, -1), keepdims=True) > kept).any():  # equal bids, of which some go
            low = self._rank(values, bids) >= kept
        return np.moveaxis(values * ~(bids & low), -2, -1)

    def _rank(self, values: Array, bids: Array) -> Array:
        """Places of the ring's bids from the dearest down; equal ones by lot among labs, a lab's own in their order."""
        flat = (*values.shape[:-2], -1)
        value = np.where(bids, -values, np.inf).reshape(flat)
        lots = np.broadcast_to(self._lots[..., None, :], values.shape).reshape(flat)
        order = np.lexsort((lots, value), axis=-1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.broadcast_to(np.arange(order.shape[-1]), order.shape), axis=-1)
        return rank.reshape(values.shape)


def _nth(values: Array, place: Array) -> Array:
    """The n-th highest of the last two axes (1 is the highest), with `place` of shape (*lead, 1, 1); inf for 0."""
    ranked = np.sort(values.reshape(*values.shape[:-2], -1), axis=-1)
    found = np.take_along_axis(ranked, ranked.shape[-1] - np.maximum(place[..., 0], 1), axis=-1)
    return np.where(place > 0, found[..., None], np.inf)
