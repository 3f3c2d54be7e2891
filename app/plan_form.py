"""The form of a sweep: what the side says, and on top of it axes, worlds and a sample, as a plan for the engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import compute, state
from app.controls import help_of
from app.options import without_rounding
from app.state import Selection
from app.waiting import spoken
from experiments.defaults import MAP_WORLDS
from experiments.ensemble import under_mechanisms
from experiments.sweeps.axes import split_axis
from experiments.sweeps.cells import MOST_WORLDS, Cells
from experiments.sweeps.plan import read_plan
from experiments.sweeps.running import MOST_CELLS
from mechanisms import InputError
from scenarios import Scenario, override
from scenarios.fields import bounds, known_entries

AXES, METHOD, SIZE, SAMPLE_SEED, WORLDS, FIRST, KEEP = (
    f"run_{name}" for name in ("axes", "method", "size", "sample_seed", "worlds", "first", "keep")
)
RANGE, LIST = "Range", "List"
METHODS = {
    "grid": "Every combination",
    "latin-hypercube": "Sample: Latin hypercube",
    "sobol": "Sample: Sobol points",
    "saltelli": "Sample for sensitivity (Saltelli)",
}
LARGEST_SAMPLE = 2**19
_START_SECONDS = 2.0
_LUCK_ALONE = ("enforcement.", "welfare.", "months")
"""Settings that change no equilibrium, where a permit's worth does not depend on enforcement."""


@dataclass(frozen=True)
class Size:
    """How large a plan is: points of the axes, cells, worlds in all, and seconds on one core."""

    points: int
    cells: int
    worlds: int
    seconds: float

    def __str__(self) -> str:
        cells = f"{self.cells:,} cell{'s' if self.cells > 1 else ''}"
        return f"{cells} ({self.points:,} points), {self.worlds:,} worlds in all, about {spoken(self.seconds)}"


def numeric_settings(scenario: Scenario) -> dict[str, int | float | None]:
    """Numbers of a scenario that a sweep can vary, by path.

    >>> numeric_settings(Scenario())["enforcement.penalty"]
    0.5
    """
    found = dict(_leaves(scenario.model_dump(mode="json"), ""))
    return {path: value for path, value in found.items() if not path.startswith("market.") and _number(path, value)}


