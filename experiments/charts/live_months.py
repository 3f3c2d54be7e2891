"""A live world's months as charts: signals and audits against the truth, and a measure as far as it has come.

As in `experiments.charts.live`, a table holds what changes from step to step and the other arguments what stays.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from agents import MEASURES
from experiments.charts.style import DARK, FIT, PLAIN, AnyChart, axis_format, finished, number_format
from experiments.numbers import measure_title
from experiments.palette import BLUE, GREEN, GREY, ORANGE, VERMILLION

WIDTH = 560

OUTCOMES = {(True, True): VERMILLION, (True, False): ORANGE, (False, True): BLUE, (False, False): GREY}
"""Colour of labs by whether they violated and whether a signal or an audit fell on them."""
_COLUMNS = {
    ("signal", True): "signal",
    ("signal", False): "no signal",
    ("audit", True): "audited",
    ("audit", False): "not audited",
}


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

    >>> measure_table(pd.DataFrame({"month": [1, 2], "price": [0.4, None]}), "price")["month"].tolist()
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
    base, tint = alt.Chart(table).encode(x=x, y=y, tooltip=told), GREEN if measure == "compliance_rate" else BLUE
    chart = alt.layer(
        base.mark_line(strokeWidth=2.5, color=tint),
        base.mark_point(filled=True, size=45, opacity=1, color=tint),
    )
    chart = chart.properties(width=WIDTH, height=130, autosize=FIT)
    return finished(chart, f"{measure_title(measure)} by month", "One world, as far as it has come.")
