"""Why a lab ran what it ran: what each further unit without a permit adds, and what it costs in expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import PermitMarket
from agents.choice import linear_in_units
from agents.economics import expected_penalty, punishment

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Choice:
    """A lab's run choice in numbers; money in M$.

    Attributes
    ----------
    wanted, held, chosen : units worth more than their cost, permits, units run without a permit
    units : net values of the wanted units that no permit covers, the first of them first
    options : a row for each number of `units` run without a permit: units, value, expected, gain
    detection, penalty, risk : p_eff, P for one unit and the lab's risk profile; where the lab sees penalties or
        detection in its own way, the weight that it gives to being found and what that would cost it, and 1
    own_view : whether the lab sees penalties or detection in its own way
    linear : whether each further unit costs the same, E
    aftermath : what any violation costs the lab in later months
    precision : of a quantal choice; None where the lab takes the best
    """

    wanted: int
    held: int
    chosen: int
    units: Array
    options: pd.DataFrame
    detection: float
    penalty: float
    risk: float
    own_view: bool
    linear: bool
    aftermath: float
    precision: float | None


def choice_of(market: PermitMarket, lab: int) -> Choice:
    """The choice of a lab of a single world, after phase 3.

    >>> from scenarios import override, load_scenario
    >>> one = {"labs.count": 1, "labs.value": {"values": [[0.9, 0.4]]}, "permits.cap": 1, "labs.running_cost": 0}
    >>> still = {"labs.units": 2, "labs.value_noise": 0, "labs.value_shock": 0}
    >>> market = PermitMarket(override(load_scenario("thin_market"), one | still), seed=0)
    >>> market.step()
    >>> found = choice_of(market, 0)
    >>> found.wanted, found.held, found.units.tolist(), bool((found.options["gain"].iloc[1] > 0) == (found.chosen > 0))
    (2, 1, [0.4], True)
    """
    month, how = market.month, market.parameters.labs.choice
    u, held = month.net_value[:, lab], int(month.held[lab])
    units = u[held:][u[held:] > 0]
    seen = market.outlook(market.detection, slice(lab, lab + 1))
    found, believed, risk, reputation = (
        _of_lab(x, lab, month.held.shape) for x in (seen.detection, seen.believed, seen.risk, seen.reputation)
    )
    further = np.arange(units.size + 1)
    value = np.concatenate([[0.0], np.cumsum(units * (1 - believed * market.parameters.enforcement.stops_run))])
    expected = expected_penalty(further, found, seen.penalty, seen.limit, risk) + found * reputation * further
    later = _of_lab(np.asarray(market.rates.aftermath), lab, month.held.shape)
    gain = value - expected - later * (further > 0)
    return Choice(
        wanted=int(month.wanted[lab]),
        held=held,
        chosen=int(month.uncovered[lab]),
        units=units,
        options=pd.DataFrame({"units": further, "value": value, "expected": expected, "gain": gain}),
        detection=found,
        penalty=float(np.squeeze(punishment(1, seen.penalty, seen.limit))) + reputation,
        risk=risk,
        own_view=bool(reputation) or found != _of_lab(np.asarray(market.detection), lab, month.held.shape),
        linear=not later and bool(linear_in_units(u.size, seen.penalty, seen.limit)),
        aftermath=later,
        precision=None if how.kind == "rational" else float(how.precision),
    )


def _of_lab(figure: Array, lab: int, shape: tuple[int, ...]) -> float:
    return float(np.broadcast_to(figure, shape)[lab])
