"""The deterrence map in a real browser: a cell opens in Compare, by click and by keyboard."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import settled

LINK = "/deterrence-map?scenario=thin_market&worlds=10&months=1&mechanisms=vickrey"


def test_a_click_on_a_cell_opens_its_scenario_in_compare(page: Page, app_url: str) -> None:
    page.goto(app_url + LINK)
    settled(page, 90)  # all cells of a first page
    cells = page.locator('.st-key-chart_map_0 path[aria-roledescription="rect mark"]')
    expect(cells).to_have_count(400)
    cells.nth(45).click()
    expect(page.locator(".pl-table").first).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile(r"/\?.*enforcement\.penalty=0\.275&"))
    assert "random" in page.url


def test_a_cell_is_opened_with_the_keyboard(page: Page, app_url: str) -> None:
    page.goto(app_url + LINK)
    settled(page, 90)  # all cells of a first page
    page.locator(".st-key-map_cell summary").focus()
    page.keyboard.press("Enter")
    button = page.locator(".st-key-map_open button")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pl-table").first).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile(r"/\?.*enforcement\.penalty=0\.525&"))
