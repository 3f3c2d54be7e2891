"""The brief's tables as text, made once for the page, for CSV and for LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from agents import MEASURES
from experiments.charts import measure_title
from experiments.defaults import HEADLINES
from experiments.frontier.results import Frontier
from experiments.numbers import NONE, Style, style_of
from experiments.report.brief import Brief
from scenarios.fields import Entry, entries, setting_of
from scenarios.schema import Scenario

EQUAL = "exactly equal"


@dataclass(frozen=True)
class Shown:
    """A table with its caption; cells are text, the first column names the row."""

    name: str
    caption: str
    rows: pd.DataFrame

    def latex(self) -> str:
        """For a paper: booktabs rules, special characters escaped."""
        styler = self.rows.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
        columns = "l" + "r" * (self.rows.shape[1] - 1)
        label = f"tab:{self.name}"
        return styler.to_latex(hrules=True, column_format=columns, caption=_escaped(self.caption), label=label)


def _escaped(text: str) -> str:
    return text.replace("%", r"\%").replace("&", r"\&").replace("_", r"\_").replace("$", r"\$")


def tables(brief: Brief) -> list[Shown]:
    """All tables of a brief, in the order of the page."""
    worlds = f"{brief.comparison.seeds.size} worlds"
    found = [
        Shown("comparison", f"Means over {worlds}, with 95% intervals.", comparison_rows(brief)),
        Shown("frontier", "Audit policies that no other policy tried beats.", frontier_rows(brief.frontier)),
    ]
    if len(brief.comparison.labels) > 1:
        first = brief.comparison.labels[0]
        said = f"Differences to {first} in the same {worlds}, with 95% intervals."
        found.insert(1, Shown("differences", said, difference_rows(brief)))
    for measure in brief.sensitivity:
        said = (
            f"Which settings {measure_title(measure).lower()} depends on: Sobol indices, with 95% bootstrap intervals."
        )
        found.append(Shown(f"sensitivity_{measure}", said, sensitivity_rows(brief, measure)))
    return [*found, Shown("settings", "Settings and where their values come from.", setting_rows(brief.scenario))]


def comparison_rows(brief: Brief) -> pd.DataFrame:
    """A row a measure, a column a mechanism: mean and interval."""
    return _by_label(brief.comparison.summary(), lambda style, row: style.value(row["mean"]))


def difference_rows(brief: Brief) -> pd.DataFrame:
    """A row a measure, a column a mechanism but the first: paired difference and interval."""

    def said(style: Style, row: Any) -> str:
        return EQUAL if row["equal"] else style.difference(row["mean"]) + (" points" if style.percent else "")

    return _by_label(brief.comparison.paired(), said)


def _by_label(found: pd.DataFrame, said: Callable[[Style, Any], str]) -> pd.DataFrame:
    columns: dict[str, list[str]] = {"Measure": [measure_title(name) for name in HEADLINES]}
    columns["Unit"] = [_unit(name) for name in HEADLINES]
    styles = {name: style_of(name, found.loc[found["measure"] == name, "mean"]) for name in HEADLINES}
    for label, rows in found.groupby("label", sort=False):
        by_name = rows.set_index("measure")
        columns[str(label)] = [_cell(styles[name], by_name.loc[name], said) for name in HEADLINES]
    return pd.DataFrame(columns)


def _unit(name: str) -> str:
    return MEASURES[name].unit


def _cell(style: Style, row: Any, said: Callable[[Style, Any], str]) -> str:
    if not row["n"]:
        return NONE
    span = style.interval(float(row["low"]), float(row["high"]))
    text = said(style, row)
    return text if text == EQUAL or not span else f"{text} ({span})"


def frontier_rows(found: Frontier) -> pd.DataFrame:
    """Efficient policies, from few audits to many."""
    names = ("compliance_rate", "audits", "harm", "welfare")
    data = found.data
    rows = data[data["efficient"]].drop_duplicates(list(names)).sort_values(["audits", "compliance_rate"])
    columns: dict[str, Iterable[str]] = {"Policy": rows["policy"], "Options": rows["options"]}
    for name in names:
        style = style_of(name, rows[name])
        columns[measure_title(name)] = [style.value(value) for value in rows[name]]
    return pd.DataFrame({name: list(values) for name, values in columns.items()})


def sensitivity_rows(brief: Brief, measure: str) -> pd.DataFrame:
    """Settings, the most important first: share of variance alone and with others."""
    found = brief.sensitivity[measure].sort_values("total", ascending=False)
    columns = {"Setting": found["setting"].tolist()}
    for title, index in (("Alone", "first"), ("With others", "total")):
        ends = zip(found[index], found[f"{index}_low"], found[f"{index}_high"], strict=True)
        columns[title] = [f"{value:.2f} ({low:.2f} to {high:.2f})" for value, low, high in ends]
    return pd.DataFrame(columns)


def setting_rows(scenario: Scenario) -> pd.DataFrame:
    """Settings that hold a value: those that differ from their defaults first, each with its source."""
    default = Scenario()
    rows = []
    for entry in entries():
        value = _value(scenario, entry.path)
        if value is None or entry.path in ("name", "description", "sources"):
            continue
        own = value != _value(default, entry.path)
        rows.append((not own, entry.path, value, entry.unit, source(scenario, entry, own=own)))
    rows.sort(key=lambda row: row[0])
    table = pd.DataFrame([row[1:] for row in rows], columns=["Setting", "Value", "Unit", "Source"])
    return table.drop_duplicates("Setting", ignore_index=True)


def source(scenario: Scenario, entry: Entry, *, own: bool) -> str:
    """Where a value comes from: the scenario's word, or the default's source."""
    if entry.path in scenario.sources:
        return scenario.sources[entry.path]
    return "This scenario's choice." if own else entry.source


def _value(scenario: Scenario, path: str) -> str | None:
    """A setting in few words; None for a group, or where the scenario has no such setting."""
    try:
        value = setting_of(scenario, path)
    except AttributeError:
        return None
    if hasattr(value, "model_dump"):
        value = value.model_dump()
        kind = value.get("kind") or value.get("distribution")
        return f"{kind}" if kind else None
    if isinstance(value, float):
        return f"{value:g}"
    text = "none" if value is None else str(value)
    return text if len(text) < 80 else text[:77] + "..."
