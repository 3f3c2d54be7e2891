"""Axes of a sweep: the path of a setting, with the values that it takes or the range that it is drawn from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import yaml

from mechanisms import InputError
from scenarios import entries

LONGEST = 1_000_000
Kind = str
"""``int``, ``float`` or ``text``: what the column of an axis holds."""


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    path : the setting, such as ``enforcement.penalty``
    values : what it takes, in order; empty where it has a range
    low, high : ends of the range, in the setting's unit
    whole : whether the range holds whole numbers alone
    """

    path: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False

    def at(self, share: float) -> Any:
        """The value at a share in [0, 1) of the axis; listed values and whole numbers get equal parts of it.

        >>> Axis("months", low=1, high=4, whole=True).at(0.76), Axis("x", low=1, high=5).at(0.75)
        (4, 4.0)
        >>> Axis("labs.bidding", ("full-value", "outside-option")).at(0.4)
        'full-value'
        """
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.whole:
            return int(self.low) + min(int(share * (self.high - self.low + 1)), int(self.high - self.low))
        return self.low + share * (self.high - self.low)

    @property
    def ends(self) -> tuple[Any, ...]:
        """All values, or both ends of the range."""
        return self.values or (self.at(0.0), int(self.high) if self.whole else self.high)

    @property
    def kind(self) -> Kind:
        """What the column holds."""
        kinds = {type(value) for value in self.ends}
        if kinds <= {int}:
            return "int"
        return "float" if kinds <= {int, float, type(None)} else "text"

    def shown(self, value: Any) -> Any:
        """A value as the column holds it: a text as it is, a group of settings as JSON."""
        if self.kind != "text" or isinstance(value, str):
            return value
        return json.dumps(value, sort_keys=True)


def split_axis(text: str, where: str) -> tuple[str, Any]:
    """Path and values from ``path=values``: a range as it is, else a list in YAML or parted by commas.

    >>> split_axis("permits.cap=10:20:3", "axis"), split_axis("labs.units=1,2", "axis")
    (('permits.cap', '10:20:3'), ('labs.units', [1, 2]))
    """
    path, equals, values = (piece.strip() for piece in text.partition("="))
    if not (path and equals and values):
        raise InputError(f"{where}: {text!r} is not path=values, such as enforcement.penalty=0.2:0.8:25")
    bracketed = values.startswith("[")
    if ":" in values and "," not in values and not bracketed:
        return path, values
    try:
        return path, yaml.safe_load(values) if bracketed else [yaml.safe_load(piece) for piece in values.split(",")]
    except yaml.YAMLError:
        raise InputError(f"{where}: {path}: {values!r} is not a list") from None


def read_axis(path: str, given: Any, *, grid: bool = True, where: str | None = None) -> Axis:
    """An axis as a plan gives it.

    Parameters
    ----------
    path : str
    given : list, or text ``low:high:count`` (both ends included); where points are drawn also ``low:high``
    grid : bool
        Whether every combination is run, for which a range needs a count.
    where : str
        What an error names; None: ``axes.`` and the path.

    Raises
    ------
    InputError
        For an empty or backward range, one without a count in a grid, and a value given twice.

    Examples
    --------
    >>> read_axis("enforcement.penalty", "0.2:0.8:4").values
    (0.2, 0.4, 0.6, 0.8)
    >>> read_axis("labs.count", "10:50", grid=False)
    Axis(path='labs.count', values=(), low=10.0, high=50.0, whole=True)
    """
    where = where or f"axes.{path}"
    if isinstance(given, str):
        ends = _ends(given)
        if not ends:
            return _listed(where, path, [given])
        return _range(where, path, given, ends, grid)
    if isinstance(given, Sequence):
        return _listed(where, path, given)
    raise InputError(f"{where}: {given!r} is neither a list nor low:high:count")


def _ends(text: str) -> list[float] | None:
    """Numbers between colons; None where the text is no range."""
    try:
        numbers = [float(piece) for piece in text.split(":")]
    except ValueError:
        return None
    return numbers if 2 <= len(numbers) <= 3 else None


def _range(where: str, path: str, text: str, numbers: list[float], grid: bool) -> Axis:
    low, high = numbers[:2]
    if not all(map(math.isfinite, numbers)):
        raise InputError(f"{where}: {text!r} has an end that is not a finite number")
    if low >= high:
        raise InputError(f"{where}: {text!r} is an empty range; the lower end comes first")
    whole = _is_whole(path)
    if len(numbers) == 2 and grid:
        raise InputError(f"{where}: {text!r} has no count; a grid needs low:high:count, such as {text}:11")
    if len(numbers) == 2:
        if whole and not (low.is_integer() and high.is_integer()):
            raise InputError(f"{where}: {text!r} has an end that is not a whole number")
        return Axis(path, low=low, high=high, whole=whole)
    if not (numbers[2].is_integer() and 2 <= numbers[2] <= LONGEST):
        raise InputError(f"{where}: a count of {numbers[2]:g} is not a whole number in [2, {LONGEST}]")
    spaced = [float(f"{x:.12g}") for x in np.linspace(low, high, int(numbers[2]))]
    return Axis(path, tuple(int(x) if whole and x.is_integer() else x for x in spaced))


def _is_whole(path: str) -> bool:
    return any(entry.path == path and _holds_int(entry.info.annotation) for entry in entries())


def _holds_int(kind: Any) -> bool:
    return kind is int or any(_holds_int(inner) for inner in get_args(kind))


def _listed(where: str, path: str, given: Sequence[Any]) -> Axis:
    if not given:
        raise InputError(f"{where}: at least one value is needed")
    seen: set[str] = set()
    for value in given:
        text = json.dumps(value, sort_keys=True, default=str)
        if text in seen:
            raise InputError(f"{where}: {text} is given twice")
        seen.add(text)
    return Axis(path, tuple(given))


def read_axes(given: Mapping[str, Any], *, grid: bool = True) -> tuple[Axis, ...]:
    """Axes in the order given; InputError where one lies within another.

    >>> [axis.path for axis in read_axes({"months": [1, 2], "labs.count": "4:8:3"})]
    ['months', 'labs.count']
    """
    if not given:
        raise InputError("axes: at least one is needed, such as enforcement.penalty=0.2:0.8:25")
    for path in given:
        inside = next((other for other in given if other.startswith(f"{path}.")), None)
        if inside and path.rpartition(".")[2] not in ("mechanism", "kind", "distribution"):
            raise InputError(f"axes.{inside}: lies within {path}, which is an axis itself")
    return tuple(read_axis(path, values, grid=grid) for path, values in given.items())
