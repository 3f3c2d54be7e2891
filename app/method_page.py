"""Method: the model with its equations, every measure, every mechanism, every setting with its default's source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from app.controls import label_of
from app.explained import guide
from app.frame import heading
from experiments.charts import MEASURES, measure_title
from mechanisms import mechanism_names
from scenarios import Entry, entries

MODEL = (Path(__file__).with_name("model.md"), Path(__file__).parents[1] / "docs" / "model.md")
"""Where the model is written down: beside this file in an installed lab, in the documents of a checkout."""


def draw() -> None:
    """Four views of how the lab computes what it says."""
    heading("What the lab computes and from what", "Method")
    model, measures, mechanisms, settings = st.tabs(["Model", "Measures", "Mechanisms", "Settings and sources"])
    with model:
        st.markdown(model_text())
    with measures:
        st.caption("Per month and world; a rate with an empty denominator is left out. Tables show means over worlds.")
        st.html(_listed(_entry(measure_title(m.name), m.unit, m.description) for m in MEASURES.values()))
    with mechanisms:
        st.html(guide(mechanism_names()))
    with settings:
        st.caption("None of the numbers is calibrated. Where the world has a number to hold against one, it is named.")
        for group, found in by_group().items():
            st.subheader(group, anchor=False)
            st.html(_listed(map(_setting, found)))


@cache
def model_text() -> str:
    """The model's description for the page: without its title, its tests, and links that lead nowhere here."""
    text = next(path for path in MODEL if path.exists()).read_text(encoding="utf-8")
    return for_page(text)


def for_page(text: str) -> str:
    r"""Markdown of a document as the page shows it.

    >>> print(for_page("# Title\n\nIn M$, see [more](more.md): $x$.\n\n    >>> 1 + 1\n    2\n\nEnd"))
    In M\$, see more: $x$.
    <BLANKLINE>
    End
    """
    text = re.sub(r"\A# .*\n+", "", text)
    text = re.sub(r"^    >>> .*\n(?:    .*\n)*\n?", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text)
    return re.sub(r"(?<=M)\$", r"\\$", text)


def by_group() -> dict[str, list[Entry]]:
    """Settings by the group that they are in.

    >>> list(by_group())
    ['Scenario', 'Labs', 'Permits', 'Market', 'Enforcement', 'Welfare']
    """
    found: dict[str, list[Entry]] = {}
    for entry in entries():
        group, _, rest = entry.path.partition(".")
        found.setdefault(label_of(group) if rest else "Scenario", []).append(entry)
    return found


def _setting(entry: Entry) -> str:
    default = entry.default
    shown = f" Default: {default:g}." if isinstance(default, int | float) else ""
    shown = f" Default: {default}." if isinstance(default, str) and default else shown
    allowed = f" Allowed: {entry.interval}." if entry.interval else ""
    return _entry(entry.path, entry.unit, f"{entry.description}.{allowed}{shown}", f"Source: {entry.source}")


def _entry(name: str, unit: str, *words: str) -> str:
    said = "".join(f'<span class="pl-words">{escape(line[:1].upper() + line[1:])}</span>' for line in words)
    return (
        f'<div class="pl-entry"><span class="pl-name">{escape(name)}</span> '
        f'<span class="pl-unit">{escape(unit)}</span>{said}</div>'
    )


def _listed(found: Iterable[str]) -> str:
    return f'<div class="pl-entries">{"".join(found)}</div>'
