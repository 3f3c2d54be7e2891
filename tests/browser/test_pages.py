"""The pages in a real browser: controls change numbers, mistakes get one line, a phone shows all of it."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from app.frame import PAGES, path_of
from tests.browser.conftest import settled

QUICK = "?scenario=thin_market&worlds=10&months=4"
SLIDERS = (
    *("enforcement-penalty", "enforcement-true_positive_rate", "enforcement-false_positive_rate"),
    *("permits-cap", "permits-grandfathered", "labs-count", "months", "worlds"),
)
RULES = ("full-value", "zero-intelligence")
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


def figures(page: Page) -> str:
    """Every number of the tables on Compare."""
    return "\n".join(page.locator(".pl-table").all_inner_texts())


def moves(page: Page, act: Callable[[], None]) -> None:
    """A control must change the tables."""
    before = figures(page)
    act()
    page.wait_for_function(
        "before => [...document.querySelectorAll('.pl-table')].map(e => e.innerText).join('\\n') !== before", arg=before
    )
    settled(page)


def test_every_control_on_compare_changes_the_numbers(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)
    assert page.locator(".pl-equal").first.inner_text() == "exactly equal"
    charts = page.locator('[data-testid="stVegaLiteChart"] svg')
    assert charts.count() == 4
    lines = page.locator(".st-key-chart_by_month_left")
    title = lines.get_by_text("Price paid by month")
    expect(title).to_have_count(1)
    pick(page, "monthly_left", "Welfare")
    expect(title).to_have_count(0)
    page.get_by_role("tab", name="Who gains and who pays").click()
    expect(page.locator(".st-key-chart_sizes_penalties svg.marks")).to_be_visible()
    page.get_by_role("tab", name="All measures").click()
    expect(page.locator(".pl-table")).to_have_count(2)

    for key in SLIDERS:
        moves(page, lambda key=key: press(page, key, *["ArrowRight"] * 3))
    page.wait_for_url("**enforcement.penalty=0.65**")
    moves(page, lambda: press(page, "permits-reserve_price", "End"))
    moves(page, lambda: pick(page, "enforcement-policy-kind", "random"))
    moves(page, lambda: press(page, "enforcement-policy-random-probability", "Home"))
    moves(page, lambda: pick(page, "labs-bidding", "At random"))
    moves(page, lambda: page.get_by_role("button", name="Remove uniform-price").click())
    expect(page.locator(".pl-table").first.locator("thead th")).to_have_text(
        ["Measure", *(f"{name}({rule})" for name in ("vickrey", "double-auction") for rule in RULES)]
    )
    moves(page, lambda: pick(page, "scenario", "seed_binary"))
    expect(page.locator(".pl-title")).to_have_text("Seed model")
    no_trouble(page)


def test_a_link_shows_the_same_in_a_second_browser_and_sessions_do_not_mix(
    page: Page, browser: Browser, app_url: str
) -> None:
    before = read(opened(page, app_url + QUICK), "auction_revenue")
    press(page, "permits-grandfathered", "ArrowRight")
    numbers = changed(page, "auction_revenue", before)
    page.wait_for_url("**permits.grandfathered=0.3**")
    other = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    opened(other, page.url)
    assert read(other, "auction_revenue") == numbers
    assert other.url == page.url
    pick(other, "scenario", "seed_binary")
    expect(other.locator(".pl-title")).to_have_text("Seed model")
    press(page, "worlds", "ArrowRight")
    expect(page.locator(".pl-title")).to_have_text("Thin market")
    assert "scenario=thin_market" in page.url
    assert "scenario=seed_binary" in other.url
    other.context.close()


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


def test_downloads_hold_charts_tables_and_the_scenario(page: Page, app_url: str) -> None:
    opened(page, app_url + QUICK)

    def downloaded(button: str) -> bytes:
        with page.expect_download() as file:
            page.get_by_role("button", name=button).click()
        return file.value.path().read_bytes()

    assert downloaded("Download the table (CSV)").startswith(b"label,measure,unit,mean,low,high,n,")
    page.locator(".st-key-behind_welfare button").focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(2)
    for name, start in {"Numbers 1 (CSV)": b"label,", "Drawing (SVG)": b"<svg", "Picture (PNG)": b"\x89PNG"}.items():
        assert downloaded(name).startswith(start)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Scenarios").click()
    assert re.search(rb"^months: 4$", downloaded("Download as edited here (YAML)"), re.M)


def test_a_file_is_read_or_refused_in_one_line_and_a_scenario_edited_saved_and_deleted(
    page: Page, app_url: str
) -> None:
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
    settled(page)
    page.get_by_role("link", name="Scenarios").click()
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


def test_a_phone_shows_every_page_without_scrolling_sideways_and_without_an_error(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log: list[str] = []
    page.on("pageerror", lambda error: log.append(str(error)))
    page.on("console", lambda said: log.append(said.text) if said.type == "error" and "404" not in said.text else None)
    for place, path in enumerate(path_of(title) for title, _ in PAGES):
        page.emulate_media(color_scheme="dark" if place % 2 else "light")
        opened(page, f"{app_url}/{path if path != 'compare' else ''}{QUICK}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(OVERFLOW) == [], path
        if path == "compare":
            assert page.locator(".pl-who").first.is_visible()
            charts = page.locator('[data-testid="stVegaLiteChart"] svg')
            widths = charts.evaluate_all("all => all.map(e => e.clientWidth)")
            assert len(widths) == 4
            assert all(300 < width <= 390 for width in widths)
    assert log == []
