"""Best responses: the report for each unit that gains a lab most while its rivals bid by given functions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.bid_functions import BidFunctions, Line
from agents.rivals import Rivals

Array = NDArray[Any]

COARSE = np.linspace(-0.2, 1.0, 13)
"""Shares of the way from the truth to the end of the range (0 for bids, the highest worth for asks)."""
FINE = np.linspace(-0.08, 0.08, 9)
TRIES = COARSE.size + FINE.size + 2
ALTERNATIVES = (1.0, 0.9, 0.75, 0.5, 0.25)
"""Shares of the truth that a lab may report for all its units at once."""
_SAME = 1e-12
_PULL = 0.05


class Response(NamedTuple):
    """What one type of lab does best with one of its units.

    Attributes
    ----------
    kind, unit, selling : which type (place on the list of types), its j-th unit, as an ask or as a bid
    worth, report : M$ per permit
    gain : over the report by the current functions, in M$
    stake : between the best and the worst report tried, times the chance that the unit is on this side
    """

    kind: int
    unit: int
    selling: bool
    worth: float
    report: float
    gain: float
    stake: float


def lab_types(rivals: Rivals, count: int) -> Array:
    """Labs that stand for all, by worth of their units (types, units): spread over ranks and over worth alike."""
    own = rivals.own[rivals.own[:, 0] > 0]
    if not len(own):
        return own
    own = own[np.lexsort(own.T[::-1])]
    spread = np.arange(len(own)) / len(own) + own[:, 0] / own[-1, 0]
    wanted = spread[0] + (np.arange(count) + 0.5) / count * (spread[-1] - spread[0])
    return np.unique(own[np.searchsorted(spread, wanted)], axis=0)


def truthful(types: Array, first_only: bool = False) -> BidFunctions:
    """Functions with a knot at each type's worth that tell the truth, of all units or of the first unit only.

    >>> truthful(np.array([[0.4, 0.2], [0.8, 0.4]]), first_only=True).bids[1].reports.tolist()
    [0.0, 0.0, 0.0]
    """
    knots = [np.unique(np.append(0.0, worth[worth > 0])) for worth in types.T]
    bids = (Line(x, 0.0 * x if first_only and unit else x) for unit, x in enumerate(knots))
    asks = np.linspace(0.0, types.max(), len(types) + 1)
    return BidFunctions(tuple(bids), Line(asks, asks))


def best_responses(rivals: Rivals, strategy: BidFunctions, types: Array) -> Iterator[Response]:
    """Each type's best report for each of its units, as a bid and as an ask, the other units by the functions."""
    top = float(rivals.worth.max())
    for unit, selling in product(range(types.shape[1]), (False, True)):
        some = _side(rivals, unit, selling)
        if some is None:
            continue
        everyone, line = some.reports(strategy), strategy.lines(selling)[unit]
        share = len(some.worth) / len(rivals.worth)
        for kind, worth in enumerate(types):
            if worth[unit] > 0:
                own = some.own_reports(strategy, worth)
                now, reach = float(line(worth[unit])), top - worth[unit] if selling else -worth[unit]
                prices, gains = _search(some, everyone, worth, own, unit, now, reach)
                best = _nearest_best(prices, gains, worth[unit])
                more, stake = float(gains.max() - gains[0]), float(np.ptp(gains)) * share
                yield Response(kind, unit, selling, float(worth[unit]), float(prices[best]), more, stake)


def _side(rivals: Rivals, unit: int, selling: bool) -> Rivals | None:
    """The worlds in which the first lab sells its j-th unit, or in which it does not; None where there are none."""
    worlds = rivals.selling[:, unit] == selling
    if worlds.all():
        return rivals
    return rivals.where(worlds) if worlds.any() else None


def _search(
    rivals: Rivals, everyone: Array, worth: Array, own: Array, unit: int, now: float, reach: float
) -> tuple[Array, Array]:
    """Reports tried for one unit, the current one first, and their mean gains: a coarse grid, then a fine one."""
    prices = np.append(now, worth[unit] + COARSE * reach)
    gains = _mean_gains(rivals, everyone, worth, own, unit, prices)
    middle = prices[_nearest_best(prices, gains, worth[unit])]
    closer = np.append(worth[unit], np.maximum(middle + FINE * reach, 0.0))
    more = _mean_gains(rivals, everyone, worth, own, unit, closer)
    return np.append(prices, closer), np.append(gains, more)


def _mean_gains(rivals: Rivals, everyone: Array, worth: Array, own: Array, unit: int, prices: Array) -> Array:
    return rivals.gains(everyone, worth, with_report(own, unit, prices)).mean(axis=-1)


