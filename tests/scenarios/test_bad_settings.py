"""A bad setting is refused with one line that names the field, the value and what is allowed."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechanisms import InputError
from scenarios import Scenario, entries, override, parse, to_yaml

TWO = {"count": 2, "units": 2}
NAN, INF = math.nan, math.inf
BAD = [
    # Unknown keys at each level, with the nearest name
    ({"labz": {}}, "labz: is not a known setting; did you mean 'labs'?"),
    ({"labs": {"cuont": 3}}, "labs.cuont: is not a known setting; did you mean 'count'?"),
    ({"labs": {"value": {"lwo": 1}}}, "labs.value.lwo: is not a known setting; did you mean 'low'?"),
    ({"labs": {"value": {"zzz": 1}}}, "labs.value.zzz: is not a known setting; known: distribution, high, low"),
    ({"labs": {"choice": {"kind": "quantal", "precison": 3}}}, "labs.choice.precison: is not a known setting; did"),
    ({"labs": {"choice": {"kind": "rational", "precision": 3}}}, "labs.choice.precision: is not a known setting"),
    ({"permits": {"kap": 1}}, "permits.kap: is not a known setting; did you mean 'cap'?"),
    ({"market": {"mechansm": "x"}}, "market.mechansm: is not a known setting; did you mean 'mechanism'?"),
    ({"market": {"options": {"kk": 1}}}, "market.options.kk: is not a known setting; did you mean 'k'?"),
    ({"market": {"mechanism": "vickrey", "options": {"k": 1}}}, "market.options.k: is not a known setting"),
    ({"enforcement": {"penaltie": 1}}, "enforcement.penaltie: is not a known setting; did you mean 'penalty'?"),
    (
        {"enforcement": {"policy": {"kind": "random", "probabilty": 0.3}}},
        "enforcement.policy.probabilty: is not a known setting; did you mean 'probability'?",
    ),
    ({"enforcement": {"policy": {"kind": "none", "high": 0.3}}}, "enforcement.policy.high: is not a known setting"),
    ({"welfare": {"hram": 1}}, "welfare.hram: is not a known setting; did you mean 'harm'?"),
    ({1: 2}, "1: is not"),
    ({"two\nlines": 2}, "two lines: is not a known setting"),
    # Names of mechanisms, policies, bidding rules, distributions and kinds
    ({"market": {"mechanism": "vickry"}}, "market.mechanism: 'vickry' is not known; did you mean 'vickrey'?"),
    (
        {"market": {"mechanism": "vickry", "options": {"k": 1}}},
        "market.mechanism: 'vickry' is not known; did you mean 'vickrey'?",
    ),
    (
        {"market": {"mechanism": "uniform-prize:k=0"}},
        "market.mechanism: 'uniform-prize' is not known; did you mean 'uniform-price'?",
    ),
    (
        {"enforcement": {"policy": {"kind": "rndom"}}},
        "enforcement.policy.kind: 'rndom' is not known; did you mean 'random'?",
    ),
    ({"enforcement": {"policy": {"kind": "random:probability=0.3"}}}, "enforcement.policy.kind: 'random:prob"),
    ({"labs": {"bidding": "full-valu"}}, "labs.bidding: 'full-valu' is not known; did you mean 'full-value'?"),
    (
        {"labs": {"value": {"distribution": "unifrm"}}},
        "labs.value.distribution: 'unifrm' is not known; did you mean 'uniform'?",
    ),
    ({"labs": {"choice": {"kind": "ratonal"}}}, "labs.choice.kind: 'ratonal' is not known; did you mean 'rational'?"),
    ({"labs": {"choice": {"precision": 3}}}, "labs.choice.kind: is required"),
    # Options out of range or of the wrong type
    ({"market": {"options": {"k": 1.3}}}, "market.options.k: 1.3 is not in [0, 1]"),
    ({"market": {"options": {"k": True}}}, "market.options.k: True is not a number"),
    ({"enforcement": {"policy": {"high": False}}}, "enforcement.policy.high: False is not a number"),
    ({"market": {"options": {"k": NAN}}}, "market.options.k: nan is not a finite number"),
    ({"market": {"options": {"k": "much"}}}, "market.options.k: 'much' is not a"),
    ({"market": {"mechanism": "uniform-price:k=3"}}, "market.options.k: 3 is not in [0, 1]"),
    ({"market": {"mechanism": "uniform-price:k=1", "options": {"k": 1}}}, "market: give options in"),
    ({"market": {"options": 3}}, "market.options: 3 is not a group of settings"),
    (
        {"enforcement": {"policy": {"kind": "random", "probability": 1.3}}},
        "enforcement.policy.probability: 1.3 is not in [0, 1]",
    ),
    ({"enforcement": {"policy": {"kind": "signal", "high": INF}}}, "enforcement.policy.high: inf is not a finite"),
    (
        {"enforcement": {"policy": {"kind": "optimal", "target": "prize"}}},
        "enforcement.policy.target: 'prize' is not one of 'price' or 'loser'",
    ),
    # Out of range
    ({"enforcement": {"true_positive_rate": 1.3}}, "enforcement.true_positive_rate: 1.3 is not in [0, 1]"),
    ({"enforcement": {"audit_capacity": -1}}, "enforcement.audit_capacity: -1 is not in [0, "),
    ({"enforcement": {"liability_limit": -0.5}}, "enforcement.liability_limit: -0.5 is not in [0, "),
    ({"labs": {"count": 0}}, "labs.count: 0 is not in [1, 1e+06]"),
    ({"labs": {"units": 1001}}, "labs.units: 1001 is not in [1, 1000]"),
    ({"labs": {"value": {"distribution": "lognormal", "median": 0}}}, "labs.value.median: 0 is not in (0, "),
    ({"labs": {"value": {"high": 1e300}}}, "labs.value.high: 1e+300 is not in [0, 1e+12]"),
    ({"labs": {"wealth": -1e13}}, "labs.wealth: -10000000000000.0 is not in [-1e+12, 1e+12]"),
    ({"months": 0}, "months: 0 is not in [1, 1200]"),
    ({"name": "x" * 101}, "name: 101 characters are more than 100"),
    ({"description": "x" * 2001}, "description: 2001 characters are more than 2000"),
    # Market rules
    ({"permits": {"price_ceiling": 0}}, "permits.price_ceiling: 0 is not in (0, "),
    ({"permits": {"purchase_limit": 1.1}}, "permits.purchase_limit: 1.1 is not in (0, 1]"),
    (
        {"permits": {"reserve_price": 0.5, "price_ceiling": 0.4}},
        "permits.price_ceiling: 0.4 is not in [0.5, inf), from the reserve price up",
    ),
    (
        {"permits": {"containment_trigger": 0.5, "price_ceiling": 0.4}},
        "permits.price_ceiling: 0.4 is not in [0.5, inf), from the containment trigger up",
    ),
    (
        {"permits": {"price_ceiling": 0.4}, "market": {"mechanism": "lottery"}},
        "permits.price_ceiling: 0.4 needs a mechanism whose price answers to demand; lottery has a fixed price",
    ),
    (
        {"permits": {"containment_reserve": 4}, "market": {"mechanism": "posted-price", "options": {"price": 0.5}}},
        "permits.containment_reserve: 4 needs a mechanism whose price answers to demand; posted-price has a fixed",
    ),
    ({"permits": {"resale": "lottery"}}, "permits.resale: lottery lets labs sell nothing; allowed is a mechanism with"),
    ({"permits": {"resale": "vickry"}}, "permits.resale: 'vickry' is not known; did you mean 'vickrey'?"),
    # Lists
    ({"labs": {"value": {"low": 2, "high": 1}}}, "labs.value: low 2 is above high 1"),
    ({"labs": {"value": {"values": [1, 2]}}}, "labs.value.values: 2 entries for labs.count 100"),
    ({"labs": {**TWO, "value": {"values": [1, -2]}}}, "labs.value.values: -2 is not in [0, "),
    ({"labs": {**TWO, "value": {"values": [[1, 2], [1, 1]]}}}, "labs.value.values: must not rise along a lab's units"),
    ({"labs": {**TWO, "value": {"values": [[1, 1], [1]]}}}, "labs.value.values: rows must have one length"),
    ({"labs": {**TWO, "value": {"values": [[1], [1]]}}}, "labs.value.values: rows of 1 numbers; allowed are rows of"),
    ({"labs": {**TWO, "risk_profile": {"values": [[1, 1], [1, 1]]}}}, "labs.risk_profile.values: rows of 2 numbers;"),
    ({"labs": {"value": {"values": []}}}, "labs.value.values: must not be empty"),
    ({"labs": {"count": 1, "value": {"values": [[]]}}}, "labs.value.values: must not be empty"),
    ({"labs": {**TWO, "value": {"values": [1.0, NAN]}}}, "labs.value.values.1: nan is not a finite number"),
    ({"labs": {**TWO, "value": {"values": ["much", 1]}}}, "labs.value.values.0: 'much' is not a"),
    ({"labs": {**TWO, "value": {"values": [True, 1]}}}, "labs.value.values.0: True is not a number"),
    ({"labs": {"value": {"distribution": "listed"}}}, "labs.value.values: is required"),
    # Groups that are none
    ({"labs": 3}, "labs: 3 is not a group of settings"),
    ({"labs": None}, "labs: None is not a group of settings"),
    ({"labs": {"value": 3}}, "labs.value: 3 is not a group of settings"),
    ({"labs": {"choice": "rational"}}, "labs.choice: 'rational' is not a group of settings"),
    ({"enforcement": {"policy": "none"}}, "enforcement.policy: 'none' is not a group of settings"),
    (None, "scenario: NoneType is not a mapping of settings"),
    ([1], "scenario: list is not a mapping of settings"),
]


def refusal(settings):
    """The line with which settings are refused."""
    with pytest.raises(InputError) as refused:
        parse(settings)
    line = str(refused.value)
    assert isinstance(refused.value, ValueError)
    assert len(line.splitlines()) == 1
    return line


@pytest.mark.parametrize(("settings", "line"), BAD, ids=[str(k) for k in range(len(BAD))])
def test_bad_settings_are_refused_in_one_line(settings, line):
    assert refusal(settings).startswith(line)


NUMBERS = [entry for entry in entries() if entry.interval]


@pytest.mark.parametrize("value", [NAN, INF, -INF, True, "much", [1], {"a": 1}, 1e200, -1e200], ids=str)
@pytest.mark.parametrize("entry", NUMBERS, ids=lambda entry: entry.path)
def test_no_number_takes_what_is_no_number_in_its_range(entry, value):
    scenario = override(Scenario(), entry.moves["given"] or {})
    with pytest.raises(InputError, match=rf"^{entry.path}: [^\n]+ is not (in|a) [^\n]+$"):
        override(scenario, {entry.path: value})


@pytest.mark.parametrize("entry", NUMBERS, ids=lambda entry: entry.path)
def test_only_limits_may_be_null(entry):
    scenario = override(Scenario(), entry.moves["given"] or {})
    if entry.default is None and not entry.info.is_required():
        assert override(scenario, {entry.path: None}) == scenario
    else:
        with pytest.raises(InputError, match=rf"^{entry.path}: None is not [^\n]+$"):
            override(scenario, {entry.path: None})


@pytest.mark.parametrize("path", ["months", "labs.count", "labs.units", "permits.cap", "enforcement.audit_capacity"])
def test_counts_are_whole(path):
    with pytest.raises(InputError, match=rf"^{path}: 2\.5 is not a whole number$"):
        override(Scenario(), {path: 2.5})
    assert override(Scenario(), {path: 2.0}) == override(Scenario(), {path: 2})


def test_a_number_in_quotes_is_the_number():
    # YAML reads 1e25 without a point as text
    assert parse({"labs": {"flop_per_unit": "1e25"}}) == Scenario()
    assert parse({"market": {"options": {"k": "0.5"}}}) == parse({"market": {"options": {"k": 0.5}}})


@pytest.mark.parametrize("number", [np.float32(0.25), np.float64(0.25), "0.25"], ids=lambda n: type(n).__name__)
def test_numbers_of_numpy_are_numbers(number):
    changes = ("enforcement.penalty", "market.options.k", "enforcement.policy.high")
    plain, other = (override(Scenario(), dict.fromkeys(changes, value)) for value in (0.25, number))
    assert other == plain
    assert to_yaml(other) == to_yaml(plain)
    assert override(Scenario(), {"labs.count": np.int64(7)}) == override(Scenario(), {"labs.count": 7})


def test_a_truth_of_numpy_is_no_number():
    with pytest.raises(InputError, match=r"^enforcement\.penalty: True is not a number$"):
        override(Scenario(), {"enforcement.penalty": np.True_})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = [entry.path for entry in entries()] + [
    "labs",
    "permits",
    "market",
    "enforcement",
    "welfare",
    "labs.choice.kind",
]


def assert_taken_or_refused(settings):
    """A scenario comes out, or one line of bearable length."""
    line = "one line"
    try:
        assert isinstance(parse(settings), Scenario)
    except InputError as error:
        line = str(error)
    assert len(line.splitlines()) == 1
    assert len(line) < 700


@given(st.sampled_from(PATHS), JUNK)
def test_whatever_stands_in_a_field_is_taken_or_refused_in_one_line(path, value):
    *groups, name = path.split(".")
    settings = {name: value}
    for group in reversed(groups):
        settings = {group: settings}
    assert_taken_or_refused(settings)


@given(JUNK)
def test_whatever_a_scenario_is_made_of_is_taken_or_refused_in_one_line(settings):
    assert_taken_or_refused(settings)


def test_a_long_value_is_cut_in_the_middle():
    line = refusal({"labs": list(range(10_000))})
    assert line.startswith("labs: [0, 1, 2,")
    assert line.endswith("9999] is not a group of settings")
    assert len(line) < 700


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        ({"labs.cuont": "read: a page"}, "sources.labs.cuont: this scenario has no such setting"),
        ({"name": "read: a page"}, "sources.name: this scenario has no such setting"),
        ({"enforcement.policy.probability": "read: a page"}, "no such setting"),
        (
            {"labs.count": "a page"},
            "sources.labs.count: 'a page' begins neither with 'read: ' nor with 'assumed: '",
        ),
    ],
)
def test_a_source_belongs_to_a_setting_and_says_what_it_is(sources, line):
    with pytest.raises(InputError, match=re.escape(line)):
        parse({"sources": sources})
    good = {"labs.count": "read: a page", "enforcement.policy.high": "assumed: half"}
    assert parse({"sources": good}).sources == good
