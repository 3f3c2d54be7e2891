"""Mechanisms in words: each rule in a sentence, and its claims as badges."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from experiments.palette import colours
from mechanisms import InputError, get_plugin, resolve
from mechanisms.claims import CLAIMS, Claim, claims_of
from mechanisms.registry import Plugin


def explained(names: Sequence[str], rules: Sequence[str] = ("",)) -> str:
    """The chosen mechanisms as HTML, each with its colour, or with one for each of several bidding rules.

    >>> "truthful (several units)" in explained(["vickrey"]), "is not known" in explained(["vickry"])
    (True, True)
    """
    labels = {name: [f"{name} ({rule})" for rule in rules] if len(rules) > 1 else [name] for name in names}
    tints = colours(label for name in names for label in labels[name])
    dots = {name: "".join(_dot(label, tints[label]) for label in labels[name]) for name in names}
    return "".join(_rule(name, dots[name]) for name in names)


def _dot(label: str, tint: str) -> str:
    return f'<span class="pl-dot" title="{escape(label)}" style="background:{tint}"></span>'


def guide(names: Sequence[str]) -> str:
    """All mechanisms as HTML, and what the badges mean.

    >>> guide(["vickrey"]).count("pl-rule")
    1
    """
    used = {claim for name in names for claim in claims_of(get_plugin("mechanism", name).facts)}
    meanings = [f'<p class="pl-meaning">{_badge(c)} {escape(c.meaning)}</p>' for c in CLAIMS if c in used]
    return f'<div class="pl-guide">{"".join(map(_rule, names))}</div>{"".join(meanings)}'


def _rule(name: str, before: str = "") -> str:
    """A mechanism's name, rule and claims; what is wrong with a name that is none."""
    try:
        plugin = _plugin(name)
    except InputError as error:
        return f'<div class="pl-rule">{before}<b>{escape(name)}</b> {escape(str(error))}</div>'
    badges = "".join(map(_badge, claims_of(plugin.facts)))
    return (
        f'<div class="pl-rule" data-rule="{escape(name)}">{before}<b>{escape(name)}</b> {escape(plugin.summary)}'
        f'<span class="pl-claims">{badges}</span></div>'
    )


def _plugin(name: str) -> Plugin:
    """A mechanism by its name, which need not give the options that it takes to run."""
    try:
        return get_plugin("mechanism", name)
    except InputError:
        return resolve("mechanism", name).plugin


def _badge(claim: Claim) -> str:
    return f'<span class="pl-badge" title="{escape(claim.meaning)}">{escape(claim.words)}</span>'
