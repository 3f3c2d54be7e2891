"""The Method page says what the code holds: model, measures, mechanisms, settings with sources."""

import tomllib
from html import escape

from app import method_page
from experiments.charts import MEASURES
from mechanisms import get_plugin, mechanism_names
from scenarios import entries
from scenarios.sources import _DEFAULTS
from tests.app.reading import ENTRY, open_app, page_text


def test_the_page_holds_every_measure_mechanism_and_setting():
    app = open_app("Method", scenario="no such")
    text = page_text(app)
    assert all(escape(m.description[1:]) in text for m in MEASURES.values())
    assert all(escape(get_plugin("mechanism", name).summary) in text for name in mechanism_names())
    for entry in entries():
        assert escape(entry.description[1:]) in text
        assert escape(entry.source) in text
    assert r"p_\text{eff} = p_s + (1 - p_s)\,p_b" in app.markdown[0].value


def test_the_page_stands_where_settings_do_not_go_together():
    app = open_app("Method", mechanisms="no-such-mechanism", **{"labs.bidding": "buyers-bid"})
    assert "labs that ran nothing without a permit"[1:] in page_text(app)


def test_every_default_has_a_source_and_no_source_is_stale():
    paths = [entry.path for entry in entries()]
    assert set(_DEFAULTS) <= set(paths)
    assert all(entry.source.endswith(".") for entry in entries())
    own = set(paths) - set(_DEFAULTS)
    assert {path.rpartition(".")[0] for path in own} == {"labs.value", "labs.risk_profile", "labs.perceived_penalty"}


def test_an_installed_lab_brings_the_model_along():
    wheel = tomllib.loads((ENTRY.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    packed = wheel["targets"]["wheel"]["force-include"]
    inside, outside = (path.relative_to(ENTRY.parent).as_posix() for path in method_page.MODEL)
    assert packed[outside] == inside


def test_the_models_tests_and_dead_links_stay_out_of_the_page():
    text = method_page.model_text()
    assert ">>>" not in text
    assert ".md)" not in text
    assert text.count("$$") % 2 == 0
    assert r"M\$" in text
