"""Charts as pure functions: results in, Altair charts out. They hold their data and save offline (SVG, PNG, HTML)."""

from agents import MEASURES
from experiments.charts.benchmark import agreement_chart, speed_chart, thickness_chart
from experiments.charts.comparison import by_month, compliance_split, welfare_parts
from experiments.charts.floor import floor_chart
from experiments.charts.frontier import frontier_chart
from experiments.charts.growth import growth_chart, scaling_chart
from experiments.charts.learning import learning_chart
from experiments.charts.maps import deterrence_map, map_panels
from experiments.charts.sizes import size_bars
from experiments.charts.style import AnyChart, measure_title
from experiments.charts.surface import measure_by_axis, measure_by_two
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
