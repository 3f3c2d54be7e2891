"""Scenario files: read safely, written whole, refused in one line."""

import json
import os

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mechanisms import InputError
from scenarios import (
    Scenario,
    load_scenario,
    override,
    parse_scenario,
    save_scenario,
    scenario_names,
    to_json,
    to_yaml,
    user_folder,
    vault_names,
)

BAD_TEXT = {
    "a: [1": "not YAML: expected ',' or ']'",
    "months: 3\nlabs: {count: 3": "not YAML: ",
    "a: &x 1\nb: *x": "not YAML: aliases are not allowed",
    "labs: &x {count: 3}\nwelfare: *x": "not YAML: aliases are not allowed",
    "months: 1\nmonths: 2": "not YAML: months is given twice (line 1)",
    "labs: {count: 1, 'count': 2}": "not YAML: count is given twice (line 1)",
    '{"months": 1, "months": 2}': "not YAML: months is given twice",
    "": "the file is empty",
    "# nothing": "the file is empty",
    "- 1": "list is not a mapping of settings",
    "just words": "str is not a mapping of settings",
    "42": "int is not a mapping of settings",
    "!!python/object/apply:os.system [ls]": "not YAML: could not determine a constructor",
    "[" * 20_000: "not YAML: cannot be read",
    '{"a":' * 20_000: "not YAML: cannot be read",
    "months: " + "9" * 5000: "not YAML: cannot be read",
    "months: 2024-99-01": "not YAML: cannot be read",
    "a: \0": "not YAML: cannot be read",
    "labs:\n\tcount: 1": "not YAML: found character '\\t'",
    "? [a, b]\n: 1": "not YAML: found unhashable key",
    "months: 1\n---\nmonths: 2": "not YAML: ",
    "labs: !!set {a}": "{'a'} is not a group of settings",
    "enforcement: {penalty: .nan}": "penalty: nan is not a finite number",
    "enforcement: {penalty: yes}": "penalty: True is not a number",
    '{"months": NaN}': "months: nan is not a finite number",
    '"two\\nlines": 1': "two lines: is not a known setting",
}


def refused(source):
    """The one line with which a source is refused."""
    with pytest.raises(InputError) as error:
        load_scenario(source)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize("text", BAD_TEXT, ids=lambda text: repr(text[:20]))
def test_bad_files_are_refused_in_one_line(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    line = refused(path)
    assert BAD_TEXT[text] in line
    if "not YAML" in line or "empty" in line:
        assert line.startswith(f"{path}: ")


def test_so_are_files_that_cannot_be_read(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\x00\xff\xfe\x00")
    (tmp_path / "wide.yaml").write_text("months: 3", encoding="utf-16")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "huge.yaml").write_bytes(b"#" * (4 * 2**20 + 1))
    assert refused(tmp_path / "binary.yaml") == f"{tmp_path}/binary.yaml: is not text in UTF-8"
    assert refused(str(tmp_path / "wide.yaml")) == f"{tmp_path}/wide.yaml: is not text in UTF-8"
    assert refused(tmp_path / "folder.yaml") == f"{tmp_path}/folder.yaml: Is a directory"
    assert refused(tmp_path / "huge.yaml") == f"{tmp_path}/huge.yaml: larger than 4 MiB"
    assert refused(tmp_path / "none.yml") == f"{tmp_path}/none.yml: No such file or directory"
    assert "embedded null" in refused("none\0.yaml")  # the words differ between Pythons
    assert refused("two\nlines.yaml") == "two lines.yaml: No such file or directory"


@pytest.mark.parametrize(
    "name", ["../x", "..", "", "x/y", "/etc/passwd", "a b", "a" * 65, "a\nb", "~root", "baseline ", 3, None, b"x"]
)
def test_names_that_are_none_are_unknown_and_cannot_be_saved(name, home):
    assert refused(name).startswith(f"scenario: {name!r} is not known; ")
    with pytest.raises(InputError, match=r"^scenario: name [^\n]+ does not match \[a-z0-9_-\]\{1,64\}$"):
        save_scenario(Scenario(), name)
    assert not home.exists()


def test_a_misspelt_name_gets_the_nearest():
    assert refused("baselin") == "scenario: 'baselin' is not known; did you mean 'baseline'?"
    assert refused("Baseline") == "scenario: 'Baseline' is not known; did you mean 'baseline'?"


@pytest.mark.parametrize("name", vault_names())
def test_names_of_the_vault_are_taken(name, home):
    with pytest.raises(InputError, match=rf"^scenario: '{name}' is in the vault and cannot be overwritten[^\n]+$"):
        save_scenario(Scenario(months=1), name)
    assert not home.exists()


def test_a_file_named_like_one_of_the_vault_does_not_hide_it():
    user_folder().mkdir(parents=True)
    (user_folder() / "baseline.yaml").write_text("months: 1")
    (user_folder() / "Not A Name.yaml").write_text("months: 1")
    assert load_scenario("baseline").months == 24
    assert scenario_names() == vault_names()


def test_saved_scenarios_are_listed_loaded_and_replaced(home):
    first, second = Scenario(name="Mine", months=2), Scenario(name="Mine", months=3)
    path = save_scenario(first, "mine_1-a")
    assert path == home / "scenarios" / "mine_1-a.yaml"
    assert load_scenario("mine_1-a") == load_scenario(path) == first
    assert scenario_names() == [*vault_names(), "mine_1-a"]
    save_scenario(second, "mine_1-a")
    assert load_scenario("mine_1-a") == second
    assert os.listdir(path.parent) == ["mine_1-a.yaml"]
    assert save_scenario(first, "a" * 64).exists()


def test_a_save_that_fails_leaves_the_old_file(monkeypatch):
    path = save_scenario(Scenario(months=2), "mine")
    monkeypatch.setattr(os, "fdopen", _broken_disk)
    with pytest.raises(InputError, match=r"mine\.yaml: No space left on device$"):
        save_scenario(Scenario(months=3), "mine")
    assert load_scenario("mine").months == 2
    assert os.listdir(path.parent) == ["mine.yaml"]


def _broken_disk(handle, mode):
    os.close(handle)
    raise OSError(28, "No space left on device")


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"^[^\n]+mine\.yaml: Not a directory$"):
        save_scenario(Scenario(), "mine")
    assert scenario_names() == vault_names()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)


