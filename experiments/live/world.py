"""A world that goes on by months or by phases, and tells at each point only what has happened by then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from agents import PermitMarket
from experiments.live.accounts import Accounts, Entry, entries, ledger_table, statement
from experiments.live.choices import Choice, choice_of
from experiments.live.labs import lab_table, unit_table
from mechanisms import InputError
from scenarios import Scenario

PHASES = (
    "Price discovery",
    "Permit allocation",
    "Run choice",
    "Signals",
    "Audits",
    "Penalties and refunds",
)
PRICES, CHOICES, SIGNALS, AUDITS, LAST = 1, 3, 4, 5, len(PHASES)
"""Phases, counted from 1, after which prices, choices, signals and audits are known."""


class WatchedMarket(PermitMarket):
    """A market of one world that notes its balances before the month's first phase and after each phase."""

    accounts: list[Accounts]

    def discover_prices(self) -> None:
        """Phase 1."""
        self.accounts = [Accounts.of(self.ledger)]
        super().discover_prices()
        self._note()

    def allocate_permits(self) -> None:
        """Phase 2."""
        super().allocate_permits()
        self._note()

    def choose_runs(self) -> None:
        """Phase 3."""
        super().choose_runs()
        self._note()

    def raise_signals(self) -> None:
        """Phase 4."""
        super().raise_signals()
        self._note()

    def audit(self) -> None:
        """Phase 5."""
        super().audit()
        self._note()

    def penalise_and_refund(self) -> None:
        """Phase 6."""
        super().penalise_and_refund()
        self._note()

    def _note(self) -> None:
        self.accounts.append(Accounts.of(self.ledger))


class LiveWorld:
    """One world of a scenario, from its first month's first phase on.

    Phases read only what earlier phases wrote, so a month is worked out as a whole and told phase by phase.

    Attributes
    ----------
    market : the market; its month may hold more than has been told
    phase : phases of the month that have happened, 1 to 6

    Examples
    --------
    >>> from scenarios import load_scenario
    >>> world = LiveWorld(load_scenario("thin_market"), seed=7)
    >>> world.next_phase()
    >>> world.month, world.phase
    (1, 2)
    >>> world.next_month()
    >>> world.next_month()
    >>> world.month, world.phase, len(world.history())
    (2, 6, 2)
    """

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        self.scenario, self.seed = scenario, seed
        self.market = WatchedMarket(scenario, seed=seed)
        if self.market.lead:
            raise InputError("seed: a live month shows one world; give a single seed")
        self.market.step()
        self.phase = 1

    @property
    def month(self) -> int:
        """The month, from 1."""
        return int(self.market.steps)

    @property
    def months(self) -> int:
        """Months of the scenario."""
        return self.scenario.months

    @property
    def finished(self) -> bool:
        """Whether the last month has had all its phases."""
        return self.phase == LAST and not self.market.running

    def next_phase(self) -> None:
        """One phase on; nothing happens after the last month."""
        if self.phase < LAST:
            self.phase += 1
        elif not self.finished:
            self.market.step()
            self.phase = 1

    def next_month(self) -> None:
        """To the end of the month, or of the next month where this one is over."""
        if self.phase == LAST:
            self.next_phase()
        self.phase = LAST

    @property
    def opening(self) -> Accounts:
        """Balances before the month."""
        return self.market.accounts[0]

    @property
    def accounts(self) -> Accounts:
        """Balances after the phase."""
        return self.market.accounts[self.phase]

    def entries(self) -> list[Entry]:
        """What the month's phases so far moved between the accounts."""
        return entries(self.market, self.phase)

    def ledger(self) -> pd.DataFrame:
        """The month's ledger so far: balances before, a row an entry, balances after."""
        return ledger_table(self.opening, self.entries())

    def statement(self, lab: int) -> pd.DataFrame:
        """The same of one lab (from 0): money at hand and collateral held for it."""
        return statement(self.opening, self.entries(), lab)

    def labs(self) -> pd.DataFrame:
        """All labs as far as is known of them this month; see `lab_table`."""
        return lab_table(self.market, self.phase)

    def units(self, lab: int) -> pd.DataFrame:
        """The units and orders of one lab (from 0); see `unit_table`."""
        return unit_table(self.market, lab, self.phase)

    def choice(self, lab: int) -> Choice | None:
        """The run choice of one lab (from 0); None before phase 3."""
        return choice_of(self.market, lab) if self.phase >= CHOICES else None

    def audit_chance(self, lab: int) -> float:
        """Probability, given its signal, that the Governor audits a lab (from 0), before any limit on audits."""
        rate = self.market.rates.high if self.market.month.signal[lab] else self.market.rates.low
        return float(np.broadcast_to(rate, (self.scenario.labs.count,))[lab])

    def history(self) -> pd.DataFrame:
        """Every measure by month; of a month under way those of its market, and compliance once labs have chosen."""
        table = self.market.results()
        if self.phase < LAST:
            known = [name for name in ("seed", "month", *self._known()) if name in table]
            row = table.index == table.index[-1]
            table = table.astype(dict.fromkeys(set(table) - set(known), np.float64))
            table.loc[row, [name for name in table if name not in known]] = np.nan
        return table

    def _known(self) -> list[str]:
        prices = ["price", "price_paid", "price_received", "volume", "wanted"]
        chosen = ["compliance_rate", "deterrence_rate", "share_violating"]
        return prices + (chosen if self.phase >= CHOICES else [])

    def outcomes(self) -> pd.DataFrame:
        """Signals and audits by truth: month, of (``signal`` or ``audit``), violated, raised, labs (how many)."""
        table = self.market.results()
        labs, violating = self.scenario.labs.count, table["share_violating"] * self.scenario.labs.count
        audited = table["audits"] - table["false_alarms"]
        parts = [
            _crossed(table["month"], "signal", violating, labs, table["signals_violators"], table["signals_clean"]),
            _crossed(table["month"], "audit", violating, labs, audited, table["false_alarms"]),
        ]
        upto = {"signal": SIGNALS, "audit": AUDITS}
        known = [part[part["month"] < self.month + (self.phase >= upto[part["of"].iloc[0]])] for part in parts]
        return pd.concat(known, ignore_index=True)


def _crossed(month: Any, of: str, violating: Any, labs: int, hits: Any, false_alarms: Any) -> pd.DataFrame:
    """Labs by whether they violated and whether a signal or an audit fell on them."""
    counts = {
        (True, True): hits,
        (True, False): violating - hits,
        (False, True): false_alarms,
        (False, False): labs - violating - false_alarms,
    }
    frames = [
        pd.DataFrame({"month": month, "of": of, "violated": violated, "raised": raised, "labs": count.round()})
        for (violated, raised), count in counts.items()
    ]
    return pd.concat(frames, ignore_index=True).astype({"labs": int})
