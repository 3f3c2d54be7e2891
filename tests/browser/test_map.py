"""The deterrence map in a real browser: a cell opens in Compare, by click and by keyboard."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.browser.test_pages import opened, pick, press

LINK = "/deterrence-map?scenario=thin_market&worlds=10&months=1&mechanisms=vickrey,lottery"
MAPS = "[...document.querySelectorAll('[class*=\"st-key-chart_map_\"]')]"
DRAWN = "all => all.map(e => e.querySelector('svg.marks')?.innerHTML).join()"


def test_every_control_changes_the_map_and_a_cell_opens_in_compare(page: Page, app_url: str) -> None:
    opened(page, app_url + LINK)
    maps = page.locator('[class*="st-key-chart_map_"]')
    cells = page.locator('.st-key-chart_map_0 path[aria-roledescription="rect mark"]')
    expect(cells).to_have_count(400)
    pick(page, "map_cells", "6 × 6")
    expect(cells).to_have_count(36)

    def moves(act: Callable[[], object]) -> None:
        before = maps.evaluate_all(DRAWN)
        act()
        page.wait_for_function(f"before => ({DRAWN})({MAPS}) !== before", arg=before)
        settled(page)

    moves(lambda: pick(page, "map_measure", "Welfare"))
    moves(lambda: pick(page, "map_worlds", "20"))
    moves(lambda: page.get_by_text("Difference to vickrey").click())
    moves(lambda: page.get_by_text("Difference to vickrey").click())
    moves(lambda: press(page, "permits-cap", "ArrowLeft"))
    moves(lambda: page.get_by_text("Penalty and permits per lab").click())
    moves(lambda: page.get_by_text("Two settings of your choice").click())
    moves(lambda: pick(page, "map_y", "harm (M$ per unit)"))
    page.get_by_text("Penalty and detection").click()
    settled(page)

    cells.nth(1).click()
    expect(page.locator(".pl-table").first).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile(r"/\?.*enforcement\.penalty=0\.25&"))
    assert "random" in page.url

    settled(page)
    page.get_by_role("link", name="Deterrence map").click()
    settled(page)
    page.locator(".st-key-map_cell summary").focus()
    page.keyboard.press("Enter")
    button = page.locator(".st-key-map_open button")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pl-table").first).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile(r"/\?.*enforcement\.penalty=0\.5833"))
