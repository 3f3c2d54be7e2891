"""The suite `app`: its parts, the one table that holds them, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.benchmark.app import accessible, browsing
from experiments.benchmark.app.crowd import crowd
from experiments.benchmark.app.serving import Server, served
from experiments.benchmark.app.times import COMPARE, first_page, opened, redrawn, turned
from experiments.benchmark.findings import Effort, Findings
from experiments.benchmark.simulation.rows import Limit
from experiments.benchmark.simulation.shown import limits
from experiments.benchmark.simulation.suite import machine

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Rows = Iterator[dict[str, Any]]

NONE = Limit(most=0)
COLUMNS = ("part", "measure", "value", "least", "most", "verdict")
_FIRST, _MOVES, _CROWD = 0.15, 0.4, 0.85
"""Shares of the time after which the first page, the sliders and pages, and the crowd are done."""


def app(effort: Effort) -> Findings:
    """Look at the app in a browser, and send it a crowd; limits of time are judged at full size alone."""
    words, elements = [f"Measured on {machine()}."], list[dict[str, str]]()
    table = pd.DataFrame(_rows(effort, words, elements))
    if effort.scale < 1 and len(table):
        table.loc[~table["measure"].str.startswith("grave"), "verdict"] = ""
        words.append(f"Times and memory are meant for the full size and not judged at {effort.scale:g} of it.")
    shown = {"numbers and their limits": limits(table)} if len(table) else {}
    if elements:
        shown["elements that axe-core finds fault with"] = pd.DataFrame(elements)
    return Findings(table, shown, {}, words)


def _rows(effort: Effort, words: list[str], elements: list[dict[str, str]]) -> Rows:
    lacking = browsing.missing()
    if lacking:
        words.append(lacking)
    else:
        with browsing.chromium() as browser:
            yield from first_page(effort, browser)
            effort.told(_FIRST)
            with served() as server:
                yield from redrawn(effort, server, browser)
                yield from turned(effort, server, browser)
                effort.told(_MOVES)
                yield from _accessible(server, browser, words, elements)
    effort.told(1 - _CROWD + _MOVES)
    with served() as server:
        yield from crowd(effort, server)
    effort.told(1.0)


def _accessible(server: Server, browser: Browser, words: list[str], elements: list[dict[str, str]]) -> Rows:
    """Number of grave findings on each page, in light and dark."""
    if not accessible.script():
        words.append(accessible.MISSING)
        return
    for scheme in ("light", "dark"):
        with browsing.tab(browser, color_scheme=scheme) as page:
            opened(page, server.url)
            for title, link in browsing.pages(page).items():
                found = accessible.findings(opened(page, link))
                elements += [{"page": title, "scheme": scheme} | one._asdict() for one in found]
                row = COMPARE.row("grave findings of axe-core", "", float(len(found)), limit=NONE)
                yield row | {"part": f"app: {title}, {scheme}"}
