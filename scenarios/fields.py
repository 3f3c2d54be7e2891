"""Walk the schema: every field with its path, and one-line errors for a scenario that breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from mechanisms import InputError
from mechanisms.errors import allowed, describe, unknown
from scenarios.schema import Scenario
from scenarios.sources import source_of

VARIANTS = ("distribution", "kind")
LONGEST = 600


@dataclass(frozen=True)
class Entry:
    """One setting as the schema declares it."""

    path: str
    info: FieldInfo

    @property
    def _extra(self) -> Mapping[str, Any]:
        extra = self.info.json_schema_extra
        return extra if isinstance(extra, Mapping) else {}

    @property
    def unit(self) -> str:
        """Unit in words, such as ``M$ per unit``."""
        return str(self._extra.get("unit", ""))

    @property
    def description(self) -> str:
        """What the setting means."""
        return self.info.description or ""

    @property
    def interval(self) -> str | None:
        """Allowed interval of a number, such as ``[0, 1]``."""
        return allowed(self.info)

    @property
    def default(self) -> Any:
        """Default value; None where there is none."""
        return None if self.info.is_required() else self.info.get_default(call_default_factory=True)

    @property
    def source(self) -> str:
        """Where the default comes from, in words."""
        return source_of(self.path)

    @property
    def moves(self) -> Mapping[str, Any] | None:
        """Where the setting shows: scenario, measure, value and what has to be given first.

        A setting of a distribution serves several groups: ``.`` in `given` stands for the group at hand.
        """
        moves = self._extra.get("moves")
        if not moves or not moves["given"]:
            return moves
        group = self.path.rpartition(".")[0]
        return {**moves, "given": {group if path == "." else path: v for path, v in moves["given"].items()}}


def _models(info: FieldInfo) -> list[type[BaseModel]]:
    """Models that a field may hold: one, or the variants of a union."""
    kinds = [info.annotation, *get_args(info.annotation)]
    nested = [inner for kind in kinds for inner in get_args(kind)]
    found = [kind for kind in [*kinds, *nested] if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return list(dict.fromkeys(found))


def entries(model: type[BaseModel] = Scenario, prefix: str = "") -> Iterator[Entry]:
    """Every setting of the schema, groups before their members; variants of a union one after the other.

    >>> [entry.path for entry in entries() if entry.path.startswith("market.")]
    ['market.mechanism', 'market.options']
    """
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        models = _models(info)
        if info.description:
            yield Entry(path, info)
        for inner in models:
            yield from (entry for entry in entries(inner, f"{path}.") if entry.path.rsplit(".")[-1] != "distribution")


@cache
def known_entries() -> Mapping[str, Entry]:
    """The schema's entries by path."""
    return {entry.path: entry for entry in entries()}


def bounds(interval: str | None) -> tuple[float, float]:
    """Ends of an interval as the schema writes it.

    >>> bounds("[0, inf)"), bounds(None)
    ((0.0, inf), (-inf, inf))
    """
    if interval is None:
        return -inf, inf
    low, _, high = interval.strip("[]()").partition(", ")
    return float(low), float(high)


def setting_of(scenario: Scenario, path: str) -> Any:
    """Value of a setting.

    >>> setting_of(Scenario(), "enforcement.penalty")
    0.5
    """
    value: Any = scenario
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _locate(location: tuple[Any, ...]) -> tuple[str, FieldInfo | None, list[str]]:
    """Path of an error without the union's tags, the field's entry, and the names known at its level."""
    models: list[type[BaseModel]] = [Scenario]
    path, info, known = [], None, []
    for part in location:
        fields = {name: field for model in models for name, field in model.model_fields.items()}
        if part in fields:
            path.append(str(part))
            info, known = fields[part], list(fields)
            models = _models(info)
        elif any(part == _tag(model) for model in models):
            models = [model for model in models if part == _tag(model)]
        elif isinstance(part, int) or models:
            if not str(part).startswith(("tuple[", "function-")):
                path.append(str(part))
            known, info = list(fields), None
    return ".".join(path), info, known


def _tag(model: type[BaseModel]) -> Any:
    for name in VARIANTS:
        if name in model.model_fields:
            return model.model_fields[name].default
    return None


