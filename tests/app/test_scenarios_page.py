"""The Scenarios page: every setting can be edited, checked, saved under a name that is no path, deleted, compared."""

import json

import pytest

from app import editor, state
from scenarios import delete_scenario, entries, load_scenario, override, save_scenario, scenario_names, to_yaml
from tests.app.reading import captions, cells, go_to, linked, open_app, page_text, without_traceback

KINDS = ("number_input", "selectbox", "text_input", "text_area", "slider")


def opened(**query):
    return open_app("Scenarios", **query)


def inputs(app):
    """Every input of the editor by the path of its setting."""
    found = {widget.key: widget for kind in KINDS for widget in app.get(kind)}
    return {key.removeprefix("edit."): widget for key, widget in found.items() if str(key).startswith("edit.")}


def edit(app, **values):
    """Set some inputs at once."""
    there = inputs(app)
    for path, value in values.items():
        there[path.replace("__", ".")].set_value(value)
    return without_traceback(app.run())


def press(app, key):
    return without_traceback(app.button(key=key).click().run())


def errors(app):
    return [error.value for error in app.error]


def test_every_setting_has_an_input_with_its_unit_and_range():
    app, shown = opened(), {}
    shown |= inputs(app)
    factors, rules = ("value", "risk_profile", "perceived_penalty"), ("flat", "convex", "turnover", "linear")
    for kind, rule in zip(("uniform", "lognormal", "constant", "listed"), rules, strict=True):
        every = {f"labs__{name}__distribution": kind for name in factors}
        every |= {"labs__choice__kind": "quantal", "labs__belief__kind": "learned"}
        shown |= inputs(edit(app, enforcement__penalty_rule__kind=rule, **every))
    groups = {*(f"labs.{name}" for name in (*factors, "choice", "belief")), "market.options"}
    groups |= {"enforcement.policy", "enforcement.penalty_rule"}
    assert {entry.path for entry in entries()} - groups <= shown.keys()
    cap = shown["permits.cap"]
    assert cap.label == "Cap (permits a month) :gray[0 to 10,000,000]"
    assert (cap.min, cap.max, cap.value) == (0, 10_000_000, 14)
    assert shown["welfare.harm"].label.endswith(":gray[from 0]")


@pytest.mark.parametrize("name", scenario_names())
def test_an_untouched_draft_is_the_scenario(name):
    app = open_app("Scenarios", scenario=name, months="3")
    assert not errors(app)
    assert "Every setting is as at the side." in captions(app)


def test_a_draft_is_used_at_the_side_when_asked():
    app = opened()
    edit(app, labs__value__distribution="lognormal", enforcement__policy__kind="random")
    edit(app, labs__value__sigma=0.9, enforcement__policy__random__probability=0.7, enforcement__liability_limit=0.4)
    assert not any("labs.value" in name for name in linked(app))
    press(app, "use")
    link = linked(app)
    assert (link["labs.value.sigma"], link["enforcement.policy.probability"]) == ("0.9", "0.7")
    assert link["enforcement.liability_limit"] == "0.4"
    assert "Every setting is as at the side." in captions(app)
    assert app.selectbox(key="enforcement.policy.kind").value == "random"
    assert cells(go_to(app, "Compare"), "welfare") == cells(open_app(**link), "welfare")


def test_what_does_not_go_together_gets_its_line():
    app = edit(opened(), labs__value__low=3.0)
    assert errors(app) == ["labs.value: low 3 is above high 1.2"]
    edit(app, labs__value__low=0.1, labs__risk_profile__distribution="listed")
    edit(app, labs__risk_profile__values="[1, 2")
    assert "labs.risk_profile.values: not YAML" in errors(app)[0]
    edit(app, labs__risk_profile__values="[1, 2]")
    assert errors(app) == ["labs.risk_profile.values: 2 entries for labs.count 12"]
    edit(app, labs__risk_profile__values=json.dumps([1.0] * 12))
    assert not errors(app)


def test_options_follow_the_mechanism():
    app = edit(opened(), market__mechanism="mcafee")
    edit(app, market__options__mcafee__missing="bounds")
    assert errors(app)[0].startswith("market.")
    edit(app, market__mechanism="uniform-price")
    edit(app, **{"market__options__uniform-price__k": 0.5})
    press(app, "use")
    assert json.loads(linked(app)["market.options.k"]) == 0.5


def test_saving_using_and_deleting_ones_own(tmp_path):
    app = edit(opened(), permits__cap=9, name="Mine")
    app.text_input(key="save_name").set_value("mine")
    press(without_traceback(app.run()), "save")
    assert load_scenario("mine").permits.cap == 9
    assert linked(app)["scenario"] == "mine"
    assert app.success[0].value == "Saved as mine, and in use."
    assert app.button(key="use_mine").disabled
    press(app, "delete_mine")
    assert "mine" not in scenario_names()
    assert not errors(app)
    assert "Mine" in page_text(go_to(app, "Compare"))
    assert app.session_state["scenario"] == state.UPLOADED


@pytest.mark.parametrize(
    "name", ["../evil", "/tmp/evil", "a/b", "UPPER", "..", "x" * 65, "baseline", "a.yaml", "a\x00b"]
)
def test_a_name_that_is_no_name_writes_nothing(name, tmp_path):
    app = opened()
    app.text_input(key="save_name").set_value(name)
    press(without_traceback(app.run()), "save")
    assert len(errors(app)) == 1
    assert errors(app)[0].startswith("scenario: ")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(ValueError, match="scenario: "):
        delete_scenario(name)


def test_differences_between_two_scenarios():
    app = opened()
    without_traceback(app.selectbox(key="differ_one").set_value("baseline").run())
    without_traceback(app.selectbox(key="differ_other").set_value("strict_audit").run())
    table = app.table[0].value
    assert "name" not in table.index
    assert (
        float(table.loc["enforcement.penalty (M$ per unit)", "baseline"])
        == load_scenario("baseline").enforcement.penalty
    )
    edit(app, permits__cap=3)
    without_traceback(app.selectbox(key="differ_other").set_value("(as edited here)").run())
    assert app.table[0].value.loc["permits.cap (permits a month)"].tolist() == ["120", "3"]


def test_a_broken_file_of_ones_own_is_named_in_its_row(tmp_path):
    save_scenario(override(load_scenario("thin_market"), {"description": "a [link](x) ~"}), "mine")
    (tmp_path / "scenarios" / "broken.yaml").write_text("labs: {count: 0}", encoding="utf-8")
    rows = "\n".join(text.value for text in opened().markdown)
    assert "**broken** :red[" in rows
    assert "a \\[link\\]\\(x\\) \\~" in rows


def test_the_downloaded_file_is_the_draft():
    app = edit(opened(), permits__cap=7)
    assert to_yaml(editor.parse(app.session_state["draft"])).count("cap: 7") == 1
