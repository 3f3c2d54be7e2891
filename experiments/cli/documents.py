"""Results as JSON: numbers to the last bit, undefined ones null, keys in a fixed order, nothing of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from agents import MEASURES
from experiments.comparison import Comparison
from experiments.maps.axes import MapAxis
from experiments.maps.results import Heatmap
from experiments.output import describe_seeds
from scenarios import Scenario

STATISTICS = ["mean", "low", "high", "n"]


def run_document(comparison: Comparison, monthly: bool = False) -> dict[str, Any]:
    """One scenario under its own mechanism; with `monthly` also every world and month, column by column."""
    label = comparison.labels[0]
    document = _head("run", comparison.scenario, comparison.seeds, comparison.cells) | {
        "measures": _measures(),
        "summary": _by_measure(comparison.summary(), STATISTICS)[label],
    }
    if monthly:
        document["months"] = comparison.results().drop(columns="label").to_dict("list")
    return document


def comparison_document(comparison: Comparison, baseline: str) -> dict[str, Any]:
    """Every measure of each mechanism, and the differences to the baseline in the same worlds."""
    return _head("compare", comparison.scenario, comparison.seeds, comparison.cells) | {
        "measures": _measures(),
        "summary": _by_measure(comparison.summary(), STATISTICS),
        "baseline": baseline,
        "paired": _by_measure(comparison.paired(baseline), [*STATISTICS, "equal"]),
        "equilibria": {label: found.document() for label, found in comparison.equilibria.items()},
    }


def heatmap_document(heatmap: Heatmap, baseline: str | None = None) -> dict[str, Any]:
    """Every cell of a map, its contour and its flip line, and the differences to a baseline in the same worlds."""
    apart = [] if baseline is None else heatmap.difference(baseline=baseline).data.to_dict("records")
    return _head("heatmap", heatmap.scenario, heatmap.seeds, heatmap.cells) | {
        "measure": heatmap.measure,
        "unit": MEASURES[heatmap.measure].unit,
        "x": _axis(heatmap.x),
        "y": _axis(heatmap.y),
        "cells": heatmap.data.to_dict("records"),
        "contour": heatmap.contour().to_dict("records"),
        "flip_line": heatmap.flip_line().to_dict("records"),
        "baseline": baseline,
        "differences": apart,
    }


def _axis(axis: MapAxis) -> dict[str, Any]:
    return {"name": axis.name, "title": axis.title, "values": axis.values}


def _head(command: str, scenario: Scenario, seeds: NDArray[Any], cells: Mapping[str, Scenario]) -> dict[str, Any]:
    return {
        "command": command,
        "scenario": scenario.model_dump(mode="json"),
        "seeds": describe_seeds(seeds),
        "mechanisms": {label: cell.market.model_dump(mode="json") for label, cell in cells.items()},
        "bidding": {label: cell.labs.bidding for label, cell in cells.items()},
    }


def _measures() -> dict[str, Any]:
    return {name: {"unit": measure.unit, "description": measure.description} for name, measure in MEASURES.items()}


def _by_measure(table: pd.DataFrame, columns: list[str]) -> dict[str, Any]:
    """Rows of a tidy table as label -> measure -> numbers."""
    nested: dict[str, Any] = {}
    for label, measure, row in zip(table["label"], table["measure"], table[columns].to_dict("records"), strict=True):
        nested.setdefault(label, {})[measure] = row
    return nested


def tidy(comparison: Comparison, baseline: str | None) -> pd.DataFrame:
    """Means and differences in one table; `baseline` is empty where a row is a mechanism's own value."""
    own = comparison.summary().assign(equal=None)
    own.insert(1, "baseline", None)
    if baseline is None or len(comparison.labels) == 1:
        return own
    differences = comparison.paired(baseline)
    differences.insert(1, "baseline", baseline)
    rows = [*own.to_dict("records"), *differences.to_dict("records")]
    return pd.DataFrame(rows, columns=list(differences.columns))


def tidy_map(heatmap: Heatmap, baseline: str | None) -> pd.DataFrame:
    """Cells and differences in one table; `baseline` is empty where a row is a mechanism's own value."""
    if baseline is None:
        return heatmap.data
    parts = (heatmap.data.assign(baseline=None), heatmap.difference(baseline=baseline).data.assign(baseline=baseline))
    rows = [row for part in parts for row in part.to_dict("records")]
    columns = [name for name in parts[1].columns if name not in ("label", "baseline")]
    return pd.DataFrame(rows, columns=["label", "baseline", *columns])