def with_report(own: Array, unit: int, prices: Array) -> Array:
    """Reports (tries, worlds, units) with each price tried for one unit; units before it report no less, later no more.

    >>> with_report(np.array([[0.5, 0.4, 0.3]]), 1, np.array([0.6, 0.1]))[:, 0].tolist()
    [[0.6, 0.6, 0.3], [0.5, 0.1, 0.1]]
    """
    tried = np.tile(own, (len(prices), 1, 1))
    price = prices[:, None, None]
    tried[..., :unit] = np.maximum(tried[..., :unit], price)
    tried[..., unit:] = np.minimum(tried[..., unit:], price)
    tried[..., unit] = prices[:, None]
    return tried


def _nearest_best(prices: Array, gains: Array, truth: float) -> int:
    """Of the reports that gain most the one nearest to the truth."""
    best = gains >= gains.max() - _SAME * max(1.0, abs(truth))
    return int(np.argmin(np.where(best, np.abs(prices - truth), np.inf)))


def gains_left(train: Rivals, fresh: Rivals, strategy: BidFunctions, types: Array) -> Array:
    """The largest gain of each type from a deviation (types,), in M$: chosen in some worlds, measured in others.

    Deviations are other reports for one unit, and for all units at once: a share of the truth, or fewer units.
    """
    left = np.array([max(0.0, _gain_from_all(train, fresh, strategy, worth)) for worth in types])
    for response in best_responses(train, strategy, types):
        some, worth = _side(fresh, response.unit, response.selling), types[response.kind]
        if response.gain > 0 and some is not None:
            own, line = some.own_reports(strategy, worth), strategy.lines(response.selling)[response.unit]
            prices = np.array([float(line(worth[response.unit])), response.report])
            now, then = _mean_gains(some, some.reports(strategy), worth, own, response.unit, prices)
            left[response.kind] = max(left[response.kind], then - now)
    return left


def _gain_from_all(train: Rivals, fresh: Rivals, strategy: BidFunctions, worth: Array) -> float:
    units = np.arange(worth.size)
    fewer = [np.where(units < count, worth, 0.0) for count in range(worth.size)]
    others = np.maximum([share * worth for share in ALTERNATIVES] + fewer, 0.0)
    gains = []
    for rivals in (train, fresh):
        own = rivals.own_reports(strategy, worth)
        tried = np.concatenate([own[None], np.broadcast_to(others[:, None], (len(others), *own.shape))])
        gains.append(rivals.gains(rivals.reports(strategy), worth, tried).mean(axis=-1))
    best = int(np.argmax(gains[0]))
    return float(gains[1][best] - gains[1][0])


def follow(strategy: BidFunctions, responses: list[Response], step: float) -> BidFunctions:
    """The functions moved part of the way to the best responses."""
    responses = _no_less_before(responses)
    bids = [
        bid.towards(_at_knots(bid, [r for r in responses if r.unit == unit and not r.selling]), step)
        for unit, bid in enumerate(strategy.bids)
    ]
    asked = [r for r in responses if r.selling and r.stake > _SAME]
    return BidFunctions(
        tuple(bids), strategy.asks.towards(_fitted(strategy.asks, asked), step) if asked else strategy.asks
    )


def _no_less_before(responses: list[Response]) -> list[Response]:
    """A report with which a later unit gains holds for the units before it too, or they would keep it down."""
    dearest: dict[tuple[int, bool], float] = {}
    raised = []
    for response in sorted(responses, key=lambda r: -r.unit):
        of = response.kind, response.selling
        report = max(response.report, dearest.get(of, 0.0))
        raised.append(response._replace(report=report))
        if response.gain > _SAME:
            dearest[of] = report
    return raised


def _at_knots(line: Line, responses: list[Response]) -> Array:
    reports = line.reports.copy()
    for response in responses:
        reports[np.searchsorted(line.knots, response.worth)] = response.report
    return _smooth(line.knots, reports)


def _smooth(knots: Array, reports: Array) -> Array:
    """Take half of each report from the line between its neighbours: at kinks of the rivals' functions responses crowd.

    >>> _smooth(np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 3.0])).tolist()
    [0.0, 1.5, 3.0]
    """
    if len(knots) < 3:
        return reports
    along = (knots[1:-1] - knots[:-2]) / (knots[2:] - knots[:-2])
    smooth = reports.copy()
    smooth[1:-1] = (reports[1:-1] + reports[:-2] + along * (reports[2:] - reports[:-2])) / 2
    return smooth


def _fitted(line: Line, responses: list[Response]) -> Array:
    """Reports at the knots by least squares, weighted by stakes, with a slight pull to where they are."""
    worth, report, stake = (np.array([getattr(r, name) for r in responses]) for name in ("worth", "report", "stake"))
    hats = np.stack([np.interp(worth, line.knots, hat) for hat in np.eye(line.knots.size)], axis=1)
    weight = np.sqrt(stake / stake.max())
    rows = np.vstack([hats * weight[:, None], _PULL * np.eye(line.knots.size)])
    wanted = np.append((report - hats @ line.reports) * weight, np.zeros(line.knots.size))
    return _smooth(line.knots, line.reports + np.linalg.lstsq(rows, wanted, rcond=None)[0])
