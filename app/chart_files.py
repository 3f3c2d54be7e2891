"""What lies behind a chart: its numbers as tables, and the chart as files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments.output import pictures

if TYPE_CHECKING:
    from experiments.charts import AnyChart

Spec = dict[str, Any]
"""A chart with its data, as Vega-Lite."""


def specification(drawing: AnyChart | Spec) -> Spec:
    """A chart as Vega-Lite that holds its data. Tests check charts against Vega-Lite's rules; a redraw does not."""
    if isinstance(drawing, dict):
        return drawing
    with _altair().data_transformers.enable(_QUICK, consolidate_datasets=True):
        found: Spec = drawing.to_dict(validate=False)
    return found


def rows(data: Any) -> Spec:
    """A table's rows, undefined numbers as None: what Altair does to any kind of table takes ten times as long.

    >>> rows(pd.DataFrame({"lab": ["a", "b"], "price": [0.5, float("nan")]}))
    {'values': [{'lab': 'a', 'price': 0.5}, {'lab': 'b', 'price': None}]}
    """
    columns = [_column(data[name]) for name in data]
    return {"values": [dict(zip(data, row, strict=True)) for row in zip(*columns, strict=True)]}


def _column(column: pd.Series[Any]) -> list[Any]:
    defined = np.isfinite(column) if column.dtype.kind == "f" else column.notna()
    return [value if there else None for value, there in zip(column.tolist(), defined.tolist(), strict=True)]


_QUICK = "rows"


@cache
def _altair() -> Any:
    """Altair, imported for the first chart: a page's words and table need not wait for it.

    It would check every part of every chart against its schema, which is twice the work of a redraw.
    """
    import altair
    from altair.utils.schemapi import disable_debug_mode

    disable_debug_mode()
    altair.data_transformers.register(_QUICK, rows)
    return altair


def tables(drawing: AnyChart | Spec) -> list[pd.DataFrame]:
    """Numbers that a chart shows: of each of its data sets, what pointing at its marks would tell.

    >>> import altair as alt
    >>> bars = alt.Chart(pd.DataFrame({"lab": ["a", "b"], "share": [0.2, 0.8], "drawn_at": [1, 2]})).mark_bar()
    >>> list(tables(bars.encode(x="drawn_at:Q", tooltip=["lab:N", "share:Q"]))[0])
    ['lab', 'share']
    """
    spec = specification(drawing)
    told: dict[str, dict[str, None]] = {}
    for name, fields in _told(spec, ""):
        told.setdefault(name, {}).update(dict.fromkeys(fields))
    found = [pd.DataFrame(spec["datasets"][name]) for name in told]
    return [
        table[[field for field in fields if field in table]].drop_duplicates(ignore_index=True)
        for table, fields in zip(found, told.values(), strict=True)
    ]


def _told(spec: Spec, data: str) -> Iterator[tuple[str, list[str]]]:
    """Data set and told fields of every mark that tells something."""
    data = spec.get("data", {}).get("name", data)
    parts = [part for kind in ("layer", "concat", "hconcat", "vconcat") for part in spec.get(kind, ())]
    for part in [*parts, *([spec["spec"]] if "spec" in spec else [])]:
        yield from _told(part, data)
    tooltip = spec.get("encoding", {}).get("tooltip", [])
    fields = [entry["field"] for entry in (tooltip if isinstance(tooltip, list) else [tooltip]) if "field" in entry]
    if fields and data:
        yield data, fields


def picture(drawing: AnyChart | Spec, ending: str) -> bytes:
    """A chart as the content of an SVG or PNG file.

    >>> import altair as alt
    >>> point = alt.Chart(pd.DataFrame({"x": [1]})).mark_point().encode(x="x:Q")
    >>> picture(point, "svg")[:4], picture(point, "png")[1:4]
    (b'<svg', b'PNG')
    """
    files = dict(pictures("chart", _altair().Chart.from_dict(specification(drawing))))
    content = files[f"chart.{ending}"]
    return content.encode() if isinstance(content, str) else content
