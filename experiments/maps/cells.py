"""The cells of a map: one scenario for each pair of values, checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from experiments.maps.axes import MapAxis
from scenarios import Scenario, override

Row = list[Scenario | None]
Group = TypeVar("Group", bound=BaseModel)


def map_cells(scenario: Scenario, x: MapAxis, y: MapAxis) -> list[Row]:
    """Scenarios row by row, a row for each value of y; None where no setting yields a value of p_eff or Q/N.

    Raises
    ------
    InputError
        For the first cell that the rules refuse.

    Examples
    --------
    >>> from experiments.maps.axes import read_axes
    >>> x, y = read_axes(Scenario(), "months=2,3", "labs.running_cost=0:0.2:3")
    >>> [[(cell.months, cell.labs.running_cost) for cell in row] for row in map_cells(Scenario(), x, y)]
    [[(2, 0.0), (3, 0.0)], [(2, 0.1), (3, 0.1)], [(2, 0.2), (3, 0.2)]]
    """
    apart = _parting(scenario, x.path, y.path)
    if apart is None or _reads(x, y) or _reads(y, x):
        return [[_cell(scenario, x, a, y, b) for a in x.values] for b in y.values]
    columns, rows = ([_along(scenario, axis, value) for value in axis.values] for axis in (x, y))
    return [[column and row and _joined(column, row, apart) for column in columns] for row in rows]


def _joined(column: Scenario, row: Scenario, apart: tuple[str, ...]) -> Scenario:
    """The cell of a column and a row; it keeps the sources of what neither has changed."""
    cell = graft(column, row, apart)
    if cell.sources == row.sources:
        return cell
    return cell.model_copy(
        update={"sources": {path: cell.sources[path] for path in cell.sources if path in row.sources}}
    )


def _along(scenario: Scenario, axis: MapAxis, value: object) -> Scenario | None:
    changes = axis.changes(value, scenario)
    return None if changes is None else override(scenario, changes)


def _cell(scenario: Scenario, x: MapAxis, a: object, y: MapAxis, b: object) -> Scenario | None:
    """One cell checked on its own; an axis with a formula solves it in what the other one has changed."""
    (first, one), (last, other) = sorted([(x, a), (y, b)], key=lambda side: side[0].formula is not None)
    changes = first.changes(one, scenario)
    if changes is None:
        return None
    further = last.changes(other, override(scenario, changes) if last.formula else scenario)
    return None if further is None else override(scenario, changes | further)


def _reads(axis: MapAxis, other: MapAxis) -> bool:
    """Whether what an axis' formula sets depends on what another axis changes."""
    paths = axis.formula.reads if axis.formula else ()
    return any(f"{path}.".startswith(f"{other.path}.") for path in paths)


def _parting(scenario: Scenario, one: str, other: str) -> tuple[str, ...] | None:
    """Where two settings part: path of the group or setting that holds the other one and not the one.

    None where a group that holds both has a check across them, so that each pair must be checked.
    """
    place: object = scenario
    shared: tuple[str, ...] = ()
    for mine, theirs in zip(one.split("."), other.split("."), strict=False):
        if not isinstance(place, BaseModel) or _checks(place, {mine, theirs}):
            return None
        if mine != theirs:
            return *shared, theirs
        place, shared = getattr(place, mine, None), (*shared, mine)
    return None


def _checks(group: BaseModel, names: set[str]) -> bool:
    """Whether a check across a group's settings may read these; a scenario says which ones its checks read."""
    if isinstance(group, Scenario):
        return names <= group.CHECKED_TOGETHER
    return bool(type(group).__pydantic_decorators__.model_validators)


def graft(group: Group, other: Group, path: Sequence[str]) -> Group:
    """The one with the other's entry at a path, both of which have been checked.

    >>> graft(Scenario(), Scenario(welfare={"harm": 3}), ("welfare", "harm")) == Scenario(welfare={"harm": 3})
    True
    """
    name, *inner = path
    mine, theirs = getattr(group, name), getattr(other, name)
    return group.model_copy(update={name: graft(mine, theirs, inner) if inner else theirs})
