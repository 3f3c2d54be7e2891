"""How labs bid: rules side by side, searches that say why they take a while, and their outcome in words."""

import pytest

from agents import equilibrium
from app import waiting
from app.bidding_words import bidding_headline
from app.compute import search_seconds, searches_anew
from experiments import compare
from experiments.ensemble import under_mechanisms
from experiments.headline import Tables
from scenarios import load_scenario, override
from tests.app.reading import captions, cells, linked, open_app, page_text, without_traceback

TINY = {"labs.count": "3", "labs.units": "1", "permits.cap": "2", "mechanisms": "vickrey", "months": "2"}
BOTH = ["full-value", "equilibrium"]


@pytest.fixture
def quick_search(monkeypatch):
    """A search in few worlds and rounds, that has found nothing yet."""
    for name, value in {"ORDERS_A_ROUND": 1, "AVERAGED": 2, "FRESH": 1, "_found": {}, "_seen": {}}.items():
        monkeypatch.setattr(equilibrium, name, value)


@pytest.fixture
def no_search(monkeypatch):
    def searched(*_):
        raise AssertionError("searched")

    monkeypatch.setattr(equilibrium, "_solve", searched)


def choose(app, *rules):
    return without_traceback(app.multiselect(key="labs.bidding").set_value(list(rules)).run())


@pytest.mark.usefixtures("no_search")
def test_the_scenarios_own_rule_is_chosen_alone_and_nothing_is_searched():
    app = open_app(**{"labs.bidding": "outside-option"})
    rules = app.multiselect(key="labs.bidding")
    assert rules.value == ["outside-option"]
    assert rules.options[:3] == ["Truthful", "Own advantage", "Value or penalty"]
    assert "**Value or penalty** (outside-option). Bid what" in captions(app)
    assert "bidding" not in linked(app)
    before = cells(app, "price_paid")
    assert cells(choose(app), "price_paid") == before
    assert linked(app)["labs.bidding"] == "outside-option"


@pytest.mark.usefixtures("quick_search")
def test_two_rules_stand_side_by_side_with_what_the_search_found():
    app = choose(open_app(**TINY), *BOTH)
    paid = cells(app, "price_paid")
    assert list(paid) == ["vickrey (full-value)", "vickrey (equilibrium)"]
    (answer,) = equilibrium.known_equilibria().values()
    assert f"- vickrey (equilibrium): {answer}." in captions(app)
    assert "How labs bid changes nothing below beyond chance." in page_text(app)
    assert "under vickrey the truth is a lab's best report" in page_text(app).replace("&#x27;", "'")
    link = linked(app)
    assert link["bidding"] == "full-value,equilibrium"
    assert "labs.bidding" not in link
    again = open_app(**link)
    assert cells(again, "price_paid") == paid
    assert linked(choose(again, "equilibrium"))["labs.bidding"] == "equilibrium"
    assert list(cells(again, "price_paid")) == ["vickrey"]


@pytest.mark.usefixtures("quick_search")
def test_truth_and_own_advantage_differ_in_words_where_they_do():
    app = open_app(**TINY | {"mechanisms": "pay-as-bid,vickrey", "bidding": ",".join(BOTH), "worlds": "60"})
    assert list(cells(app, "welfare")) == [f"{name} ({rule})" for name in ("pay-as-bid", "vickrey") for rule in BOTH]
    words = page_text(app)
    assert "How labs bid matters most for" in words
    assert "pay-as-bid (equilibrium) has" in words
    assert "Under vickrey it changes nothing." in words


def test_a_rule_that_does_not_hold_for_the_scenario_gets_its_line():
    app = choose(open_app(mechanisms="vickrey"), "full-value", "buyers-bid")
    assert [error.value for error in app.error] == [
        "labs.bidding: buyers-bid holds for market.mechanism double-auction, not vickrey"
    ]
    assert list(cells(choose(app, "full-value", "zero-intelligence"), "welfare")) == [
        *("vickrey (full-value)", "vickrey (zero-intelligence)")
    ]
    assert not app.error


def test_a_link_with_an_unknown_rule_gets_its_line():
    app = open_app(bidding="full-value,equilibirum")
    assert [error.value for error in app.error] == [
        "This link cannot be opened: bidding: 'equilibirum' is not known; did you mean 'equilibrium'?"
    ]


@pytest.mark.usefixtures("no_search")
def test_a_search_that_takes_long_is_asked_for_first():
    app = open_app(scenario="baseline", mechanisms="vickrey", bidding=",".join(BOTH), **{"labs.count": "300"})
    assert "vickrey: 10 worlds of 3 months will take about 2 minutes" in app.warning[0].value
    assert app.button(key="run_anyway")


def test_a_search_says_how_far_it_is_and_why_it_takes_a_while(monkeypatch):
    said, prepared = [], []

    class Place:
        def progress(self, share, text):
            said.append((share, text))

        def empty(self):
            said.append("gone")

    monkeypatch.setattr(waiting.st, "empty", Place)
    monkeypatch.setattr(waiting, "prepare", prepared.append)
    found = under_mechanisms(load_scenario("thin_market"), ["vickrey", "huang"], BOTH)
    waiting.search(found)
    assert [share for share, _ in said[:-1]] == [0.0, 0.5]
    assert "under vickrey (equilibrium) (1 of 2)" in said[0][1]
    assert "until next to nothing is left to gain. About 20 seconds" in said[0][1]
    assert said[-1] == "gone"
    assert prepared == [[found["vickrey (equilibrium)"]], [found["huang (equilibrium)"]]]


def test_searches_are_known_by_rule_and_size():
    thin = load_scenario("thin_market")
    apart = [
        override(thin, {"labs.bidding": f"equilibrium:worth={worth}"}) for worth in ("full-value", "outside-option")
    ]
    assert [searches_anew(cell) for cell in (thin, *apart)] == [False, False, True]
    assert (
        search_seconds(thin) == 0.0 < search_seconds(apart[0]) < search_seconds(override(apart[0], {"labs.units": 9}))
    )


def test_the_headline_compares_each_mechanism_with_itself():
    result = compare("thin_market", ["uniform-price", "vickrey"], 30, bidding=["full-value", "zero-intelligence"])
    lead = bidding_headline(result, Tables.of(result)).lead
    label, first = lead.partition(" has ")[0].partition(": ")[2], lead.partition(" than ")[2].partition(", a diff")[0]
    assert (label.partition(" ")[2], first.partition(" ")[2]) == ("(zero-intelligence)", "(full-value)")
    assert label.partition(" ")[0] == first.partition(" ")[0]
