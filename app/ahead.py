"""What a server does before its first reader comes: imports what pages need, and computes the page that opens first."""

from __future__ import annotations


def prepare() -> None:
    """Compute the first page, which imports all it takes; whoever opens it finds it in the cache."""
    from app.compare_page import prepare_default

    prepare_default()
