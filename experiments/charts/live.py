"""A live month as charts: labs by state, what they report and use, signals and audits against the truth.

A table holds what changes from step to step, the other arguments what stays. So a chart that is drawn again and again
needs to be made once, and then filled with one table after the other.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents import MEASURES
from experiments.charts.style import (
    BLUE,
    DARK,
    FIT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PLAIN,
    PURPLE,
    SHARES,
    SKY,
    VERMILLION,
    AnyChart,
    axis_format,
    finished,
    measure_title,
    number_format,
)

Array = NDArray[np.float64]

WIDTH = 560
_NARROW, _WIDEST = 320, 26
"""Pixels that a phone leaves, and columns of the grid that fit them."""
_REACH = 0.36
"""How far labs with the same numbers spread around their point, in units."""
_GOLDEN = np.pi * (3 - np.sqrt(5))

STATES = {
    "no demand": (SHARES["share_no_demand"][1], "circle"),
    "undecided": (BLUE, "triangle-down"),
    "covered": (SHARES["share_covered"][1], "square"),
    "deterred": (SHARES["share_deterred"][1], "triangle-up"),
    "violating": (SHARES["share_violating"][1], "diamond"),
    "violating, caught": (PURPLE, "cross"),
}
"""Colour and symbol of a lab's state."""
OUTCOMES = {(True, True): VERMILLION, (True, False): ORANGE, (False, True): BLUE, (False, False): GREY}
"""Colour of labs by whether they violated and whether a signal or an audit fell on them."""
_COLUMNS = {
    ("signal", True): "signal",
    ("signal", False): "no signal",
    ("audit", True): "audited",
    ("audit", False): "not audited",
}
_TOLD = {
    "lab": "Lab",
    "state": "State",
    "wanted": "Units wanted",
    "held": "Permits held",
    "run": "Units run",
    "uncovered": "Without a permit",
    "signal": "Signal",
    "audited": "Audited",
    "caught": "Caught",
    "penalty": "Penalty (M$)",
    "reported": "Reported (FLOP)",
    "true": "True (FLOP)",
}
_FORMATS = {"penalty": ".3~f", "reported": ".3~g", "true": ".3~g"}


def grid_shape(labs: int) -> tuple[int, int]:
    """Columns and rows of the grid: no more columns than a phone has room for.

    >>> grid_shape(100), grid_shape(1)
    ((14, 8), (2, 1))
    """
    most = max(_WIDEST, int(np.ceil(labs / 24)))
    columns = int(np.clip(np.ceil(np.sqrt(1.7 * labs)), 1, most))
    return columns, int(np.ceil(labs / columns))


