"""From what runs are worth to what labs report: the scenario's bidding rule, asked in every world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.bidding import full_value
from agents.month import Month
from mechanisms import Draws, InputError, resolve
from scenarios import Scenario

Array = NDArray[Any]

OUTCOME = ("endowment", "held", "paid")
"""What a rule that remembers finds in its memory of last month: units for which permits handed out and permits held
suffice, (*lead, labs), and payments."""


class Reporting:
    """The bidding rule of a market; cells differ in numbers alone, but each may have prepared a rule of its own.

    >>> rule = Reporting([Scenario(labs={"bidding": "outside-option"})])
    >>> rule(np.array([[0.7, 0.2]]), np.array([0]), np.array([[0.5, 1.0]]), Draws(0)).tolist()
    [[0.5, 0.2]]
    """

    def __init__(self, cells: Sequence[Scenario], setting: str = "bidding") -> None:
        self.name: str = getattr(cells[0].labs, setting)
        self._where = f"labs.{setting}"
        bound = resolve("bidding", self.name, where=self._where)
        self.plugin = bound.plugin
        self._batched = bound.plugin.batched
        self._own = bound.plugin.function.__module__.startswith("agents.")
        self._rules = [bound(cell) for cell in cells] if bound.plugin.prepares else [bound]
        self._memories: list[dict[str, Any]] = [{} for _ in self._rules]
        self.full_value = bound.plugin.function is full_value
        """Whether labs report their net values as they are."""
        if self.plugin.remembers and not self._batched:
            raise InputError(f"{self._where}: {self.name} remembers, so it must be registered with batched=True")

    def __call__(self, net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
        """Reports of all labs (*lead, labs, units), not rising along units, in M$ per permit."""
        given = (net_value, self._far(endowment), expected_penalty)
        if len(self._rules) > 1:
            values = self._cell_by_cell(given, draws)
        elif self._batched or not draws.lead:
            values = self._checked(0, given, draws)
        else:
            values = self._world_by_world(given, draws)
        if self._own:
            return values
        if not np.isfinite(values).all():
            raise InputError(f"{self._where}: {self.name} gave a value that is not a finite number")
        return np.minimum.accumulate(values, axis=-1)

    def tell(self, month: Month) -> None:
        """Put the month's outcome into the rule's memory, each cell's worlds into its own."""
        for name, found in zip(OUTCOME, (month.endowed, month.held, month.paid), strict=True):
            found = self._far(found)
            parts = np.split(found, len(self._rules)) if len(self._rules) > 1 else [found]
            for memory, part in zip(self._memories, parts, strict=True):
                memory[name] = part

    def _far(self, figures: Array) -> Array:
        """Figures for a rule: ours know that counts are bytes, those of users reckon with them as with any number."""
        return figures if self._own or figures.dtype.kind == "f" else figures.astype(np.int64)

    def _cell_by_cell(self, given: Sequence[Array], draws: Draws) -> Array:
        """Each cell has as many worlds as the others; they follow one another on the axis."""
        parts = [np.split(x, len(self._rules)) for x in given]
        worlds = np.split(np.arange(draws.lead[0]), len(self._rules))
        cells = zip(range(len(self._rules)), *parts, worlds, strict=True)
        return np.concatenate([self._checked(rule, own, draws.some(mine)) for rule, *own, mine in cells])

    def _world_by_world(self, given: Sequence[Array], draws: Draws) -> Array:
        flat = [x.reshape(-1, *x.shape[len(draws.lead) :]) for x in given]
        worlds = zip(*flat, strict=True)
        rows = [self._checked(0, own, draws.world(i)) for i, own in enumerate(worlds)]
        return np.reshape(rows, given[0].shape)

    def _checked(self, rule: int, given: Sequence[Array], draws: Draws) -> Array:
        memory = (self._memories[rule],) if self.plugin.remembers else ()
        values = np.asarray(self._rules[rule](*given, draws, *memory))
        if values.shape != given[0].shape:
            raise InputError(f"{self._where}: {self.name} gave shape {values.shape}, not {given[0].shape}")
        return values
