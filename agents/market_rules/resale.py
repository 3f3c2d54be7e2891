"""The resale round: after the auction labs trade the permits in their hands with each other."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from agents.month import units_in
from mechanisms import Draws

Array = NDArray[Any]


class Renamed(Draws):
    """The same worlds' chance for other purposes: each has its name behind a prefix.

    >>> bool((Renamed(Draws(7), "resale ").uniform("ties", 4) == Draws(7).uniform("resale ties", 4)).all())
    True
    """

    def __init__(self, draws: Draws, prefix: str) -> None:
        self.lead, self.month = draws.lead, draws.month
        self._draws, self._prefix = draws, prefix

    def at(self, month: int) -> Draws:
        """The same worlds in another month."""
        return Renamed(self._draws.at(month), self._prefix)

    def world(self, index: int) -> Draws:
        """One world of many."""
        return Renamed(self._draws.world(index), self._prefix)

    def some(self, worlds: Array) -> Draws:
        """Some worlds of many."""
        return Renamed(self._draws.some(worlds), self._prefix)

    def repeated(self, times: int) -> Draws:
        """The same luck several times over."""
        return Renamed(self._draws.repeated(times), self._prefix)

    def uniform(self, purpose: str, *shape: int) -> Array:
        """Uniforms in [0, 1)."""
        return self._draws.uniform(self._prefix + purpose, *shape)

    def luck(self, purpose: str, labs: int) -> Array:
        """Coarse uniforms in [0, 1)."""
        return self._draws.luck(self._prefix + purpose, labs)

    def normal(self, purpose: str, labs: int) -> Array:
        """Standard normals."""
        return self._draws.normal(self._prefix + purpose, labs)

    def priority(self, purpose: str, labs: int) -> Array:
        """Distinct random words."""
        return self._draws.priority(self._prefix + purpose, labs)


def resale_tallies(bought: Array, paid: Array) -> dict[str, Any]:
    """Permits resold and what their buyers paid, shape lead."""
    return {"resold": units_in(bought), "resale_paid": (paid * (bought > 0)).sum(axis=-1)}
