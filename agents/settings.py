"""Put the settings of one scenario or many on the worlds' axis: numbers become arrays (worlds, 1), structure agrees."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from mechanisms import InputError, resolve
from scenarios import Scenario

STRUCTURAL = {"months", "labs.count", "labs.units"}
_TEXTS = {"name", "description"}


def _leaves(scenario: Scenario) -> dict[str, Any]:
    """Settings by path, with the options of mechanism and policy at their defaults where not given."""
    tree = scenario.model_dump(exclude=_TEXTS)
    tree["market"]["options"] = resolve("mechanism", scenario.market.mechanism, scenario.market.options).options
    policy = scenario.enforcement.policy
    tree["enforcement"]["policy"] = {"kind": policy.kind, **resolve("policy", policy.kind, policy.options).options}
    flat: dict[str, Any] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                walk(inner, f"{path}.{name}" if path else str(name))
        else:
            flat[path] = value

    walk(tree, "")
    return flat


def _numeric(path: str, value: Any) -> bool:
    if path in STRUCTURAL or path.startswith("market."):
        return False
    optional = path in ("enforcement.liability_limit", "enforcement.audit_capacity")
    return (isinstance(value, int | float) and not isinstance(value, bool)) or (optional and value is None)


def structure(scenario: Scenario) -> Hashable:
    """What must agree for scenarios to share a worlds' axis: counts, kinds, mechanism and its options.

    >>> structure(Scenario()) == structure(Scenario(permits={"cap": 7}))
    True
    """
    leaves = _leaves(scenario)
    fixed = {path: "number" if _numeric(path, value) else value for path, value in leaves.items()}
    return json.dumps(fixed, sort_keys=True, default=str)


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
    leaves = [_leaves(scenario) for scenario in scenarios]
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
