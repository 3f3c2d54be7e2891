"""The Runs page in a real browser: a sweep goes on while the reader is elsewhere; it is stopped, resumed and saved."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import settled
from tests.browser.test_pages import QUICK, no_trouble, opened

PATIENCE = 60_000
"""Milliseconds for a process to start and do a little, on a machine that is busy."""


def started(page: Page, name: str, worlds: int) -> Locator:
    """The row of a sweep that the form has started."""
    for key, text in {"run_name": name, "run_worlds": str(worlds)}.items():
        page.locator(f".st-key-{key} input").fill(text)
        page.keyboard.press("Tab")
        settled(page)
    page.locator(".st-key-run_start button").click()
    return page.locator(f".st-key-run_row_{name}")


def test_sweeps_go_on_elsewhere_are_stopped_resumed_deleted_opened_and_saved(page: Page, app_url: str) -> None:
    opened(page, f"{app_url}/runs{QUICK}")
    row = started(page, "long", 100_000)
    running = row.get_by_text("% of 15 cells")
    expect(running).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Method").click()
    expect(page.locator(".pl-title")).to_have_text("Method")
    page.get_by_role("link", name="Runs").click()
    expect(running).to_be_visible()
    row.get_by_role("button", name="Stop").click()
    expect(row.get_by_text("Unfinished: ")).to_be_visible()
    row.get_by_role("button", name="Resume").click()
    expect(running).to_be_visible(timeout=PATIENCE)
    row.get_by_role("button", name="Stop").click()
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete long").click()
    expect(row).to_have_count(0)
    no_trouble(page)

    row = started(page, "short", 10)
    expect(row.get_by_role("button", name="Delete")).to_be_visible(timeout=PATIENCE)
    row.get_by_role("button", name="Open").click()
    expect(page.locator(".st-key-chart_sweep_line svg").first).to_be_visible()
    settled(page)
    assert "run=short" in page.url
    for name, start in {"Download CSV": b"cell,", "Download Parquet": b"PAR1"}.items():
        with page.expect_download() as file:
            page.get_by_role("button", name=name).click()
        assert file.value.path().read_bytes().startswith(start)
    no_trouble(page)
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    widths = page.locator('[data-testid="stVegaLiteChart"] svg').evaluate_all("all => all.map(e => e.clientWidth)")
    assert [300 < width <= 390 for width in widths] == [True]
