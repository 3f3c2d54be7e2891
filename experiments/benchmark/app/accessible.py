"""What axe-core finds on each page, in light and dark: what the lab can mend, and what is Streamlit's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page

GRAVE = ("serious", "critical")
_FADING = 600
_RUN = "() => axe.run({exclude: [['.stVegaLiteChart svg > g']]}, {resultTypes: ['violations']})"
"""The marks of a chart are left out: a map has hundreds, and axe has no rule for them."""
MISSING = "axe-playwright-python is not installed: accessibility is not checked."


class Finding(NamedTuple):
    """An element that breaks a rule.

    Attributes
    ----------
    rule, impact : axe's name and its severity
    where : CSS path of the element
    markup : its beginning
    """

    rule: str
    impact: str
    where: str
    markup: str


@cache
def script() -> str:
    """The program axe-core; empty where its package is missing."""
    try:
        return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        return ""


def findings(page: Page) -> list[Finding]:
    """Elements of a page that break a rule seriously or critically, once nothing on it fades in any more."""
    page.evaluate(script())
    page.wait_for_timeout(_FADING)
    return list(_grave(page.evaluate(_RUN)["violations"]))


def _grave(violations: Iterable[dict[str, Any]]) -> Iterator[Finding]:
    for violation in violations:
        for node in violation["nodes"]:
            if node["impact"] in GRAVE:
                where = " ".join(map(str, node["target"]))
                yield Finding(violation["id"], node["impact"], where, node["html"][:200])
