"""What happens in one month, and the tallies that are kept of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mechanisms import Clearing, Draws
from mechanisms.book import count_in, sum_in
from mechanisms.pot import by_column

Array = NDArray[Any]

_WHOLE = 1e-9
_BYTE = 2**7
"""Below this counts fit a byte."""
_EXACT_SQUARE = 2**15
"""Up to here so many permits, all in one hand, have a square that fits 32 bits."""


class Abroad(NamedTuple):
    """Units of each lab that are worth running abroad, and their net value there in M$, (*lead, labs)."""

    units: Array
    value: Array


@dataclass(repr=False)
class Month:
    """The month's state, each field written by one phase; (*lead, labs) unless said otherwise.

    Counts of permits and units are int8 where they fit and else int32: NumPy's `sum` adds them safely; widen them
    (``held.astype(int)``) before multiplying them by whole numbers.
    """

    OF_THE_MARKET = ("net_value", "endowment", "reports", "bought", "sold", "paid", "held", "wanted", "covered")
    """fields that phases 1 and 2 write; where cells share a market, for one cell at first"""

    draws: Draws
    net_value: Array = field(init=False)
    """u of each unit, (*lead, units, labs), in M$; of labs that can move what a run at home adds to one abroad"""
    endowment: Array = field(init=False)
    reports: Array = field(init=False)
    """willingness to pay that labs report, (*lead, units, labs), in M$ per permit"""
    clearing: Clearing = field(init=False)
    bought: Array = field(init=False)
    sold: Array = field(init=False)
    paid: Array = field(init=False)
    """auction payments, + paid, - received, in M$"""
    held: Array = field(init=False)
    wanted: Array = field(init=False)
    covered: Array = field(init=False)
    house: Array = field(init=False)
    """regular permits of the house, shape lead; this and the next five only where market rules are on"""
    permits_by_age: Array = field(init=False)
    """permits in hand by the months that they are still good for, (ages, *lead, labs)"""
    lapsing: Array | None = None
    """permits in hand before the auction that are good for this month alone"""
    resale: tuple[Array, Array, Array] | None = None
    """bought, sold and paid in the resale round, which `paid` holds too"""
    abroad: Abroad | None = None
    """what runs abroad would bring; `relocated` counts those that labs make, and only where labs can move"""
    relocated: Array = field(init=False)
    risky: Array | None = None
    """whose models turned out risky, bool"""
    weight: Array | None = None
    """permits that each unit of a lab needs, only where risky ones need more; `permits` are then those in hand after
    trade, and `held` the units that they suffice for"""
    permits: Array = field(init=False)
    exempt: Array = field(init=False)
    """units run that need no permit; `held` counts them"""
    saved_for: Array = field(init=False)
    """what a permit may fetch in a later month, shape lead, in M$"""
    uncovered: Array = field(init=False)
    violating: Array = field(init=False)
    """who runs anything without a permit, bool"""
    run_value: Array = field(init=False)
    """net value of all units run, in M$"""
    traded: dict[str, Any] = field(init=False)
    """counts and sums of phases 1 and 2"""
    value_created: Array = field(init=False)
    """sums over labs, shape lead: of values, audits and penalties"""
    audits: Array = field(init=False)
    penalties: Array = field(init=False)
    signal: Array = field(init=False)
    audited: Array = field(init=False)
    caught: Array = field(init=False)
    penalty: Array = field(init=False)
    """what caught labs pay, in M$; `seized` is the part of it that came out of the collateral, `fine` the rest"""

    surrendered: Array = field(init=False)
    """permits given up for earlier violations"""
    stopped: Array = field(init=False)
    """uncovered units that were found in time to be stopped, and their value in M$"""
    lost_value: Array = field(init=False)

    _later: dict[str, Callable[[Month], Array]] = field(init=False, default_factory=dict)

    @property
    def endowed(self) -> Array:
        """Units that the permits in hand before the auction suffice for."""
        return self.endowment if self.weight is None else self.endowment // self.weight

    def later(self, name: str, made: Callable[[Month], Array]) -> None:
        """Give a field that is made, from the month, when it is first asked for: most runs never ask.

        What makes it must not hold the month, which would then outlive its turn, arrays and all.
        """
        self.__dict__.pop(name, None)
        self._later[name] = made

    def __getattr__(self, name: str) -> Any:
        if name not in self.__dict__.get("_later", ()):
            raise AttributeError(f"{type(self).__name__} has no {name!r} yet")
        self.__dict__[name] = self._later[name](self)
        return self.__dict__[name]

    def spread(self, cells: int) -> None:
        """From here on a field of the market holds each cell's worlds."""
        for name in self.OF_THE_MARKET:
            self.later(name, partial(_spread, getattr(self, name), cells))


def in_each_cell(market: Array, cells: int) -> Array:
    """A figure of the market, for the worlds of each cell, the first cell's worlds first.

    >>> in_each_cell(np.array([[1, 2], [3, 4]]), 2).tolist()
    [[1, 2], [3, 4], [1, 2], [3, 4]]
    """
    return np.broadcast_to(market, (cells, *market.shape)).reshape(-1, *market.shape[1:])


