"""Experiments: compare mechanisms, map deterrence. Imports on first use, so that the command line starts fast.

A module never has the name of a function given here: an import of the module would put it in the function's place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.comparison import Comparison, compare
    from experiments.floor import Floor, auction_floor
    from experiments.maps import Heatmap, heatmap

__all__ = ["Comparison", "Floor", "Heatmap", "auction_floor", "compare", "heatmap"]

_HOMES = {
    "Comparison": "comparison",
    "Floor": "floor",
    "Heatmap": "maps",
    "auction_floor": "floor",
    "compare": "comparison",
    "heatmap": "maps",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
