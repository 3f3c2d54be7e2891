"""Regret: what a lab leaves on the table by telling the truth, as a share of what the truth brings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechanisms.book import OrderBook
from mechanisms.exchange import CentralExchange
from mechanisms.properties.checks import TOLERANCE, tried
from mechanisms.properties.reports import misreports, told
from mechanisms.properties.search import best_misreport, flat, rows, seeds_of
from mechanisms.properties.witness import Witness

LABS = 8
"""Labs looked at in each market; where there are more, a different eight of them in each."""


@dataclass(frozen=True, eq=False)
class Regret:
    """Gains from the best misreport found, over the mean truthful surplus of a lab.

    Attributes
    ----------
    mean, largest : over labs and markets, shares of `surplus`; NaN where that is 0, as for buyers who pay their bids
    mean_gain, largest_gain : the same in M$; 0 where no lie pays
    surplus : mean truthful surplus of a lab under the same mechanism, M$
    cases : labs looked at, over all markets
    witness : the largest gain, None where no lie pays
    """

    mean: float
    largest: float
    mean_gain: float
    largest_gain: float
    surplus: float
    cases: int
    witness: Witness | None


def regret(exchange: CentralExchange, book: OrderBook, seed: int = 0) -> Regret:
    """Mean and largest gain from misreporting while others are truthful, over the mean truthful surplus.

    A lower bound: the misreports tried are those of `mechanisms.properties.reports.misreports`, with the luck of the
    truth, so that under a mechanism in which chance decides a lab is supposed to know the lot.

    Parameters
    ----------
    exchange : the mechanism
    book : true reports of one market or many, where each lab has one order or a ladder of unit orders
    seed : market i is cleared with seed + i

    Raises
    ------
    InputError
        Where a lab has several orders that are not laid out as a ladder.

    Examples
    --------
    >>> book = OrderBook.of([[9.0, 6.0, 4.0], [8.0, 7.0, 2.0]], supply=2)
    >>> for name in ("uniform-price", "vickrey", "pay-as-bid"):
    ...     found = regret(CentralExchange(name), book)
    ...     print(f"{name:13} mean {found.mean:.2f} largest {found.largest:.2f} mean gain {found.mean_gain:.2f} M$")
    uniform-price mean 3.50 largest 7.50 mean gain 2.33 M$
    vickrey       mean 0.00 largest 0.00 mean gain 0.00 M$
    pay-as-bid    mean nan largest nan mean gain 3.00 M$
    """
    index, lab = tried(int(np.prod(book.lead, dtype=int)), book.labs, LABS)
    markets, seeds = rows(flat(book), index), seeds_of(index.max(initial=0) + 1, seed)[index]
    found = best_misreport(exchange, markets, lab, seeds, misreports)
    gain = np.where(found.gain > TOLERANCE, found.gain, 0.0)
    mean, largest, surplus = (float(x) for x in (gain.mean(), gain.max(), found.truthful.mean()))
    whole = surplus if surplus > TOLERANCE else np.nan
    worst = int(gain.argmax())
    witness = None
    if gain[worst] > 0:
        misreport, kind = told(rows(markets, [worst]), lab[[worst]], misreports, int(found.place[worst]))
        where = markets.one(worst), int(seeds[worst]), float(gain[worst]), int(lab[worst])
        witness = Witness("truthful", exchange.label, *where, misreport, kind)
    return Regret(mean / whole, largest / whole, mean, largest, surplus, gain.size, witness)
