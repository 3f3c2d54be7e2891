"""The comparison page in a real browser: controls change numbers, mistakes get one line, a phone shows all of it."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import settled

QUICK = "?scenario=thin_market&worlds=10&months=4"
TROUBLE = '[data-testid="stException"], [data-testid="stAlertContentError"]'
OVERFLOW = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== 'fixed')
    .filter(e => !e.closest('.pl-box, [data-testid="stSidebar"], [data-testid="stTooltipHoverTarget"]'))
    .map(e => e.outerHTML.slice(0, 120))"""


def read(page: Page, measure: str) -> list[str]:
    """Text of every mechanism's cell of a measure."""
    return page.locator(f'tr[data-measure="{measure}"] td').all_inner_texts()


def no_trouble(page: Page) -> None:
    assert page.locator(TROUBLE).all_inner_texts() == []


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    settled(page)
    no_trouble(page)
    return page


def press(page: Page, key: str, *keys: str) -> None:
    """Press keys on a slider, as a reader without a mouse would."""
    page.locator(f".st-key-{key} input[type=range]").focus()
    for name in keys:
        page.keyboard.press(name)
    settled(page)


def test_scenario_slider_and_mechanisms_change_the_numbers(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    assert len(read(page, "compliance_rate")) == 3
    assert page.locator(".pl-equal").first.inner_text() == "exactly equal"
    assert page.locator('[data-testid="stVegaLiteChart"] svg').count() == 6

    thin = read(page, "compliance_rate")
    press(page, "enforcement-penalty", *["ArrowRight"] * 6)
    stricter = read(page, "compliance_rate")
    assert stricter != thin
    assert "enforcement.penalty=0.8" in page.url

    page.get_by_role("button", name="Remove uniform-price").click()
    settled(page)
    assert page.locator(".pl-table thead th").all_inner_texts()[1:] == ["vickrey", "double-auction"]
    assert len(read(page, "compliance_rate")) == 2

    page.locator(".st-key-scenario").get_by_role("combobox").click()
    page.get_by_role("option", name="seed_binary", exact=True).click()
    settled(page)
    assert page.locator(".pl-title").inner_text() == "Seed model"
    assert read(page, "compliance_rate") != stricter[1:]
    no_trouble(page)


def test_a_link_opens_the_same_view(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    press(page, "permits-grandfathered", "ArrowRight")
    numbers, link = read(page, "auction_revenue"), page.url
    opened(page, link)
    assert read(page, "auction_revenue") == numbers
    assert page.url == link


def test_floor_and_map_redraw_for_their_own_controls_alone(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    table, floor = read(page, "welfare"), page.locator(".st-key-chart_floor [data-testid=stVegaLiteChart] svg").inner_html()
    press(page, "floor_month", "ArrowRight")
    assert page.locator(".st-key-chart_floor [data-testid=stVegaLiteChart] svg").inner_html() != floor
    cells = page.locator('.st-key-chart_map_0 path[aria-roledescription="rect mark"]')
    assert cells.count() == 100
    page.locator(".st-key-map_cells").get_by_role("combobox").click()
    page.get_by_role("option", name="6 × 6").click()
    settled(page)
    assert cells.count() == 36
    assert read(page, "welfare") == table
    no_trouble(page)


def test_a_bad_file_gets_one_line_and_a_good_one_is_shown(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    upload = page.locator(".st-key-upload input[type=file]")
    bad = b"enforcement: {true_positive_rate: 1.3}"
    upload.set_input_files({"name": "bad.yaml", "mimeType": "application/yaml", "buffer": bad})
    settled(page)
    assert page.locator(TROUBLE).all_inner_texts() == ["enforcement.true_positive_rate: 1.3 is not in [0, 1]"]
    assert len(read(page, "welfare")) == 3

    good = b"name: Mine\nmonths: 2\nlabs: {count: 9}\npermits: {cap: 9}"
    upload.set_input_files({"name": "good.yaml", "mimeType": "application/yaml", "buffer": good})
    settled(page)
    no_trouble(page)
    assert page.locator(".pl-title").inner_text() == "Mine"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(page: Page, app_url: str, scheme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    opened(page, app_url + QUICK)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERFLOW) == []
    assert page.locator(".pl-who").first.is_visible()
    widths = page.locator('[data-testid="stVegaLiteChart"] svg').evaluate_all("all => all.map(e => e.clientWidth)")
    assert len(widths) == 6
    assert all(300 < width <= 390 for width in widths)


def test_downloads_hold_the_table_and_the_scenario(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    with page.expect_download() as table:
        page.get_by_role("button", name="Download the table (CSV)").click()
    text = table.value.path().read_text(encoding="utf-8")
    assert text.startswith("label,measure,unit,mean,low,high,n,")
    with page.expect_download() as scenario:
        page.get_by_role("button", name="Save this scenario (YAML)").click()
    assert re.search(r"^months: 4$", scenario.value.path().read_text(encoding="utf-8"), re.M)