@example("\x85", "a\u2028b \u2029")
@given(TEXTS, TEXTS)
def test_any_text_survives_yaml_and_json(name, description):
    scenario = Scenario(name=name, description=description)
    assert parse_scenario(to_yaml(scenario)) == scenario
    assert parse_scenario(to_json(scenario)) == scenario
    assert json.loads(to_json(scenario)) == yaml.safe_load(to_yaml(scenario))


@given(st.text(max_size=40))
def test_any_text_is_a_scenario_or_refused_in_one_line(text):
    line = "one line"
    try:
        assert isinstance(parse_scenario(text), Scenario)
    except InputError as error:
        line = str(error)
    assert len(line.splitlines()) == 1


def test_a_file_may_give_a_few_settings_and_any_of_the_endings(tmp_path):
    changed = override(Scenario(), {"labs.count": 7, "enforcement.liability_limit": 2.0})
    for ending in ("yaml", "yml", "json"):
        path = tmp_path / f"few.{ending}"
        path.write_text('{"labs": {"count": 7}, "enforcement": {"liability_limit": 2.0}}')
        assert load_scenario(path) == load_scenario(str(path)) == changed
    assert parse_scenario("labs: {count: 7}\nenforcement:\n  liability_limit: 2\n") == changed
    assert parse_scenario("{}") == Scenario()


def test_json_is_read_as_json(tmp_path):
    scenario = Scenario(name="Wide \U0001f600 / name", labs={"count": 4, "value": {"values": [1.0, 2.0, 3.5, 0.0]}})
    text = json.dumps(scenario.model_dump(mode="json"), indent="\t")
    assert "\\ud83d" in text
    assert parse_scenario(text) == scenario
    assert parse_scenario("\ufeffmonths: 3\r\nname: x\r\n").months == 3


def test_a_setting_that_changes_loses_its_source():
    preset = load_scenario("eu_ai_act")
    cheaper = override(preset, {"enforcement.penalty": 3.0, "enforcement.policy.kind": "none", "labs.count": 12})
    lost = {"enforcement.penalty", *(f"enforcement.policy.{name}" for name in ("kind", "high", "low"))}
    assert preset.sources.keys() - cheaper.sources.keys() == lost
    said = override(preset, {"enforcement.penalty": 3.0, "sources": {"enforcement.penalty": "assumed: a fifth"}})
    assert said.sources == {"enforcement.penalty": "assumed: a fifth"}
    with pytest.raises(InputError, match=r"^sources\.labs\.kount: this scenario has no such setting$"):
        override(preset, {"sources": {"labs.kount": "read: a page"}})
