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
        self.__dict__ |= draws.__dict__
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

    def _keys(self, purpose: str) -> Array:
        return self._draws._keys(self._prefix + purpose)


def resale_tallies(bought: Array, paid: Array) -> dict[str, Any]:
    """Permits resold and what their buyers paid, shape lead."""
    return {"resold": units_in(bought), "resale_paid": (paid * (bought > 0)).sum(axis=-1)}
