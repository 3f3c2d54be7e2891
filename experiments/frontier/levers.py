"""What the Governor can set in an audit policy, and policies spread over all that it allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic.fields import FieldInfo

from mechanisms import get_plugin, plugin_names
from scenarios import Scenario, override

Array = NDArray[Any]
DECIMALS = 4
"""Of the numbers that are tried: more would mean nothing."""


@dataclass(frozen=True)
class Lever:
    """One option of a policy that is a number between two bounds."""

    name: str
    low: float
    high: float
    whole: bool = False

    def at(self, share: float) -> float | int:
        """The value at a share in [0, 1] of the range.

        >>> Lever("audits", 0, 20, whole=True).at(0.33), Lever("high", 0.0, 1.0).at(0.25)
        (7, 0.25)
        """
        value = self.low + share * (self.high - self.low)
        return round(value) if self.whole else round(value, DECIMALS)

    def share(self, value: float) -> float:
        """Where a value lies in the range, in [0, 1].

        >>> Lever("high", 0.0, 1.0).share(0.25)
        0.25
        """
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0


def levers(kind: str, scenario: Scenario) -> tuple[Lever, ...]:
    """Options of a policy that the Governor sets: numbers with two bounds; whole ones go up to the number of labs.

    Options that describe labs are marked in the policy's annotations and left as they are.

    >>> [lever.name for lever in levers("targeted", Scenario())]
    ['good', 'bad']
    >>> levers("budgeted", Scenario())
    (Lever(name='audits', low=0, high=100, whole=True),)
    """
    fields = get_plugin("policy", kind, where="policies").options.model_fields
    found = (_lever(name, field, scenario.labs.count) for name, field in fields.items())
    return tuple(lever for lever in found if lever is not None)


def _lever(name: str, field: FieldInfo, labs: int) -> Lever | None:
    extra = field.json_schema_extra
    if isinstance(extra, Mapping) and extra.get("governor_chooses") is False:
        return None
    kinds = {field.annotation, *get_args(field.annotation)}
    low, high = (_bound(field, end) for end in ("ge", "le"))
    if not kinds & {int, float} or low is None or high is None:
        return None
    whole = float not in kinds
    return Lever(name, low, min(high, labs) if whole else high, whole)


def _bound(field: FieldInfo, end: str) -> Any:
    return next((getattr(limit, end) for limit in field.metadata if hasattr(limit, end)), None)


def own_policies() -> list[str]:
    """Policies that come with the lab.

    >>> {"none", "random", "signal", "optimal", "budgeted", "targeted", "escalating"} <= set(own_policies())
    True
    """
    names = plugin_names("policy")
    return [name for name in names if get_plugin("policy", name).function.__module__.startswith("agents.")]


def shares(count: int, size: int) -> Array:
    """Points of the unit cube, (points, levers): evenly spaced for one lever, else corners and a Halton sequence.

    >>> shares(1, 3).ravel().tolist(), len(shares(2, 10)), len(shares(0, 10))
    ([0.0, 0.5, 1.0], 10, 1)
    """
    from scipy.stats import qmc  # takes longer to import than all else here

    if count < 2:
        return np.linspace(0.0, 1.0, size)[:, None] if count else np.empty((1, 0))
    corners = np.array(list(product((0.0, 1.0), repeat=count)))[:size]
    rest = max(size - len(corners), 0)
    inside = qmc.Halton(count, scramble=False).random(rest + 1)[1:]
    return np.concatenate([corners, inside])


def under_policy(scenario: Scenario, kind: str, chosen: Mapping[str, Any]) -> Scenario:
    """The scenario under a policy; options not chosen are the scenario's own where it has this policy already.

    >>> under_policy(Scenario(), "signal", {"low": 0.4}).enforcement.policy.options
    {'high': 0.8, 'low': 0.4}
    """
    own = scenario.enforcement.policy
    options = own.options if own.kind == kind else {}
    return override(scenario, {"enforcement.policy": {"kind": kind, **options, **chosen}})


def shown(chosen: Mapping[str, Any]) -> str:
    """Options as a table shows them.

    >>> shown({"high": 0.8, "low": 0.1}), shown({})
    ('high 0.8, low 0.1', '–')
    """
    said = ", ".join(f"{name} {value:.3g}" if math.isfinite(value) else name for name, value in chosen.items())
    return said or "–"
