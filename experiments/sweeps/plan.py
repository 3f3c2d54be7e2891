"""The plan of a sweep: what a YAML file or the command line says, checked; it knows its cells and its chunks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agents import MEASURES
from experiments.defaults import MAP_WORLDS
from experiments.ensemble import as_scenario
from experiments.sweeps.points import Method
from mechanisms import InputError
from mechanisms.errors import describe, unknown
from scenarios import Scenario, override, parse
from scenarios.store import ENDINGS, read_settings, read_text


def _several(value: Any) -> Any:
    """A name alone as a list of one; sequences and arrays as lists."""
    return [value] if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | range):
        return list(value)
    return value.tolist() if hasattr(value, "tolist") else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Sample(_Part):
    """Which points of the axes are run."""

    method: Method = Field(
        "grid",
        description="grid: every combination; latin-hypercube, sobol: points spread evenly over the axes; "
        "saltelli: the points that `permit-lab sensitivity` needs",
    )
    size: int = Field(1024, description="points of a sample; saltelli takes this many for each axis and two more times")
    seed: int = Field(0, ge=0, description="chooses the sample, not the worlds")


class Plan(_Part):
    """What a sweep runs.

    Examples
    --------
    >>> plan = Plan(scenario="seed_binary", axes={"enforcement.penalty": "0.2:0.8:25"}, mechanisms=["vickrey"])
    >>> plan.seeds
    20
    """

    scenario: str | dict[str, Any] = Field(description="name or file of a scenario, or its settings")
    set: dict[str, Any] = Field({}, description="settings of the scenario to change for all cells, by path")
    axes: Annotated[dict[str, Any], BeforeValidator(_plain)] = Field(
        description="settings to vary: a list, or low:high:count; for samples also low:high"
    )
    sample: Sample = Field(Sample(), description="which points of the axes are run")
    mechanisms: Annotated[list[str] | None, BeforeValidator(_several)] = Field(
        None, description="mechanisms at every point; null: the scenario's own"
    )
    bidding: Annotated[list[str] | None, BeforeValidator(_several)] = Field(
        None, description="bidding rules at every point; null: the scenario's own"
    )
    seeds: Annotated[int | list[int], BeforeValidator(_plain)] = Field(
        MAP_WORLDS, description="worlds of each cell: how many, or their seeds"
    )
    first_seed: int = Field(0, description="seed of the first world")
    keep: Literal["cells", "worlds"] = Field(
        "cells", description="a row for each cell with intervals over its worlds, or a row for each world"
    )
    measures: Annotated[list[str] | None, BeforeValidator(_several)] = Field(
        None, description="measures to keep; null: all"
    )
    chunk: int | None = Field(
        None, ge=1, description="points computed and written together; null: about a second of work"
    )

    def resolved(self) -> Plan:
        """The same plan with the scenario's settings written out, so that it needs no other file."""
        base = parse(self.scenario) if isinstance(self.scenario, dict) else as_scenario(self.scenario)
        settings = (override(base, self.set) if self.set else base).model_dump(mode="json")
        for name in self.measures or ():
            if name not in MEASURES:
                raise unknown("measures", name, MEASURES)
        return self.model_copy(update={"scenario": settings, "set": {}})

    @property
    def base(self) -> Scenario:
        """The scenario before any axis changes it; the plan must be resolved."""
        return parse(self.scenario)


def read_plan(source: str | Path | Mapping[str, Any] | Plan, **changes: Any) -> Plan:
    """A plan from a YAML or JSON file, or a mapping, with some entries replaced.

    A scenario that a file names by path lies relative to that file.

    Raises
    ------
    InputError
        One line: an unknown entry (with the nearest), a value that is none, an unreadable file.

    Examples
    --------
    >>> read_plan({"scenario": "baseline", "axis": {}})
    Traceback (most recent call last):
    mechanisms.errors.InputError: plan.axis: is not a known setting; did you mean 'axes'?
    """
    if isinstance(source, Plan):
        entries = source.model_dump()
    else:
        entries = _file(Path(source)) if isinstance(source, str | Path) else dict(source)
    try:
        return Plan.model_validate(entries | changes)
    except ValidationError as error:
        raise _plan_error(error) from None


def _file(path: Path) -> dict[str, Any]:
    entries = read_settings(read_text(path), str(path))
    if not isinstance(entries, dict):
        raise InputError(f"{path}: {type(entries).__name__} is not a plan")
    scenario = entries.get("scenario")
    if isinstance(scenario, str) and scenario.endswith(ENDINGS):
        entries["scenario"] = str(path.parent / scenario)
    return entries


def is_plan(source: str) -> bool:
    """Whether a file or name is a plan rather than a scenario: only plans have axes or name a scenario.

    >>> is_plan("baseline")
    False
    """
    if not source.endswith(ENDINGS):
        return False
    entries = read_settings(read_text(Path(source)), source)
    return isinstance(entries, dict) and bool({"axes", "scenario", "sample"} & entries.keys())


def _plan_error(error: ValidationError) -> InputError:
    first: Any = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    path = [str(part) for part in first["loc"] if isinstance(part, int) or str(part).isidentifier()]
    kinds = ("int", "str") if first["loc"][:1] in (("seeds",), ("scenario",)) else ()
    path = [part for part in path if part not in kinds]
    model = Sample if path[:1] == ["sample"] else Plan
    words = describe(first, model.model_fields)
    return InputError(" ".join(f"plan.{'.'.join(path)}: {words}".split()))
