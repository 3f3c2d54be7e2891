"""What a map shows: penalty and detection, permits per lab and penalty, or any two numbers of the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import streamlit as st

from app import state
from experiments.maps.axes import SHORT, MapAxis, is_number
from experiments.maps.formulas import FORMULAS
from scenarios import Scenario
from scenarios.fields import bounds, known_entries, setting_of

Side = tuple[str, tuple[float, ...]]
"""A setting, or an axis with a formula, and its values."""

DETERRENCE, SCARCITY, FREE = KINDS = (
    "Penalty and detection",
    "Penalty and permits per lab",
    "Two settings of your choice",
)
_GUIDES = {
    DETERRENCE: """To the right a violation costs more, upwards it is found more often. A lab runs a unit without a
permit where the unit's net value is above the expected penalty, p_eff × P, so compliance flips along a falling curve: a
small fine that is certain deters like a large one that is not. What is left at the bottom left is arithmetic, not
deterrence: labs whose permits cover all that they want, or that want nothing.""",
    SCARCITY: """To the right a violation costs more, upwards there are more permits for each lab. At the top
permits cover about all that labs want, so that they comply whatever the penalty: that is arithmetic. Further down the
penalty decides. The measure *deterrence rate* leaves the arithmetic out.""",
    FREE: """Each cell is the scenario with two settings changed. Where the colour changes along one side only, the
other setting does not matter there.""",
}
_OWN_DOUBLED = 2.0


def guide(kind: str) -> str:
    """How to read a map of this kind."""
    return f"**How to read it.** {_GUIDES[kind]}"


def penalties(scenario: Scenario, cells: int) -> Side:
    """Penalties from 0 to beyond the scenario's own, at the centres of cells.

    >>> from scenarios import load_scenario
    >>> penalties(load_scenario("strict_audit"), 2)
    ('penalty', (0.5, 1.5))
    """
    top = max(1.0, float(np.ceil(scenario.enforcement.penalty * 1.2)))
    return "penalty", _centres(0.0, top, cells)


def detections(cells: int) -> Side:
    """All probabilities, at the centres of cells."""
    return "detection", _centres(0.0, 1.0, cells)


def permits_per_lab(scenario: Scenario, cells: int) -> Side:
    """From few permits to one for every unit that labs could run.

    >>> from scenarios import load_scenario
    >>> permits_per_lab(load_scenario("seed_binary"), 4)
    ('permits_per_lab', (0.25, 0.5, 0.75, 1.0))
    """
    top = float(scenario.labs.units)
    return "permits_per_lab", tuple((np.arange(1, cells + 1) * top / cells).round(12).tolist())


def _centres(low: float, high: float, cells: int) -> tuple[float, ...]:
    return tuple((low + (np.arange(cells) + 0.5) * (high - low) / cells).round(12).tolist())


def spread(low: float, high: float, cells: int, *, whole: bool) -> tuple[float, ...]:
    """Centres of cells from end to end; whole numbers, each once, where a setting takes no others.

    >>> spread(0, 1, 2, whole=False), spread(2, 4, 20, whole=True)
    ((0.25, 0.75), (2, 3, 4))
    """
    if not whole:
        return _centres(low, high, cells)
    return tuple(int(value) for value in np.unique(np.linspace(low, high, cells).round()))


def axes(scenario: Scenario, kind: str, cells: int) -> tuple[Side, Side]:
    """Both sides of a map; for a free choice, the controls that make it."""
    if kind == DETERRENCE:
        return penalties(scenario, cells), detections(cells)
    if kind == SCARCITY:
        return penalties(scenario, cells), permits_per_lab(scenario, cells)
    left, right = st.columns(2, gap="large")
    with left:
        x = _free_side(scenario, "x", "To the right", "penalty", cells)
    with right:
        y = _free_side(scenario, "y", "Upwards", "labs.running_cost", cells)
    return x, y


def choices(scenario: Scenario) -> dict[str, str]:
    """What an axis can be, with its title: every number that the scenario has, p_eff, and permits per lab.

    >>> found = choices(Scenario())
    >>> found["welfare.harm"], found["penalty"], "labs.value.median" in found
    ('harm (M$ per unit)', 'penalty P (M$ per unit)', False)
    """
    told = scenario.model_dump(mode="json")
    numbers = [SHORT.get(path, path) for path in known_entries() if is_number(_at(told, path))]
    return {name: MapAxis(name, path_of(name), (0, 1)).title for name in [*FORMULAS, *numbers]}


def path_of(name: str) -> str:
    """The setting that an axis changes."""
    if name in FORMULAS:
        return FORMULAS[name].sets
    return next((path for path, short in SHORT.items() if short == name), name)


def _at(told: Any, path: str) -> Any:
    for part in path.split("."):
        told = told.get(part) if isinstance(told, Mapping) else None
    return told


def _free_side(scenario: Scenario, side: str, words: str, default: str, cells: int) -> Side:
    titles = choices(scenario)
    place = f"map_{side}"
    state.kept(place, default)
    if st.session_state[place] not in titles:
        st.session_state[place] = default
    name = str(st.selectbox(words, list(titles), key=place, format_func=titles.__getitem__))
    low, high, whole = _range(scenario, name)
    ends: list[float] = []
    for column, end, value in zip(st.columns(2), ("from", "to"), (low, high), strict=True):
        key = f"map_{side}_{end}_{name}"
        state.kept(key, value)
        with column:
            ends.append(
                st.number_input(f"{words}, {end}", key=key, format="%g", step=1 if whole else (high - low) / 20)
            )
    return name, spread(ends[0], ends[1], cells, whole=whole)


def _range(scenario: Scenario, name: str) -> tuple[float, float, bool]:
    """Ends to start from: from 0 to twice the scenario's own value, within what is allowed; and whether it is whole."""
    if name in FORMULAS:
        return (0.0, 1.0, False) if name == "detection" else (0.0, float(scenario.labs.units), False)
    entry = known_entries()[path_of(name)]
    own = setting_of(scenario, path_of(name))
    low, high = bounds(entry.interval)
    if isinstance(entry.default, int):
        return max(low, 1), max(2 * own, 2), True
    if isfinite(high) and high <= 1:
        return low, high, False
    return max(low, 0.0), float(min(high, _OWN_DOUBLED * own or 1.0)), False
