"""Mechanisms in words: each rule in a sentence, and its claims as badges."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from experiments.charts import colours
from mechanisms import InputError, get_plugin, resolve
from mechanisms.claims import CLAIMS, Claim, claims_of
from mechanisms.registry import Plugin


def explained(names: Sequence[str]) -> str:
    """The chosen mechanisms as HTML, each with its colour.

    >>> "truthful (several units)" in explained(["vickrey"]), "is not known" in explained(["vickry"])
    (True, True)
    """
    tints = colours(names)
    dots = {name: f'<span class="pl-dot" style="background:{tints[name]}"></span>' for name in names}
    return "".join(_rule(name, dots[name]) for name in names)


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
