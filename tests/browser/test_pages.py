"""The pages in a real browser: controls change numbers, mistakes get one line, a phone shows all of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.frame import PAGES, path_of
from tests.browser.conftest import settled

QUICK = "?scenario=thin_market&worlds=10&months=4"
TROUBLE = '[data-testid="stException"], [data-testid="stAlertContentError"]'
OVERFLOW = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== 'fixed')
    .filter(e => e.checkVisibility() && !e.closest('.katex-mathml, .katex-display, .pl-box'))
    .filter(e => !e.closest('.stTable, [data-testid="stSidebar"], [data-testid="stTooltipHoverTarget"]'))
    .map(e => e.outerHTML.slice(0, 120))"""


def read(page: Page, measure: str) -> list[str]:
    """Text of every mechanism's cell of a measure."""
    return page.locator(f'tr[data-measure="{measure}"] td').all_inner_texts()


def changed(page: Page, measure: str, before: list[str]) -> list[str]:
    """The same once the first cell is no longer what it was."""
    expect(page.locator(f'tr[data-measure="{measure}"] td').first).not_to_have_text(before[0], use_inner_text=True)
    return read(settled(page), measure)


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


def pick(page: Page, key: str, option: str) -> None:
    """Type an option into a selection and take it."""
    box = page.locator(f".st-key-{key}").get_by_role("combobox")
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # the list of options closes when the page scrolls
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def test_scenario_slider_and_mechanisms_change_the_numbers(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    assert len(read(page, "compliance_rate")) == 3
    assert page.locator(".pl-equal").first.inner_text() == "exactly equal"
    assert page.locator('[data-testid="stVegaLiteChart"] svg').count() == 7

    thin = read(page, "compliance_rate")
    press(page, "enforcement-penalty", *["ArrowRight"] * 6)
    stricter = changed(page, "compliance_rate", thin)
    page.wait_for_url("**enforcement.penalty=0.8**")

    page.get_by_role("button", name="Remove uniform-price").click()
    expect(page.locator(".pl-table").first.locator("thead th")).to_have_text(["Measure", "vickrey", "double-auction"])
    settled(page)
    assert len(read(page, "compliance_rate")) == 2

    pick(page, "scenario", "seed_binary")
    expect(page.locator(".pl-title")).to_have_text("Seed model")
    changed(page, "compliance_rate", stricter[1:])
    no_trouble(page)


def test_a_link_opens_the_same_view(page: Page, app_url: str) -> None:
    before = read(opened(page, app_url + QUICK), "auction_revenue")
    press(page, "permits-grandfathered", "ArrowRight")
    numbers = changed(page, "auction_revenue", before)
    page.wait_for_url("**permits.grandfathered=0.3**")
    link = page.url
    opened(page, link)
    assert read(page, "auction_revenue") == numbers
    assert page.url == link


def test_pages_share_one_scenario_and_redraw_for_their_own_controls(page: Page, app_url: str) -> None:
    opened(page, app_url + "/auction-floor" + QUICK)
    prices = page.locator(".st-key-chart_floor").get_by_text(re.compile(r"^uniform-price \d"))
    first = prices.text_content()
    press(page, "floor_month", "ArrowRight")
    expect(prices).not_to_have_text(str(first))
    press(page, "permits-cap", "ArrowLeft")
    page.get_by_role("link", name="Deterrence map").click()
    page.wait_for_url("**/deterrence-map?*months=4*permits.cap=13*")
    cells = page.locator('.st-key-chart_map_0 path[aria-roledescription="rect mark"]')
    expect(cells).to_have_count(400)
    pick(page, "map_cells", "6 × 6")
    expect(cells).to_have_count(36)
    page.get_by_role("link", name="Auction floor").click()
    expect(page.locator(".st-key-floor_month input[type=range]")).to_have_value("2")
    no_trouble(page)


def test_a_chart_gives_its_numbers_and_pictures(page: Page, app_url: str) -> None:
    opened(page, app_url + "/auction-floor" + QUICK)
    page.locator(".st-key-behind_floor button").focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(3)
    for name, start in {"Numbers 1 (CSV)": b"side,", "Drawing (SVG)": b"<svg", "Picture (PNG)": b"\x89PNG"}.items():
        with page.expect_download() as file:
            page.get_by_role("button", name=name).click()
        assert file.value.path().read_bytes().startswith(start)


def test_a_bad_file_gets_one_line_and_a_good_one_is_shown(page: Page, app_url: str) -> None:
    opened(page, app_url + "/scenarios" + QUICK)
    upload = page.locator(".st-key-upload input[type=file]")
    bad = b"enforcement: {true_positive_rate: 1.3}"
    upload.set_input_files({"name": "bad.yaml", "mimeType": "application/yaml", "buffer": bad})
    expect(page.locator(TROUBLE)).to_have_text(["enforcement.true_positive_rate: 1.3 is not in [0, 1]"])

    good = b"name: Mine\nmonths: 2\nlabs: {count: 9}\npermits: {cap: 9}"
    upload.set_input_files({"name": "good.yaml", "mimeType": "application/yaml", "buffer": good})
    expect(page.locator(TROUBLE)).to_have_count(0)
    settled(page)
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".pl-title")).to_have_text("Mine")


def test_a_scenario_is_edited_saved_and_deleted(page: Page, app_url: str) -> None:
    opened(page, app_url + "/scenarios" + QUICK)
    page.locator('[data-testid="stMainBlockContainer"] summary', has_text="Permits").click()
    page.get_by_role("spinbutton", name="Cap (permits a month)").fill("5")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Valid. Differs from the side in: permits.cap.")).to_be_visible()
    page.get_by_role("textbox", name="Name to save under").fill("of_mine")
    page.keyboard.press("Tab")
    page.locator(".st-key-save button").click()
    page.wait_for_url("**scenario=of_mine*")
    settled(page)
    page.locator('[data-testid="stMainBlockContainer"]').get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete of_mine").click()
    expect(page.get_by_text("of_mine is deleted.")).to_be_visible()
    no_trouble(page)


@pytest.mark.parametrize("path", [path_of(title) for title, _ in PAGES])
def test_a_phone_shows_everything_without_scrolling_sideways(page: Page, app_url: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if len(path) % 2 else "light")
    opened(page, f"{app_url}/{path if path != 'compare' else ''}{QUICK}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERFLOW) == []
    if path != "compare":
        return
    assert page.locator(".pl-who").first.is_visible()
    widths = page.locator('[data-testid="stVegaLiteChart"] svg').evaluate_all("all => all.map(e => e.clientWidth)")
    assert len(widths) == 7
    assert all(300 < width <= 390 for width in widths)


def test_downloads_hold_the_table_and_the_scenario(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    with page.expect_download() as table:
        page.get_by_role("button", name="Download the table (CSV)").click()
    text = table.value.path().read_text(encoding="utf-8")
    assert text.startswith("label,measure,unit,mean,low,high,n,")
    opened(page, app_url + "/scenarios" + QUICK)
    with page.expect_download() as scenario:
        page.get_by_role("button", name="Download as edited here (YAML)").click()
    assert re.search(r"^months: 4$", scenario.value.path().read_text(encoding="utf-8"), re.M)
