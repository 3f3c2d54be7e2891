"""Open the app without a browser and read what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.frame import path_of

ENTRY = Path(__file__).resolve().parents[2] / "streamlit_app.py"
QUICK = {"scenario": "thin_market", "worlds": "10", "months": "3"}


def open_app(page: str = "Compare", **query: str) -> AppTest:
    """The page that a link opens; small unless the link says otherwise."""
    app = AppTest.from_file(str(ENTRY), default_timeout=120)
    for name, value in (QUICK | query).items():
        app.query_params[name] = value
    return go_to(app, page)


def go_to(app: AppTest, page: str) -> AppTest:
    """Another page of the same session, as the navigation opens it."""
    app._page_hash = calc_hash(path_of(page))  # AppTest itself knows pages in files alone
    return without_traceback(app.run())


def without_traceback(app: AppTest) -> AppTest:
    assert not app.exception, [found.value for found in app.exception]
    return app


def page_text(app: AppTest) -> str:
    """All HTML on the page, one block a line."""
    return "\n".join(str(block.body) for block in app.get("html"))


def row(app: AppTest, measure: str) -> str:
    """The table's row of a measure as text, tags taken out."""
    found = re.search(rf'<tr data-measure="{measure}">(.*?)</tr>', page_text(app))
    assert found, f"no row for {measure}"
    return re.sub(r"<[^>]+>", " ", found.group(1))


def cells(app: AppTest, measure: str) -> dict[str, str]:
    """Text of each mechanism's cell of a measure."""
    found = re.search(rf'<tr data-measure="{measure}">(.*?)</tr>', page_text(app))
    assert found, f"no row for {measure}"
    parts = re.findall(r'<td data-label="([^"]+)">(.*?)</td>', found.group(1))
    return {label: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for label, text in parts}


def linked(app: AppTest) -> dict[str, Any]:
    """The page's link, one value a name."""
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def captions(app: AppTest) -> str:
    """All small print."""
    return "\n".join(caption.value for caption in app.caption)