def _spread(market: Array, cells: int, _month: Month) -> Array:
    return in_each_cell(market, cells)


def whole_trades(clearing: Clearing, draws: Draws) -> tuple[Array, Array, Array]:
    """Permits bought and sold by each lab in whole permits, and payments in proportion, (*lead, labs).

    A mechanism that returns fractions is rounded by one systematic draw: every trader, the house too, stays between
    floor and ceiling, and bought = sold.
    """
    (bought, sold), paid = clearing.trades, clearing.lab_payments
    if bought.dtype.kind in "iu":
        return bought, sold, paid
    bought, sold = _snap(bought), _snap(sold)
    if (bought == bought.round()).all() and (sold == sold.round()).all():
        return bought.astype(np.int32), sold.astype(np.int32), paid
    start = draws.uniform("rounding", 1)
    rounded = [_systematic(side, start) for side in (bought, sold)]
    before, after = np.where(bought > 0, bought, sold), np.where(bought > 0, rounded[0], rounded[1])
    share = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    return rounded[0], rounded[1], paid * share


def _systematic(amounts: Array, start: Array) -> Array:
    marks = np.floor(_snap(np.cumsum(amounts, axis=-1)) + start)
    return np.diff(marks, axis=-1, prepend=0.0).astype(np.int32)


def _snap(amounts: Array) -> Array:
    """Whole where only rounding is missing."""
    return np.where(np.abs(amounts - amounts.round()) < _WHOLE, amounts.round(), amounts)


def first_units(counts: Array, units: int) -> Array:
    """Mark each lab's first units, bool (*lead, units, labs)."""
    if units == 1:
        return np.asarray(counts[..., None, :] > 0)
    few = counts if counts.dtype == np.int8 else np.minimum(counts, units)
    few = few.astype(np.int8 if units < _BYTE else np.int32, copy=False)
    return np.asarray(np.arange(units, dtype=few.dtype)[:, None] < few[..., None, :])


# Counting and masking make up much of a month. On random masks, at which processors guess badly, np.where costs seven
# times a product with the mask.


def units_each(marked: Array) -> Array:
    """Marked units of each lab, int (*lead, labs), from bool (*lead, units, labs)."""
    return by_column(marked)


def units_in(counts: Array, most: int = _BYTE - 1) -> Array:
    """Sum of counts over labs, shape lead, from int (*lead, labs), none above `most`."""
    return count_in(counts, most)


def squares_in(counts: Array, most: int) -> Array:
    """Sum of squared counts over labs, none above `most`, shape lead."""
    kind: Any = np.int32 if most < _EXACT_SQUARE else np.float64
    flat: Array = counts.reshape(-1, counts.shape[-1]).astype(kind, copy=False)
    return np.asarray(np.einsum("ij,ij->i", flat, flat)).reshape(counts.shape[:-1])


def of_unit(values: Array, unit: Array) -> Array:
    """Each lab's entry at one of its units, (*lead, labs), of values (*lead, units, labs).

    >>> of_unit(np.array([[0.9, 0.8], [0.5, 0.3]]), np.array([0, 1])).tolist()
    [0.9, 0.3]
    """
    units, labs = values.shape[-2:]
    first = np.arange(0, values.size, units * labs).reshape(*values.shape[:-2], 1)
    return values.reshape(-1).take(first + np.arange(labs) + labs * unit.astype(np.intp))


def value_of_first(net_value: Array, counts: Array) -> Array:
    """Summed net value of each lab's first units, (*lead, labs), in M$."""
    units, labs = net_value.shape[-2:]
    if units == 1:
        return np.asarray(net_value[..., 0, :] * (counts > 0))
    each = (-1, units, labs)
    value, runs = net_value.reshape(each), first_units(counts, units).reshape(each)
    return np.asarray(np.einsum("iuj,iuj->ij", value, runs)).reshape(counts.shape)


def value_in_all(net_value: Array, counts: Array) -> Array:
    """Summed net value of all labs' first units, shape lead, in M$."""
    units, labs = net_value.shape[-2:]
    flat = (-1, units * labs)
    value, runs = net_value.reshape(flat), first_units(counts, units).reshape(flat)
    return np.asarray(np.einsum("ij,ij->i", value, runs)).reshape(net_value.shape[:-2])


def best_value(ranked: Array, cap: Any) -> Array:
    """Sum of the Q highest positive u, shape lead, from net values in rising order: the most that permits can cover."""
    if np.size(cap) == 1 or (cap == cap.flat[0]).all():
        best = ranked[..., max(ranked.shape[-1] - int(np.asarray(cap).flat[0]), 0) :]
        return sum_in(best if (best[..., :1] >= 0).all() else np.maximum(best, 0.0))
    caps = cap[..., 0]
    best = np.empty(ranked.shape[:-1])
    for one in np.unique(caps):
        best[caps == one] = best_value(ranked[caps == one], one)
    return best
