"""Every field of the schema says what it is and moves a measure."""

import json
import re
from functools import cache

import numpy as np
import pytest

from agents import MEASURES, PermitMarket
from mechanisms import InputError
from scenarios import Scenario, differences, entries, load_scenario, override, parse, vault_names
from scenarios.schema import TEXTS

ENTRIES = list(entries())
FACTORS = ("labs.risk_profile.", "labs.perceived_penalty.")
MOVING = [entry for entry in ENTRIES if entry.path not in TEXTS]


def world_values(scenario):
    """The measures of five worlds."""
    market = PermitMarket(scenario, range(5))
    market.run()
    return market.world_values()


@cache
def values_before(name, given):
    """Scenario and measures that the changes of many entries start from."""
    scenario = override(load_scenario(name), json.loads(given))
    return scenario, world_values(scenario)


@pytest.mark.parametrize("entry", MOVING, ids=lambda entry: entry.path)
def test_each_field_moves_the_measure_that_its_entry_names(entry):
    assert entry.moves is not None, "the entry names no scenario and measure"
    scenario, measure = entry.moves["scenario"], entry.moves["measure"]
    assert scenario in vault_names()
    assert measure in MEASURES
    before, values = values_before(scenario, json.dumps(entry.moves["given"] or {}))
    after = override(before, {entry.path: entry.moves["value"]})
    assert before != after
    assert not np.array_equal(values[measure], world_values(after)[measure], equal_nan=True)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.path)
def test_each_field_has_a_unit_a_range_and_words(entry):
    assert entry.unit
    assert entry.description
    number = isinstance(entry.default, int | float)
    assert (entry.interval is not None) >= number


def _leaves(settings, prefix=""):
    for name, value in settings.items():
        path = f"{prefix}{name}"
        yield path
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}.")


def test_the_entries_are_all_settings_there_are():
    variants = {
        "labs.value": ({"distribution": "lognormal"}, {"distribution": "constant"}, {"values": [1.0] * 100}),
        "labs.choice": ({"kind": "quantal"},),
        "labs.belief": ({"kind": "learned"},),
        "enforcement.penalty_rule": ({"kind": "convex"}, {"kind": "turnover"}),
    }
    changes = [{}, *({path: value} for path, values in variants.items() for value in values)]
    settings = [override(Scenario(), change).model_dump() for change in changes]
    paths = {path for tree in settings for path in _leaves(tree)}
    groups = {"labs", "permits", "market", "enforcement", "welfare"}
    kinds = {path for path in paths if path.endswith((".distribution", "choice.kind", "belief.kind", "rule.kind"))}
    options = {"enforcement.policy.high", "enforcement.policy.low"}
    declared = {entry.path for entry in ENTRIES if not entry.path.startswith(FACTORS)}
    assert declared == {p for p in paths if not p.startswith(FACTORS)} - groups - kinds - options


@pytest.mark.parametrize("factor", FACTORS)
def test_factors_take_every_distribution(factor):
    members = {entry.path.removeprefix(factor) for entry in ENTRIES if entry.path.startswith(factor)}
    assert members == {"low", "high", "median", "sigma", "value", "values"}


def test_defaults_are_the_baseline():
    assert differences(load_scenario("baseline"), Scenario()).keys() == {"name", "description"}
    defaults = {entry.path: entry.default for entry in ENTRIES}
    assert defaults["enforcement.penalty"] == Scenario().enforcement.penalty
    assert defaults["labs.value.values"] is None


def test_intervals_read_as_they_are_checked():
    intervals = {entry.path: entry.interval for entry in ENTRIES}
    assert intervals["enforcement.true_positive_rate"] == "[0, 1]"
    assert intervals["labs.flop_per_unit"].startswith("(0, ")
    assert intervals["labs.bidding"] is None


def test_override_replaces_settings_and_drops_the_options_of_an_old_kind():
    changed = override(Scenario(), {"market.options": {"k": 0.0}, "enforcement.policy.kind": "random", "months": 3})
    assert changed.enforcement.policy.options == {}
    assert changed.months == 3
    swapped = override(changed, {"market.mechanism": "vickrey"})
    assert swapped.market.options == {}
    assert override(changed, {"market.mechanism": "uniform-price"}).market.options == {"k": 0.0}
    both = override(Scenario(), {"enforcement.policy.probability": 0.3, "enforcement.policy.kind": "random"})
    assert both.enforcement.policy.options == {"probability": 0.3}
    value = override(Scenario(), {"labs.value.median": 2.0, "labs.value.distribution": "lognormal"}).labs.value
    assert (value.distribution, value.median) == ("lognormal", 2.0)


def test_override_leaves_the_scenario_as_it_was():
    scenario = Scenario()
    override(scenario, {"permits.cap": 3, "labs.value.high": 5.0})
    assert scenario == Scenario()
    with pytest.raises(ValueError, match="frozen"):
        scenario.months = 3


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("labs.cuont", 3, "labs.cuont: is not a known setting; did you mean 'count'?"),
        ("lbs.count", 3, "lbs: 'lbs' is not known; did you mean 'labs'?"),
        ("labs.valu.low", 3, "labs.valu: 'valu' is not known; did you mean 'value'?"),
        ("labs.count.x", 3, "labs.count: 'count' is not known; known: belief, choice, perceived_penalty, risk_profile"),
        ("permits.cap", -1, "permits.cap: -1 is not in [0, 1e+07]"),
        ("market.options.q", 1, "market.options.q: is not a known setting; known: k"),
        ("enforcement.policy.probability", 0.5, "enforcement.policy.probability: is not a known setting"),
    ],
)
def test_override_refuses_a_path_or_value_in_one_line(path, value, line):
    with pytest.raises(InputError, match=rf"^{re.escape(line)}[^\n]*$"):
        override(Scenario(), {path: value})


def test_differences_list_both_values_by_path():
    one, other = Scenario(), override(Scenario(), {"permits.cap": 7, "enforcement.policy.kind": "none"})
    assert differences(one, other) == {
        "permits.cap": (120, 7),
        "enforcement.policy.kind": ("signal", "none"),
        "enforcement.policy.high": (0.8, None),
        "enforcement.policy.low": (0.1, None),
    }
    assert differences(one, parse(one.model_dump())) == {}
