"""Inputs for the options of a plug-in, made from their schema: their types, ranges, words and defaults."""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from mechanisms.errors import allowed
from scenarios.fields import bounds


def option(key: str, label: str, field: FieldInfo, nothing: str = "none") -> Any:
    """Input of one option: a choice of names, a switch, a slider between two bounds, a number or a text.

    `nothing` is what a choice of names calls None.
    """
    default = None if field.is_required() else field.default
    st.session_state.setdefault(key, default)
    low, high = bounds(allowed(field))
    names, kinds = _names_and_kinds(field.annotation)
    said = _help(field)
    if names:
        choices = [*names, None] if default is None else names
        return st.selectbox(
            label, choices, key=key, help=said, format_func=lambda name: nothing if name is None else name
        )
    if bool in kinds:
        return st.checkbox(label, key=key, help=said)
    if float in kinds and default is not None and isfinite(low) and isfinite(high):
        return st.slider(label, low, high, step=(high - low) / 100, key=key, help=said)
    if kinds & {int, float}:
        return _number(key, label, low, high, said, whole=float not in kinds)
    return st.text_input(label, key=key, help=said)


def _names_and_kinds(annotation: Any) -> tuple[list[Any], set[Any]]:
    """Names to choose from, and plain types, that an annotation allows.

    >>> _names_and_kinds(Literal["a", "b"] | None)
    (['a', 'b'], {<class 'NoneType'>})
    """
    parts = get_args(annotation) if get_origin(annotation) not in (None, Literal) else (annotation,)
    names = [name for part in parts if get_origin(part) is Literal for name in get_args(part)]
    return names, {part for part in parts if get_origin(part) is not Literal}


def _help(field: FieldInfo) -> str:
    described = f"{field.description[:1].upper()}{field.description[1:]}. " if field.description else ""
    interval = f"Allowed: {found}; " if (found := allowed(field)) else ""
    return f"{described}{interval}{'required' if field.is_required() else f'default: {field.default}'}."


def _number(key: str, label: str, low: float, high: float, said: str, *, whole: bool) -> Any:
    """A number in its range; it may be left empty."""
    kind, step = (int, 1) if whole else (float, 0.05)
    least, most = (kind(end) if isfinite(end) else None for end in (low, high))
    return st.number_input(label, least, most, None, step, key=key, help=said, placeholder="a number")


def without_rounding(value: Any) -> Any:
    """A number as its input shows it.

    >>> without_rounding(0.1 + 0.2), without_rounding("lottery")
    (0.3, 'lottery')
    """
    return round(value, 9) if isinstance(value, float) else value
