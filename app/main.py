"""The app's entry: page settings, style, plug-ins, navigation, the side that all pages share, and the page."""

from __future__ import annotations

import streamlit as st

from app import sidebar, state
from app.frame import PAGES, page
from app.style import STYLE
from mechanisms import InputError
from mechanisms.loading import load_outside

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke='%230072B2' "
    "stroke-width='2.6'%3E%3Cpath d='M16 4v24M9 28h14M5 9h22M5 9 1.5 20h7zM27 9l-3.5 11h7z'/%3E%3C/svg%3E"
)
"""A balance. An emoji would make Streamlit read all emojis there are, for a third of a second."""


def main() -> None:
    """Draw the page that the reader is on."""
    st.set_page_config(page_title="Permit Lab", page_icon=ICON, layout="wide", initial_sidebar_state="auto")
    st.html(STYLE)
    try:
        load_outside()
    except InputError as error:
        st.error(str(error))
        st.stop()
    chosen = st.navigation([page(*told, default=not place) for place, told in enumerate(PAGES)], position="top")
    new = state.start()
    sidebar.choices()  # drawn here and not by a page, so that its widgets live on when the page changes
    if new:  # a reader sees the page sooner: sliders are most of a browser's work, and lie further down
        chosen.run()
    sidebar.settings()
    if not new:
        chosen.run()
