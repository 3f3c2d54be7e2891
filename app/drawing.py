"""How a chart goes on the page."""

from __future__ import annotations

import streamlit as st

from experiments.charts import AnyChart


def chart(drawing: AnyChart, key: str) -> None:
    """A chart as wide as its place; its text follows the page's light or dark."""
    with st.container(key=f"chart_{key}"):
        st.altair_chart(drawing, theme=None, width="stretch", key=key)
