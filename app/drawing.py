"""How a chart goes on the page: the picture, and on request its numbers and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.chart_files import picture, tables
from experiments.charts import AnyChart
from experiments.output import csv


def chart(drawing: AnyChart, key: str) -> None:
    """A chart as wide as its place; its text follows the page's light or dark. Below it, its table and downloads."""
    with st.container(key=f"chart_{key}", gap="xsmall"):
        st.altair_chart(drawing, theme=None, width="stretch", key=key)
        _behind(drawing, key)


@st.fragment
def _behind(drawing: AnyChart, key: str) -> None:
    """The numbers and the files, made only when somebody looks."""
    place = st.popover("Table and files", type="tertiary", key=f"behind_{key}", on_change="rerun")
    if not place.open:
        return
    with place:
        found = tables(drawing)
        for table in found:
            st.dataframe(table, hide_index=True, height="content" if len(table) < 9 else 300)
        with st.container(horizontal=True):
            for number, table in enumerate(found):
                name = f"{key}-{number + 1}" if number else key
                _download("Numbers (CSV)", partial(csv, table), f"{name}.csv", "text/csv")
            _download("Drawing (SVG)", partial(picture, drawing, "svg"), f"{key}.svg", "image/svg+xml")
            _download("Picture (PNG)", partial(picture, drawing, "png"), f"{key}.png", "image/png")


def _download(label: str, content: Callable[[], str | bytes], name: str, kind: str) -> None:
    """A button that makes its file when it is pressed."""
    st.download_button(label, content, name, kind, key=f"download_{name}", on_click="ignore")
