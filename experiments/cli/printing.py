"""Standard output: tables framed on a terminal and plain where they are piped on, and JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table

_PIPED = 10_000


def show(*parts: str | Table) -> None:
    """Print lines and tables to standard output."""
    paper = console()
    for part in parts:
        paper.print(part)
    sys.stdout.flush()


def console() -> Console:
    """Standard output as wide as the terminal, or of any width where it is piped on."""
    width = None if sys.stdout.isatty() else _PIPED
    return Console(file=sys.stdout, width=width, markup=False, emoji=False, highlight=False)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Collection[str] = (),
    whole: Collection[str] = (),
    tight: bool = False,
) -> Table:
    """A table; columns in `right` are set flush right, those in `whole` keep each entry on one line."""
    frame = box.SIMPLE_HEAD if sys.stdout.isatty() and not tight else None
    made = Table(box=frame, pad_edge=False, collapse_padding=tight, header_style="bold")
    for column in columns:
        keep = column in whole
        side: Literal["left", "right"] = "right" if column in right else "left"
        made.add_column(column, justify=side, no_wrap=keep, overflow="ellipsis" if keep else "fold")
    for row in rows:
        made.add_row(*row)
    return made


def to_json(document: Any) -> str:
    """Text of a document.

    >>> print(to_json({"price": float("nan"), "n": 3}), end="")
    {
      "price": null,
      "n": 3
    }
    """
    return json.dumps(_plain(document), indent=2, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """The same with Python's own numbers, and None for a number that is undefined."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
