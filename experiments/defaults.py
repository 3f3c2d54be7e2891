"""Defaults that the functions and the command line share; nothing is imported here, so that help is instant."""

from __future__ import annotations

MECHANISMS = ("uniform-price", "vickrey", "double-auction")
WORLDS = 100

MAP_WORLDS = 20
MAP_MEASURE = "compliance_rate"
MAP_PENALTIES = "0.2:0.8:13"
"""Lowest and highest penalty in M$, and how many: the range of the seed model."""
MAP_DETECTIONS = "0.25:0.75:11"
"""Lowest and highest p_eff, and how many."""

BRIEF_WORLDS, BRIEF_MAP_WORLDS, BRIEF_SAMPLE = 100, 10, 64
"""Of a policy brief: worlds of the comparison, most worlds of map and frontier, points of the sample."""

HEADLINES = (
    "compliance_rate",
    "deterrence_rate",
    "share_violating",
    "welfare",
    "lab_surplus",
    "governor_revenue",
    "auction_revenue",
    "price",
    "price_paid",
    "volume",
    "allocative_efficiency",
    "cap_overrun",
    "uncovered_units",
    "detection_rate",
)
"""Measures that a table shows unless all are asked for."""

SUITES = ("theory", "clearing", "simulation", "economics", "app")
"""Suites of the benchmark."""
ALL_SUITES = "all"
FRONTIER_POINTS, FRONTIER_ROUNDS, FRONTIER_WORLDS = 24, 6, 50
"""Policies of each kind that a frontier tries, rounds of the search for the best, and worlds of both."""
