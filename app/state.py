"""What the reader has chosen: a scenario, changes to it, mechanisms, worlds. Kept in the session and in the link.

The link names the scenario, the mechanisms and the worlds, and each changed setting by its path, so that it gives the
same view to whoever opens it: ``?scenario=baseline&mechanisms=vickrey&enforcement.penalty=0.8``. Several bidding rules
side by side are named as mechanisms are: ``bidding=full-value,equilibrium``. On the page Runs ``run`` names the sweep
that is open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from app import controls
from app.uploads import text_of
from experiments.defaults import MECHANISMS, WORLDS
from mechanisms import InputError, resolve
from mechanisms.errors import unknown
from scenarios import Scenario, differences, load_scenario, override, parse_scenario, scenario_names

DEFAULT = "baseline"
UPLOADED = "(your file)"
LEAST_WORLDS, MOST_WORLDS, WORLD_STEP = 10, 500, 10
LONGEST_LINK = 1_500
_MISSING = object()
RUN = "run_open"
"""Place in the session of the stored sweep that the page Runs shows."""
_RESERVED = ("scenario", "mechanisms", "bidding", "worlds", "run")


@dataclass(frozen=True)
class Selection:
    """What to compare: the scenario as changed at the side, mechanisms, bidding rules (its own first), worlds."""

    scenario: Scenario
    mechanisms: tuple[str, ...]
    bidding: tuple[str, ...]
    worlds: int


def start() -> bool:
    """Fill a new session from the link; a link that asks for the impossible gives the default and a message.

    Gives whether the session is new.
    """
    if "original" in st.session_state:
        return False
    query = st.query_params.to_dict()
    try:
        name = query.get("scenario", DEFAULT)
        original = load_known(name)
        changed, rules = override(original, read_changes(query)), _rules(query)
    except InputError as error:
        st.session_state["problem"] = f"This link cannot be opened: {error}"
        original = changed = load_scenario(DEFAULT)
        name, rules = DEFAULT, []
    worlds = _worlds(query.get("worlds", str(WORLDS)))
    mechanisms = _names(query["mechanisms"]) if "mechanisms" in query else list(MECHANISMS)
    st.session_state.update(scenario=name, chosen=name, worlds=worlds, mechanisms=mechanisms)
    _take(original, changed)
    if rules:
        st.session_state[controls.BIDDING] = rules
    if "run" in query:
        st.session_state[RUN] = query["run"]
    return True


def _rules(query: Mapping[str, str]) -> list[str]:
    """Bidding rules of a link; none where it leaves them to the scenario."""
    return [resolve("bidding", name, where="bidding").label for name in _names(query.get("bidding", ""))]


def _names(text: str) -> list[str]:
    """Plug-ins of a link: separated by commas, where a part with ``=`` alone belongs to the one before.

    >>> _names("muda,mcafee:missing=bounds,low=0,high=1,muda")
    ['muda', 'mcafee:missing=bounds,low=0,high=1']
    """
    names: list[str] = []
    for part in filter(None, text.split(",")):
        more_options = names and "=" in part and ":" not in part
        names[-1:] = [f"{names[-1]},{part}"] if more_options else [*names[-1:], part]
    return list(dict.fromkeys(names))


def load_known(name: str) -> Scenario:
    """A scenario by its name alone; whoever writes links may not name a file.

    >>> load_known("thin_market").name
    'Thin market'
    """
    if name not in scenario_names():
        raise unknown("scenario", name, scenario_names())
    return load_scenario(name)


def _worlds(text: str) -> int:
    """Worlds of a link; a number that cannot be gives the nearest that can, and the page says so."""
    least, most = str(LEAST_WORLDS), str(MOST_WORLDS)
    whole = text.isdecimal()
    worlds = int(np.clip(float(text), LEAST_WORLDS, MOST_WORLDS)) if whole else WORLDS
    if str(worlds) != text:
        said = f"worlds: {text} is not in [{least}, {most}]; {worlds} are run"
        st.session_state["problem"] = "; ".join(filter(None, [st.session_state.get("problem"), said]))
    return worlds


def read_changes(query: Mapping[str, str]) -> dict[str, Any]:
    """Changed settings of a link: JSON values, or plain text.

    >>> read_changes({"scenario": "baseline", "enforcement.penalty": "0.8", "labs.bidding": "full-value"})
    {'enforcement.penalty': 0.8, 'labs.bidding': 'full-value'}
    """
    return {path: _value(text) for path, text in query.items() if path not in _RESERVED}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) and _value(value) == value else json.dumps(value)


def write_changes(original: Scenario, changed: Scenario) -> dict[str, str]:
    """Settings in which a scenario differs from another, for a link; empty where a link cannot say it.

    >>> write_changes(Scenario(), Scenario(months=6))
    {'months': '6'}
    """
    new = {path: value for path, (_, value) in changes(original, changed).items()}
    if "enforcement.policy.kind" in new:  # another kind forgets options, also those that it shares with the old one
        options = changed.enforcement.policy.options
        new |= {f"enforcement.policy.{name}": value for name, value in options.items()}
    try:
        exact = override(original, new) == changed
    except InputError:
        exact = False
    texts = {path: _text(value) for path, value in new.items()}
    return texts if exact and sum(map(len, texts.values())) < LONGEST_LINK else {}


def changes(original: Scenario, changed: Scenario) -> dict[str, tuple[Any, Any]]:
    """Settings that a changed scenario has and in which it differs, by path: before and after.

    >>> changes(Scenario(), override(Scenario(), {"enforcement.policy.kind": "none"}))
    {'enforcement.policy.kind': ('signal', 'none')}
    """
    there = changed.model_dump(mode="json")
    pairs = {path: (old, _at(there, path)) for path, (old, _) in differences(original, changed).items()}
    return {path: pair for path, pair in pairs.items() if pair[1] is not _MISSING}


def _at(settings: Any, path: str) -> Any:
    """Value at a path, or a mark that there is none."""
    for name in path.split("."):
        if not isinstance(settings, Mapping) or name not in settings:
            return _MISSING
        settings = settings[name]
    return settings


def write_link(selection: Selection, run: str | None = None) -> None:
    """Make the page's address reproduce the view, an open sweep included.

    A scenario from a file is told by how it differs from the default.
    """
    name = st.session_state["scenario"]
    known = name if name != UPLOADED else DEFAULT
    original = st.session_state["original"] if name != UPLOADED else load_scenario(DEFAULT)
    query = {"scenario": known, "mechanisms": ",".join(selection.mechanisms), "worlds": str(selection.worlds)}
    if len(selection.bidding) > 1:
        query["bidding"] = ",".join(selection.bidding)
    if run:
        query["run"] = run
    query |= write_changes(original, selection.scenario)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def kept(key: str, default: Any) -> None:
    """Keep the value of a page's own widget while the reader is elsewhere; call before the widget is drawn.

    Streamlit forgets a widget as soon as a run does not draw it. What was written to the session as a plain value
    stays, so a copy lies beside it.
    """
    copies: dict[str, Any] = st.session_state.setdefault("kept", {})
    copies[key] = st.session_state.setdefault(key, copies.get(key, default))


def _take(original: Scenario, changed: Scenario) -> None:
    """Make a scenario the one to change, with some changes made already."""
    st.session_state.update(original=original, base=changed)
    controls.put(changed)


def choose() -> None:
    """Load the scenario that was picked (a callback)."""
    name = st.session_state["scenario"]
    try:
        original = st.session_state["uploaded"] if name == UPLOADED else load_known(name)
    except InputError as error:
        st.session_state.update(problem=str(error), scenario=st.session_state["chosen"])
        return
    st.session_state["chosen"] = name
    _take(original, original)


def reset() -> None:
    """Undo all changes to the scenario (a callback)."""
    _take(st.session_state["original"], st.session_state["original"])


def change_to(scenario: Scenario) -> None:
    """Make changed settings those at the side (a callback); they show as changes to the scenario that was loaded."""
    _take(st.session_state["original"], scenario)


def upload() -> None:
    """Read an uploaded file and make it the scenario (a callback); a bad one leaves everything as it was."""
    file = st.session_state["upload"]
    st.session_state.pop("upload_problem", None)
    if file is None:
        return
    try:
        st.session_state["uploaded"] = read_file(file.name, file.getvalue())
    except InputError as error:
        st.session_state["upload_problem"] = str(error)
        return
    st.session_state["scenario"] = UPLOADED
    choose()


def read_file(name: str, content: bytes) -> Scenario:
    """Scenario of an uploaded file; InputError with one line where it is none."""
    return parse_scenario(text_of(name, content), name)


def selection() -> Selection:
    """What is chosen now; InputError where settings do not go together."""
    base = st.session_state["base"]
    changed = override(base, controls.changes(base))
    mechanisms, rules = st.session_state["mechanisms"], controls.rules(base)
    return Selection(changed, tuple(mechanisms), tuple(rules), st.session_state["worlds"])
