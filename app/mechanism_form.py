"""A small form that adds a mechanism with options to the comparison, under its name: ``uniform-price:k=0``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from app.options import option, without_rounding
from app.state import Selection
from mechanisms import InputError, get_plugin, mechanism_names, resolve
from mechanisms.registry import Plugin

FORM = "options"
CHOSEN, ADD, PROBLEM = f"{FORM}.mechanism", f"{FORM}.add", f"{FORM}.problem"


def lacking(name: str) -> list[str]:
    """Options that a mechanism needs and that its name does not give.

    >>> lacking("posted-price"), lacking("posted-price:price=0.5"), lacking("vickrey")
    (['price'], [], [])
    """
    try:
        plugin = get_plugin("mechanism", name)
    except InputError:
        return []
    return [key for key, field in plugin.options.model_fields.items() if field.is_required()]


def runnable(selection: Selection) -> Selection:
    """The selection without mechanisms that still need options; the page says which ones those are, or that none is."""
    if not selection.mechanisms:
        st.info("Choose at least one mechanism at the side.")
    for name in selection.mechanisms:
        if missing := lacking(name):
            st.info(f"{name} needs its {' and '.join(missing)}: give it under Set options at the side.")
    ready = tuple(name for name in selection.mechanisms if not lacking(name))
    return replace(selection, mechanisms=ready)


def form() -> None:
    """A mechanism, its options, and a button that adds it to the comparison under that name."""
    known = [get_plugin("mechanism", name) for name in mechanism_names()]
    with_options = {plugin.name: plugin for plugin in known if plugin.options.model_fields}
    waiting = [name for name in st.session_state["mechanisms"] if lacking(name)]
    _preselect(waiting, with_options)
    with st.expander("Set options", expanded=bool(waiting)):
        plugin = with_options[st.selectbox("Mechanism with options", with_options, key=CHOSEN)]
        with st.form(FORM, border=False):
            for name, field in plugin.options.model_fields.items():
                option(_key(plugin, name), f"{name}: {field.description}" if field.description else name, field)
            st.form_submit_button("Compare with these", key=ADD, on_click=_add, args=(plugin,), width="stretch")
        if problem := st.session_state.pop(PROBLEM, None):
            st.error(problem)


def _preselect(waiting: list[str], with_options: Mapping[str, Plugin]) -> None:
    """Show a mechanism that cannot run without options as soon as it is chosen; at first, one that is compared."""
    if waiting and waiting != st.session_state.get("waiting"):
        st.session_state[CHOSEN] = waiting[-1]
    st.session_state["waiting"] = waiting
    compared = [name for name in st.session_state["mechanisms"] if name in with_options]
    st.session_state.setdefault(CHOSEN, next(iter([*compared, *with_options])))


def _key(plugin: Plugin, name: str) -> str:
    return f"{FORM}.{plugin.name}.{name}"


def _add(plugin: Plugin) -> None:
    """Compare a mechanism with the options in the form; what cannot be leaves a message (a callback)."""
    given = {name: without_rounding(st.session_state[_key(plugin, name)]) for name in plugin.options.model_fields}
    try:
        label = plugin.bind({name: value for name, value in given.items() if value is not None}, plugin.name).label
    except InputError as error:
        st.session_state[PROBLEM] = str(error)
        return
    chosen = st.session_state["mechanisms"]
    if label in map(_label, chosen):
        st.session_state[PROBLEM] = f"{label} is compared already."
    elif plugin.name in chosen and lacking(plugin.name):  # what could not run without options makes place
        st.session_state["mechanisms"] = [label if name == plugin.name else name for name in chosen]
    else:
        st.session_state["mechanisms"] = [*chosen, label]


def _label(name: str) -> str:
    """A mechanism's label, however it was typed."""
    try:
        return resolve("mechanism", name).label
    except InputError:
        return name
