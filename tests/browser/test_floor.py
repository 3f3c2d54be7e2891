"""The auction floor in a real browser: an order is clicked, a file of orders is read."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import settled

LINK = "/auction-floor?scenario=thin_market&worlds=10&months=3&mechanisms=vickrey,mcafee"
MARKS = 'path[aria-roledescription="point"]'


def test_an_order_is_explained_and_a_file_of_orders_read_or_refused_in_one_line(page: Page, app_url: str) -> None:
    page.goto(app_url + LINK)
    settled(page)
    page.locator(f".st-key-chart_floor {MARKS}").nth(1).click(force=True)
    chosen = page.locator(".st-key-floor_order").get_by_role("combobox")
    expect(chosen).not_to_have_value("")
    words = page.locator(".pl-why").first
    expect(words).to_contain_text("It is filled and pays")
    settled(page)
    before = words.inner_text()
    chosen.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(before)

    page.get_by_text("Orders of your own").click()
    revenue = page.locator(".stTable tr", has_text="Auction revenue").locator("td").first
    expect(revenue).to_have_text("20")
    upload = page.locator(".st-key-own_upload input[type=file]")
    text = b"quantity,price,user,buying\n1,ten,A,true\n"
    upload.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": text})
    alert = page.locator('[data-testid="stAlertContentError"]')
    expect(alert).to_have_text("bad.csv, line 2, price: 'ten' is not a number")
    text = b"quantity,price,user,buying\n3,5,A,true\n3,2,B,true\n"
    upload.set_input_files({"name": "good.csv", "mimeType": "text/csv", "buffer": text})
    expect(alert).to_have_count(0)
    expect(revenue).to_have_text("4")
    settled(page)
    page.get_by_role("link", name="Method").click()
    settled(page)
    page.get_by_role("link", name="Auction floor").click()
    expect(revenue).to_have_text("4")