def grid_table(labs: pd.DataFrame, chosen: int = 0) -> pd.DataFrame:
    """The labs of `experiments.live.LiveWorld.labs` with their places in the grid; one is chosen, by its number.

    >>> grid_table(pd.DataFrame({"lab": [1, 2, 3]}), 3).values.tolist()
    [[1, 0, 0, False], [2, 1, 0, False], [3, 2, 0, True]]
    """
    columns, place = grid_shape(len(labs))[0], np.arange(len(labs))
    return labs.assign(column=place % columns, row=place // columns, chosen=labs["lab"] == chosen)


def lab_grid(table: pd.DataFrame, columns: int, rows: int) -> AnyChart:
    """A mark a lab in rows, coloured and shaped by its state; the chosen lab has a ring. See `grid_table`.

    >>> table = grid_table(pd.DataFrame({"lab": [1, 2], "state": ["covered", "deterred"]}), 2)
    >>> lab_grid(table, *grid_shape(2)).data["chosen"].tolist()
    [False, True]
    """
    pitch = min(30.0, _NARROW / columns)
    x = alt.X("column:O", axis=None, scale=alt.Scale(domain=list(range(columns))))
    base = alt.Chart(table).encode(x=x, y=alt.Y("row:O", axis=None))
    marks = base.mark_point(filled=True, opacity=1, size=(0.62 * pitch) ** 2).encode(
        color=_state_colour(), shape=_state_shape(), tooltip=_tooltip(table)
    )
    ring = base.transform_filter("datum.chosen").mark_point(size=(0.98 * pitch) ** 2, color=INK, strokeWidth=2)
    height = max(60.0, pitch * rows)
    chart = alt.layer(marks, ring).properties(width=WIDTH, height=height, autosize=FIT)
    said = "A mark is a lab; point at it for its numbers. The ring is the lab looked at."
    return finished(chart, "The labs this month", said)


def _state_colour() -> alt.Color:
    scale = alt.Scale(domain=list(STATES), range=[colour for colour, _ in STATES.values()])
    return alt.Color("state:N", scale=scale, legend=alt.Legend(title=None, columns=3, symbolSize=110))


def _state_shape() -> alt.Shape:
    scale = alt.Scale(domain=list(STATES), range=[shape for _, shape in STATES.values()])
    return alt.Shape("state:N", scale=scale, legend=alt.Legend(title=None, columns=3, symbolSize=110))


def _tooltip(table: pd.DataFrame) -> list[alt.Tooltip]:
    told = {name: title for name, title in _TOLD.items() if name in table}
    return [alt.Tooltip(name, title=title, format=_FORMATS.get(name, alt.Undefined)) for name, title in told.items()]


def scatter_table(labs: pd.DataFrame, units: int, flop: float) -> pd.DataFrame:
    """The labs with places x and y: those with the same numbers in a sunflower around their point, by state.

    Empty before labs have chosen their runs. The size of the marks fits the fullest flower.

    >>> one = {"lab": 1, "state": "violating", "reported": 1e25, "true": 3e25}
    >>> table = scatter_table(pd.DataFrame([one, one | {"lab": 2, "state": "covered"}]), 3, 1e25)
    >>> table["lab"].tolist(), float(table["x"].iloc[0])
    ([2, 1], 1e+25)
    """
    if "true" not in labs:
        labs = labs.assign(reported=np.nan, true=np.nan).iloc[:0]
    ordered = labs.sort_values("state", key=lambda s: s.map(list(STATES).index), kind="stable")
    place = ordered.groupby(["reported", "true"]).cumcount().to_numpy(dtype=float)
    most = max(float(place.max()) + 1 if place.size else 1.0, 12.0)
    radius = _REACH * np.sqrt(place / most) * flop
    return ordered.assign(
        x=ordered["reported"] + radius * np.cos(place * _GOLDEN),
        y=ordered["true"] + radius * np.sin(place * _GOLDEN),
        size=float(np.clip(2.2 * (_REACH * 230 / (units + 1)) ** 2 / most, 7, 70)),
    )


def compute_scatter(table: pd.DataFrame, units: int, flop: float) -> AnyChart:
    """True against reported compute of each lab with the diagonal; those above it hide runs. See `scatter_table`.

    >>> chart = compute_scatter(scatter_table(pd.DataFrame({"lab": [1], "state": ["undecided"]}), 3, 1e25), 3, 1e25)
    >>> len(chart.layer[1].data)
    0
    """
    low, top = -0.5 * flop, (units + 0.5) * flop
    scale, ticks = alt.Scale(domain=[low, top], nice=False), [n * flop for n in range(units + 1)][:12]
    x = alt.X("x:Q", scale=scale, axis=_flop_axis("reported compute, FLOP", ticks))
    y = alt.Y("y:Q", scale=scale, axis=_flop_axis("true compute, FLOP", ticks))
    ends = alt.Chart(alt.sequence(0, 2, as_="end")).transform_calculate(
        x=f"{low} + datum.end * {top - low}", y="datum.x"
    )
    line = ends.mark_line(color=INK, strokeDash=[5, 4], strokeWidth=1.5)
    points = (
        alt.Chart(table)
        .mark_point(filled=True, opacity=0.9)
        .encode(
            color=_state_colour(),
            shape=_state_shape(),
            size=alt.Size("size:Q", scale=None),
            tooltip=_tooltip(table),
        )
    )
    chart = alt.layer(line.encode(x=x, y=y), points.encode(x=x, y=y))
    said = "On the dashed line a lab reports all that it uses; above it, it hides runs. Equal labs stand together."
    return finished(chart.properties(width=WIDTH, height=280, autosize=FIT), "True and reported compute", said)


def _flop_axis(title: str, ticks: list[float]) -> alt.Axis:
    return alt.Axis(title=title, format=".1~e", values=ticks, grid=True)


def matrix_table(outcomes: pd.DataFrame, month: int) -> pd.DataFrame:
    """A row a cell of the confusion matrix that anything is known of: a month and all months so far.

    `outcomes` has columns month, of, violated, raised, labs, as `experiments.live.LiveWorld.outcomes` gives them.

    >>> rows = [(m, "signal", True, raised, 2) for m in (1, 2) for raised in (True, False)]
    >>> table = pd.DataFrame(rows, columns=["month", "of", "violated", "raised", "labs"])
    >>> matrix_table(table, 2)["text"].tolist()
    ['2 (50%)', '2 (50%)', '–', '–', '4 (50%)', '4 (50%)', '–', '–']
    """
    spans = {"this month": outcomes[outcomes["month"] == month], "so far": outcomes}
    cells = [
        _matrix_cell(part[part["of"] == of], span, violated, of, raised)
        for span, part in spans.items()
        for violated in (True, False)
        for of, raised in _COLUMNS
        if of in set(part["of"])
    ]
    return pd.DataFrame(cells, columns=["truth", "span", "row", "outcome", "labs", "share", "text"])


def _matrix_cell(part: pd.DataFrame, span: str, violated: bool, of: str, raised: bool) -> dict[str, object]:
    row = part[part["violated"] == violated]
    count, whole = int(row.loc[row["raised"] == raised, "labs"].sum()), int(row["labs"].sum())
    share = count / whole if whole else 0.0
    truth = "violators" if violated else "complying"
    numbers = {"labs": count, "share": share, "text": f"{count:,} ({share:.0%})" if whole else "–"}
    return {"truth": truth, "span": span, "row": f"{truth}|{span}", "outcome": _COLUMNS[of, raised], **numbers}


def confusion_matrix(table: pd.DataFrame) -> AnyChart:
    """Violators and labs that complied, by signal and by audit: counts and shares of the row. See `matrix_table`.

    >>> rows = pd.DataFrame([(1, "audit", True, True, 2)], columns=["month", "of", "violated", "raised", "labs"])
    >>> confusion_matrix(matrix_table(rows, 1)).data["outcome"].unique().tolist()
    ['audited', 'not audited']
    """
    names = list(_COLUMNS.values())
    x = alt.X(
        "outcome:N",
        sort=names,
        scale=alt.Scale(domain=names),
        axis=alt.Axis(title=None, orient="top", labelAngle=0, grid=False),
    )
    rows = [f"{truth}|{span}" for span in ("this month", "so far") for truth in ("violators", "complying")]
    lines = alt.Axis(title=None, grid=False, labelExpr="split(datum.label, '|')", labelLimit=110)
    y = alt.Y("row:N", sort=rows, scale=alt.Scale(domain=rows), axis=lines)
    base = alt.Chart(table).encode(x=x, y=y)
    shade = alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], range=["#eaf3f9", "#5aa9dd"], nice=False), legend=None)
    told = ["truth:N", "span:N", "outcome:N", "labs:Q", alt.Tooltip("share:Q", format=".1%")]
    cells = base.mark_rect(stroke="white", strokeWidth=2, cornerRadius=4).encode(color=shade, tooltip=told)
    text = base.mark_text(fontSize=12, color=DARK, lineBreak=" ").encode(text="text:N")
    chart = alt.layer(cells, text).properties(width=WIDTH, height=300, autosize=FIT)
    said = "Labs, and their share of the row. Signals and audits that fall on complying labs are false alarms."
    return finished(chart, "Signals and audits against the truth", said)


