"""The complete settings of an experiment.

The groups `labs`, `permits` and `enforcement` have a file each; the two small ones, `market` and `welfare`, stand here.
Together these files own every default, unit, range and description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from mechanisms import InputError, get_plugin, resolve
from scenarios.enforcement import Enforcement
from scenarios.labs import Labs
from scenarios.market_rules import check_mechanism
from scenarios.permits import Permits
from scenarios.setting import Part, Real, Whole, setting, settle

NAME_LENGTH, TEXT_LENGTH = 100, 2000
TEXTS = ("name", "description", "sources")
"""Fields that say something and change nothing."""
_WORDS = ("read: ", "assumed: ")


class Market(Part):
    """Which auction sells the permits."""

    mechanism: str = setting(
        "uniform-price", "name", "mechanism of the Central Exchange", "baseline: auction_revenue", "vickrey"
    )
    options: dict[str, Any] = setting(
        {},
        "by name",
        "options of this mechanism",
        "thin_market: price",
        {"k": 0.0},
        given={"market.mechanism": "uniform-price"},
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        name = self.mechanism.rpartition(":")[0] if "=" in self.mechanism else self.mechanism
        get_plugin("mechanism", name, where="market.mechanism")
        checked = resolve("mechanism", self.mechanism, self.options, where="market").options
        settle(self.options, checked, "market.options")
        return self


class Welfare(Part):
    """What audits and unlicensed runs cost society."""

    audit_cost: Real = setting(0.01, "M$ per audit", "cost of one audit", "baseline: audit_cost", 0.1, ge=0)
    harm: Real = setting(
        1.0, "M$ per unit", "harm of one uncovered unit; a measure, not money", "baseline: harm", 2.0, ge=0
    )
    risky_harm: Real = setting(
        1.0,
        "factor",
        "harm of a unit of a risky model over that of another",
        "baseline: harm",
        3.0,
        given={"labs.risky_share": 0.3},
        ge=0,
        le=1000,
    )
    harm_abroad: Real = setting(
        1.0,
        "share",
        "harm of a unit run abroad over that of an uncovered unit at home",
        "baseline: harm",
        0.5,
        given={"labs.relocation_cost": 0.3},
        ge=0,
        le=1000,
    )
    false_alarm_cost: Real = setting(
        0.0,
        "M$ per audit",
        "work and delay that an audit costs a lab that did not violate; a measure, not money",
        "baseline: false_alarm_cost",
        0.05,
        ge=0,
    )


class Scenario(Part):
    """The complete settings of an experiment.

    Examples
    --------
    >>> Scenario(months=6).enforcement.penalty
    0.5
    """

    CHECKED_TOGETHER: ClassVar[frozenset[str]] = frozenset({"permits", "market"})
    """groups across which there is a check; settings of any other two may be changed one after the other"""

    name: str = setting("Unnamed", "text", "title", max_length=NAME_LENGTH)
    description: str = setting("", "text", "what it shows, in a sentence", max_length=TEXT_LENGTH)
    sources: dict[str, str] = setting(
        {}, "by setting", "where values come from, by path: 'read: ' and the source, or 'assumed: ' and the reason"
    )
    months: Whole = setting(24, "months", "months simulated", "baseline: price", 6, ge=1, le=1200)
    labs: Labs = Field(default_factory=Labs)
    permits: Permits = Field(default_factory=Permits)
    market: Market = Field(default_factory=Market)
    enforcement: Enforcement = Field(default_factory=Enforcement)
    welfare: Welfare = Field(default_factory=Welfare)

    @model_validator(mode="after")
    def _market_has_its_rules(self) -> Self:
        check_mechanism(self.permits, self.market)
        return self

    @model_validator(mode="after")
    def _of_settings(self) -> Self:
        for path, text in self.sources.items():
            if not _has(self, path):
                raise InputError(f"sources.{path}: this scenario has no such setting")
            if not text.startswith(_WORDS):
                raise InputError(f"sources.{path}: {text!r} begins neither with {_WORDS[0]!r} nor with {_WORDS[1]!r}")
        return self


def _has(part: Any, path: str) -> bool:
    """Whether a scenario has a setting."""
    for name in path.split("."):
        if isinstance(part, Mapping):
            if name not in part:
                return False
            part = part[name]
        elif hasattr(part, name):
            part = getattr(part, name)
        else:
            return False
    return path not in TEXTS
