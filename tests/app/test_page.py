"""The comparison page, headless: every control changes what it says it changes, and mistakes get one line."""

from html import escape

import pytest

from app import controls
from experiments import compare
from experiments.sizes import watched
from mechanisms import mechanism_names, registry
from scenarios import load_scenario, override, save_scenario, to_yaml
from scenarios.fields import known_entries, setting_of
from tests.app.reading import captions, cells, go_to, linked, open_app, page_text, row, without_traceback

THREE = ["uniform-price", "vickrey", "double-auction"]
SLIDERS = [control.path for control in controls.SLIDERS]


def load_setting(scenario, path):
    return setting_of(load_scenario(scenario), path)


@pytest.mark.usefixtures("with_pictures")
def test_a_new_reader_sees_the_baseline_under_three_mechanisms():
    app = open_app(scenario="baseline")
    assert list(cells(app, "compliance_rate")) == THREE
    assert "Compliance is exactly equal under all three mechanisms" in page_text(app)
    assert "only money moves" in page_text(app)
    assert len(app.get("vega_lite_chart")) == 4
    assert cells(app, "compliance_rate")["vickrey"].endswith("exactly equal")
    assert "exactly equal" not in cells(app, "auction_revenue")["vickrey"]
    app.session_state["compare_tab"] = "Who gains and who pays"
    without_traceback(app.run())
    assert "Under uniform-price, the fifth of labs with the most valuable runs gains" in page_text(app)
    assert len(app.get("vega_lite_chart")) == 5


def test_the_table_holds_the_numbers_of_compare():
    scenario = override(load_scenario("thin_market"), {"months": 3})
    truth = compare(scenario, THREE, 10).summary().set_index(["label", "measure"])
    app = open_app()
    for label in THREE:
        rate, revenue = truth.loc[(label, "compliance_rate")], truth.loc[(label, "auction_revenue")]
        span = f"{rate['low']:.1%} to {rate['high']:.1%}".replace("%", "")
        assert f"{rate['mean']:.1%} {span}" in cells(app, "compliance_rate")[label]
        assert f" {revenue['mean']:.3f} " in cells(app, "auction_revenue")[label]


@pytest.mark.parametrize("path", [*SLIDERS, controls.BIDDING])
def test_every_setting_moves_the_measure_that_the_schema_names(path):
    entry = known_entries()[path]
    shown = entry.moves
    app = open_app(scenario=shown["scenario"], mechanisms="uniform-price", months="6")
    before = row(app, shown["measure"])
    widget = app.multiselect(key=path) if path == controls.BIDDING else app.slider(key=path)
    assert entry.description[1:] in widget.help
    assert path == controls.BIDDING or entry.unit in widget.label.replace("Months", "months")
    before_value, value = load_setting(shown["scenario"], path), 3 if path == "months" else shown["value"]
    without_traceback(widget.set_value([value] if path == controls.BIDDING else value).run())
    assert row(app, shown["measure"]) != before
    assert linked(app)[path] == str(value)
    assert f"{path.rpartition('.')[2].replace('_', ' ')} {before_value} → {value}" in captions(app)
    without_traceback(app.button(key="reset").click().run())
    assert path not in linked(app)


@pytest.mark.parametrize(
    ("kind", "option", "value"),
    [
        ("random", "probability", 0.9),
        ("signal", "high", 0.2),
        ("signal", "low", 0.9),
        ("optimal", "ceiling_low", 1.0),
        ("targeted", "bad", 0.9),
        ("escalating", "persistence", 0.0),
    ],
)
def test_every_option_of_an_audit_policy_moves_compliance_or_audits(kind, option, value):
    app = open_app(
        mechanisms="uniform-price", **{"enforcement.policy.kind": kind, "enforcement.true_positive_rate": "0.3"}
    )
    before = row(app, "compliance_rate") + row(app, "audits")
    without_traceback(app.slider(key=f"enforcement.policy.{kind}.{option}").set_value(value).run())
    assert row(app, "compliance_rate") + row(app, "audits") != before
    assert linked(app)[f"enforcement.policy.{option}"] == str(value)


