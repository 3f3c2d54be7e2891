"""The cells of a sweep: what each point of the plan runs, and the table that comes of it.

A cell is a point of the axes under one mechanism and bidding rule. Cells are numbered point by point, mechanisms
fastest; a chunk is a stretch of whole points. Neither depends on how the sweep is computed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agents import MEASURES
from experiments.ensemble import as_seeds, plugin_modules, run_worlds, under_mechanisms
from experiments.statistics import interval
from experiments.sweeps.axes import read_axes
from experiments.sweeps.plan import Plan, read_plan
from experiments.sweeps.points import Point, count_points, points
from mechanisms import InputError, resolve
from scenarios import Scenario, override

Array = NDArray[Any]

FORMAT = 1
"""Rises when the tables change, so that no sweep mixes two kinds."""
MOST_WORLDS = 1_000_000
CHUNK_SECONDS = 1.0
CELLS_A_SECOND, WORLDS_A_SECOND, LAB_MONTHS_A_SECOND = 1_500, 100_000, 10_000_000
"""Rough speeds of one core; they set the size of a chunk and nothing else."""
CHECKED = 2_000
_OWN = ("mechanisms", "agents")
_TYPES = {"int": pa.int64(), "float": pa.float64(), "text": pa.string()}


class Cells:
    """A plan that has been read: its axes, worlds, cells and chunks.

    Parameters
    ----------
    plan : Plan
        Resolved, see `Plan.resolved`.

    Examples
    --------
    >>> cells = Cells(Plan(scenario="seed_binary", axes={"permits.cap": [5, 10]}, mechanisms=["vickrey"]).resolved())
    >>> cells.count, cells.chunks
    (2, 1)
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, sample = plan, plan.sample
        self.axes = read_axes(plan.axes, grid=sample.method == "grid")
        self._refuse_two_ways()
        self.seeds = as_seeds(plan.seeds, plan.first_seed)
        if self.seeds.size > MOST_WORLDS:
            raise InputError(f"seeds: {self.seeds.size} worlds a cell are more than {MOST_WORLDS}")
        self.points = count_points(self.axes, sample.method, sample.size)
        self._points = points(self.axes, sample.method, sample.size, sample.seed)

    def _refuse_two_ways(self) -> None:
        for entry, path in (("mechanisms", "market.mechanism"), ("bidding", "labs.bidding")):
            if getattr(self.plan, entry) is not None and any(axis.path == path for axis in self.axes):
                raise InputError(f"axes.{path}: is varied by {entry} already; leave one of them out")

    @cached_property
    def base(self) -> Scenario:
        """The scenario before any axis changes it."""
        return self.plan.base

    @cached_property
    def labels(self) -> int:
        """Mechanisms and bidding rules at each point."""
        return len(self._scenarios(0, self._points(0, 1)[0]))

    @property
    def count(self) -> int:
        """Cells in all."""
        return self.points * self.labels

    @cached_property
    def per_chunk(self) -> int:
        """Points of a chunk."""
        if self.plan.chunk:
            return self.plan.chunk
        months = self._most("months", self.base.months)
        units = self._most("labs.count", self.base.labs.count) * self._most("labs.units", self.base.labs.units)
        world = 1 / WORLDS_A_SECOND + months * units / LAB_MONTHS_A_SECOND
        seconds = self.labels * (1 / CELLS_A_SECOND + self.seeds.size * world)
        return min(max(1, int(CHUNK_SECONDS / seconds)), self.points)

    def _most(self, path: str, own: int) -> int:
        ends = [max(axis.ends) for axis in self.axes if axis.path == path and axis.kind != "text"]
        return int(ends[0]) if ends else own

    @property
    def chunks(self) -> int:
        """Chunks in all."""
        return -(-self.points // self.per_chunk)

    def stretch(self, chunk: int) -> tuple[int, list[Point]]:
        """Number of a chunk's first point, and its points."""
        start = chunk * self.per_chunk
        return start, self._points(start, min(start + self.per_chunk, self.points))

    def check(self) -> list[Scenario]:
        """Try cells all over the plan, every one of a small plan; InputError for the first that cannot be.

        Returns
        -------
        list
            One scenario for each mechanism and bidding rule, and for each value of the axes that are lists.
        """
        places = np.unique(np.linspace(0, self.points - 1, max(2, CHECKED // self.labels)).astype(np.int64))
        for place in places.tolist():
            self._scenarios(place, self._points(place, place + 1)[0])
        first = self._points(0, 1)[0]
        probes = self._scenarios(0, first)
        for i, axis in enumerate(self.axes):
            for value in axis.ends if axis.kind == "text" else ():
                probes += self._scenarios(0, (*first[:i], value, *first[i + 1 :]))
        return probes

    def _scenarios(self, number: int, point: Point) -> list[Scenario]:
        """What a point runs, one scenario for each mechanism and bidding rule."""
        changes = {axis.path: value for axis, value in zip(self.axes, point, strict=True)}
        try:
            scenario = override(self.base, changes)
            mechanisms = self.plan.mechanisms or [scenario.market.mechanism]
            return list(under_mechanisms(scenario, mechanisms, self.plan.bidding).values())
        except InputError as error:
            shown = ", ".join(f"{path}={value}" for path, value in changes.items())
            raise InputError(f"{error} (at point {number}: {shown})") from None

    @property
    def measures(self) -> list[str]:
        """Names of the measures kept."""
        return list(MEASURES) if self.plan.measures is None else list(self.plan.measures)

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns of the table: the cell's number, axes, mechanism, bidding, perhaps the seed, then measures."""
        fields = [pa.field("cell", pa.int64())]
        fields += [pa.field(axis.path, _TYPES[axis.kind]) for axis in self.axes]
        fields += [pa.field("mechanism", pa.string()), pa.field("bidding", pa.string())]
        numbers: list[tuple[str, Any]] = [("seed", pa.uint64())] if self.plan.keep == "worlds" else []
        for name in self.measures:
            numbers.append((name, pa.float64()))
            if self.plan.keep == "cells":
                numbers += [(f"{name}_low", pa.float64()), (f"{name}_high", pa.float64()), (f"{name}_n", pa.int64())]
        return pa.schema(fields + [pa.field(*number) for number in numbers])

    def table(self, start: int, some: Sequence[Point]) -> pa.Table:
        """Run some points, the first of which has the number `start`."""
        scenarios = [cell for i, point in enumerate(some, start) for cell in self._scenarios(i, point)]
        only = self.measures[0] if len(self.measures) == 1 else None
        values = run_worlds(scenarios, self.seeds, only=only)
        rows = 1 if self.plan.keep == "cells" else self.seeds.size
        columns = list(self._places(start, some, scenarios, rows))
        columns += self._worlds(values, len(scenarios)) if self.plan.keep == "worlds" else self._means(values)
        arrays = [pa.array(v, field.type, from_pandas=True) for v, field in zip(columns, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _places(self, start: int, some: Sequence[Point], scenarios: list[Scenario], rows: int) -> Iterator[Any]:
        """Columns that say which cell a row belongs to."""
        first = start * self.labels
        yield np.repeat(np.arange(first, first + len(scenarios)), rows)
        for i, axis in enumerate(self.axes):
            yield [axis.shown(point[i]) for point in some for _ in range(self.labels * rows)]
        markets = [resolve("mechanism", cell.market.mechanism, cell.market.options).label for cell in scenarios]
        yield [label for label in markets for _ in range(rows)]
        yield [cell.labs.bidding for cell in scenarios for _ in range(rows)]

    def _worlds(self, values: dict[str, Array], cells: int) -> list[Array]:
        return [np.tile(self.seeds, cells), *(values[name].reshape(-1) for name in self.measures)]

    def _means(self, values: dict[str, Array]) -> Iterator[Array]:
        for name in self.measures:
            yield from interval(values[name])


def identity(cells: Cells, probes: Sequence[Scenario]) -> str:
    """All that decides what a sweep's files hold, as JSON: the resolved plan, its chunks, and whose code runs it."""
    homes = plugin_modules(probes)
    mine = {name: Path(file) for name, file in homes.items() if name.partition(".")[0] not in _OWN}
    content = {
        "format": FORMAT,
        "version": version("permit-lab"),
        "plan": cells.plan.model_dump(mode="json") | {"chunk": cells.per_chunk},
        "plugins": {
            name: hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest() for name, file in mine.items()
        },
    }
    return json.dumps(content, sort_keys=False, allow_nan=False)


@lru_cache(maxsize=8)
def cells_of(identity_text: str) -> Cells:
    """Cells from the text that identifies their sweep, read once a process."""
    return Cells(read_plan(json.loads(identity_text)["plan"]))
