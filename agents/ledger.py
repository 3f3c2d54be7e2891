"""The accounts. Every amount leaves one account and enters another, so that their sum never changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.settings import on
from mechanisms.book import sum_in

Array = NDArray[Any]


class Ledger:
    """Accounts of one world or many, in M$.

    Attributes
    ----------
    labs : (*lead, labs), what each lab has at hand
    collateral : (*lead, labs), held by the exchange for each lab
    governor : lead
    resources : lead, the counter-account of nature: less the value created, plus running and audit costs

    Examples
    --------
    >>> ledger = Ledger(np.zeros(2))
    >>> revenue = ledger.pay_governor(np.array([3.0, -1.0]))
    >>> float(revenue), ledger.labs.tolist(), float(ledger.total())
    (2.0, [-3.0, 1.0], 0.0)
    """

    def __init__(self, wealth: Array) -> None:
        self._owned = np.array(wealth, dtype=np.float64)
        self._posted: Any = 0.0
        self.governor = np.zeros(self._owned.shape[:-1])
        self.resources = np.zeros(self._owned.shape[:-1])

    @property
    def labs(self) -> Array:
        """What each lab has at hand, without its collateral, (*lead, labs)."""
        return np.asarray(self._owned - self._posted)

    @property
    def collateral(self) -> Array:
        """What the exchange holds for each lab, (*lead, labs)."""
        return np.broadcast_to(self._posted, self._owned.shape)

    def owned_by_labs(self) -> Array:
        """What labs have together, their collateral included, shape lead."""
        return sum_in(self._owned)

    def post_collateral(self, amount: Any) -> None:
        """Labs post collateral, an amount per lab."""
        self._posted = self._posted + amount

    def pay_governor(self, payment: Array, total: Array | None = None) -> Array:
        """Labs pay the Governor (or, where negative, are paid): permits and fines. Gives the sum, shape lead.

        `total` is that sum where it is known.
        """
        self._owned -= payment
        amount = sum_in(payment) if total is None else total
        self.governor = self.governor + amount
        return amount

    def create_value(self, net_value: Array) -> Array:
        """Runs create value for labs and use resources, net per lab. Gives the sum, shape lead."""
        self._owned += net_value
        amount = sum_in(net_value)
        self.resources = self.resources - amount
        return amount

    def penalise_and_refund(self, penalty: Array, collateral_cost: Any = 0.0) -> Array:
        """Penalties go to the Governor, collateral first; the rest of that goes back. Gives their sum, shape lead.

        `collateral_cost`, one number a world or one for all, is what each lab lost by having its collateral tied up.
        """
        self._posted = 0.0
        if on(collateral_cost):
            self._owned -= np.asarray(collateral_cost)[..., None]
            self.resources = self.resources + collateral_cost * self._owned.shape[-1]
        return self.pay_governor(penalty)

    def pay_audits(self, cost: Array) -> None:
        """The Governor pays for audits."""
        self.governor = self.governor - cost
        self.resources = self.resources + cost

    def total(self) -> Array:
        """Sum of all accounts, shape lead."""
        return np.asarray(self.owned_by_labs() + self.governor + self.resources)