def test_changing_the_audit_policy_shows_its_own_options():
    app = open_app()
    before = row(app, "compliance_rate")
    without_traceback(app.selectbox(key="enforcement.policy.kind").set_value("none").run())
    assert row(app, "compliance_rate") != before
    assert not any(slider.key.startswith("enforcement.policy.") for slider in app.slider)
    assert linked(app)["enforcement.policy.kind"] == "none"
    without_traceback(app.selectbox(key="enforcement.policy.kind").set_value("optimal").run())
    without_traceback(app.selectbox(key="enforcement.policy.optimal.target").set_value("loser").run())
    assert linked(app)["enforcement.policy.target"] == "loser"


def test_more_worlds_narrow_the_interval():
    app = open_app()
    before = row(app, "compliance_rate")
    without_traceback(app.slider(key="worlds").set_value(60).run())
    assert row(app, "compliance_rate") != before
    assert linked(app)["worlds"] == "60"
    assert "Means of 60 worlds" in captions(app)


@pytest.mark.usefixtures("with_pictures")
@pytest.mark.parametrize(
    "name",
    [name for name in mechanism_names() if "price" not in registry.get_plugin("mechanism", name).options.model_fields],
)
def test_every_mechanism_can_be_chosen(name):
    few = {"worlds": "10", "months": "1"}  # PyMarket clears a book in tens of milliseconds
    app = open_app(mechanisms="uniform-price", **few)
    without_traceback(app.multiselect(key="mechanisms").set_value(list({"uniform-price": 1, name: 1})).run())
    assert list(cells(app, "welfare")) == list(dict.fromkeys(["uniform-price", name]))
    assert f"</span><b>{name}</b> {escape(registry.get_plugin('mechanism', name).summary)}" in page_text(app)


def test_the_first_mechanism_is_what_others_are_compared_with():
    app = open_app(mechanisms="vickrey,uniform-price")
    assert "difference to vickrey" in captions(app)
    assert " +0." in cells(app, "auction_revenue")["uniform-price"]


def test_one_mechanism_and_none():
    app = open_app(mechanisms="vickrey")
    assert "Under vickrey," in page_text(app)
    without_traceback(app.multiselect(key="mechanisms").set_value([]).run())
    assert "at least one" in app.info[0].value


def test_options_can_be_typed_and_come_back_from_the_link():
    app = open_app(mechanisms="uniform-price,uniform-price:k=0")
    assert list(cells(app, "price_paid")) == ["uniform-price", "uniform-price:k=0"]
    assert linked(app)["mechanisms"] == "uniform-price,uniform-price:k=0"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"mechanisms": "vickry"}, "mechanisms: 'vickry' is not known; did you mean 'vickrey'?"),
        ({"mechanisms": "vickrey,uniform-price:k=3"}, "mechanisms.options.k: 3 is not in [0, 1]"),
        ({"scenario": "basline"}, "scenario: 'basline' is not known; did you mean 'baseline'?"),
        ({"enforcement.penalty": "-1"}, "enforcement.penalty: -1 is not in [0, "),
        ({"enforcement.penalti": "1"}, "enforcement.penalti: is not a known setting; did you mean 'penalty'?"),
        (
            {"mechanisms": "vickrey", "enforcement.policy": '{"kind": "optimal", "target": "price"}'},
            "needs a mechanism with one price",
        ),
    ],
)
def test_a_link_with_a_mistake_gives_its_one_line(query, words):
    app = open_app(**query)
    assert len(app.error) == 1
    assert words in app.error[0].value
    assert "\n" not in app.error[0].value


def test_a_link_reproduces_the_view():
    app = open_app()
    app.slider(key="enforcement.penalty").set_value(0.7)
    app.selectbox(key="enforcement.policy.kind").set_value("random")
    without_traceback(app.multiselect(key="mechanisms").set_value(["vickrey"]).run())
    again = open_app(**linked(app))
    assert page_text(again) == page_text(app)


