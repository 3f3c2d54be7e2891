"""Inputs for every setting of a scenario, made from the schema: their kinds, units, ranges, words and values.

They edit a draft: the scenario as nested settings, kept in the session beside the scenario that it started from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import inf, isfinite
from typing import Annotated, Any, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.controls import help_of, label_of, policy_label
from app.options import option
from mechanisms import InputError, get_plugin, mechanism_names, plugin_names
from mechanisms.registry import Kind
from scenarios import Entry, Scenario, parse, to_json
from scenarios.enforcement import Policy
from scenarios.fields import VARIANTS, bounds, with_known_sources
from scenarios.setting import LARGEST, Part
from scenarios.store import read_settings

DRAFT, SOURCE, KEY = "draft", "draft_source", "edit."
_COLUMNS = 3
_NAMED: dict[str, Kind] = {
    "labs.bidding": "bidding",
    "labs.other_bidding": "bidding",
    "market.mechanism": "mechanism",
}
"""Settings that name a plug-in, possibly with options, as in ``uniform-price:k=0``."""
_WORDS = ("text", "name", "kind")
"""Units that say no more than an input shows."""
Settings = dict[str, Any]


def begin(scenario: Scenario) -> Settings:
    """The draft; a new one wherever the scenario at the side is no longer the one it started from."""
    source = to_json(scenario)
    if st.session_state.get(SOURCE) != source:
        for key in [key for key in st.session_state if str(key).startswith(KEY)]:
            del st.session_state[key]
        st.session_state[SOURCE], st.session_state[DRAFT] = source, json.loads(source)
    draft: Settings = st.session_state[DRAFT]
    return draft


def edit(draft: Settings) -> Scenario:
    """Draw all inputs and take over what they say; InputError where that is no scenario."""
    groups = {name: info.annotation for name, info in Scenario.model_fields.items() if _is_group(info)}
    _leaves([e for e in _entries(Scenario, "") if e.path not in groups], draft)
    for name, model in groups.items():
        with st.expander(label_of(name)):
            _group(model, draft[name], f"{name}.")
    return parse(with_known_sources(draft, parse(json.loads(st.session_state[SOURCE]))))


def _is_group(info: FieldInfo) -> bool:
    return isinstance(info.annotation, type) and issubclass(info.annotation, Part)


def _entries(model: type[BaseModel], prefix: str) -> Iterator[Entry]:
    """Settings right below a group, without the name of a variant."""
    for name, info in model.model_fields.items():
        if name not in VARIANTS:
            yield Entry(f"{prefix}{name}", info)


def _group(model: Any, settings: Settings, prefix: str) -> None:
    """A group: plain settings in columns, then those that come in several kinds, each with what its kind needs."""
    own = list(_entries(model, prefix))
    kinds = {entry.path: variants(entry.info) for entry in own}
    _leaves([entry for entry in own if not kinds[entry.path] and _name(entry) != "options"], settings)
    for entry in own:
        if models := kinds[entry.path]:
            with st.container(border=True):
                _kinds(entry, models, settings)
        elif _name(entry) == "options":
            _options("mechanism", settings["mechanism"], settings["options"], entry.path)


def _name(entry: Entry) -> str:
    return entry.path.rpartition(".")[2]


def variants(info: FieldInfo) -> dict[str, type[BaseModel]]:
    """Models that a setting may hold, by the name of their kind; empty for a plain setting.

    >>> list(variants(Scenario.model_fields["labs"].annotation.model_fields["choice"]))
    ['rational', 'quantal']
    """
    models = [kind for kind in _flat(info.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    if Policy in models:
        return dict.fromkeys(plugin_names("policy"), Policy)
    tags = [next(name for name in VARIANTS if name in model.model_fields) for model in models]
    return {model.model_fields[tag].default: model for tag, model in zip(tags, models, strict=True)}


def _flat(annotation: Any) -> Iterator[Any]:
    """Plain types of an annotation: members of unions, without what is annotated to them."""
    if get_origin(annotation) is Annotated:
        yield from _flat(get_args(annotation)[0])
    elif get_args(annotation) and get_origin(annotation) not in (tuple, dict):
        for part in get_args(annotation):
            yield from _flat(part)
    else:
        yield annotation


def _kinds(entry: Entry, models: Mapping[str, type[BaseModel]], settings: Settings) -> None:
    """Choice of a kind, and the settings of that kind; another kind starts with its defaults."""
    inner: Settings = settings[_name(entry)]
    tag = next(name for name in VARIANTS if name in inner)
    key = f"{KEY}{entry.path}.{tag}"
    st.session_state.setdefault(key, inner[tag])
    kind = st.selectbox(
        label_of(entry.path, "" if entry.unit in _WORDS else entry.unit), list(models), key=key, help=help_of(entry)
    )
    if kind != inner[tag]:
        inner.clear()
        inner[tag] = kind
    if models[kind] is Policy:
        _options("policy", kind, inner, entry.path)
        return
    for one in _entries(models[kind], f"{entry.path}."):
        inner.setdefault(_name(one), [] if one.info.is_required() else one.default)
    _leaves(list(_entries(models[kind], f"{entry.path}.")), inner)


def _options(what: Kind, plugin_name: str, settings: Settings, path: str) -> None:
    """Options of a plug-in beside its own name in `settings`; a name with options of its own has no inputs."""
    try:
        fields = get_plugin(what, plugin_name).options.model_fields
    except InputError:
        return
    for name in [name for name in settings if name not in (*fields, *VARIANTS)]:
        del settings[name]
    for place, (name, field) in _placed(fields.items()):
        key = f"{KEY}{path}.{plugin_name}.{name}"
        if name in settings:
            st.session_state.setdefault(key, settings[name])
        with place:
            value = option(key, _option_label(what, name, field), field, nothing="by the mechanism's kind")
        given = settings.pop(name, None)
        if value is not None and (given is not None or value != field.default):  # a default is not written out
            settings[name] = value


def _option_label(what: Kind, name: str, field: FieldInfo) -> str:
    return policy_label(name, field) if what == "policy" else f"{name}: {field.description or label_of(name)}"


def _placed(items: Any) -> Iterator[tuple[Any, Any]]:
    """Each item with its place in a row of columns."""
    items = list(items)
    for first in range(0, len(items), _COLUMNS):
        yield from zip(st.columns(_COLUMNS), items[first : first + _COLUMNS], strict=False)


def _leaves(found: list[Entry], settings: Settings) -> None:
    for place, entry in _placed(found):
        name = _name(entry)
        with place:
            settings[name] = _input(entry, settings.get(name, entry.default))


def _input(entry: Entry, value: Any) -> Any:
    """One input: a name of a plug-in, a number, a list of numbers or a text."""
    key, kinds = f"{KEY}{entry.path}", set(_flat(entry.info.annotation))
    unit = "" if entry.unit in _WORDS else entry.unit
    label, said = f"{label_of(entry.path, unit)}{_range(entry)}", help_of(entry)
    if entry.path in _NAMED:
        return _plugin(key, label, said, _NAMED[entry.path], value)
    if kinds & {int, float}:
        st.session_state.setdefault(key, value)
        return _number(key, label, said, entry, whole=float not in kinds)
    if str in kinds:
        st.session_state.setdefault(key, value)
        return st.text_input(label, key=key, help=said)
    st.session_state.setdefault(key, json.dumps(value))
    return _list(st.text_area(label, key=key, help=said, placeholder="[0.9, 0.4]"), entry.path)


def _plugin(key: str, label: str, said: str, what: Kind, value: str) -> str:
    known = mechanism_names() if what == "mechanism" else plugin_names(what)
    st.session_state.setdefault(key, value)
    choices = list(dict.fromkeys([*known, st.session_state[key]]))
    return str(st.selectbox(label, choices, key=key, help=said, accept_new_options=True))


def _number(key: str, label: str, said: str, entry: Entry, *, whole: bool) -> Any:
    """A number in its range, exactly as it is; one that may be left out is empty."""
    low, high = bounds(entry.interval)
    least, most = (int(end) if whole and isfinite(end) else end if isfinite(end) else None for end in (low, high))
    step, form = (1, "%d") if whole else (0.05 if high <= 1 else 0.1, "%g")
    empty = entry.description.rpartition("null: ")[2] if entry.default is None else "a number"
    return st.number_input(label, least, most, step=step, format=form, key=key, help=said, placeholder=empty)


def _range(entry: Entry) -> str:
    """The range as it stands beside a label.

    >>> _range(Entry("labs.count", Scenario.model_fields["labs"].annotation.model_fields["count"]))
    ' :gray[1 to 1,000,000]'
    """
    low, high = bounds(entry.interval)
    if (low, high) == (-inf, inf):
        return ""
    above = "above" if str(entry.interval).startswith("(") else "from"
    if high >= LARGEST:
        return f" :gray[{above} {low:,g}]" if low > -LARGEST else ""
    return f" :gray[{low:,.10g} to {high:,.10g}]"


def _list(text: str, path: str) -> Any:
    """Numbers, or rows of numbers, as a scenario file writes them."""
    return read_settings(text, path)
