"""The group `enforcement`: penalties, signals, and the policy by which the Governor audits."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mechanisms import get_plugin
from scenarios.setting import Part, Real, Whole, setting, settle


class Policy(BaseModel):
    """When the Governor audits: a kind and that kind's options."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    kind: str = setting(
        "signal",
        "name",
        "audit policy: none, random {probability}, signal {high, low}, optimal {target, ceiling_low, low}, "
        "budgeted {audits, expect}, targeted {good, bad, discount}, escalating {high, low, rise, persistence}, "
        "or a plug-in",
        "baseline: compliance_rate",
        "none",
    )

    @property
    def options(self) -> dict[str, Any]:
        """Options of this kind."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _known(self) -> Self:
        plugin = get_plugin("policy", self.kind, where="enforcement.policy.kind")
        checked = plugin.bind(self.options, "enforcement.policy").options
        settle(self.model_extra or {}, checked, "enforcement.policy")
        return self


class Linear(Part):
    """P for each uncovered unit."""

    kind: Literal["linear"] = "linear"


class Flat(Part):
    """P once, however many units are uncovered."""

    kind: Literal["flat"] = "flat"


class Convex(Part):
    """P for each uncovered unit, and more for each further one."""

    kind: Literal["convex"] = "convex"
    curvature: Real = setting(
        0.2,
        "M$ per unit squared",
        "gamma of the penalty P*m + gamma*m^2/2 for m uncovered units",
        "baseline: compliance_rate",
        0.6,
        given={"enforcement.penalty_rule": {"kind": "convex"}, "enforcement.penalty": 0.2},
        ge=0,
    )


class Turnover(Part):
    """A share of the lab's turnover or P, the higher of the two; for small labs the lower. Once for any violation."""

    kind: Literal["turnover"] = "turnover"
    share: Real = setting(
        0.03,
        "share of a year's turnover",
        "the fine as a share of the lab's turnover",
        "baseline: compliance_rate",
        0.15,
        given={"enforcement.penalty_rule": {"kind": "turnover"}, "labs.turnover": 20.0},
        ge=0,
        le=1,
    )
    small_below: Real = setting(
        0.0,
        "M$ a year",
        "a lab with less turnover is small",
        "baseline: compliance_rate",
        20.0,
        given={"enforcement.penalty_rule": {"kind": "turnover"}, "labs.turnover": 20.0},
        ge=0,
    )


class Enforcement(Part):
    """What a lab risks when it runs without a permit."""

    penalty: Real = setting(
        0.5,
        "M$ per unit",
        "P = K + phi, what a caught lab loses for one uncovered unit",
        "baseline: compliance_rate",
        0.1,
        ge=0,
    )
    penalty_rule: Annotated[Linear | Flat | Convex | Turnover, Field(discriminator="kind")] = setting(
        Linear(),
        "kind",
        "how the penalty grows with uncovered units: linear, flat, convex {curvature}, turnover {share, small_below}",
        "baseline: compliance_rate",
        {"kind": "flat"},
    )
    price_multiple: Real = setting(
        0.0,
        "permit prices per unit",
        "the penalty for each uncovered unit rises by so many times what buyers paid for a permit this month",
        "baseline: compliance_rate",
        2.0,
        ge=0,
        le=1000,
    )
    make_good: Whole = setting(
        0,
        "permits per unit",
        "permits that a caught lab still owes for each uncovered unit, taken from what it holds in later months",
        "baseline: permits_surrendered",
        1,
        given={"enforcement.penalty": 0.05},
        ge=0,
        le=100,
    )
    stops_run: Real = setting(
        0.0,
        "probability",
        "a violation that is found is found in time to stop the run: its value is lost, and its harm averted",
        "baseline: welfare",
        1.0,
        ge=0,
        le=1,
    )
    collateral_share: Real = setting(
        0.5,
        "share",
        "part of the penalty posted beforehand as collateral, K = share * penalty",
        "baseline: collateral_seized",
        1.0,
        ge=0,
        le=1,
    )
    collateral_cost: Real = setting(
        0.0,
        "M$ per M$ a month",
        "what tying up collateral for a month costs a lab",
        "baseline: welfare",
        0.05,
        ge=0,
        le=1,
    )
    liability_limit: Real | None = setting(
        None,
        "M$",
        "the most that a lab can be made to pay in a month; null: no limit",
        "baseline: compliance_rate",
        0.2,
        ge=0,
    )
    true_positive_rate: Real = setting(
        0.8, "probability", "beta, a violator raises a signal", "baseline: compliance_rate", 0.2, ge=0, le=1
    )
    false_positive_rate: Real = setting(
        0.1, "probability", "alpha, a clean lab raises a signal", "baseline: false_alarms", 0.5, ge=0, le=1
    )
    audit_accuracy: Real = setting(
        1.0, "probability", "an audit of a violator finds the violation", "baseline: compliance_rate", 0.4, ge=0, le=1
    )
    backcheck: Real = setting(
        0.0,
        "probability",
        "a violation that no audit found comes out later",
        "baseline: compliance_rate",
        0.5,
        ge=0,
        le=1,
    )
    audit_capacity: Whole | None = setting(
        None, "audits a month", "most audits that the Governor can do; null: no limit", "baseline: audits", 3, ge=0
    )
    policy: Policy = setting(
        {"kind": "signal", "high": 0.8, "low": 0.1},
        "kind",
        "when the Governor audits",
        "baseline: compliance_rate",
        {"kind": "none"},
    )