def _leaves(settings: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    groups = [
        _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
        for name, value in settings.items()
    ]
    return [leaf for group in groups for leaf in group]


def _number(path: str, value: Any) -> bool:
    nothing_yet = value is None and path in known_entries() and known_entries()[path].interval is not None
    return nothing_yet or (isinstance(value, int | float) and not isinstance(value, bool))


def title_of(path: str) -> str:
    """A setting's path in words, with its unit.

    >>> title_of("enforcement.penalty"), title_of("months")
    ('Enforcement: penalty (M$ per unit)', 'Months')
    """
    group, _, name = path.partition(".")
    words = f"{group}: {name}" if name else group
    words = words.replace(".", " ").replace("_", " ")
    unit = known_entries()[path].unit if path in known_entries() else ""
    return (
        words[:1].upper()
        + words[1:]
        + (f" ({unit})" if unit not in ("", name, group, "kind", "name", "by name") else "")
    )


def form(selection: Selection) -> dict[str, Any]:
    """Draw the form; the plan that it says."""
    known = numeric_settings(selection.scenario)
    state.kept(AXES, ["enforcement.penalty"])
    state.kept(METHOD, "grid")
    st.session_state[AXES] = [path for path in st.session_state[AXES] if path in known]
    left, right = st.columns([3, 2])
    with left:
        said = "Settings to vary, one axis each. Everything else is as set at the side."
        axes = st.multiselect("Axes", known, key=AXES, format_func=title_of, help=said, placeholder="Choose settings")
    with right:
        method = st.selectbox("Points", METHODS, key=METHOD, format_func=METHODS.__getitem__, help=_POINTS)
    given = {path: _axis(path, known[path], grid=method == "grid") for path in axes}
    return _plan(selection, given, _sample(method), *_worlds())


_POINTS = (
    "Every combination of the axes' values, or a sample that covers their ranges evenly. The sample for sensitivity "
    "says afterwards which of the settings matter (Sobol indices)."
)


def _plan(
    selection: Selection, axes: dict[str, Any], sample: dict[str, Any], worlds: int, first: int
) -> dict[str, Any]:
    plan = {"scenario": selection.scenario.model_dump(mode="json"), "axes": axes, "sample": sample}
    facets = {"mechanisms": list(selection.mechanisms), "bidding": list(selection.bidding)}
    keep = "worlds" if st.session_state[KEEP] else "cells"
    return plan | facets | {"seeds": worlds, "first_seed": first, "keep": keep}


def _axis(path: str, own: int | float | None, *, grid: bool) -> Any:
    """Values of one axis, as a plan says them."""
    low, high, whole = _ends(path, own)
    key, kind = f"run_axis.{path}", int if whole else float
    for name, default in {"kind": RANGE, "low": low, "high": high, "count": 5, "list": ""}.items():
        state.kept(f"{key}.{name}", default)
    with st.container(border=True):
        heading, switch = st.columns([3, 1], vertical_alignment="center")
        heading.markdown(
            f"**{title_of(path)}**", help=help_of(known_entries()[path]) if path in known_entries() else None
        )
        with switch:
            shape = st.segmented_control(
                "Values", [RANGE, LIST], key=f"{key}.kind", label_visibility="collapsed", required=True
            )
        if shape == LIST:
            return _listed(
                path, st.text_input("Values, parted by commas", key=f"{key}.list", placeholder="0.2, 0.5, 0.8")
            )
        places = st.columns(3 if grid else 2)
        ends = [
            places[place].number_input(words, step=kind(1) if whole else None, key=f"{key}.{name}", format=_form(whole))
            for place, (words, name) in enumerate((("From", "low"), ("To", "high")))
        ]
        text = ":".join(str(without_rounding(end)) for end in ends)
        return f"{text}:{places[2].number_input('Values', 2, 1000, key=f'{key}.count')}" if grid else text


def _form(whole: bool) -> str | None:
    return None if whole else "%g"


def _listed(path: str, text: str) -> Any:
    if not text.strip():
        raise InputError(f"axes.{path}: give its values, parted by commas")
    return split_axis(f"{path}={text}", "axes")[1]


def _ends(path: str, own: int | float | None) -> tuple[float, float, bool]:
    """A range around a setting's own value, within what is allowed, and whether it holds whole numbers."""
    entry = known_entries().get(path)
    whole = isinstance(entry.default if own is None and entry else own, int)
    lowest, highest = bounds(entry.interval if entry else None)
    around = (0.5 * own, 1.5 * own) if own else (0.0, 1.0)
    low, high = max(min(around), lowest), min(max(around), highest)
    if whole:
        return int(low), max(int(low) + 1, int(high)), True
    return float(f"{low:.3g}"), float(f"{high:.3g}"), False


def _sample(method: str) -> dict[str, Any]:
    if method == "grid":
        return {"method": "grid"}
    state.kept(SIZE, 64)
    state.kept(SAMPLE_SEED, 0)
    size_place, seed_place = st.columns(2)
    said = "A power of two for Sobol points and for sensitivity, which takes it for each axis and twice more."
    size = size_place.number_input("Points of the sample", 1, LARGEST_SAMPLE, key=SIZE, help=said)
    seed = seed_place.number_input("Seed of the sample", 0, key=SAMPLE_SEED, help="Chooses the points, not the worlds.")
    return {"method": method, "size": int(size), "seed": int(seed)}


def _worlds() -> tuple[int, int]:
    state.kept(WORLDS, MAP_WORLDS)
    state.kept(FIRST, 0)
    state.kept(KEEP, False)
    worlds_place, first_place, keep_place = st.columns(3, vertical_alignment="bottom")
    said = "Worlds with the same seeds in every cell: the same labs and the same luck."
    worlds = worlds_place.number_input("Worlds in each cell", 1, MOST_WORLDS, key=WORLDS, help=said)
    first = first_place.number_input("Seed of the first world", 0, 10**9, key=FIRST)
    keep_place.checkbox("Keep every world", key=KEEP, help="A row for each world, not one a cell with its interval.")
    return int(worlds), int(first)


def measure(plan: dict[str, Any]) -> Size:
    """Size of a plan; InputError with the engine's line where it cannot be run."""
    return _measured(json.dumps(plan, sort_keys=True))


@st.cache_data(max_entries=64, show_spinner=False)
def _measured(text: str) -> Size:
    cells = Cells(read_plan(json.loads(text)).resolved())
    if cells.points > MOST_CELLS or cells.count > MOST_CELLS:
        raise InputError(f"plan: {max(cells.points, cells.count):,} cells are more than {MOST_CELLS:,}")
    cells.check()
    return Size(cells.points, cells.count, cells.count * cells.seeds.size, _seconds(cells))


def _worlds_seconds(cell: Scenario, cells: Cells) -> float:
    paths = [axis.path for axis in cells.axes]
    return compute.seconds(cell, cell.market.mechanism, cells.seeds.size, cells.points, paths)


def _seconds(cells: Cells) -> float:
    """Time on one core, from the point in the middle of all axes."""
    middle = override(cells.base, {axis.path: axis.at(0.5) for axis in cells.axes})
    names = cells.plan.mechanisms or [middle.market.mechanism]
    there = under_mechanisms(middle, names, cells.plan.bidding).values()
    worlds = sum(_worlds_seconds(cell, cells) for cell in there)
    once = all(axis.path.startswith(_LUCK_ALONE) for axis in cells.axes)
    searches = [
        compute.search_seconds(cell) * (1 if once and not compute.searches_anew(cell) else cells.points)
        for cell in there
    ]
    return _START_SECONDS + worlds + sum(searches)
