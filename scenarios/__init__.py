"""Scenarios: the complete settings of an experiment, one YAML file each."""

from scenarios.fields import Entry, differences, entries, override, parse
from scenarios.market_rules import refuse_rules, rules_on
from scenarios.schema import Scenario
from scenarios.store import (
    delete_scenario,
    load_scenario,
    parse_scenario,
    save_scenario,
    scenario_names,
    to_json,
    to_yaml,
    user_folder,
    vault_names,
)

__all__ = [
    "Entry",
    "Scenario",
    "delete_scenario",
    "differences",
    "entries",
    "load_scenario",
    "override",
    "parse",
    "parse_scenario",
    "refuse_rules",
    "rules_on",
    "save_scenario",
    "scenario_names",
    "to_json",
    "to_yaml",
    "user_folder",
    "vault_names",
]
