"""Calls into the experiments, cached by everything that they depend on, and how long they are likely to take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.chart_files import Spec, specification
from experiments import Comparison, Floor, auction_floor, charts
from experiments.ensemble import LAB_UNITS_PER_CHUNK, as_seeds, under_mechanisms
from experiments.sizes import BySize, Watched, watched
from mechanisms import get_plugin, resolve
from mechanisms.pymarket_bridge import MEDIAN_SECONDS, estimated_seconds
from scenarios import Scenario, parse, to_json

Progress = Callable[[float], None]

PATIENCE = 8.0
"""Seconds beyond which the reader is asked first."""
_SECONDS_PER_LAB_UNIT, _SLOWER = 1e-7, {"vickrey": 2.0, "lottery": 2.0, "posted-price": 3.0, "muda": 8.0}
"""What a lab's unit takes a month, and mechanisms that take longer."""
_SECONDS_PER_MONTH, _SECONDS_PER_CELL, _SECONDS_PER_BOOK = 2e-3, 3e-4, 1e-3
"""What a month takes however few labs run together, a scenario of its own, and a book that is cleared alone."""
_SHARED = 0.25
"""What a lab's unit takes, of all that, where cells share their markets."""
_SEARCH_SECONDS, _SEARCH_REPORTS = 20.0, 500
"""What a search takes, and from how many labs times units squared on it takes longer in proportion."""
SEARCHED = "equilibrium"
_BLOCK_SECONDS, _MOST_BLOCKS = 2.0, 20


def seconds(scenario: Scenario, mechanism: str, worlds: int, cells: int = 1, axes: Iterable[str] = ()) -> float:
    """Time that the worlds of one mechanism are likely to take, in each of the cells along axes, settings by path.

    Cells that differ in enforcement alone share their markets.

    >>> from scenarios import load_scenario
    >>> seconds(load_scenario("baseline"), "vickrey", 100) < 1 < seconds(load_scenario("baseline"), "pymarket:p2p", 100)
    True
    """
    cell = next(iter(under_mechanisms(scenario, [mechanism]).values()))
    plugin, units = get_plugin("mechanism", cell.market.mechanism), scenario.labs.count * scenario.labs.units
    if plugin.name in MEDIAN_SECONDS:
        clearing = estimated_seconds(plugin.name, units)
    else:
        clearing = 0.0 if plugin.batched else _SECONDS_PER_BOOK
    runs, one = worlds * cells, units * _SECONDS_PER_LAB_UNIT * _SLOWER.get(plugin.name, 1.0)
    if any(path.startswith("enforcement.") for path in axes):
        one, clearing = one * _SHARED, clearing * _SHARED
    together = np.ceil(runs * units / LAB_UNITS_PER_CHUNK)
    month = together * _SECONDS_PER_MONTH + runs * (one + clearing)
    return float(scenario.months * month + cells * _SECONDS_PER_CELL)


def search_seconds(scenario: Scenario) -> float:
    """Time that labs are likely to take to find how they bid under one mechanism; 0 where a formula says it.

    >>> from scenarios import override
    >>> search_seconds(Scenario()), search_seconds(override(Scenario(), {"labs.bidding": "equilibrium"}))
    (0.0, 36.0)
    """
    if resolve("bidding", scenario.labs.bidding).plugin.name != SEARCHED:
        return 0.0
    return _SEARCH_SECONDS * max(1.0, scenario.labs.count * scenario.labs.units**2 / _SEARCH_REPORTS)


def searches_anew(scenario: Scenario) -> bool:
    """Whether labs bid anew wherever enforcement changes, in a search, as where their worth depends on it."""
    rule = resolve("bidding", scenario.labs.bidding)
    return rule.plugin.name == SEARCHED and rule.options["worth"] != "full-value"


class Compared(NamedTuple):
    """A comparison, and who gains and who pays in it."""

    comparison: Comparison
    sizes: BySize


@st.cache_data(max_entries=96, show_spinner=False)
def _block(scenario: str, mechanism: str, rule: str, first: int, worlds: int) -> Watched:
    (cell,) = under_mechanisms(parse(json.loads(scenario)), mechanism, rule).values()
    return watched(cell, as_seeds(worlds, first))


def comparison(
    scenario: Scenario, mechanisms: Sequence[str], rules: Sequence[str], worlds: int, progress: Progress
) -> Compared:
    """Compare mechanisms and bidding rules, each kept apart so that adding one computes one.

    Long runs go in blocks of worlds.
    """
    cells, text = under_mechanisms(scenario, mechanisms, rules), to_json(scenario)
    months, sizes = {}, {}
    blocks = {name: _blocks(seconds(scenario, name, worlds), worlds) for name in mechanisms}
    done, total = 0, len(rules) * sum(map(len, blocks.values()))
    for label, (name, rule) in zip(cells, product(mechanisms, rules), strict=True):
        found = []
        for first, count in blocks[name]:
            found.append(_block(text, name, rule, first, count))
            done += 1
            progress(done / total)
        months[label] = _together([part.months for part in found])
        sizes[label] = _together([part.accounts for part in found])
    return Compared(Comparison(scenario, np.arange(worlds, dtype=np.uint64), cells, months), BySize(sizes))


def _together(parts: Sequence[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Blocks of worlds below each other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _blocks(duration: float, worlds: int) -> list[tuple[int, int]]:
    """First world and number of worlds of each block."""
    wanted = min(int(np.ceil(duration / _BLOCK_SECONDS)), _MOST_BLOCKS)
    size = int(np.ceil(worlds / max(wanted, 1)))
    return [(first, min(size, worlds - first)) for first in range(0, worlds, size)]


def _identity(comparison: Comparison) -> tuple[str, tuple[str, ...], bytes]:
    """What a comparison's numbers follow from."""
    return to_json(comparison.scenario), tuple(comparison.labels), comparison.seeds.tobytes()


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={Comparison: _identity})
def _drawn(name: str, comparison: Comparison, more: tuple[str, ...], _make: Callable[..., charts.AnyChart]) -> Spec:
    return specification(_make(comparison, *more))


def drawn(make: Callable[..., charts.AnyChart], comparison: Comparison, *more: str) -> Spec:
    """A chart of a comparison, made once."""
    return _drawn(make.__qualname__, comparison, more, make)


def drawn_sizes(compared: Compared, account: str) -> Spec:
    """The chart of an account by size of lab, made once."""
    return _drawn(
        "sizes", compared.comparison, (account,), lambda _, account: charts.size_bars(compared.sizes, account)
    )


@st.cache_data(max_entries=128, show_spinner=False)
def _floor(scenario: str, mechanisms: tuple[str, ...], seed: int, month: int) -> Floor:
    return auction_floor(parse(json.loads(scenario)), mechanisms, seed, month)


def floor(scenario: Scenario, mechanisms: Sequence[str], seed: int, month: int) -> Floor:
    """One month's market in one world."""
    return _floor(to_json(scenario), tuple(mechanisms), seed, month)
