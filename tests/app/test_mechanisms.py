"""Choosing mechanisms: what each does and claims, options without typing, and plug-ins of one's own."""

import html
import os

import pytest
from streamlit.testing.v1 import AppTest

from mechanisms import get_plugin, mechanism_names
from mechanisms.claims import CLAIMS, claims_of
from mechanisms.loading import VARIABLE
from tests.app.reading import ENTRY, captions, cells, linked, open_app, without_traceback

PLUGINS = ENTRY.parent / "docs" / "plugins"
NAMES = mechanism_names()


def rules(app: AppTest, guide: bool = False) -> str:
    """The block of rules with badges: those of the chosen mechanisms, or of all."""
    blocks = [str(block.body) for block in app.get("html") if "data-rule=" in str(block.body)]
    (found,) = [block for block in blocks if ("pl-guide" in block) == guide]
    return html.unescape(found)


def fill(app: AppTest, name: str, **options: object) -> AppTest:
    """Choose a mechanism in the form and set its options."""
    without_traceback(app.selectbox(key="options.mechanism").set_value(name).run())
    for key, value in options.items():
        (widget,) = [
            w
            for kind in ("slider", "selectbox", "number_input")
            for w in app.get(kind)
            if w.key == f"options.{name}.{key}"
        ]
        widget.set_value(value)
    return app


def add(app: AppTest) -> list[str]:
    """Send the form; gives what it answers."""
    without_traceback(app.button(key="options.add").click().run())
    return [error.value for error in app.sidebar.error]


def test_every_mechanism_is_explained_with_its_claims_as_badges():
    app = open_app(mechanisms="vickrey,uniform-price:k=0")
    chosen, guide = rules(app), rules(app, guide=True)
    assert chosen.count("data-rule=") == 2
    assert get_plugin("mechanism", "uniform-price").summary in chosen
    assert "truthful (several units)</span>" in chosen
    for name in NAMES:
        plugin = get_plugin("mechanism", name)
        part = guide.partition(f'data-rule="{name}"')[2].partition("</div>")[0]
        assert plugin.summary in part
        assert all(f">{claim.words}</span>" in part for claim in claims_of(plugin.facts))
    used = {claim for name in NAMES for claim in claims_of(get_plugin("mechanism", name).facts)}
    assert [claim.meaning in guide.partition("pl-meaning")[2] for claim in CLAIMS] == [
        claim in used for claim in CLAIMS
    ]


def test_a_mechanism_with_options_is_added_beside_itself():
    app = open_app(mechanisms="uniform-price,vickrey")
    assert app.selectbox(key="options.mechanism").value == "uniform-price"
    assert add(app) == ["uniform-price is compared already."]
    assert add(fill(app, "uniform-price", k=0.0)) == []
    prices = cells(app, "price_paid")
    assert list(prices) == ["uniform-price", "vickrey", "uniform-price:k=0"]
    assert "−" in prices["uniform-price:k=0"]
    assert add(app) == ["uniform-price:k=0 is compared already."]
    assert list(cells(open_app(**linked(app)), "price_paid")) == list(prices)


def test_a_mechanism_that_needs_an_option_asks_for_it_and_the_others_run():
    app = open_app(mechanisms="vickrey")
    without_traceback(app.multiselect(key="mechanisms").set_value(["posted-price", "vickrey"]).run())
    assert list(cells(app, "welfare")) == ["vickrey"]
    assert "posted-price needs its price" in app.info[0].value
    assert app.selectbox(key="options.mechanism").value == "posted-price"
    assert add(app) == ["posted-price.price: is required"]
    assert add(fill(app, "posted-price", price=0.4)) == []
    assert list(cells(app, "welfare")) == ["posted-price:price=0.4", "vickrey"]
    assert not app.info


def test_options_that_do_not_go_together_get_their_line():
    app = open_app(mechanisms="vickrey")
    said = add(fill(app, "mcafee", missing="bounds", low=0.9, high=0.2))
    assert said == ["mcafee.high: 0.2 is not in [0.9, inf), from low upwards"]
    assert list(cells(app, "welfare")) == ["vickrey"]
    add(fill(app, "mcafee", high=1.0))
    assert linked(app)["mechanisms"] == "vickrey,mcafee:missing=bounds,low=0.9,high=1"
    add(fill(app, "muda", rationing="vickrey"))
    again = open_app(**linked(app))
    assert list(cells(again, "welfare")) == [
        *("vickrey", "mcafee:missing=bounds,low=0.9,high=1", "muda:rationing=vickrey")
    ]


@pytest.mark.usefixtures("clean_slate")
def test_a_bidding_rule_may_come_with_options(monkeypatch):
    monkeypatch.setenv(VARIABLE, str(PLUGINS / "haggle.py"))
    plain, wide = (open_app(mechanisms="vickrey", **{"labs.bidding": f"haggle{more}"}) for more in ("", ":margin=0.4"))
    assert wide.multiselect(key="labs.bidding").value == ["haggle:margin=0.4"]
    assert cells(wide, "price_paid") != cells(plain, "price_paid")
    assert get_plugin("bidding", "haggle").summary in captions(wide)
    assert linked(wide)["labs.bidding"] == "haggle:margin=0.4"


def every_kind_of_option():
    from typing import Literal

    import streamlit as st

    from app.options import option
    from mechanisms.registry import _options_model

    def mine(
        book, draws, whole: int = 2, free: float = 1.5, yes: bool = False, way: Literal["a"] | None = None, word="x"
    ):
        pass

    for name, field in _options_model(mine, 2).model_fields.items():
        st.text(f"{name} {option(name, name, field)!r}")


def test_every_kind_of_option_has_an_input():
    app = without_traceback(AppTest.from_function(every_kind_of_option).run())
    assert [text.value for text in app.text] == ["whole 2", "free 1.5", "yes False", "way None", "word 'x'"]
    app.number_input(key="whole").set_value(7)
    app.checkbox(key="yes").check()
    app.text_input(key="word").set_value("y")
    without_traceback(app.selectbox(key="way").set_value("a").run())
    assert [text.value for text in app.text] == ["whole 7", "free 1.5", "yes True", "way 'a'", "word 'y'"]


@pytest.mark.usefixtures("clean_slate")
def test_a_plugin_file_is_offered_like_every_other(monkeypatch):
    monkeypatch.setenv(VARIABLE, os.pathsep.join(str(PLUGINS / f"{name}.py") for name in ("spanish", "crackdown")))
    app = open_app(mechanisms="uniform-price")
    add(fill(app, "spanish", ceiling=0.5))
    assert list(cells(app, "welfare")) == ["uniform-price", "spanish:ceiling=0.5"]
    without_traceback(app.selectbox(key="enforcement.policy.kind").set_value("crackdown").run())
    before = cells(app, "compliance_rate")
    without_traceback(app.slider(key="enforcement.policy.crackdown.strict").set_value(0.1).run())
    assert cells(app, "compliance_rate") != before


def test_a_plugin_file_that_is_gone_gives_one_line(monkeypatch):
    monkeypatch.setenv(VARIABLE, "/gone/spanish.py")
    app = without_traceback(AppTest.from_file(str(ENTRY), default_timeout=60).run())
    assert [error.value for error in app.error] == ["plugin: /gone/spanish.py is not a file"]
    assert not app.multiselect
