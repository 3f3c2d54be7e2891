"""The permit market as a Mesa model: labs and Governor are its agents, each a handle onto the arrays of its worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mesa
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from agents.model import Worlds
from mechanisms import InputError
from scenarios import Scenario

Array = NDArray[Any]


class PermitMarket(Worlds, mesa.Model):
    """A permit market under one scenario or several, month by month; parameters and attributes as in `Worlds`.

    Examples
    --------
    >>> from scenarios import load_scenario
    >>> market = PermitMarket(load_scenario("baseline"), seed=7)
    >>> market.run()
    >>> market.results().shape[0], market.agents[0].held
    (24, 3)
    """

    def __init__(self, scenario: Scenario | Sequence[Scenario], seed: ArrayLike = 0) -> None:
        super().__init__(scenario, seed)
        self._populated = False

    def _begin(self, seed: int) -> None:
        mesa.Model.__init__(self, rng=seed)

    def step(self) -> None:
        """One month: six phases, each reading only what earlier phases wrote; Mesa counts it."""
        self.advance()

    def _populate(self) -> None:
        """Make the agents when first asked for: a sweep of thousands of worlds never needs them."""
        if not self.__dict__.get("_populated", True):
            self._populated = True
            for index in range(self.parameters.labs.count):
                Lab(self, index)
            Governor(self)
            getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa before 3.5 keeps every model alive here

    @property
    def agents(self) -> Any:
        """Labs, then the Governor, as a Mesa AgentSet."""
        self._populate()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """Mesa's agents by class."""
        self._populate()
        return super().agents_by_type

    @property
    def governor(self) -> Governor:
        """The Governor as an agent."""
        return next(iter(self.agents_by_type[Governor]))


class Lab(mesa.Agent):
    """One lab: a handle onto its column of the market's arrays (a number in one world, an array over many).

    Attributes are this month's and read through to the market: `wealth`, `endowment`, `held`, `covered`, `uncovered`,
    `signal`, `audited`, `caught`, `paid` (auction payments), `penalty` and `net_value` (units first).
    """

    COLUMNS = ("endowment", "held", "covered", "uncovered", "signal", "audited", "caught", "paid", "penalty")

    def __init__(self, model: PermitMarket, index: int) -> None:
        super().__init__(model)
        self.index = index

    def __getattr__(self, name: str) -> Any:
        if name in Lab.COLUMNS:
            return _scalar(getattr(self.model.month, name)[..., self.index])
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @property
    def wealth(self) -> Any:
        """Account in M$."""
        return _scalar(self.model.ledger.labs[..., self.index])

    @property
    def net_value(self) -> Array:
        """Net value of each unit this month, (*lead, units), in M$."""
        return np.asarray(self.model.month.net_value[..., self.index])

    @property
    def true_compute(self) -> Any:
        """Compute used this month, in FLOP."""
        return _scalar((self.covered + self.uncovered) * self._flop)

    @property
    def reported_compute(self) -> Any:
        """Compute reported this month, ``min(run, held) * flop_per_unit``, in FLOP."""
        return _scalar(np.minimum(self.covered + self.uncovered, self.held) * self._flop)

    @property
    def _flop(self) -> Any:
        return (
            np.asarray(self.model.parameters.labs.flop_per_unit)[..., 0]
            if np.ndim(self.model.parameters.labs.flop_per_unit)
            else self.model.parameters.labs.flop_per_unit
        )

    def orders(self) -> pd.DataFrame:
        """The orders that this lab sends this month in a single world: side and limit price, in M$ per permit."""
        if self.model.lead:
            raise InputError("orders: the market holds many worlds; make one of them with a single seed")
        book = self.model.order_book(self.model.month.reports)
        mine = np.flatnonzero((book.user == self.index) & book.present)
        return pd.DataFrame({"buying": book.buying[mine], "price": book.price[mine]})

    def choose(self) -> Any:
        """Units that this lab runs without a permit, from the permits it holds."""
        return _scalar(self.model.choose_units(slice(self.index, self.index + 1))[..., 0])


def _scalar(value: Any) -> Any:
    """One world's figure as Python's own, those of many worlds as an array; counts go as far as any whole number."""
    if np.ndim(value) == 0 and hasattr(value, "item"):
        return value.item()
    return value.astype(np.int64) if getattr(value, "dtype", None) == np.int8 else value


class Governor(mesa.Agent):
    """The regulator as a Mesa agent: its account, and the audits of the month."""

    def __init__(self, model: PermitMarket) -> None:
        super().__init__(model)

    @property
    def wealth(self) -> Any:
        """Account in M$: auction revenue and penalties less the cost of audits."""
        balance = self.model.ledger.governor
        return balance.item() if np.ndim(balance) == 0 else balance

    def audit(self) -> Array:
        """Who is audited given this month's signals, bool (*lead, labs)."""
        return self.model.draw_audits()
