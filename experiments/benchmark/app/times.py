"""How long a reader waits: for the first page, for a chart after a slider is let go, for another page."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from experiments.benchmark.app import browsing
from experiments.benchmark.app.serving import Server, served
from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation.rows import Limit, Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Rows = Iterator[dict[str, Any]]

SCENARIO, WORLDS, LABS, MONTHS = "baseline", 100, 100, 24
MECHANISMS = ("uniform-price", "vickrey", "double-auction")
QUERY = f"?scenario={SCENARIO}&mechanisms={','.join(MECHANISMS)}&worlds={WORLDS}"
COMPARE = Run("app: compare", "app", SCENARIO, WORLDS, LABS, MONTHS, cells=len(MECHANISMS))
MAP_CELLS = 20
FIRST, CHART, MAP, PAGE = Limit(most=5.0), Limit(most=1.0), Limit(most=1.5), Limit(most=0.5)
STARTS, MOVES = 3, 20
WATCH = """([chart, settled]) => {
    const svg = () => document.querySelector(`${chart} [data-testid="stVegaLiteChart"] svg`)?.innerHTML;
    const before = svg(), times = {};
    window.redrawn = new Promise(done => addEventListener('keyup', () => {
        const released = performance.now();
        let frame = null;
        const look = () => {
            const drawn = times.chart ? null : svg(), now = performance.now() - released;
            frame = null;
            if (drawn && drawn !== before) times.chart = now;
            if ((times.chart && eval(settled)()) || now > 20000) {
                changes.disconnect();
                done({...times, page: now});
            }
        };
        const changes = new MutationObserver(() => { frame ??= requestAnimationFrame(look); });
        changes.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
        setTimeout(look, 20001);
    }, {once: true, capture: true}));
}"""
"""Notes when a key is let go, when the chart is another one, and when after that the whole page is settled.

It looks only where the page has changed: to read a map of hundreds of cells anew in each frame keeps a core busy.
"""
TURN = """([before, settled]) => new Promise(done => {
    const clicked = performance.now();
    const look = () => {
        const now = performance.now() - clicked, head = document.querySelector('.pl-eyebrow')?.textContent;
        if ((head && head !== before && eval(settled)()) || now > 20000) done(now);
        else requestAnimationFrame(look);
    };
    look();
})"""


def first_page(effort: Effort, browser: Browser) -> Rows:
    """From the server's start to the first page: its words and table, and with every chart."""
    words, whole = [], []
    for _ in range(effort.part(STARTS)):
        with served() as server, browsing.tab(browser) as page:
            page.goto(server.url)
            page.wait_for_selector(".pl-table")
            words.append(time.perf_counter() - server.started)
            page.wait_for_selector('.st-key-chart_by_month_right [data-testid="stVegaLiteChart"] svg')
            whole.append(time.perf_counter() - server.started)
    yield COMPARE.row("first page, from the start of the server", "s", median(words), limit=FIRST)
    yield COMPARE.row("first page with its charts", "s", median(whole))


def redrawn(effort: Effort, server: Server, browser: Browser) -> Rows:
    """From the release of a slider to the redrawn chart, on the comparison and on the map."""
    moves = effort.part(MOVES, least=2)
    with browsing.tab(browser) as page:
        opened(page, f"{server.url}/{QUERY}")
        chart, whole = moved(page, "enforcement-penalty", ".st-key-chart_split", moves)
        yield COMPARE.row("slider to redrawn chart", "s", chart, limit=CHART)
        yield COMPARE.row("slider to settled page", "s", whole)
        opened(page, f"{server.url}/deterrence-map{QUERY}")
        chart, whole = moved(page, "permits-cap", '[class*="st-key-chart_map"]', moves)
        run = Run("app: map", "app", SCENARIO, 10, LABS, MONTHS, cells=MAP_CELLS**2)
        yield run.row("slider to redrawn map", "s", chart, limit=MAP)


def turned(effort: Effort, server: Server, browser: Browser) -> Rows:
    """From a click in the navigation to the other page, settled; every page has been open before."""
    with browsing.tab(browser) as page:
        opened(page, f"{server.url}/{QUERY}")
        titles = list(browsing.pages(page))
        for title in titles:
            turn(page, title)
        waits = [turn(page, titles[i % len(titles)]) for i in range(effort.part(MOVES, least=2))]
    yield COMPARE.row("page change", "s", median(waits), limit=PAGE)


def opened(page: Page, link: str) -> Page:
    """A page as soon as all of it is drawn."""
    page.goto(link)
    return browsing.settled(page)


def moved(page: Page, slider: str, chart: str, moves: int) -> tuple[float, float]:
    """Median seconds until the chart is another one, and until the page is settled, of so many steps of a slider."""
    found = [_move(page, slider, chart) for _ in range(moves)]
    return median(times[0] for times in found), median(times[1] for times in found)


def _move(page: Page, slider: str, chart: str) -> Sequence[float]:
    page.locator(f".st-key-{slider} input[type=range]").focus()
    page.evaluate(WATCH, [chart, browsing.SETTLED])
    page.keyboard.press("ArrowRight")
    times = page.evaluate("() => window.redrawn")
    browsing.settled(page)
    return times.get("chart", float("nan")) / 1e3, times["page"] / 1e3


def turn(page: Page, title: str) -> float:
    """Seconds that a click on a page's name takes to show it."""
    link = page.locator('[data-testid="stTopNavLink"]', has_text=title)
    if link.get_attribute("aria-current") == "page":
        return 0.0
    before = page.locator(".pl-eyebrow").first.text_content()
    link.click()
    milliseconds = page.evaluate(TURN, [before, browsing.SETTLED])
    browsing.settled(page)
    return float(milliseconds) / 1e3
