"""Scenarios: those that come with the lab and one's own; every setting to edit; differences; files."""

from __future__ import annotations

from functools import cache

import pandas as pd
import streamlit as st

from app import editor, state
from app.frame import heading
from app.markdown import plain
from mechanisms import InputError
from scenarios import (
    Scenario,
    delete_scenario,
    differences,
    load_scenario,
    save_scenario,
    scenario_names,
    to_yaml,
    vault_names,
)
from scenarios.fields import known_entries
from scenarios.schema import TEXTS

SIDE, DRAFT = "(at the side)", "(as edited here)"
NAME, ONE, OTHER, SAID = "save_name", "differ_one", "differ_other", "scenarios_said"


def draw() -> None:
    """The vault, the editor, differences and files."""
    heading("Complete settings of an experiment", "Scenarios")
    if said := st.session_state.pop(SAID, None):
        st.success(said)
    _vault()
    draft = _edit()
    _differences(draft)
    _files(draft)


def _vault() -> None:
    """Every scenario with what it shows, and buttons to use it, or to delete one's own."""
    chosen = st.session_state["scenario"]
    for name in scenario_names():
        words, button = st.columns([5, 1], vertical_alignment="center")
        with words:
            st.markdown(_told(name))
        with button:
            using = "in use" if name == chosen else "Use"
            st.button(using, key=f"use_{name}", on_click=_use, args=(name,), disabled=name == chosen, width="stretch")
            if name not in vault_names():
                _deletion(name)


def _told(name: str) -> str:
    """A scenario's name, title and description; what is wrong with a file that is none."""
    try:
        found = _from_vault(name) if name in vault_names() else load_scenario(name)
    except InputError as error:
        return f"**{name}** :red[{plain(str(error))}]"
    return f"**{name}** · {plain(found.name)}  \n:gray[{plain(found.description)}]"


@cache
def _from_vault(name: str) -> Scenario:
    return load_scenario(name)


def _deletion(name: str) -> None:
    with st.popover("Delete", type="tertiary", width="stretch"):
        st.write(f"Delete the file of **{name}** for good?")
        st.button(f"Delete {name}", key=f"delete_{name}", on_click=_delete, args=(name,), type="primary")


def _use(name: str) -> None:
    """Make a scenario the one at the side (a callback)."""
    st.session_state["scenario"] = name
    state.choose()


def _delete(name: str) -> None:
    """Delete one's own scenario (a callback); what the side shows stays, as a scenario without a file."""
    try:
        delete_scenario(name)
    except InputError as error:
        st.session_state["problem"] = str(error)
        return
    if st.session_state["scenario"] == name:
        st.session_state["uploaded"] = st.session_state["original"]
        st.session_state["scenario"] = st.session_state["chosen"] = state.UPLOADED
    st.session_state[SAID] = f"{name} is deleted."


def _edit() -> Scenario | None:
    """The editor, what is wrong or differs, and buttons; None where the draft is no scenario."""
    st.header("Edit", anchor=False)
    st.caption("Starts from the scenario at the side. Nothing runs with it before you use it.")
    try:
        draft = editor.edit(editor.begin(state.selection().scenario))
    except InputError as error:
        st.error(str(error))
        return None
    _keep(draft)
    return draft


def _keep(draft: Scenario) -> None:
    """Use the draft, or save it under a name."""
    changed = list(state.changes(state.selection().scenario, draft))
    same = (
        "Every setting is as at the side." if not changed else f"Valid. Differs from the side in: {', '.join(changed)}."
    )
    st.caption(same)
    name_place, save_place, use_place = st.columns([2, 1, 1], vertical_alignment="bottom")
    with name_place:
        name = st.text_input(
            "Name to save under", key=NAME, placeholder="my_scenario", help="Letters a-z, 0-9, _ and -."
        )
    with save_place:
        label = "Save over it" if name in set(scenario_names()) - set(vault_names()) else "Save"
        st.button(label, key="save", on_click=_save, args=(draft,), disabled=not name, width="stretch")
    with use_place:
        words = "Use at the side"
        st.button(words, key="use", on_click=state.change_to, args=(draft,), disabled=not changed, width="stretch")


def _save(draft: Scenario) -> None:
    """Save the draft under the name given and use it (a callback)."""
    name = st.session_state[NAME]
    try:
        save_scenario(draft, name)
    except InputError as error:
        st.session_state["problem"] = str(error)
        return
    _use(name)
    st.session_state[SAID] = f"Saved as {name}, and in use."


def _differences(draft: Scenario | None) -> None:
    """Two scenarios, setting by setting where they differ."""
    st.header("Differences", anchor=False)
    names = [SIDE, *([DRAFT] if draft else []), *scenario_names()]
    state.kept(ONE, names[0])
    state.kept(OTHER, "baseline")
    for key in (ONE, OTHER):
        if st.session_state[key] not in names:
            st.session_state[key] = names[0]
    left, right = st.columns(2)
    one = left.selectbox("One scenario", names, key=ONE)
    other = right.selectbox("Another", names, key=OTHER)
    table = difference_table(_named(one, draft), _named(other, draft), (one, other))
    if table.empty:
        st.caption("They agree in every setting.")
    else:
        st.table(table, border="horizontal")


def _named(name: str, draft: Scenario | None) -> Scenario:
    if name == DRAFT and draft:
        return draft
    return state.selection().scenario if name == SIDE else load_scenario(name)


def difference_table(one: Scenario, other: Scenario, names: tuple[str, str]) -> pd.DataFrame:
    """Settings in which two scenarios differ, with their units and both values; titles are no settings.

    >>> difference_table(Scenario(), Scenario(months=6, name="Short"), ("one", "other")).to_dict("index")
    {'months': {'one': '24', 'other': '6'}}
    """
    found = {path: pair for path, pair in differences(one, other).items() if path.partition(".")[0] not in TEXTS}
    first, second = names if names[0] != names[1] else (names[0], f"{names[1]} ")
    rows = [{first: _value(old), second: _value(new)} for old, new in found.values()]
    return pd.DataFrame(rows, index=pd.Index([_with_unit(path) for path in found], name="setting"))


def _with_unit(path: str) -> str:
    unit = known_entries()[path].unit if path in known_entries() else ""
    return f"{path} ({unit})" if unit not in ("", path, "name", "kind", "by name") else path


def _value(value: object) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _files(draft: Scenario | None) -> None:
    """A file from elsewhere, and the draft as a file."""
    st.header("Files", anchor=False)
    st.file_uploader(
        "Open a scenario (YAML or JSON)", type=["yaml", "yml", "json"], key="upload", on_change=state.upload
    )
    if (problem := st.session_state.get("upload_problem")) and st.session_state["upload"]:
        st.error(problem)
    if draft:
        name = st.session_state[NAME] or "scenario"
        text = to_yaml(draft)
        st.download_button(
            "Download as edited here (YAML)", text, f"{name}.yaml", "application/yaml", on_click="ignore"
        )
