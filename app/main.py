"""The app's entry: page settings, style, plug-ins, navigation, the side that all pages share, and the page."""

from __future__ import annotations

import streamlit as st

from app import state
from app.frame import PAGES, page
from app.sidebar import sidebar
from app.style import STYLE
from mechanisms import InputError
from mechanisms.loading import load_outside


def main() -> None:
    """Draw the page that the reader is on."""
    st.set_page_config(page_title="Permit Lab", page_icon="⚖️", layout="wide", initial_sidebar_state="auto")
    st.html(STYLE)
    try:
        load_outside()
    except InputError as error:
        st.error(str(error))
        st.stop()
    chosen = st.navigation([page(*told, default=not place) for place, told in enumerate(PAGES)], position="top")
    state.start()
    sidebar()  # drawn here and not by a page, so that its widgets live on when the page changes
    chosen.run()