def outcome_table(outcomes: pd.DataFrame, of: str) -> pd.DataFrame:
    """Signals or audits (`of`) with the outcome in words and its place in a bar; `outcomes` as in `matrix_table`.

    >>> rows = pd.DataFrame([(1, "audit", True, False, 3)], columns=["month", "of", "violated", "raised", "labs"])
    >>> outcome_table(rows, "audit")["outcome"].tolist()
    ['violator, not audited']
    """
    mine = outcomes[outcomes["of"] == of]
    keys = list(zip(mine["violated"].astype(bool), mine["raised"].astype(bool), strict=True))
    names, order = _outcome_names(of), list(OUTCOMES)
    return mine.assign(outcome=[names[key] for key in keys], place=[order.index(key) for key in keys])


def _outcome_names(of: str) -> dict[tuple[bool, bool], str]:
    return {key: f"{'violator' if key[0] else 'complying'}, {_COLUMNS[of, key[1]]}" for key in OUTCOMES}


def outcomes_by_month(table: pd.DataFrame, of: str, months: int, labs: int) -> AnyChart:
    """The confusion matrix of signals or of audits (`of`) over time, a bar a month. See `outcome_table`.

    >>> rows = pd.DataFrame([(1, "audit", True, False, 3)], columns=["month", "of", "violated", "raised", "labs"])
    >>> outcomes_by_month(outcome_table(rows, "audit"), "audit", 6, 3).to_dict()["encoding"]["y"]["scale"]["domain"]
    [0, 3]
    """
    names = _outcome_names(of)
    scale = alt.Scale(domain=list(names.values()), range=list(OUTCOMES.values()))
    colour = alt.Color("outcome:N", scale=scale, legend=alt.Legend(title=None, columns=2, symbolType="square"))
    shown = list(range(1, months + 1, max(1, round(months / 8))))
    ticks = alt.Axis(labelAngle=0, grid=False, title="month", values=shown)
    x = alt.X("month:O", scale=alt.Scale(domain=list(range(1, months + 1))), axis=ticks)
    height = alt.Scale(domain=[0, labs], nice=False)
    y = alt.Y("labs:Q", stack="zero", scale=height, axis=alt.Axis(title="labs", format=PLAIN, tickCount=5))
    told = ["month:O", "outcome:N", "labs:Q"]
    bars = alt.Chart(table).mark_bar().encode(x=x, y=y, color=colour, order="place:Q", tooltip=told)
    title = {"signal": "Signals by month", "audit": "Audits by month"}[of]
    return finished(bars.properties(width=WIDTH, height=200, autosize=FIT), title, _BELOW[of])


