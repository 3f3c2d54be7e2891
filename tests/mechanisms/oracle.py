"""Independent answers for small markets: enumeration and linear programs that share no code with mechanisms/."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from tests.mechanisms.markets import Array, Market


def best_gains(market: Market, without: int | None = None) -> float:
    """Most gains from trade by the reports, leaving out one lab's bids and asks: a linear program over fills."""
    sign = np.where(market.buying, 1.0, -1.0)
    room = np.where(market.present & (market.user != without), market.quantity, 0.0)
    worth = np.append(sign * market.price, -market.reserve)
    bounds = [(0.0, most) for most in np.append(room, market.supply)]
    answer = linprog(-worth, A_eq=[np.append(sign, -1.0)], b_eq=[0.0], bounds=bounds)
    return float(-answer.fun)


def best_gains_of_whole_permits(market: Market) -> float:
    """The same for whole permits, by trying everyone whom the permits could end up with."""
    house = [market.reserve] * int(market.supply)
    asks = list(market.price[market.present & ~market.buying]) + house
    pot = list(market.price[market.present & market.buying]) + asks
    return max(sum(holders) for holders in combinations(pot, len(asks))) - sum(asks)


def lab_gains(market: Market, lab: int, net: float) -> float:
    """What a net purchase is worth to a lab by its reports: its highest valuations, less those of its own permits."""
    mine = market.present & (market.user == lab)
    asks = mine & ~market.buying
    order = np.argsort(-market.price[mine])
    amount = market.quantity[mine][order]
    before = np.cumsum(amount) - amount
    held = np.clip(market.quantity[asks].sum() + net - before, 0.0, amount)
    return float(held @ market.price[mine][order] - market.quantity[asks] @ market.price[asks])


def net_purchases(market: Market, fills: Array) -> dict[int, float]:
    """Permits bought less permits sold, by lab."""
    signed = np.where(market.buying, fills, -fills)
    return {int(lab): float(signed[market.user == lab].sum()) for lab in np.unique(market.user)}


def gains(market: Market, fills: Array) -> float:
    """Gains from trade of these fills by the reports; the house values its permits at the reserve."""
    net = net_purchases(market, fills)
    return sum(lab_gains(market, lab, m) for lab, m in net.items()) - market.reserve * sum(net.values())


def vcg_payments(market: Market, fills: Array) -> dict[int, float]:
    """Others' best without a lab less what the others get with it, by lab."""
    best = best_gains(market)
    return {
        lab: best_gains(market, without=lab) - (best - lab_gains(market, lab, net))
        for lab, net in net_purchases(market, fills).items()
    }
