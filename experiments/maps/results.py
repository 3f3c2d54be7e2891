"""A map as found: every world's value in every cell, with means, intervals, lines and paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import contourpy
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.maps.axes import MapAxis
from experiments.maps.flip import flip_points
from experiments.statistics import interval
from mechanisms import InputError
from mechanisms.errors import unknown
from scenarios import Scenario

Array = NDArray[Any]

HALF = 0.5


@dataclass(frozen=True, eq=False)
class Heatmap:
    """What `heatmap` found.

    Attributes
    ----------
    scenario, measure : what was asked for
    x, y : the axes
    cells : label (mechanism with its options, and bidding rule where there are several) -> the scenario under it
    seeds : the worlds
    worlds : (labels, rows, columns, seeds), each world's mean over its months, NaN where undefined; a row a value of y
    extras : what the cells also tell, such as ``audit_probability`` -> (rows, columns); NaN in cells without a value
    reachable : (rows, columns), cells that have a value
    baseline : label to which `worlds` are differences; None for a map of the measure itself
    """

    scenario: Scenario
    measure: str
    x: MapAxis
    y: MapAxis
    cells: dict[str, Scenario]
    seeds: Array
    worlds: Array
    extras: dict[str, Array]
    reachable: Array
    baseline: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Mechanisms with their options, and bidding rules, in the order asked for."""
        return tuple(self.cells)

    @cached_property
    def data(self) -> pd.DataFrame:
        """One row a label and cell: label, both axes, extras, reachable, mean, low, high (95% t-interval), n.

        A map of differences also has `equal`: exactly equal in every world, and `sure`: the interval is off zero.
        """
        names = ["label", self.y.name, self.x.name]
        table = pd.MultiIndex.from_product([self.labels, self.y.shown, self.x.shown], names=names).to_frame(index=False)
        for name, values in (self.extras | {"reachable": self.reachable}).items():
            table[name] = np.tile(values.reshape(-1), len(self.labels))
        found = {name: values.reshape(-1) for name, values in interval(self.worlds)._asdict().items()}
        if self.baseline is not None:
            unequal = np.nan_to_num(self.worlds, nan=0.0).any(axis=-1).reshape(-1)
            found["equal"] = ~unequal & (found["n"] > 0)
            found["sure"] = (found["low"] > 0) | (found["high"] < 0)
        return table.assign(**found)

    def grid(self, label: str) -> Array:
        """Means of one label, (rows, columns); NaN where a cell has no value."""
        return interval(self.worlds[self._number(label)]).mean

    def _number(self, label: str, what: str = "label") -> int:
        if label not in self.labels:
            raise unknown(what, label, self.labels)
        return self.labels.index(label)

    def difference(self, label: str | None = None, baseline: str | None = None) -> Heatmap:
        """A map of differences to one label, world by world in each cell.

        Parameters
        ----------
        label : str; None: all others
        baseline : str; None: the first

        Examples
        --------
        >>> from experiments import heatmap
        >>> axes = {"penalties": [0.2, 0.8], "detections": [0.25, 0.75]}
        >>> found = heatmap("seed_binary", ["uniform-price", "vickrey"], **axes, seeds=3)
        >>> bool(found.difference("vickrey").data["equal"].all())
        True
        """
        base = self._number(self.labels[0] if baseline is None else baseline, "baseline")
        others = [i for i in range(len(self.labels)) if i != base] if label is None else [self._number(label)]
        if not others or others == [base]:
            raise InputError(f"baseline: {self.labels[base]} is compared with itself; a difference needs two")
        cells = {self.labels[i]: self.cells[self.labels[i]] for i in others}
        worlds = self.worlds[others] - self.worlds[base]
        return replace(self, cells=cells, worlds=worlds, baseline=self.labels[base])

    def contour(self, level: float = HALF) -> pd.DataFrame:
        """Line on which the measure has the level: columns label, line, step, then the axes; none beside texts."""
        frames = []
        for label in self.labels if self.x.numeric and self.y.numeric else ():
            values = np.ma.masked_invalid(self.grid(label))
            lines: Any = contourpy.contour_generator(self.x.places, self.y.places, values).lines(level)
            for number, line in enumerate(lines):
                points = {"step": np.arange(len(line)), self.x.name: line[:, 0], self.y.name: line[:, 1]}
                frames.append(pd.DataFrame({"label": label, "line": number} | points))
        columns = ["label", "line", "step", self.x.name, self.y.name]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)

    def flip_line(self, label: str | None = None) -> pd.DataFrame:
        """Where the closed form says that violating starts to pay: columns of the axes; empty without one.

        On it the expected penalty equals the expected highest losing net value, ``p * P = (n-Q)/(n+1)`` of the way
        from the lowest to the highest value, so that on average the keenest lab without a permit is indifferent. It is
        the same for every label that has one; without a label it is given where all have.
        """
        lines = [self._flip_lines[name] for name in (self.labels if label is None else (label,))]
        return min(lines, key=len)

    @cached_property
    def _flip_lines(self) -> dict[str, pd.DataFrame]:
        return {label: flip_points(cell, self.x, self.y) for label, cell in self.cells.items()}


def beside(maps: Sequence[Heatmap], cells: dict[str, Scenario]) -> Heatmap:
    """Maps of single mechanisms over the same axes and worlds as one, with the labels of `cells` in their order."""
    return replace(maps[0], cells=cells, worlds=np.concatenate([part.worlds for part in maps]))
