"""The commands that list and show."""

import csv
import io
import json

from mechanisms import mechanism_names
from scenarios import load_scenario, parse_scenario, scenario_names


def test_scenarios_are_listed(printed):
    rows = json.loads(printed("scenarios", "--format", "json"))
    assert [row["name"] for row in rows] == scenario_names()
    out = printed("scenarios")
    assert all(row["title"] in out and row["description"] in out for row in rows)
    assert len(list(csv.DictReader(io.StringIO(printed("scenarios", "-f", "csv"))))) == len(rows)


def test_a_broken_scenario_of_ones_own_does_not_break_the_list(printed, tmp_path):
    own = tmp_path / "home" / "scenarios"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("months: 3")
    (own / "broken.yaml").write_text("months: -3")
    rows = {row["name"]: row for row in json.loads(printed("scenarios", "--format", "json"))}
    assert rows["mine"]["own"]
    assert rows["broken"]["description"].startswith("cannot be used: months: -3 is not in [1,")


def test_a_scenario_is_shown_with_its_changes(printed):
    shown = parse_scenario(printed("scenarios", "baseline"))
    assert shown == load_scenario("baseline")
    changed = printed("scenarios", "baseline", "--format", "json", "--set", "enforcement.policy={kind: none}")
    assert json.loads(changed)["enforcement"]["policy"] == {"kind": "none"}


def test_a_file_is_validated(lab, tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad"
    good.write_text("name: Mine\nmonths: 3")
    bad.write_text("enforcement: {true_positive_rate: 1.3}")
    assert lab("scenarios", "--validate", good) == (0, f"{good}: Mine is a sound scenario\n", "")
    code, out, err = lab("scenarios", "--validate", bad)
    assert (code, out) == (2, "")
    assert err.endswith("enforcement.true_positive_rate: 1.3 is not in [0, 1]\n")


def test_mechanisms_are_listed_with_claims_and_options(printed):
    rows = {row["name"]: row for row in json.loads(printed("mechanisms", "--format", "json"))}
    assert list(rows) == mechanism_names()
    assert rows["vickrey"]["claims"]["truthful"] == "multi-unit"
    assert rows["uniform-price"]["options"][0] | {"description": ""} == {
        "name": "k",
        "description": "",
        "allowed": "[0, 1]",
        "default": 1.0,
        "required": False,
    }
    assert "k in [0, 1], default 0.5" in printed("mechanisms")
