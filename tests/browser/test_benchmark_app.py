"""The suite `app` in small: clocks stop when a page has changed, a crowd reads pages, no page has grave faults."""

import os
import time

import pytest
from playwright.sync_api import Page

from app.frame import PAGES, path_of
from experiments.benchmark.app import accessible, browsing, crowd, times
from experiments.benchmark.app.serving import Server
from experiments.benchmark.findings import Effort
from tests.browser.conftest import settled
from tests.browser.test_pages import QUICK

pytestmark = pytest.mark.slow


def test_the_clock_stops_when_the_chart_is_another_one(page: Page, app_url: str) -> None:
    times.opened(page, app_url + "/" + QUICK)
    chart, whole = times.moved(page, "enforcement-penalty", ".st-key-chart_split", 2)
    assert 0 < chart <= whole < 20
    assert "enforcement.penalty=0.6" in page.url
    assert page.evaluate("document.activeElement.type") == "range"
    assert 0 < times.turn(page, "Auction floor") < 20
    assert page.locator(".pl-eyebrow").inner_text().lower() != "auctions of compute permits compared"


def test_a_crowd_is_drawn_pages_without_an_error(app_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "QUERY", QUICK)
    monkeypatch.setattr(crowd, "READERS", 2)
    monkeypatch.setattr(crowd, "PAUSE", 0.1)
    found = {
        row["measure"]: row["value"]
        for row in crowd.crowd(Effort(0.03), Server(app_url, time.perf_counter(), os.getpid()))
    }
    assert found["errors"] == 0
    assert found["redraws"] >= 2
    assert found["memory of the server, most"] > 50


def test_a_crowd_notes_what_the_page_says_is_wrong(app_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "QUERY", "?scenario=thin_market&mechanisms=vickry")
    monkeypatch.setattr(crowd, "READERS", 1)
    rows = list(crowd.crowd(Effort(0.01), Server(app_url, time.perf_counter(), os.getpid())))
    assert rows[0]["value"] >= 1
    assert rows[0]["verdict"] == "fails"


@pytest.mark.skipif(not accessible.script(), reason=accessible.MISSING)
def test_no_page_has_a_grave_fault(page: Page, app_url: str) -> None:
    found = {}
    for place, path in enumerate(path_of(title) for title, _ in PAGES):
        page.emulate_media(color_scheme="light" if place % 2 else "dark")  # the side is on every page, so it gets both
        page.goto(f"{app_url}/{path if path != 'compare' else ''}{QUICK}")
        found[path] = accessible.findings(settled(page))
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.skipif(not accessible.script(), reason=accessible.MISSING)
def test_a_grave_fault_is_found(page: Page) -> None:
    page.set_content('<html lang="en"><title>x</title><main><img src=""><p style="color:#999">pale</p></main></html>')
    assert {one.rule for one in accessible.findings(page)} == {"image-alt", "color-contrast"}


def test_the_suite_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert browsing.missing() == ""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(browsing.VARIABLE, raising=False)
    assert browsing.missing().startswith("No Chromium: none of chromium, ")