_BELOW = {
    "signal": "Whom the Governor's signal pointed at, and whether they had violated.",
    "audit": "Who was audited, and whether they had violated.",
}


def measure_table(history: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Months in which a measure is known and defined.

    >>> measure_table(pd.DataFrame({"month": [1, 2], "price": [0.4, np.nan]}), "price")["month"].tolist()
    [1]
    """
    return history.loc[history[measure].notna(), ["month", measure]]


def so_far(table: pd.DataFrame, measure: str, months: int) -> AnyChart:
    """A measure of one world by month; the axis has room for all months. See `measure_table`.

    >>> drawn = so_far(pd.DataFrame({"month": [1], "price": [0.4]}), "price", 12).to_dict()
    >>> drawn["layer"][0]["encoding"]["x"]["scale"]["domain"]
    [1, 12]
    """
    ticks = alt.Axis(format="d", tickMinStep=1, grid=False, title="month")
    x = alt.X("month:Q", scale=alt.Scale(domain=[1, max(months, 2)], nice=False), axis=ticks)
    scale = alt.Scale(domain=[0, 1], nice=False) if measure == "compliance_rate" else alt.Scale(zero=True)
    axis = alt.Axis(format=axis_format(measure), title=MEASURES[measure].unit, tickCount=4)
    y = alt.Y(f"{measure}:Q", scale=scale, axis=axis)
    told = [alt.Tooltip("month:Q"), alt.Tooltip(f"{measure}:Q", format=number_format(measure))]
    base = alt.Chart(table).encode(x=x, y=y, tooltip=told)
    chart = alt.layer(
        base.mark_line(strokeWidth=2.5, color=_TINT.get(measure, BLUE)),
        base.mark_point(filled=True, size=45, opacity=1, color=_TINT.get(measure, BLUE)),
    )
    chart = chart.properties(width=WIDTH, height=130, autosize=FIT)
    return finished(chart, f"{measure_title(measure)} by month", "One world, as far as it has come.")


_TINT = {"compliance_rate": GREEN, "price": BLUE, "price_paid": BLUE, "welfare": SKY}
