"""The app's frame: page settings, style and navigation."""

from __future__ import annotations

import streamlit as st

from app.compare_page import compare
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
    st.navigation([st.Page(compare, title="Compare", url_path="compare", default=True)]).run()
