"""Options that the commands share, and the readers of their small languages."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from scenarios import Scenario


class Format(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


Source = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or a .yaml or .json file.")]
Mechanisms = Annotated[
    list[str] | None,
    typer.Option(
        "--mechanisms",
        "-m",
        metavar="A,B:KEY=VALUE",
        help="Mechanisms, separated by commas, each with options where it has them; may be repeated.",
    ),
]
Bidding = Annotated[
    list[str] | None,
    typer.Option(
        "--bidding",
        "-b",
        metavar="A,B:KEY=VALUE",
        help="Bidding rules to put side by side, such as full-value,equilibrium; the scenario's own unless said.",
    ),
]


def whole(text: str) -> int:
    """A whole number from the command line."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a whole number") from None


Worlds = Annotated[
    int, typer.Option("--seeds", metavar="N", parser=whole, help="Number of worlds, each with a seed of its own.")
]
FirstSeed = Annotated[int, typer.Option("--first-seed", metavar="SEED", parser=whole, help="Seed of the first world.")]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", metavar="N", parser=whole, help="Processes; -1: one a core. Results are equal.")
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", "-s", metavar="PATH=VALUE", help="Change a setting, as in enforcement.penalty=0.3; may be repeated."
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="DIR", help="Also write tables, figures and settings here.")
]
Shown = Annotated[Format, typer.Option("--format", "-f", help="What goes to standard output.")]
Plugins = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        "-p",
        metavar="FILE|MODULE",
        help="Load mechanisms, bidding rules and audit policies of your own; may be repeated.",
    ),
]
Everything = Annotated[bool, typer.Option("--all", help="Show every measure in the table; csv and json always do.")]


def scenario_from(source: str, changes: Sequence[str] | None, plugins: Sequence[str] | None = None) -> Scenario:
    """A scenario by name or path, with some settings replaced; it may name what the plug-ins define."""
    from mechanisms import use_plugins
    from scenarios import load_scenario, override

    use_plugins(plugins or ())
    return override(load_scenario(source), settings_from(changes)) if changes else load_scenario(source)


def settings_from(changes: Sequence[str]) -> dict[str, Any]:
    """Settings by path from ``path=value``, the value read as YAML.

    >>> settings_from(["labs.count=12", "enforcement.policy={kind: none}"])
    {'labs.count': 12, 'enforcement.policy': {'kind': 'none'}}
    """
    import yaml

    from mechanisms import InputError

    settings: dict[str, Any] = {}
    for change in changes:
        path, equals, text = change.partition("=")
        path = path.strip()
        if not (path and equals and text.strip()):
            raise InputError(f"set: {change!r} is not path=value")
        if path in settings:
            raise InputError(f"set: {path} is given twice")
        try:
            settings[path] = yaml.safe_load(text)
        except (yaml.YAMLError, RecursionError, ValueError):
            raise InputError(f"set: {path}: {text!r} is not a YAML value") from None
    return settings


def names_from(given: Sequence[str], what: str = "mechanisms") -> list[str]:
    """Names of mechanisms (or bidding rules) from comma-separated lists.

    Commas part names and also the options of one. A piece that starts with ``key=`` is a further option of the
    name before it; every other piece is a name.

    >>> names_from(["vickrey,uniform-price:k=0,l=1", "pymarket:huang"])
    ['vickrey', 'uniform-price:k=0,l=1', 'pymarket:huang']
    """
    return [name for part in given for name in _split(part, what)]


def _split(given: str, what: str) -> list[str]:
    from mechanisms import InputError

    names: list[str] = []
    for piece in (piece.strip() for piece in given.split(",")):
        key, equals, _ = piece.partition("=")
        if not piece:
            raise InputError(f"{what}: {given!r} has an empty name")
        if not equals or ":" in key:
            names.append(piece)
        elif names and "=" in names[-1]:
            names[-1] += f",{piece}"
        else:
            before, one = names[-1] if names else "NAME", "mechanism" if what == "mechanisms" else "rule"
            raise InputError(f"{what}: {piece!r} is an option without a {one}; write {before}:{piece}")
    return names
