"""The month's money: what each phase moves between the accounts, told from what happened and not from the balances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import PermitMarket
from agents.governor import collateral
from agents.ledger import Ledger

Array = NDArray[Any]

OPENING, CLOSING, AUDITS = "Before", "After", "Audits"


@dataclass(frozen=True, eq=False)
class Accounts:
    """Balances of one world in M$: `labs` at hand and `collateral` held for them, (labs,); the others are sums."""

    labs: Array
    collateral: Array
    governor: float
    resources: float

    @classmethod
    def of(cls, ledger: Ledger) -> Accounts:
        """Balances as they stand.

        >>> Accounts.of(Ledger(np.array([1.0, 2.0]))).labs.tolist()
        [1.0, 2.0]
        """
        held = np.broadcast_to(ledger.collateral, np.shape(ledger.labs))
        return cls(np.array(ledger.labs), np.array(held), float(ledger.governor), float(ledger.resources))


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of the ledger: what it does to each account, in M$; all of it together is zero."""

    phase: int
    words: str
    labs: Array
    collateral: Array
    governor: float = 0.0
    resources: float = 0.0


def entries(market: PermitMarket, phase: int) -> list[Entry]:
    """The ledger's lines of a month up to a phase (1 to 6), from what labs paid, ran and owed.

    >>> from scenarios import load_scenario
    >>> market = PermitMarket(load_scenario("thin_market"), seed=3)
    >>> market.step()
    >>> [(line.phase, line.words) for line in entries(market, 3)]
    [(1, 'Collateral posted'), (2, 'Permits paid for'), (3, 'Net value of runs')]
    """
    month, p = market.month, market.parameters
    none = np.zeros(p.labs.count)
    posted = none + collateral(p.enforcement) * p.labs.units
    lines = [Entry(1, "Collateral posted", -posted, posted)]
    if phase >= 2:
        lines.append(Entry(2, "Permits paid for", -month.paid, none, governor=float(month.paid.sum())))
    if phase >= 3:
        value = month.run_value.reshape(-1, none.size).sum(axis=0)
        lines.append(Entry(3, "Net value of runs", value, none, resources=-float(value.sum())))
    if phase >= 5:
        cost = float(month.audited.sum() * p.welfare.audit_cost)
        lines.append(Entry(5, AUDITS, none, none, governor=-cost, resources=cost))
    return lines + _last_phase(market, posted) if phase >= 6 else lines


def _last_phase(market: PermitMarket, posted: Array) -> list[Entry]:
    """Penalties, out of the collateral first, and what goes back."""
    seized, fine = market.month.seized, market.month.fine
    none, back = np.zeros_like(posted), posted - seized
    lines = [
        Entry(6, "Collateral seized", none, -seized, governor=float(seized.sum())),
        Entry(6, "Fines", -fine, none, governor=float(fine.sum())),
        Entry(6, "Collateral returned", back, -back),
    ]
    lost, cost = getattr(market.month, "lost_value", none), none + market.collateral_cost
    if lost.any():
        lines.append(Entry(6, "Runs stopped", -lost, none, resources=float(lost.sum())))
    if cost.any():
        lines.append(Entry(6, "Cost of tied-up collateral", -cost, none, resources=float(cost.sum())))
    return lines


def ledger_table(opening: Accounts, lines: list[Entry]) -> pd.DataFrame:
    """The whole world's ledger: phase (0 for balances), entry, and a column an account, in M$."""
    moved = [(e.phase, e.words, e.labs.sum(), e.collateral.sum(), e.governor, e.resources) for e in lines]
    first = (0, OPENING, opening.labs.sum(), opening.collateral.sum(), opening.governor, opening.resources)
    return _closed([first, *moved], ["labs", "collateral", "governor", "resources"])


def statement(opening: Accounts, lines: list[Entry], lab: int) -> pd.DataFrame:
    """One lab's two accounts: phase (0 for balances), entry, money at hand and collateral held, in M$."""
    moved = [(e.phase, e.words, e.labs[lab], e.collateral[lab]) for e in lines]
    touched = [line for line in moved if line[1] != AUDITS]
    first = (0, OPENING, opening.labs[lab], opening.collateral[lab])
    return _closed([first, *touched], ["at_hand", "collateral"])


def _closed(rows: list[tuple[Any, ...]], accounts: list[str]) -> pd.DataFrame:
    """Opening balances and entries, with the closing balances that they add up to."""
    amounts = np.array([row[2:] for row in rows]) + 0.0  # no -0.0 on the screen
    labels = [*(row[:2] for row in rows), (0, CLOSING)]
    table = pd.DataFrame(np.vstack([amounts, amounts.sum(axis=0)]), columns=accounts)
    table.insert(0, "phase", [phase for phase, _ in labels])
    table.insert(1, "entry", [words for _, words in labels])
    return table
