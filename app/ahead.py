"""What a server does before its first reader comes: imports what pages need, and computes the page that opens first."""

from __future__ import annotations

import time

from streamlit import runtime

_WAIT, _LONGEST = 0.02, 30.0


def prepare() -> None:
    """Once the server answers, import the economics and the drawing, and compute the first page."""
    deadline = time.monotonic() + _LONGEST
    while not runtime.exists() and time.monotonic() < deadline:
        time.sleep(_WAIT)
    from app.compare_page import prepare_default

    prepare_default()
