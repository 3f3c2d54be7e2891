"""Axes of a map: a setting by its path, or a formula that sets one (p_eff by random audits, permits per lab)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.defaults import MAP_DETECTIONS, MAP_PENALTIES
from experiments.maps.formulas import FORMULAS, Formula
from experiments.sweeps.axes import read_axis, split_axis
from mechanisms import InputError
from mechanisms.errors import unknown
from scenarios import Entry, Scenario, entries
from scenarios.fields import VARIANTS

Array = NDArray[Any]
Given = str | tuple[str, Any]
"""An axis as a user gives it: ``path=values``, or a pair of the path and its values."""

LONGEST = 200
_PLUGINS = ("enforcement.policy.", "market.options.")
_FACETS = {"market.mechanism": "mechanisms", "labs.bidding": "bidding"}


SHORT = {"enforcement.penalty": "penalty"}
"""Settings that go by a name of their own."""
_TITLES = {"penalty": ("penalty P (M$ per unit)", "P")}


@dataclass(frozen=True)
class MapAxis:
    """One axis of a map.

    Attributes
    ----------
    name : column of the table: a short name, or the path
    path : the setting that it changes
    values : what the setting takes, or the formula yields, in order
    """

    name: str
    path: str
    values: tuple[Any, ...]

    @property
    def formula(self) -> Formula | None:
        """The formula where the axis is no setting itself."""
        return FORMULAS.get(self.name)

    def changes(self, value: Any, scenario: Scenario) -> dict[str, Any] | None:
        """Settings by path that yield a value in a scenario; None where none do."""
        if self.formula is None:
            return {self.path: value}
        found = self.formula.solve(value, scenario)
        return None if found is None else {self.path: found}

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers; else they stand in a row, one beside the other."""
        return all(map(is_number, self.values))

    @property
    def shown(self) -> tuple[Any, ...]:
        """Values as tables hold them: numbers, or texts."""
        if self.numeric:
            return self.values
        return tuple(value if isinstance(value, str) else json.dumps(value, sort_keys=True) for value in self.values)

    @property
    def places(self) -> Array:
        """Where the values stand on paper: the numbers themselves, or 0, 1, ..."""
        return np.array(self.values, dtype=np.float64) if self.numeric else np.arange(float(len(self.values)))

    def place(self, scenario: Scenario) -> float | None:
        """Where a scenario itself stands along the axis; None where it has no place."""
        if self.formula is not None:
            return self.formula.place(scenario)
        found: Any = scenario.model_dump(mode="json")
        for name in self.path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if self.numeric:
            return float(found) if is_number(found) else None
        return float(self.values.index(found)) if found in self.values else None

    @property
    def words(self) -> str:
        """Its name in words.

        >>> MapAxis("labs.value.low", "labs.value.low", (0.1, 0.2)).words
        'value low'
        """
        return self.name.partition(".")[2].replace(".", " ").replace("_", " ") or self.name.replace("_", " ")

    @property
    def title(self) -> str:
        """Its name with the unit."""
        if self.formula:
            return self.formula.title
        if self.name in _TITLES:
            return _TITLES[self.name][0]
        entry = _entry(self.path)
        return f"{self.words} ({entry.unit})" if entry and entry.unit and self.numeric else self.words

    @property
    def symbol(self) -> str:
        """Its name in a table's corner."""
        return self.formula.symbol if self.formula else _TITLES.get(self.name, ("", self.path))[1]

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of what its values may be."""
        if self.formula or not self.numeric:
            return self.formula.limits if self.formula else (-math.inf, math.inf)
        entry = _entry(self.path)
        bounds = entry.info.metadata if entry else []
        low = [b.ge for b in bounds if getattr(b, "ge", None) is not None]
        high = [b.le for b in bounds if getattr(b, "le", None) is not None]
        return max(low, default=-math.inf), min(high, default=math.inf)


def _entry(path: str) -> Entry | None:
    return next((entry for entry in entries() if entry.path == path), None)


def read_axes(
    scenario: Scenario,
    x: Given | None = None,
    y: Given | None = None,
    penalties: ArrayLike | str | None = None,
    detections: ArrayLike | str | None = None,
) -> tuple[MapAxis, MapAxis]:
    """Both axes of a map; unless given, x is the penalty and y is p_eff.

    Raises
    ------
    InputError
        One line: an unknown setting (with the nearest), no values or backward ones, or two axes that set the same.

    Examples
    --------
    >>> columns, rows = read_axes(Scenario(), "labs.running_cost=0:0.2:3", ("permits_per_lab", [0.5, 1, 1.001]))
    >>> columns.values, rows.values
    ((0.0, 0.1, 0.2), (0.5, 1.0))
    """
    columns = _side(scenario, "x", x, "penalties", "enforcement.penalty", penalties, MAP_PENALTIES)
    rows = _side(scenario, "y", y, "detections", "detection", detections, MAP_DETECTIONS)
    if columns.name == rows.name:
        raise InputError(f"y: {rows.name} is x already; name another setting")
    one, other = f"{columns.path}.", f"{rows.path}."
    if one.startswith(other) or other.startswith(one):
        raise InputError(f"y: {rows.name} changes the setting that x, {columns.name}, changes already")
    return columns, rows


def _side(
    scenario: Scenario, side: str, given: Given | None, short: str, path: str, values: ArrayLike | str | None, own: str
) -> MapAxis:
    """An axis as given, or by the short way in which its usual setting is given."""
    if given is None:
        return _axis(scenario, path, own if values is None else values, short)
    if values is not None:
        raise InputError(f"{short}: {side} is given already; leave one of them out")
    pair: Any = split_axis(given, side) if isinstance(given, str) else given
    if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)):
        raise InputError(f"{side}: {given!r} is neither path=values nor a pair of a path and its values")
    return _axis(scenario, _path(side, pair[0]), pair[1], f"{side}.{pair[0]}")


def _path(side: str, name: str) -> str:
    """The path, or the formula, that a name stands for."""
    path = next((path for path, short in SHORT.items() if short == name), name)
    if path in _FACETS:
        raise InputError(f"{side}: {path} is no axis but has a map for each; name them in {_FACETS[path]}")
    known = [*FORMULAS, *(entry.path for entry in entries())]
    group, _, last = path.rpartition(".")
    if path not in known and not path.startswith(_PLUGINS) and not (group in known and last in VARIANTS):
        raise unknown(side, name, [*known, *SHORT.values()])
    return path


def _axis(scenario: Scenario, path: str, given: Any, where: str) -> MapAxis:
    values = given.tolist() if hasattr(given, "tolist") else given
    values = read_axis(path, list(values) if isinstance(values, tuple | range) else values, where=where).values
    numbers = all(map(is_number, values))
    formula = FORMULAS.get(path)
    if formula and numbers:
        values = tuple(dict.fromkeys(formula.settled(value, scenario, where) for value in values))
    if (numbers or formula) and not (numbers and len(values) > 1 and all(a < b for a, b in pairwise(values))):
        raise InputError(f"{where}: at least two increasing numbers are needed")
    if not 2 <= len(values) <= LONGEST:
        raise InputError(f"{where}: {len(values)} values are not in [2, {LONGEST}]")
    return MapAxis(SHORT.get(path, path), formula.sets if formula else path, values)


def is_number(value: Any) -> bool:
    """Whether a value is a number, and neither true nor false.

    >>> is_number(0.5), is_number(True), is_number(None)
    (True, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool)
