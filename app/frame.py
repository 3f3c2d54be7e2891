"""Pages in one navigation, each a module with a function ``draw``; what all of them share is drawn here.

A page asks for what the side says with `state.selection()`. Its own widgets are forgotten when it is left, unless it
draws them with a key from `state.kept`.
"""

from __future__ import annotations

from contextlib import suppress
from html import escape
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import state
from mechanisms import InputError

RUNS = "runs_page"
PAGES = (
    ("Compare", "compare_page"),
    ("Auction floor", "floor_page"),
    ("Deterrence map", "map_page"),
    ("Governor", "governor_page"),
    ("Live month", "live_page"),
    ("Scenarios", "scenarios_page"),
    ("Runs", RUNS),
    ("Method", "method_page"),
)
"""Title and module of each page, in the order of the navigation; a link names the title in lower case with hyphens."""


def page(title: str, module: str, *, default: bool = False) -> StreamlitPage:
    """A page of the navigation; its module is imported when it is opened."""

    def run() -> None:
        _problem()
        with suppress(InputError):  # what is wrong with the settings is said by the page that needs them
            state.write_link(state.selection(), st.session_state.get(state.RUN) if module == RUNS else None)
        try:
            import_module(f"app.{module}").draw()
        except InputError as error:
            st.error(str(error))

    return st.Page(run, title=title, url_path=path_of(title), default=default)


def path_of(title: str) -> str:
    """A page's name in a link.

    >>> path_of("Auction floor")
    'auction-floor'
    """
    return title.lower().replace(" ", "-")


def open_first() -> None:
    """Leave for the first page, Compare; not for callbacks."""
    st.switch_page(page(*PAGES[0], default=True))


def heading(above: str, title: str) -> None:
    """A page's first lines: what kind of page it is, in small, and what it shows."""
    st.html(f'<p class="pl-eyebrow pl-muted">{escape(above)}</p><h1 class="pl-title">{escape(title)}</h1>')


def _problem() -> None:
    """What went wrong with a link or a click, once."""
    if problem := st.session_state.pop("problem", None):
        st.error(problem)