@pytest.mark.parametrize(
    "query",
    [
        {"market.options": '{"k": 0.0}'},
        {"labs.value": '{"distribution": "lognormal", "sigma": 0.9}', "labs.choice.kind": "quantal"},
        {"labs.count": "2", "labs.value.values": "[0.9, 0.4]", "labs.value.distribution": "listed", "permits.cap": "1"},
        {"enforcement.liability_limit": "0.3", "labs.bidding": "outside-option", "name": "A & B"},
    ],
)
def test_a_link_keeps_settings_that_have_no_control(query):
    app = open_app(**query)
    again = open_app(**linked(app))
    assert not app.error
    assert page_text(again) == page_text(app)
    assert linked(again) == linked(app)
    assert row(app, "price_paid") != row(open_app(), "price_paid")


def test_another_scenario_brings_its_own_settings():
    app = open_app(scenario="baseline")
    without_traceback(app.selectbox(key="scenario").set_value("seed_binary").run())
    assert app.slider(key="labs.count").value == 20
    assert load_scenario("seed_binary").description in captions(app)
    assert linked(app) == {"scenario": "seed_binary", "mechanisms": ",".join(THREE), "worlds": "10"}


def test_an_uploaded_scenario_is_run_and_can_be_linked():
    mine = override(load_scenario("thin_market"), {"name": "My market", "months": 2, "enforcement.penalty": 0.9})
    app = open_app("Scenarios")
    without_traceback(app.file_uploader(key="upload").upload("mine.yaml", to_yaml(mine).encode()).run())
    assert "My market" in page_text(go_to(app, "Compare"))
    assert app.slider(key="enforcement.penalty").value == 0.9
    again = open_app(**{"months": "24"} | linked(app))
    assert row(again, "welfare") == row(app, "welfare")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"enforcement: {true_positive_rate: 1.3}", "enforcement.true_positive_rate: 1.3 is not in [0, 1]"),
        (b"labs: {cuont: 3}", "labs.cuont: is not a known setting; did you mean 'count'?"),
        (b"labs: [", "mine.yaml: not YAML"),
        (b"\xff\xfe", "mine.yaml: is not text in UTF-8"),
        (b"", "mine.yaml: the file is empty"),
        (b"# " + b"x" * 2**22, "mine.yaml: larger than 4 MiB"),
    ],
)
def test_a_bad_upload_gives_its_one_line_and_changes_nothing(content, words):
    app = open_app("Scenarios")
    before = linked(app)
    without_traceback(app.file_uploader(key="upload").upload("mine.yaml", content).run())
    assert [words in error.value for error in app.error] == [True]
    assert "\n" not in app.error[0].value
    assert linked(app) == before


def test_own_scenarios_are_listed_and_a_broken_one_leaves_the_page_as_it_is(tmp_path):
    save_scenario(override(load_scenario("thin_market"), {"name": "Mine"}), "mine")
    (tmp_path / "scenarios" / "broken.yaml").write_text("labs: {count: 0}", encoding="utf-8")
    app = open_app()
    without_traceback(app.selectbox(key="scenario").set_value("mine").run())
    assert "Mine" in page_text(app)
    without_traceback(app.selectbox(key="scenario").set_value("broken").run())
    assert "labs.count: 0 is not in [1, 1e+06]" in app.error[0].value
    assert app.selectbox(key="scenario").value == "mine"


def test_what_takes_long_is_asked_for_first(monkeypatch):
    app = open_app(mechanisms="vickrey,pymarket:muda", worlds="300", months="24")
    assert "pymarket:muda" in app.warning[0].value
    assert list(cells(app, "welfare")) == ["vickrey"]
    monkeypatch.setattr(
        "app.compute.watched", lambda cell, seeds: watched(override(cell, {"market.mechanism": "vickrey"}), seeds)
    )
    without_traceback(app.button(key="run_anyway").click().run())
    assert not app.warning
    assert list(cells(app, "welfare")) == ["vickrey", "pymarket:muda"]


@pytest.mark.usefixtures("with_pictures")
def test_either_month_by_month_chart_can_show_another_measure():
    app = open_app()
    drawn = [chart.proto.SerializeToString() for chart in app.get("vega_lite_chart")]
    without_traceback(app.selectbox(key="monthly_left").set_value("welfare").run())
    after = [chart.proto.SerializeToString() for chart in app.get("vega_lite_chart")]
    assert [one == other for one, other in zip(drawn, after, strict=True)].count(False) == 1
