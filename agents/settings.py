"""Put the settings of one scenario or many on the worlds' axis: numbers become arrays (worlds, 1), structure agrees."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from pydantic import BaseModel

from mechanisms import InputError, resolve
from scenarios import Scenario
from scenarios.schema import TEXTS

STRUCTURAL = {"months", "labs.count", "labs.units", "permits.lot"}
LIMITS = {
    *("enforcement.liability_limit", "enforcement.audit_capacity", "labs.relocation_cost"),
    *("permits.price_ceiling", "permits.containment_trigger", "permits.purchase_limit", "permits.holding_limit"),
}
"""Numbers that may be None, which stands for no limit."""


def _leaves(scenario: Scenario, known: dict[int, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Settings by path, with the options of mechanism and policy at their defaults where not given.

    `known` remembers parts that many scenarios share, such as the labs of all cells of a grid, by their identity.
    """
    known = {} if known is None else known
    flat: dict[str, Any] = {}
    for name, part in scenario:
        if name in TEXTS:
            continue
        if not isinstance(part, BaseModel):
            flat[name] = part
        else:
            if id(part) not in known:
                known[id(part)] = dict(_part_leaves(name, part))
            flat |= known[id(part)]
    return flat


def _part_leaves(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    tree = part.model_dump()
    if name == "market":
        tree["options"] = resolve("mechanism", part.mechanism, part.options).options
    if name == "enforcement":
        kind, options = part.policy.kind, part.policy.options
        tree["policy"] = {"kind": kind, **resolve("policy", kind, options).options}
    return _walk(tree, name)


def _walk(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _walk(value, f"{path}.{name}")
        else:
            yield f"{path}.{name}", value


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
    known: dict[int, dict[str, Any]] = {}
    found: list[Hashable] = []
    for scenario in scenarios:
        leaves = _leaves(scenario, known)
        found.append(tuple((path, "number" if _numeric(path, x) else repr(x)) for path, x in leaves.items()))
    return found


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
    known: dict[int, dict[str, Any]] = {}
    leaves = [_leaves(scenario, known) for scenario in scenarios]
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
