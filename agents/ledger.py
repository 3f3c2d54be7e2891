"""The accounts. Every amount leaves one account and enters another, so that their sum never changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Ledger:
    """Accounts of one world or many, in M$.

    Attributes
    ----------
    labs : (*lead, labs)
    collateral : (*lead, labs), held by the exchange for each lab
    governor : lead
    resources : lead, the counter-account of nature: less the value created, plus running and audit costs

    Examples
    --------
    >>> ledger = Ledger(np.zeros(2))
    >>> ledger.pay_governor(np.array([3.0, -1.0]))
    >>> float(ledger.governor), float(ledger.total())
    (2.0, 0.0)
    """

    def __init__(self, wealth: Array) -> None:
        self.labs = np.array(wealth, dtype=np.float64)
        self.collateral = np.zeros_like(self.labs)
        self.governor = np.zeros(self.labs.shape[:-1])
        self.resources = np.zeros(self.labs.shape[:-1])

    def post_collateral(self, amount: Any) -> None:
        """Labs post collateral, an amount per lab."""
        self.labs -= amount
        self.collateral += amount

    def pay_governor(self, payment: Array) -> None:
        """Labs pay the Governor (or, where negative, are paid): permits and fines."""
        self.labs -= payment
        self.governor = self.governor + payment.sum(axis=-1)

    def create_value(self, net_value: Array) -> None:
        """Runs create value for labs and use resources, net per lab."""
        self.labs += net_value
        self.resources = self.resources - net_value.sum(axis=-1)

    def seize_collateral(self, amount: Array) -> None:
        """Part of the collateral goes to the Governor."""
        self.collateral -= amount
        self.governor = self.governor + amount.sum(axis=-1)

    def refund_collateral(self) -> None:
        """What is left of the collateral goes back."""
        self.labs += self.collateral
        self.collateral = np.zeros_like(self.collateral)

    def pay_audits(self, cost: Array) -> None:
        """The Governor pays for audits."""
        self.governor = self.governor - cost
        self.resources = self.resources + cost

    def total(self) -> Array:
        """Sum of all accounts, shape lead."""
        return np.asarray(self.labs.sum(axis=-1) + self.collateral.sum(axis=-1) + self.governor + self.resources)
