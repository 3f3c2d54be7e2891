"""Write reference.md: every setting, measure, option, claim and witness, read from the code.

Run ``python docs/reference.py`` after changing one of them; a test compares the file with what this gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from agents import MEASURES
from mechanisms import get_plugin, plugin_names
from mechanisms.properties.stored import stored_witnesses
from mechanisms.registry import Plugin
from scenarios import entries
from scenarios.setting import Part

TARGET = Path(__file__).with_name("reference.md")


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [list(header), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def shown(value: Any) -> str:
    """A default as it stands in a scenario file."""
    if value is None:
        return "null"
    if isinstance(value, Part):
        value = value.model_dump()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(inner)}" for key, inner in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def settings() -> str:
    """One row a setting."""
    rows = (
        [
            f"`{e.path}`",
            e.description,
            e.unit,
            e.interval or "",
            "" if e.info.is_required() else f"`{shown(e.default)}`",
        ]
        for e in entries()
    )
    return table(["setting", "meaning", "unit", "allowed", "default"], rows)


def measures() -> str:
    """One row a measure."""
    return table(["measure", "meaning", "unit"], ([f"`{m.name}`", m.description, m.unit] for m in MEASURES.values()))


def options(fields: dict[str, FieldInfo]) -> str:
    """A plug-in's options with their defaults."""
    return ", ".join(f"`{k}: {'required' if f.is_required() else shown(f.default)}`" for k, f in fields.items())


def own(kind: Any) -> list[Plugin]:
    """Our plug-ins, without those that a user or a doctest has registered."""
    found = [get_plugin(kind, name) for name in plugin_names(kind)]
    return [p for p in found if p.function.__module__.partition(".")[0] in ("mechanisms", "agents")]


def plugins(kind: Any) -> str:
    """One row a plug-in with its options."""
    rows = ([f"`{p.name}`", p.summary, options(p.options.model_fields)] for p in own(kind))
    return table(["name", "what it does", "options with defaults"], rows)


def claims() -> str:
    """One row a mechanism that claims something."""
    found = {p.name: p.facts for p in own("mechanism") if ":" not in p.name}
    names = ["truthful", "budget", "efficient", "monotone", "padding_proof", "stochastic", "two_sided", "single_price"]
    words = {True: "yes", False: "no"}
    rows = (
        [f"`{name}`", *(words.get(v, v) for v in (getattr(facts, f) for f in names))] for name, facts in found.items()
    )
    return table(["name", *(name.replace("_", " ") for name in names)], rows)


def witnesses() -> str:
    """One row a stored witness."""
    rows = (
        [
            f"`{w.mechanism}`",
            f"{w.breaks.replace('_', ' ')} ({w.domain})",
            f"{w.title}: {w.market}",
            w.deed,
            f"{w.gain:g}",
            w.why,
        ]
        for w in stored_witnesses()
    )
    return table(["mechanism", "what fails", "market", "instead", "by", "why"], rows)


def page() -> str:
    """The whole page."""
    parts = [
        "# Reference",
        "Generated from the code by `python docs/reference.py`; edit the code, not this page.",
        "## Settings of a scenario",
        settings(),
        "## Measures",
        "Per month and world; a rate with an empty denominator is NaN (null in JSON).",
        measures(),
        "## Mechanisms",
        plugins("mechanism"),
        "### What they claim",
        "Of every mechanism it is claimed that no truthful lab loses and that names do not matter. `unit`: a lab\n"
        "wants or offers one permit; `single-order`: it has one order of any size; `multi-unit`: falling values for\n"
        "several permits, some of them in hand.",
        claims(),
        "### What they do not claim",
        "Each is broken by a market: what a lab reports instead of its true orders, what it gains by that (or the\n"
        "exchange pays in or keeps, or trade forgoes) in M$, under `monotone` the permits that it loses, and why.",
        witnesses(),
        "## Bidding rules",
        plugins("bidding"),
        "## Audit policies",
        plugins("policy"),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
