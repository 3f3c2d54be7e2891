"""How labs decide to run without a permit, and how likely they think detection is."""

from __future__ import annotations

from typing import Any, Literal

from scenarios.setting import Part, Real, setting


class Rational(Part):
    """Run the further units that gain most in expectation."""

    kind: Literal["rational"] = "rational"


class Quantal(Part):
    """Logit choice: better options are likelier, not certain."""

    kind: Literal["quantal"] = "quantal"
    precision: Real = setting(
        20.0,
        "1/M$",
        "how sharply a lab tells gains apart; 0 is a coin toss",
        "baseline: compliance_rate",
        2.0,
        given={"labs.choice": {"kind": "quantal"}},
        ge=0,
    )


class AnnouncedBelief(Part):
    """Take detection to be as likely as announced."""

    kind: Literal["announced"] = "announced"


_LEARNED: dict[str, Any] = {"labs.belief": {"kind": "learned"}}


class LearnedBelief(Part):
    """Learn how likely detection is from the violations that came out and those that did not."""

    kind: Literal["learned"] = "learned"
    prior: Real | None = setting(
        None,
        "probability",
        "detection that labs expect before they have seen any violation; null: as announced",
        "baseline: compliance_rate",
        0.1,
        given=_LEARNED,
        ge=0,
        le=1,
    )
    strength: Real = setting(
        20.0,
        "violations",
        "how many observed violations the prior weighs as much as",
        "baseline: compliance_rate",
        0.5,
        given=_LEARNED,
        gt=0,
    )
    hearsay: Real = setting(
        1.0,
        "share",
        "weight of other labs' violations beside a lab's own: 1 for all that the industry knows, 0 for its own alone",
        "baseline: compliance_rate",
        0.0,
        given=_LEARNED,
        ge=0,
        le=1,
    )
