"""Experiments: compare mechanisms, map deterrence. Imports on first use, so that the command line starts fast."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.compare import Comparison, compare
    from experiments.heatmap import Heatmap, heatmap

__all__ = ["Comparison", "Heatmap", "compare", "heatmap"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # the submodules share names with their functions: bind all names, so that the functions win
    for module in ("compare", "heatmap"):
        loaded = import_module(f"experiments.{module}")
        globals().update({public: getattr(loaded, public) for public in __all__ if hasattr(loaded, public)})
    return globals()[name]
