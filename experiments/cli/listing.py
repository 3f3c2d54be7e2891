"""The commands that list and show: scenarios and mechanisms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from experiments.cli.options import Changes, Format, Plugins, Shown, scenario_from

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from mechanisms.registry import Plugin


def scenarios(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Show the settings of this one, or file.")
    ] = None,
    validate: Annotated[
        str | None, typer.Option("--validate", metavar="FILE", help="Check a scenario file and say what is wrong.")
    ] = None,
    changes: Changes = None,
    plugins: Plugins = None,
    shown: Shown = Format.table,
) -> None:
    """List the scenarios, show one with all its settings (YAML, or JSON), or check a file."""
    from mechanisms import InputError, use_plugins

    use_plugins(plugins or ())
    if validate is not None and (name or changes):
        raise InputError("validate: goes without a scenario and without changes")
    if name is None and changes:
        raise InputError("set: name the scenario to change")
    if validate is not None:
        _validate(Path(validate))
    elif name is None:
        rows = _scenario_rows()
        _print_rows(rows, rows, shown)
    else:
        _print_scenario(name, changes, shown)


def mechanisms(plugins: Plugins = None, shown: Shown = Format.table) -> None:
    """List the mechanisms: the rule in a sentence, what it claims, its options."""
    from mechanisms import get_plugin, mechanism_names, use_plugins

    use_plugins(plugins or ())
    known = [get_plugin("mechanism", name) for name in mechanism_names()]
    _print_rows([_whole(plugin) for plugin in known], [_short(plugin) for plugin in known], shown)


def _validate(path: Path) -> None:
    from scenarios import load_scenario

    scenario = load_scenario(path)
    typer.echo(f"{path}: {scenario.name} is a sound scenario")


def _scenario_rows() -> list[dict[str, Any]]:
    """Each scenario with its words; a file of the user's that cannot be read says why."""
    from mechanisms import InputError
    from scenarios import load_scenario, scenario_names, vault_names

    rows, vault = [], vault_names()
    for name in scenario_names():
        try:
            found = load_scenario(name)
            title, description = found.name, found.description
        except InputError as error:
            title, description = "", f"cannot be used: {error}"
        rows.append({"name": name, "title": title, "description": description, "own": name not in vault})
    return rows


def _print_scenario(name: str, changes: Sequence[str] | None, shown: Format) -> None:
    from mechanisms import InputError
    from scenarios import to_json, to_yaml

    if shown is Format.csv:
        raise InputError("format: a scenario is shown as YAML or with --format json, not as csv")
    scenario = scenario_from(name, changes)
    typer.echo(to_json(scenario) + "\n" if shown is Format.json else to_yaml(scenario), nl=False)


def _whole(plugin: Plugin) -> dict[str, Any]:
    options = [_option(name, info) for name, info in plugin.options.model_fields.items()]
    return {"name": plugin.name, "rule": plugin.summary, "claims": asdict(plugin.facts), "options": options}


def _short(plugin: Plugin) -> dict[str, Any]:
    from mechanisms.claims import claims_of

    options = [_option(name, info) for name, info in plugin.options.model_fields.items()]
    words, claims = "; ".join(map(_in_words, options)), ", ".join(claim.words for claim in claims_of(plugin.facts))
    return {"name": plugin.name, "rule": plugin.summary, "claims": claims, "options": words}


def _in_words(option: dict[str, Any]) -> str:
    default = "required" if option["required"] else f"default {option['default']}"
    return f"{option['name']} in {option['allowed']}, {default}: {option['description']}"


def _option(name: str, info: FieldInfo) -> dict[str, Any]:
    from mechanisms.errors import allowed

    choices = ", ".join(str(choice) for choice in get_args(info.annotation))
    kind = getattr(info.annotation, "__name__", str(info.annotation))
    default = None if info.is_required() else info.default
    return {
        "name": name,
        "description": info.description or "",
        "allowed": allowed(info) or choices or kind,
        "default": default,
        "required": info.is_required(),
    }


def _print_rows(whole: list[dict[str, Any]], short: list[dict[str, Any]], shown: Format) -> None:
    """Rows as JSON in full, or as a table in words."""
    from experiments.cli import printing

    if shown is Format.json:
        typer.echo(printing.to_json(whole), nl=False)
    elif shown is Format.csv:
        import pandas as pd

        typer.echo(pd.DataFrame(short).to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        columns = list(short[0])
        words = ([_word(row[column]) for column in columns] for row in short)
        printing.show(printing.table(columns, words, whole=columns[:1]))


def _word(value: Any) -> str:
    return ("yes" if value else "") if isinstance(value, bool) else str(value)
