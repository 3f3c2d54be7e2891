"""Live month in a real browser: it plays, pauses and steps, and a lab's money is that of the market's ledger."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from agents import PermitMarket
from app.live_words import money
from scenarios import load_scenario, override
from tests.browser.conftest import settled

LINK = "/live-month?scenario=thin_market&worlds=10&months=9"


def month(page: Page) -> int:
    said = page.locator(".pl-phases").get_attribute("aria-label")
    return int(re.findall(r"\d+", str(said))[0])


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    settled(page)


def money_on(page: Page, table: str) -> list[str]:
    return page.locator(f'[data-table="accounts-{table}"] [data-balance="after"] td').all_inner_texts()


def test_play_pause_and_step_and_money_is_the_ledgers(page: Page, app_url: str) -> None:
    page.goto(app_url + LINK)
    settled(page, timeout=60)
    button(page, "Next phase")
    assert month(page) == 2
    assert page.locator(".pl-now").inner_text().startswith("1. Price discovery")
    button(page, "Next month")
    assert (month(page), page.locator(".pl-ahead").count()) == (2, 0)

    page.get_by_role("button", name="Play").click()
    expect(page.locator(".pl-phases")).to_have_attribute("aria-label", re.compile("Month [4-9] of 9"), timeout=15_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    settled(page)
    held = month(page)
    page.wait_for_timeout(1500)
    assert month(page) == held

    button(page, "Next violator")
    lab = int(page.locator(".st-key-live_lab input").input_value().removeprefix("Lab "))
    market = PermitMarket(override(load_scenario("thin_market"), {"months": 9}), seed=0)
    for _ in range(held):
        market.step()
    books = market.ledger
    assert money_on(page, "lab") == [money(books.labs[lab - 1], 3), money(0, 3)]
    sums = [np.sum(books.labs), 0.0, float(books.governor), float(books.resources)]
    assert money_on(page, "world") == [money(amount) for amount in sums]