def scenario_error(error: ValidationError) -> InputError:
    """The first problem of a scenario as one line: field, value, what is allowed.

    >>> try:
    ...     Scenario.model_validate({"enforcement": {"true_positive_rate": 1.3}})
    ... except ValidationError as error:
    ...     print(scenario_error(error))
    enforcement.true_positive_rate: 1.3 is not in [0, 1]
    """
    first = error.errors()[0]
    context: dict[str, Any] = dict(first.get("ctx", {}))
    cause = context.get("error")
    if isinstance(cause, InputError):
        return InputError(_one_line(str(cause)))
    path, info, known = _locate(first["loc"])
    kind = first["type"]
    if kind.startswith("union_tag"):
        tag = path + "." + context["discriminator"].strip("'")
        if kind == "union_tag_not_found":
            return InputError(f"{tag}: is required")
        return unknown(tag, context["tag"], [name.strip(" '") for name in context["expected_tags"].split(",")])
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return InputError(_one_line(f"{path or 'scenario'}: {first['input']!r} is not a group of settings"))
    if kind == "string_too_long":
        return InputError(f"{path}: {len(first['input'])} characters are more than {context['max_length']}")
    if kind == "int_parsing_size" and info:
        return InputError(f"{path}: {first['input']} is not in {allowed(info)}")
    if kind == "invalid_key":
        return InputError(_one_line(f"{path}: is not the name of a setting"))
    words = describe(first, known, allowed(info) if info else None)
    return InputError(_one_line(f"{path}: {words}" if path else words))


def _one_line(text: str) -> str:
    """The text on one line, with the middle left out where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} ... {line[-LONGEST // 3 :]}"


def parse(settings: Any) -> Scenario:
    """Check a mapping of settings; InputError with one line where it breaks the schema."""
    if not isinstance(settings, Mapping):
        raise InputError(f"scenario: {type(settings).__name__} is not a mapping of settings")
    try:
        return Scenario.model_validate(dict(settings))
    except ValidationError as error:
        raise scenario_error(error) from None


def override(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A scenario with some settings replaced, checked again.

    Parameters
    ----------
    scenario : Scenario
    changes : mapping from path to value
        ``{"enforcement.penalty": 0.3}``. Replacing a kind (``enforcement.policy.kind``, ``market.mechanism``,
        ``labs.value.distribution``) drops the options of the old kind. A setting that changes loses its source.

    Examples
    --------
    >>> override(Scenario(), {"enforcement.policy.kind": "none", "labs.count": 12}).labs.count
    12
    """
    settings = scenario.model_dump(mode="json")
    for path in sorted(changes, key=lambda p: not p.endswith(("mechanism", *VARIANTS))):
        _put(settings, path, changes[path])
    return parse(with_known_sources(settings, scenario))


def with_known_sources(settings: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Settings without the sources of those that are no longer as in a scenario: another value comes from elsewhere.

    >>> known = parse({"sources": {"months": "read: a page", "labs.count": "read: a page"}})
    >>> with_known_sources(known.model_dump() | {"months": 7}, known)["sources"]
    {'labs.count': 'read: a page'}
    """
    told = settings.get("sources")
    if not isinstance(told, Mapping) or not told:
        return dict(settings)
    old, new = _flat(scenario.model_dump(mode="json")), _flat(settings)
    stale = {path for path in told if told[path] == scenario.sources.get(path) and new.get(path) != old.get(path)}
    return {**settings, "sources": {path: text for path, text in told.items() if path not in stale}}


def _put(settings: dict[str, Any], path: str, value: Any) -> None:
    *groups, name = path.split(".")
    place = settings
    for depth, group in enumerate(groups):
        if not isinstance(place.get(group), dict):
            raise unknown(".".join(groups[: depth + 1]), group, [k for k, v in place.items() if isinstance(v, dict)])
        place = place[group]
    if name in VARIANTS and place.get(name) != value:
        place.clear()
    if path == "market.mechanism" and place.get(name) != value:
        place["options"] = {}
    place[name] = value


def differences(one: Scenario, other: Scenario) -> dict[str, tuple[Any, Any]]:
    """Settings in which two scenarios differ, by path.

    >>> differences(Scenario(), Scenario(months=6))
    {'months': (24, 6)}
    """
    left, right = (_flat(s.model_dump(mode="json")) for s in (one, other))
    paths = dict.fromkeys([*left, *right])
    return {path: (left.get(path), right.get(path)) for path in paths if left.get(path) != right.get(path)}


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
