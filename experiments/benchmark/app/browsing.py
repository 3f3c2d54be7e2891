"""A real browser without a window: Chromium through Playwright, both of which may be missing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
VARIABLE = "PERMIT_LAB_BROWSER"
SETTLED = """() =>
    document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]') !== null
    && document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]') === null"""
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
_CALM, _PAUSE = 4, 75


def missing() -> str:
    """One line on what a browser's part of the suite lacks; empty where all is there."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed (pip install playwright): the app is not looked at in a browser."
    if program() is None:
        return f"No Chromium: none of {', '.join(NAMES)} on PATH, and {VARIABLE} is not set."
    return ""


def program() -> str | None:
    """The browser to start."""
    return os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that reaches this machine alone."""
    from playwright.sync_api import sync_playwright

    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        arguments = [_OFFLINE, *(["--no-sandbox"] if is_root else [])]
        browser = playwright.chromium.launch(executable_path=program(), args=arguments)
        yield browser
        browser.close()


@contextmanager
def tab(browser: Browser, **settings: Any) -> Iterator[Page]:
    """An empty tab of 1280 x 800 with its own cookies."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **settings)
    yield context.new_page()
    context.close()


def settled(page: Page, patience: float = 60.0) -> Page:
    """Wait until the page has stayed settled for a moment."""
    deadline, calm = time.monotonic() + patience, 0
    while calm < _CALM:
        calm = calm + 1 if page.evaluate(SETTLED) else 0
        if time.monotonic() > deadline:
            raise TimeoutError(f"{page.url} did not settle within {patience:.0f} s")
        page.wait_for_timeout(_PAUSE)
    return page


def pages(page: Page) -> dict[str, str]:
    """Title and address of every page that the navigation shows."""
    links = page.locator('[data-testid="stTopNavLink"]')
    return dict(zip(links.all_inner_texts(), links.evaluate_all("all => all.map(a => a.href)"), strict=True))
