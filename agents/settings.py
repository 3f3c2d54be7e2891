"""Put the settings of one scenario or many on the worlds' axis: numbers become arrays (worlds, 1), structure agrees."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
from pydantic import BaseModel

from mechanisms import InputError, resolve
from scenarios import Scenario
from scenarios.enforcement import Policy
from scenarios.schema import TEXTS, Market

STRUCTURAL = {"months", "labs.count", "labs.units", "permits.lot"}
LIMITS = {
    *("enforcement.liability_limit", "enforcement.audit_capacity", "labs.relocation_cost"),
    *("permits.price_ceiling", "permits.containment_trigger", "permits.purchase_limit", "permits.holding_limit"),
}
"""Numbers that may be None, which stands for no limit."""


_MISSING = object()
_GROUP = (BaseModel, dict)


def on(setting: Any) -> bool:
    """Whether a setting, one number for all worlds or an array, is other than 0 (or False) anywhere.

    >>> on(0.0), on(np.array([[0.0], [2.0]]))
    (False, True)
    """
    return bool(setting) if isinstance(setting, int | float | np.bool_) else bool(setting.any())


def _entries(part: BaseModel | dict[str, Any]) -> dict[str, Any]:
    """What stands in a part, with options of mechanism and policy at their defaults where not given."""
    if isinstance(part, dict):
        return part
    if isinstance(part, Market):
        return vars(part) | {"options": resolve("mechanism", part.mechanism, part.options).options}
    if isinstance(part, Policy):
        return vars(part) | resolve("policy", part.kind, part.options).options
    return vars(part)


def _tree(parts: Sequence[Any], made: Callable[[str, Sequence[Any]], Any], path: str = "") -> SimpleNamespace:
    """What is made of each setting's path and values: one a scenario, or a single one where all scenarios share it.

    Setting by setting and not scenario by scenario, as the hundreds of cells of a grid share most of what they have.
    """
    parts = _shared(parts)
    read = {id(part): _entries(part) for part in {id(part): part for part in parts}.values()}
    entries = [read[id(part)] for part in parts]
    tree = SimpleNamespace()
    for name in dict.fromkeys(chain.from_iterable(read.values())):
        place = f"{path}{name}"
        if place in TEXTS:
            continue
        values = _shared([entry.get(name, _MISSING) for entry in entries])
        group = isinstance(values[0], _GROUP) and all(isinstance(value, _GROUP) for value in values)
        setattr(tree, name, _tree(values, made, f"{place}.") if group else made(place, values))
    return tree


def _shared(values: Sequence[Any]) -> Sequence[Any]:
    """Values, or a single one where all are the same object."""
    first = values[0]
    return values[:1] if len(values) > 1 and all(value is first for value in values) else values


def _numeric(path: str, value: Any) -> bool:
    if path in STRUCTURAL or path.startswith("market."):
        return False
    return (isinstance(value, int | float) and not isinstance(value, bool)) or (path in LIMITS and value is None)


def structures(scenarios: Sequence[Scenario]) -> list[Hashable]:
    """What must agree for scenarios to share a worlds' axis: counts, kinds, mechanism and its options.

    >>> one, other = structures([Scenario(), Scenario(permits={"cap": 7})])
    >>> one == other
    True
    """
    differing: list[list[str]] = []

    def note(path: str, values: Sequence[Any]) -> None:
        if len(values) > 1:
            differing.append(["number" if _numeric(path, value) else repr(value) for value in values])

    _tree(scenarios, note)
    return list(zip(*differing, strict=True)) if differing else [()] * len(scenarios)


def _number(value: Any) -> Any:
    return np.inf if value is None else value


def stack(scenarios: Sequence[Scenario], repeats: int) -> SimpleNamespace:
    """Settings of all scenarios as one tree with the schema's names.

    Parameters
    ----------
    scenarios : sequence of Scenario
    repeats : int
        Worlds of each scenario; a number that differs between scenarios becomes an array (worlds, 1), worlds of the
        first scenario first. None stands for no limit and becomes inf.

    Raises
    ------
    InputError
        Where scenarios differ in structure, naming the setting.
    """
    return _tree(scenarios, partial(_together, repeats=repeats))


def _together(path: str, values: Sequence[Any], repeats: int) -> Any:
    if len(values) == 1:
        return _number(values[0]) if path in LIMITS else values[0]
    if _MISSING in values:
        raise InputError(f"{path}: scenarios on one axis must have the same kinds; this one differs")
    if all(_numeric(path, value) for value in values):
        numbers = [_number(value) for value in values]
        if all(number == numbers[0] for number in numbers):
            return numbers[0]
        return np.repeat(np.asarray(numbers), repeats)[:, None]
    if any(value != values[0] for value in values):
        shown = next(value for value in values if value != values[0])
        raise InputError(f"{path}: {shown!r} and {values[0]!r}; scenarios on one axis must agree here")
    return values[0]
