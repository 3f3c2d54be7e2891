"""How a chart goes on the page: the picture, and on request its numbers and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.chart_files import Spec, picture, specification, tables
from experiments.output import csv

if TYPE_CHECKING:
    from experiments.charts import AnyChart

Clicked = tuple[str, Callable[[dict[str, Any]], None]]
"""Name of a chart's selection, and a callback that is given the fields of what was clicked."""


def chart(drawing: AnyChart | Spec, key: str, clicked: Clicked | None = None) -> None:
    """A chart as wide as its place; its text follows the page's light or dark. Below it, its table and downloads."""
    spec = specification(drawing)
    with st.container(key=f"chart_{key}", gap="xsmall"):
        if clicked:
            name, take = clicked
            answer = partial(_answer, key, name, take)
            st.vega_lite_chart(spec, theme=None, width="stretch", key=key, on_select=answer, selection_mode=name)
        else:
            st.vega_lite_chart(spec, theme=None, width="stretch", key=key)
        _behind(spec, key)


def _answer(key: str, name: str, take: Callable[[dict[str, Any]], None]) -> None:
    """Hand on what was clicked (a callback); a click on nothing changes nothing."""
    points = st.session_state[key]["selection"].get(name)
    if points:
        take(dict(points[0]))


@st.fragment
def _behind(drawing: Spec, key: str) -> None:
    """The numbers and the files, made only when somebody looks."""
    place = st.popover("Table and files", type="tertiary", key=f"behind_{key}", on_change="rerun")
    if not place.open:
        return
    with place:
        found = tables(drawing)
        for table in found:
            st.dataframe(table, hide_index=True, height="content" if len(table) < 9 else 300)
        with st.container(horizontal=True):
            for number, table in enumerate(found, 1):
                several = f" {number}" if len(found) > 1 else ""
                name = f"{key}{several}.csv".replace(" ", "-")
                _download(f"Numbers{several} (CSV)", partial(csv, table), name, "text/csv")
            _download("Drawing (SVG)", partial(picture, drawing, "svg"), f"{key}.svg", "image/svg+xml")
            _download("Picture (PNG)", partial(picture, drawing, "png"), f"{key}.png", "image/png")


def _download(label: str, content: Callable[[], str | bytes], name: str, kind: str) -> None:
    """A button that makes its file when it is pressed."""
    st.download_button(label, content, name, kind, key=f"download_{name}", on_click="ignore")
