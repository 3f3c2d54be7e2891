"""The benchmark's files: tables, figures, and one page that holds everything and loads nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import pandas as pd

from experiments.benchmark.findings import Findings
from experiments.benchmark.suites import REGISTRY
from experiments.output import Files, csv, environment, parquet, pictures

REPORT = "report.html"

STYLE = """
:root { color-scheme: light dark; --ink: #17212b; --page: #fff; --line: #d5dde5; --soft: #f5f7fa; --good: #00734f;
  --bad: #b4440a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --page: #10161d; --line: #303c48; --soft: #161e27;
  --good: #4cc49a; --bad: #ff9160; } }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; color: var(--ink); background: var(--page);
  font: 16px/1.5 "Source Sans 3", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p { max-width: 44rem; } code { font-size: .9em; }
figure { margin: 1.2rem 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; display: block;
  overflow: visible; }
figure svg text { fill: currentColor; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top;
  white-space: nowrap; }
th { background: var(--soft); } .text { text-align: left; white-space: normal; }
.passes { color: var(--good); } .fails { color: var(--bad); font-weight: 700; }
nav a, a { color: inherit; }
"""


def benchmark_files(found: Mapping[str, Findings], command: str, scale: float) -> Files:
    """Name and content of each file: every suite's table twice, its figures, and the report."""
    drawings: dict[str, str] = {}
    for name, findings in found.items():
        yield f"{name}.csv", csv(findings.table)
        yield f"{name}.parquet", parquet(findings.table)
    for findings in found.values():
        for title, chart in findings.figures.items():
            for file, content in pictures(title, chart):
                if isinstance(content, str):
                    drawings[title] = content
                yield file, content
    yield REPORT, page(found, drawings, command, scale)


def page(found: Mapping[str, Findings], drawings: Mapping[str, str], command: str, scale: float) -> str:
    """The report: a section a suite, its words, drawings and tables."""
    links = " · ".join(f'<a href="#{name}">{name}</a>' for name in found)
    sections = "\n".join(_section(name, findings, drawings) for name, findings in found.items())
    size = "" if scale == 1 else f" at {scale:g} of its full size"
    facts = environment()
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Permit Lab benchmark</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Permit Lab benchmark</h1>
<p>Made by <code>{escape(command)}</code>{size}.</p>
<nav>{links}</nav>
{sections}
<h2>Versions</h2>
<p>{escape(versions)}; Python {facts["python"]} on {escape(facts["platform"])}.</p>
</body>
</html>
"""


def _section(name: str, findings: Findings, drawings: Mapping[str, str]) -> str:
    words = "\n".join(f"<p>{escape(said)}</p>" for said in findings.words)
    figures = "\n".join(f"<figure>{inline(drawings[title], title)}</figure>" for title in findings.figures)
    tables = "\n".join(f"<h3>{escape(title)}</h3>\n{table(shown)}" for title, shown in findings.shown.items())
    return f'<section id="{name}">\n<h2>{escape(REGISTRY[name].title)}</h2>\n{words}\n{figures}\n{tables}\n</section>'


def inline(drawing: str, name: str) -> str:
    """An SVG for the inside of a page: its identifiers get the drawing's name, since a page has one space for all.

    >>> inline('<svg><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>', "map")
    '<svg><clipPath id="map-clip0"/><g clip-path="url(#map-clip0)"/></svg>'
    """
    named = re.sub(r'\bid="', f'id="{name}-', drawing)
    return re.sub(r"url\(#", f"url(#{name}-", named)


def table(shown: pd.DataFrame) -> str:
    """A table of texts; columns of words are set left.

    >>> table(pd.DataFrame({"rule": ["a<b"], "price": ["1.5"]})).count("&lt;")
    1
    """
    left = {name: not _numeric(column) for name, column in shown.items()}
    head = "".join(_cell("th", str(name), left[name]) for name in shown.columns)
    body = "\n".join(
        "<tr>" + "".join(_cell("td", text, left[name]) for name, text in row.items()) + "</tr>"
        for row in shown.to_dict("records")
    )
    return f'<div class="scroll"><table>\n<tr>{head}</tr>\n{body}\n</table></div>'


def _numeric(column: pd.Series[str]) -> bool:
    return all(re.fullmatch(r"[-+.,\de]*( %)?", text) for text in column)


def _cell(tag: str, text: str, left: bool) -> str:
    classes = [name for name, holds in (("text", left), (text, text in ("passes", "fails"))) if holds]
    marked = f' class="{" ".join(classes)}"' if classes else ""
    return f"<{tag}{marked}>{escape(text)}</{tag}>"


def tidy(found: Mapping[str, Findings]) -> pd.DataFrame:
    """Tables of all suites below each other; a column that a suite does not have is empty."""
    return pd.concat([f.table.assign(suite=name) for name, f in found.items()], ignore_index=True).pipe(_suite_first)


def _suite_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["suite", *(name for name in table.columns if name != "suite")]]


def document(found: Mapping[str, Findings], scale: float, first_seed: int) -> dict[str, object]:
    """All tables for JSON, by suite."""
    suites = {name: findings.table.to_dict("records") for name, findings in found.items()}
    return {"command": "benchmark", "scale": scale, "first_seed": first_seed, "suites": suites}
