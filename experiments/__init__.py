"""Experiments: compare mechanisms, map deterrence, sweep any setting. Imports on first use, so help is instant.

A module never has the name of a function given here: an import of the module would put it in the function's place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.comparison import Comparison, compare
    from experiments.floor import Floor, auction_floor
    from experiments.frontier.results import Frontier
    from experiments.frontier.running import policy_frontier
    from experiments.maps.results import Heatmap
    from experiments.maps.running import heatmap
    from experiments.sweeps.plan import Plan
    from experiments.sweeps.results import Sweep, open_sweep
    from experiments.sweeps.running import sweep
    from experiments.sweeps.sensitivity import sensitivity

__all__ = [
    "Comparison",
    "Floor",
    "Frontier",
    "Heatmap",
    "Plan",
    "Sweep",
    "auction_floor",
    "compare",
    "heatmap",
    "open_sweep",
    "policy_frontier",
    "sensitivity",
    "sweep",
]

_HOMES = {
    "Comparison": "comparison",
    "Floor": "floor",
    "Frontier": "frontier.results",
    "Heatmap": "maps.results",
    "Plan": "sweeps.plan",
    "Sweep": "sweeps.results",
    "auction_floor": "floor",
    "compare": "comparison",
    "heatmap": "maps.running",
    "open_sweep": "sweeps.results",
    "policy_frontier": "frontier.running",
    "sensitivity": "sweeps.sensitivity",
    "sweep": "sweeps.running",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
