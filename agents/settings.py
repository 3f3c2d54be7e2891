"""Put the settings of one scenario or many on the worlds' axis: numbers become arrays (worlds, 1), structure agrees."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
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


def on(setting: Any) -> bool:
    """Whether a setting, one number for all worlds or an array, is other than 0 (or False) anywhere.

    >>> on(0.0), on(np.array([[0.0], [2.0]]))
    (False, True)
    """
    return bool(setting) if isinstance(setting, int | float | np.bool_) else bool(np.any(setting))


Known = dict[tuple[str, int], Any]
"""What has been read of a part, by its path and identity: scenarios share parts, such as the labs of a grid's cells."""


def _entries(part: BaseModel, path: str) -> Iterator[tuple[str, Any]]:
    """What stands in a part, by path, with options of mechanism and policy at their defaults where not given."""
    entries = dict(vars(part))
    if isinstance(part, Market):
        entries["options"] = resolve("mechanism", part.mechanism, part.options).options
    if isinstance(part, Policy):
        entries |= resolve("policy", part.kind, part.options).options
    return _walk(entries, path)


def _walk(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        place = f"{path}.{name}" if path else name
        if place in TEXTS:
            continue
        if isinstance(value, dict):
            yield from _walk(value, place)
        else:
            yield place, value


def _leaves(part: BaseModel, path: str, known: Known) -> dict[str, Any]:
    """Settings by path."""
    if (path, id(part)) not in known:
        flat: dict[str, Any] = {}
        for place, value in _entries(part, path):
            if isinstance(value, BaseModel):
                flat |= _leaves(value, place, known)
            else:
                flat[place] = value
        known[path, id(part)] = flat
    leaves: dict[str, Any] = known[path, id(part)]
    return leaves


def _structure(part: BaseModel, path: str, known: Known) -> Hashable:
    """What a part has but its numbers."""
    if (path, id(part)) not in known:
        known[path, id(part)] = tuple(
            (place, _structure(value, place, known))
            if isinstance(value, BaseModel)
            else (place, "number" if _numeric(place, value) else repr(value))
            for place, value in _entries(part, path)
        )
    structure: Hashable = known[path, id(part)]
    return structure


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
    known: Known = {}
    return [_structure(scenario, "", known) for scenario in scenarios]


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
    known: Known = {}
    leaves = [_leaves(scenario, "", known) for scenario in scenarios]
    root: dict[str, Any] = {}
    for path in leaves[0]:
        values = [leaf.get(path) for leaf in leaves]
        place = root
        *groups, name = path.split(".")
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = _together(path, values, repeats)
    for leaf in leaves:
        if extra := set(leaf) ^ set(leaves[0]):
            raise InputError(f"{min(extra)}: scenarios on one axis must have the same kinds; this one differs")
    return _namespace(root)


def _together(path: str, values: list[Any], repeats: int) -> Any:
    if len(values) == 1 or all(value is values[0] for value in values):
        return _number(values[0]) if _numeric(path, values[0]) else values[0]
    if all(_numeric(path, value) for value in values):
        numbers = [_number(value) for value in values]
        if all(number == numbers[0] for number in numbers):
            return numbers[0]
        return np.repeat(np.asarray(numbers), repeats)[:, None]
    if any(value != values[0] for value in values):
        shown = next(value for value in values if value != values[0])
        raise InputError(f"{path}: {shown!r} and {values[0]!r}; scenarios on one axis must agree here")
    return values[0]


def _namespace(tree: Any) -> Any:
    if isinstance(tree, dict):
        return SimpleNamespace(**{name: _namespace(value) for name, value in tree.items()})
    return tree
