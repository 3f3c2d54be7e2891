"""Charts as pure functions: results in, Altair charts out. They hold their data and save offline (SVG, PNG, HTML).

Imported on first use, as in `experiments`: Altair takes a third of a second, and words and tables need no charts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents import MEASURES
    from experiments.charts.benchmark import agreement_chart, speed_chart, thickness_chart
    from experiments.charts.comparison import by_month, compliance_split, welfare_parts
    from experiments.charts.floor import floor_chart
    from experiments.charts.frontier import frontier_chart
    from experiments.charts.growth import growth_chart, scaling_chart
    from experiments.charts.learning import learning_chart
    from experiments.charts.maps import deterrence_map, map_panels
    from experiments.charts.sizes import size_bars
    from experiments.charts.style import AnyChart
    from experiments.charts.surface import measure_by_axis, measure_by_two
    from experiments.numbers import measure_title
    from experiments.palette import colours

__all__ = [
    "MEASURES",
    "AnyChart",
    "agreement_chart",
    "by_month",
    "colours",
    "compliance_split",
    "deterrence_map",
    "floor_chart",
    "frontier_chart",
    "growth_chart",
    "learning_chart",
    "map_panels",
    "measure_by_axis",
    "measure_by_two",
    "measure_title",
    "scaling_chart",
    "size_bars",
    "speed_chart",
    "thickness_chart",
    "welfare_parts",
]

_HOMES = {
    "MEASURES": "agents",
    "AnyChart": "experiments.charts.style",
    "agreement_chart": "experiments.charts.benchmark",
    "by_month": "experiments.charts.comparison",
    "colours": "experiments.palette",
    "compliance_split": "experiments.charts.comparison",
    "deterrence_map": "experiments.charts.maps",
    "floor_chart": "experiments.charts.floor",
    "frontier_chart": "experiments.charts.frontier",
    "growth_chart": "experiments.charts.growth",
    "learning_chart": "experiments.charts.learning",
    "map_panels": "experiments.charts.maps",
    "measure_by_axis": "experiments.charts.surface",
    "measure_by_two": "experiments.charts.surface",
    "measure_title": "experiments.numbers",
    "scaling_chart": "experiments.charts.growth",
    "size_bars": "experiments.charts.sizes",
    "speed_chart": "experiments.charts.benchmark",
    "thickness_chart": "experiments.charts.benchmark",
    "welfare_parts": "experiments.charts.comparison",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
