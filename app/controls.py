"""Widgets of single settings. Labels, help, units, ranges and defaults come from the schema.

A widget's key is its setting's path. Values go in through `st.session_state` before the widget is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic.fields import FieldInfo

from app.options import option
from mechanisms import get_plugin, plugin_names, resolve
from mechanisms.errors import allowed
from scenarios import Entry, Scenario
from scenarios.fields import bounds, known_entries, setting_of

POLICY = "enforcement.policy"


@dataclass(frozen=True)
class Control:
    """A slider: which setting, the highest value that is sensible to offer, and the step."""

    path: str
    top: Callable[[Scenario], float]
    step: float


def up_to(top: float) -> Callable[[Scenario], float]:
    """The same top in every scenario."""
    return lambda scenario: top


def _most_wanted(scenario: Scenario) -> float:
    return scenario.labs.count * scenario.labs.units


ENFORCEMENT = (
    Control("enforcement.penalty", up_to(2.0), 0.05),
    Control("enforcement.true_positive_rate", up_to(1.0), 0.01),
    Control("enforcement.false_positive_rate", up_to(1.0), 0.01),
)
PERMITS = (
    Control("permits.cap", _most_wanted, 1),
    Control("permits.grandfathered", up_to(1.0), 0.05),
    Control("permits.reserve_price", up_to(1.0), 0.05),
)
LABS = (Control("labs.count", lambda scenario: 3 * scenario.labs.count, 1),)
MONTHS = Control("months", up_to(60), 1)
SLIDERS = (*ENFORCEMENT, *PERMITS, *LABS, MONTHS)
BIDDING = "labs.bidding"
RULES = {
    "full-value": "Truthful",
    "equilibrium": "Own advantage",
    "outside-option": "Value or penalty",
    "zero-intelligence": "At random",
    "roth-erev": "Learning",
    "pay-as-bid-equilibrium": "Formula: pay-as-bid",
    "buyers-bid": "Formula: buyer's bid",
    "linear-double-auction": "Formula: one buyer",
    "demand-reduction": "Formula: fewer units",
}
"""The lab's own bidding rules in plain words."""


def label_of(path: str, unit: str = "") -> str:
    """A setting's name in words, with its unit.

    >>> label_of("permits.reserve_price", "M$ per permit")
    'Reserve price (M$ per permit)'
    """
    words = path.rpartition(".")[2].replace("_", " ").capitalize()
    return f"{words} ({unit})" if unit and unit != words.lower() else words


def help_of(entry: Entry) -> str:
    """What a setting means, what it may be, and its default.

    >>> help_of(known_entries()["permits.cap"])
    'Permits in all, Q. Allowed: [0, 1e+07]; default: 120.'
    """
    description = entry.description[:1].upper() + entry.description[1:]
    facts = [f"Allowed: {entry.interval}"] if entry.interval else []
    facts += [f"default: {entry.default}"] if isinstance(entry.default, int | float | str) else []
    return f"{description}. {'; '.join(facts)}." if facts else f"{description}."


def slider(control: Control, base: Scenario) -> None:
    """Slider of one setting, long enough for the scenario's own value."""
    entry = known_entries()[control.path]
    low, high = bounds(entry.interval)
    own = setting_of(base, control.path)
    kind = int if isinstance(entry.default, int) else float
    top = min(high, max(control.top(base), own))
    bottom = max(low, min(0.0, own))
    help_text, label = help_of(entry), label_of(control.path, entry.unit)
    st.slider(
        label, kind(bottom), kind(max(top, bottom + 1)), step=kind(control.step), key=control.path, help=help_text
    )


def bidding(base: Scenario) -> None:
    """Choice of bidding rules, each in a sentence; a scenario's own may come with options."""
    known, chosen = plugin_names("bidding"), rules(base)
    own = [name for name in RULES if name in known]
    choices = list(dict.fromkeys([*(name for name in chosen if name not in known), *own, *known]))
    said = f"{help_of(known_entries()[BIDDING])} Several are put side by side; the first holds for floor and map."
    st.multiselect("How labs bid", choices, key=BIDDING, help=said, format_func=rule_label, placeholder=chosen[0])
    for name in chosen:
        st.caption(f"**{rule_label(name)}** ({name}). {resolve('bidding', name).plugin.summary}")


def rules(base: Scenario) -> list[str]:
    """Bidding rules chosen; where none is, the scenario's own."""
    return st.session_state[BIDDING] or [base.labs.bidding]


def rule_label(name: str) -> str:
    """A bidding rule in plain words.

    >>> rule_label("equilibrium"), rule_label("mine:share=0.5")
    ('Own advantage', 'mine:share=0.5')
    """
    return RULES.get(name, name)


def policy() -> None:
    """Choice of the audit policy, the policy in a sentence, and its options."""
    kind = f"{POLICY}.kind"
    st.selectbox("Audit policy", plugin_names("policy"), key=kind, help=help_of(known_entries()[POLICY]))
    plugin = get_plugin("policy", st.session_state[kind])
    st.caption(plugin.summary)
    for name, field in plugin.options.model_fields.items():
        option(f"{POLICY}.{plugin.name}.{name}", policy_label(name, field), field, nothing="by the mechanism's kind")


def policy_label(name: str, field: FieldInfo) -> str:
    """Words for an option of an audit policy.

    >>> policy_label("high", get_plugin("policy", "signal").options.model_fields["high"])
    'Audits: high (probability)'
    """
    words = f"Audits: {label_of(name).lower()}"
    return f"{words} (probability)" if bounds(allowed(field)) == (0, 1) else words


def put(scenario: Scenario) -> None:
    """Set every widget to a scenario's values."""
    for control in SLIDERS:
        st.session_state[control.path] = setting_of(scenario, control.path)
    st.session_state[BIDDING] = [scenario.labs.bidding]
    kind = scenario.enforcement.policy.kind
    st.session_state[f"{POLICY}.kind"] = kind
    for name, value in _policy_options(scenario).items():
        st.session_state[f"{POLICY}.{kind}.{name}"] = value


def _policy_options(scenario: Scenario) -> dict[str, Any]:
    policy = scenario.enforcement.policy
    return resolve("policy", policy.kind, policy.options).options


def changes(base: Scenario) -> dict[str, Any]:
    """What the widgets say that differs from a scenario, by path."""
    found = {control.path: st.session_state[control.path] for control in SLIDERS} | {BIDDING: rules(base)[0]}
    changed = {path: value for path, value in found.items() if value != setting_of(base, path)}
    kind = st.session_state[f"{POLICY}.kind"]
    own = _policy_options(base) if kind == base.enforcement.policy.kind else None
    defaults = {name: field.default for name, field in get_plugin("policy", kind).options.model_fields.items()}
    given = {name: st.session_state.get(f"{POLICY}.{kind}.{name}", value) for name, value in (own or defaults).items()}
    if given != own:
        changed[POLICY] = {"kind": kind} | {name: value for name, value in given.items() if value is not None}
    return changed
