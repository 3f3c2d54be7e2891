"""What labs report as a function of what a permit is worth to them: piecewise linear, one function a unit rank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.bidding import sells

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Line:
    """A piecewise linear function; beyond its last knot it goes on as before, though never falling nor steeper than 1.

    >>> Line(np.array([0.0, 1.0]), np.array([0.0, 0.5]))(np.array([0.5, 1.2])).tolist()
    [0.25, 0.6]
    """

    knots: Array
    """net values of a unit, rising, (knots,), in M$"""
    reports: Array
    """what is reported there, (knots,), in M$ per permit"""

    def __call__(self, worth: Array) -> Array:
        """Reports for units worth so much, of any shape; below the first knot the distance to the truth stays."""
        low, high = self.knots[0], self.knots[-1]
        inside = np.interp(worth, self.knots, self.reports)
        return np.asarray(inside + self._slope * np.maximum(worth - high, 0.0) + np.minimum(worth - low, 0.0))

    @cached_property
    def _slope(self) -> float:
        if len(self.knots) < 2:
            return 1.0
        rise, run = (x[-1] - x[-2] for x in (self.reports, self.knots))
        return float(np.clip(rise / run, 0.0, 1.0))

    def towards(self, reports: Array, step: float) -> Line:
        """Move part of the way to other reports at the same knots."""
        return Line(self.knots, self.reports + step * (reports - self.reports))


@dataclass(frozen=True, eq=False)
class BidFunctions:
    """One bid function for each unit of a lab (`bids[j]` for its j-th) and one ask function for all it is endowed with.

    >>> truth = Line(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    >>> half = Line(truth.knots, truth.reports / 2)
    >>> BidFunctions((truth, half), asks=truth)(np.array([[0.8], [0.6]]), np.array([0])).tolist()
    [[0.8], [0.3]]
    """

    bids: tuple[Line, ...]
    asks: Line

    def lines(self, selling: bool) -> tuple[Line, ...]:
        """The functions by unit rank, of units to buy or of units to sell."""
        return (self.asks,) * len(self.bids) if selling else self.bids

    def __call__(self, worth: Array, endowment: Array) -> Array:
        """Reports (*lead, units, labs) of labs to which permits are worth so much, never rising along units."""
        bids = np.stack([bid(worth[..., j, :]) for j, bid in enumerate(self.bids)], axis=-2)
        if not np.any(endowment):
            return np.minimum.accumulate(bids, axis=-2)
        offered = np.moveaxis(sells(endowment, worth.shape[-2]), -1, -2)
        return np.minimum.accumulate(np.where(offered, self.asks(worth), bids), axis=-2)

    def distance(self, other: BidFunctions) -> float:
        """The largest difference of reports at a knot, in M$."""
        pairs = zip((*self.bids, self.asks), (*other.bids, other.asks), strict=True)
        return max(float(np.abs(one.reports - two.reports).max()) for one, two in pairs)

    def document(self) -> dict[str, Any]:
        """Knots and reports as plain lists."""
        lines = {**{f"bid_{unit}": bid for unit, bid in enumerate(self.bids, 1)}, "ask": self.asks}
        return {name: {"worth": line.knots.tolist(), "report": line.reports.tolist()} for name, line in lines.items()}
