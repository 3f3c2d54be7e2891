"""The brief as files: one page that needs nothing else, and its tables as CSV and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from experiments import charts
from experiments.charts.frontier import frontier_chart
from experiments.charts.sensitivity import sensitivity_chart
from experiments.ensemble import Progress
from experiments.headline import Tables, headline
from experiments.output import PROGRAM, Files, csv, drawing
from experiments.report.brief import Brief, report
from experiments.report.caveats import caveats
from experiments.report.tables import tables
from scenarios import Scenario, to_yaml
from scenarios.enforcement import Turnover

PAGE = "brief.html"
_NAMES = re.compile(r' id="|url\(#|href="#')


def brief_files(brief: Brief) -> Files:
    """Name and content of each file: the page, the scenario, the tables as CSV and LaTeX, map and policies."""
    yield PAGE, page(brief)
    yield "scenario.yaml", to_yaml(brief.scenario)
    for table in tables(brief):
        yield f"{table.name}.csv", csv(table.rows)
        yield f"{table.name}.tex", table.latex()
    yield "map.csv", csv(brief.heatmap.data)
    yield "policies.csv", csv(brief.frontier.data)


def brief_page(
    scenario: Scenario, mechanisms: Sequence[str], *, bidding: Sequence[str], seeds: int, progress: Progress
) -> str:
    """Compute a brief and give its page alone."""
    return page(report(scenario, mechanisms, bidding=bidding, seeds=seeds, progress=progress))


def page(brief: Brief) -> str:
    """The brief as one HTML page: no script, no network, figures as drawings within it."""
    comparison = brief.comparison
    return _template().render(
        scenario=brief.scenario,
        first=comparison.labels[0],
        labels=comparison.labels,
        worlds=comparison.seeds.size,
        map_worlds=brief.heatmap.seeds.size,
        fine=fine(brief.scenario),
        finding=headline(comparison, Tables.of(comparison)),
        tables={table.name: table for table in tables(brief)},
        figures=figures(brief),
        caveats=list(caveats(brief)),
        command=brief.command,
        version=f"{PROGRAM} {version(PROGRAM)}",
        today=date.today().isoformat(),
    )


def fine(scenario: Scenario) -> str:
    """What a lab that is caught owes, in words.

    >>> fine(Scenario(enforcement={"penalty": 15, "penalty_rule": {"kind": "turnover"}}))
    '3% of its yearly turnover or 15 M$, whichever is higher'
    """
    rule, amount = scenario.enforcement.penalty_rule, f"{scenario.enforcement.penalty:g} M$"
    if isinstance(rule, Turnover):
        small = f" (the lower for labs below {rule.small_below:g} M$)" if rule.small_below else ""
        return f"{100 * rule.share:g}% of its yearly turnover or {amount}, whichever is higher{small}"
    if rule.kind == "flat":
        return f"{amount}, however many units lack a permit"
    return f"{amount} for a unit, and more for each further one" if rule.kind == "convex" else f"{amount} a unit"


def figures(brief: Brief) -> dict[str, Markup]:
    """The page's drawings by name."""
    comparison = brief.comparison
    drawn: dict[str, Any] = {
        "split": charts.compliance_split(comparison),
        "welfare": charts.welfare_parts(comparison),
        "months": charts.by_month(comparison, "compliance_rate"),
        "map": charts.deterrence_map(brief.heatmap),
        "frontier": frontier_chart(brief.frontier),
    }
    for measure, found in brief.sensitivity.items():
        drawn[f"sensitivity_{measure}"] = sensitivity_chart(found, measure)
    return {name: _drawing(name, chart) for name, chart in drawn.items()}


def _drawing(name: str, chart: Any) -> Markup:
    """A chart as SVG; it is made by the lab, so that it needs no escaping. Its marks' names are its own on the page."""
    return Markup(_NAMES.sub(rf"\g<0>{name}_", drawing(chart)))


@cache
def _template() -> jinja2.Template:
    place = jinja2.FileSystemLoader(Path(__file__).parent)
    surroundings = jinja2.Environment(loader=place, autoescape=True, undefined=jinja2.StrictUndefined)
    return surroundings.get_template("brief.html.jinja")
