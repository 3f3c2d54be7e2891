"""Simulated rivals, and what a lab gains against them from any reports: the mechanism itself sets the prices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.bid_functions import BidFunctions
from agents.bidding import sells
from agents.model import Worlds
from mechanisms import CentralExchange, Draws, OrderBook
from scenarios import Scenario, override

Array = NDArray[Any]

ALIKE = {"labs.other_share": 0.0, "labs.ring_share": 0.0}
"""Rivals all bid by the strategy at hand."""


@dataclass(frozen=True, eq=False)
class Rivals:
    """First months of sampled worlds, one lab of each in the first place: the one whose reports are tried out.

    Attributes
    ----------
    worth : (worlds, units, labs), what each permit is worth, in M$; endowment : (worlds, labs)
    supply, reserve : (worlds,), what the house offers
    draws : the worlds' luck
    """

    exchange: CentralExchange
    worth: Array
    endowment: Array
    supply: Array
    reserve: Array
    draws: Draws

    @classmethod
    def sample(cls, scenario: Scenario, worth: str, seeds: Array) -> Rivals:
        """Draw worlds of a scenario in which a permit is worth what labs report under the bidding rule `worth`.

        >>> rivals = Rivals.sample(Scenario(), "full-value", np.arange(4))
        >>> rivals.worth.shape, rivals.endowment.shape
        ((4, 3, 100), (4, 100))
        """
        market = Worlds(override(scenario, {"labs.bidding": worth, "months": 1, **ALIKE}), seed=seeds)
        market.step()
        month, book = market.month, market.month.clearing.book
        labs = month.endowment.shape[-1]
        turned = (np.arange(labs) + np.arange(len(seeds))[:, None]) % labs  # each lab is the first in its turn
        return cls(
            market.exchange,
            np.take_along_axis(month.reports, turned[:, None, :], axis=-1),
            np.take_along_axis(month.endowment, turned, axis=-1),
            book.supply,
            book.reserve,
            month.draws,
        )

    @cached_property
    def own(self) -> Array:
        """What permits are worth to the first lab of each world, (worlds, units)."""
        return np.ascontiguousarray(self.worth[..., 0])

    @cached_property
    def selling(self) -> Array:
        """Which of the first lab's units are offered, bool (worlds, units)."""
        return sells(self.endowment[:, 0], self.worth.shape[1])

    def where(self, some: Array) -> Rivals:
        """Some of the worlds, bool (worlds,)."""
        worth, endowment, supply, reserve = (x[some] for x in (self.worth, self.endowment, self.supply, self.reserve))
        return Rivals(self.exchange, worth, endowment, supply, reserve, self.draws.some(np.flatnonzero(some)))

    def reports(self, strategy: BidFunctions) -> Array:
        """Everyone's reports under one strategy, (worlds, units, labs)."""
        return strategy(self.worth, self.endowment)

    def own_reports(self, strategy: BidFunctions, worth: Array) -> Array:
        """Reports of the first lab if permits were worth `worth` (units,) to it, (worlds, units)."""
        one = np.broadcast_to(worth[:, None], (len(self.endowment), worth.size, 1))
        return strategy(one, self.endowment[:, :1])[..., 0]

    def gains(self, reports: Array, own_worth: Array, own_reports: Array) -> Array:
        """What the first lab gains from the market, (tries, worlds), in M$.

        `reports` are everyone's (worlds, units, labs), `own_reports` (tries, worlds, units) take the first lab's place;
        `own_worth` is (units,) or (worlds, units). Where the mechanism splits permits, a part counts as the chance of
        the whole.
        """
        tried = np.empty((len(own_reports), *reports.shape))
        tried[...] = reports
        tried[..., 0] = own_reports
        held, paid = self._clear(tried)
        return held_worth(own_worth, held) - held_worth(own_worth, self.endowment[:, 0]) - paid

    def _clear(self, reports: Array) -> tuple[Array, Array]:
        """Permits that the first lab then holds and what it pays for reports (tries, worlds, units, labs)."""
        lead = reports.shape[:2]
        endowment, supply, reserve = (
            np.broadcast_to(x, (*lead, *x.shape[1:])) for x in (self.endowment, self.supply, self.reserve)
        )
        book = OrderBook.ladders(reports, endowment, supply, reserve)
        clearing = self.exchange.clear(book, self.draws.repeated(lead[0]))
        held = endowment[..., 0] + clearing.bought[..., 0] - clearing.sold[..., 0]
        return held, clearing.lab_payments[..., 0]


def held_worth(worth: Array, held: Array) -> Array:
    """Worth of so many permits to a lab whose units are worth `worth` (..., units), the dearest first.

    >>> held_worth(np.array([0.8, 0.4, -0.1]), np.array([0, 1, 1.5, 3])).round(9).tolist()
    [0.0, 0.8, 1.0, 1.2]
    """
    used = np.clip(np.asarray(held)[..., None] - np.arange(worth.shape[-1]), 0.0, 1.0)
    return np.asarray((used * np.maximum(worth, 0.0)).sum(axis=-1))
