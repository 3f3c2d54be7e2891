"""The complete settings of an experiment. This file owns every default, unit, range and description.

Each field's entry also names a scenario, a measure and a value (`moves`): changing the field there changes that
measure, and a test reads and tries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from mechanisms import InputError, get_plugin, resolve
from scenarios.market_rules import check_mechanism, check_resale


def _number(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"{value} is not a number")
    return value


Real = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_number)]
NAME_LENGTH, TEXT_LENGTH = 100, 2000
LARGEST = 10**12
"""Upper end of amounts that have no other, so that sums and products of them stay numbers."""


def setting(
    default: Any, unit: str, description: str, moves: str = "", value: Any = None, *, given: Any = None, **limits: Any
) -> Any:
    """Declare a field: its default, unit, words and range, and where it shows.

    `moves` reads ``scenario: measure``; `value` is what the field is set to there, `given` what has to be set first.
    """
    if {"ge", "gt"} & limits.keys():
        limits.setdefault("le", LARGEST)
    shown = {"scenario": moves.partition(":")[0], "measure": moves.partition(": ")[2], "value": value, "given": given}
    extra: JsonDict = {"unit": unit, "moves": shown if moves else None}
    return Field(default, description=description, json_schema_extra=extra, **limits)


class Part(BaseModel):
    """A frozen group of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


_UNIFORM: dict[str, Any] = {".": {"distribution": "uniform"}}
_LOGNORMAL: dict[str, Any] = {".": {"distribution": "lognormal"}}
_CONSTANT: dict[str, Any] = {".": {"distribution": "constant"}}
_LISTED: dict[str, Any] = {".": {"values": [1.0] * 20}, "labs.count": 20, "permits.cap": 24}


class Uniform(Part):
    """Uniform between two bounds."""

    distribution: Literal["uniform"] = "uniform"
    low: Real = setting(0.2, "M$ or factor", "lower end", "baseline: compliance_rate", 0.5, given=_UNIFORM, ge=0)
    high: Real = setting(1.2, "M$ or factor", "upper end", "baseline: compliance_rate", 2.0, given=_UNIFORM, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class Lognormal(Part):
    """Lognormal: a few labs value a run far above the rest."""

    distribution: Literal["lognormal"] = "lognormal"
    median: Real = setting(0.6, "M$ or factor", "median", "baseline: compliance_rate", 0.9, given=_LOGNORMAL, gt=0)
    sigma: Real = setting(
        0.5,
        "log s.d.",
        "standard deviation of the logarithm",
        "baseline: compliance_rate",
        1.0,
        given=_LOGNORMAL,
        ge=0,
        le=5,
    )


class Constant(Part):
    """The same for every lab."""

    distribution: Literal["constant"] = "constant"
    value: Real = setting(
        1.0,
        "M$ or factor",
        "the value",
        "baseline: compliance_rate",
        0.7,
        given=_CONSTANT,
        ge=0,
    )


class Listed(Part):
    """Given numbers: one a lab, or (for values) a row of units for each lab."""

    distribution: Literal["listed"] = "listed"
    values: tuple[Real, ...] | tuple[tuple[Real, ...], ...] = setting(
        ..., "M$ or factor", "one number a lab, or labs x units", "baseline: compliance_rate", [0.8] * 20, given=_LISTED
    )

    @field_validator("values")
    @classmethod
    def _sound(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        rows = [row if isinstance(row, tuple) else (row,) for row in values]
        if not rows or any(not row for row in rows):
            raise ValueError("must not be empty")
        if len({len(row) for row in rows}) > 1:
            raise ValueError("rows must have one length")
        for row in rows:
            if wrong := [value for value in row if not 0 <= value <= LARGEST]:
                raise ValueError(f"{wrong[0]:g} is not in [0, {LARGEST:g}]")
            if any(later > earlier for earlier, later in pairwise(row)):
                raise ValueError("must not rise along a lab's units")
        return values

    @property
    def matrix(self) -> bool:
        """Whether values are labs x units."""
        return isinstance(self.values[0], tuple)


def _infer_listed(value: Any) -> Any:
    if isinstance(value, Mapping) and "distribution" not in value:
        return {"distribution": "listed" if "values" in value else "uniform", **value}
    return value


Distribution = Annotated[
    Uniform | Lognormal | Constant | Listed, Field(discriminator="distribution"), BeforeValidator(_infer_listed)
]


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


class Labs(Part):
    """Who wants to run training, and what it is worth to them."""

    count: Whole = setting(100, "labs", "number of labs", "baseline: wanted", 60, ge=1, le=1_000_000)
    units: Whole = setting(
        3, "units a month", "runs that a lab could start each month", "baseline: wanted", 2, ge=1, le=1000
    )
    value: Distribution = setting(
        Uniform(), "M$ per unit", "gross value of a lab's first unit", "baseline: price", {"distribution": "lognormal"}
    )
    value_decline: Real = setting(
        0.2, "share", "how much less each further unit is worth than the one before", "baseline: price", 0.5, ge=0, le=1
    )
    value_shock: Real = setting(
        0.1, "log s.d.", "common monthly demand shock, mean one", "baseline: price", 0.6, ge=0, le=3
    )
    value_noise: Real = setting(
        0.2, "log s.d.", "each lab's own monthly shock, mean one", "baseline: price", 0.6, ge=0, le=3
    )
    running_cost: Real = setting(0.1, "M$ per unit", "cost of running a unit", "baseline: price", 0.3, ge=0)
    risk_profile: Distribution = setting(
        Constant(),
        "factor",
        "weight that a lab puts on the expected penalty; below 1 it takes risks lightly",
        "baseline: compliance_rate",
        {"distribution": "constant", "value": 0.5},
    )
    turnover: Real = setting(
        0.0,
        "M$ a year per M$",
        "a lab's turnover for each M$ that its first unit is worth; fines by turnover are reckoned on it",
        "baseline: compliance_rate",
        20.0,
        given={"enforcement.penalty_rule": {"kind": "turnover"}},
        ge=0,
    )
    flop_per_unit: Real = setting(
        1e25, "FLOP per unit", "compute of one run", "baseline: true_compute", 2e25, gt=0, le=1e40
    )
    wealth: Real = setting(0.0, "M$", "each lab's account at the start", "baseline: wealth", 5.0, ge=-LARGEST)
    bidding: str = setting(
        "full-value",
        "name",
        "how labs bid: full-value (net value), outside-option (never above what running without a permit costs), "
        "equilibrium (best for the lab under the mechanism), or another bidding rule",
        "baseline: price",
        "outside-option",
    )
    choice: Annotated[Rational | Quantal, Field(discriminator="kind")] = setting(
        Rational(),
        "kind",
        "how labs decide to run without a permit",
        "baseline: compliance_rate",
        {"kind": "quantal", "precision": 2},
    )
    other_bidding: str = setting(
        "outside-option",
        "name",
        "how the other labs bid where strategies are mixed; see other_share",
        "baseline: price",
        "zero-intelligence",
        given={"labs.other_share": 0.5},
    )
    other_share: Real = setting(
        0.0,
        "share",
        "labs, drawn by lot once a world, that bid by other_bidding instead of bidding",
        "baseline: price",
        0.5,
        ge=0,
        le=1,
    )
    ring_share: Real = setting(
        0.0,
        "share",
        "labs, drawn by lot once a world, that form a ring and withhold demand",
        "baseline: price",
        0.5,
        ge=0,
        le=1,
    )
    ring_withheld: Real = setting(
        0.8,
        "share",
        "part of its members' bids that a ring withholds, the lowest first; those that would lose anyway move nothing",
        "baseline: price",
        1.0,
        given={"labs.ring_share": 0.5},
        ge=0,
        le=1,
    )
    perceived_penalty: Distribution = setting(
        Constant(),
        "factor",
        "the penalty for a unit as a lab sees it, over the true one; drawn once a world",
        "baseline: compliance_rate",
        {"distribution": "constant", "value": 0.5},
    )
    perception_noise: Real = setting(
        0.0,
        "log s.d.",
        "each lab's own monthly error in judging the penalty, mean one",
        "baseline: compliance_rate",
        1.0,
        ge=0,
        le=3,
    )
    loss_aversion: Real = setting(
        1.0,
        "factor",
        "weight of a loss over that of an equal gain when a lab decides to run without a permit; 1: none",
        "baseline: compliance_rate",
        2.25,
        ge=1,
        le=1000,
    )
    reputation_cost: Real = setting(
        0.0,
        "M$ per unit",
        "what a lab fears to lose in reputation for each uncovered unit found; no money changes hands",
        "baseline: compliance_rate",
        0.3,
        ge=0,
    )
    racing: Real = setting(
        0.0,
        "factor",
        "racing pressure: by how much a run is worth more to a lab that has run nothing while another has",
        "baseline: price",
        1.0,
        ge=0,
        le=100,
    )
    risky_share: Real = setting(
        0.0,
        "probability",
        "a lab's model turns out risky when it is evaluated, each month anew; see risk_weight",
        "baseline: risky_units",
        0.3,
        ge=0,
        le=1,
    )
    relocation_cost: Real | None = setting(
        None,
        "M$ per unit",
        "what it costs a lab to run a unit abroad, where no permit is needed; null: labs cannot move",
        "baseline: relocated_units",
        0.3,
        gt=0,
    )
    relocation_spread: Real = setting(
        0.0,
        "log s.d.",
        "how far that cost differs between labs and jurisdictions, mean one; drawn once a world",
        "baseline: relocated_units",
        0.5,
        given={"labs.relocation_cost": 0.3},
        ge=0,
        le=3,
    )
    jurisdictions: Whole = setting(
        1,
        "jurisdictions",
        "jurisdictions abroad; a lab moves to the one that costs it least",
        "baseline: relocated_units",
        4,
        given={"labs.relocation_cost": 0.6, "labs.relocation_spread": 0.5},
        ge=1,
        le=100,
    )
    belief: Annotated[AnnouncedBelief | LearnedBelief, Field(discriminator="kind")] = setting(
        AnnouncedBelief(),
        "kind",
        "how likely labs think detection is",
        "baseline: compliance_rate",
        {"kind": "learned", "prior": 0.1},
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in ("value", "risk_profile", "perceived_penalty"):
            given = getattr(self, name)
            if isinstance(given, Listed):
                self._check_list(name, given)
        resolve("bidding", self.bidding, where="labs.bidding")
        resolve("bidding", self.other_bidding, where="labs.other_bidding")
        return self

    def _check_list(self, name: str, given: Listed) -> None:
        if len(given.values) != self.count:
            raise InputError(f"labs.{name}.values: {len(given.values)} entries for labs.count {self.count}")
        first = given.values[0]
        if isinstance(first, tuple) and (name != "value" or len(first) != self.units):
            wanted = "one number a lab" if name != "value" else f"rows of labs.units {self.units} numbers"
            raise InputError(f"labs.{name}.values: rows of {len(first)} numbers; allowed are {wanted}")


class Permits(Part):
    """How many permits there are and who gets them first."""

    cap: Whole = setting(120, "permits a month", "permits in all, Q", "baseline: price", 60, ge=0, le=10_000_000)
    grandfathered: Real = setting(
        0.5,
        "share",
        "handed to labs before trading; the Governor sells the rest",
        "baseline: auction_revenue",
        0.0,
        ge=0,
        le=1,
    )
    reserve_price: Real = setting(
        0.0, "M$ per permit", "lowest price at which the Governor sells", "baseline: volume", 0.9, ge=0
    )
    price_ceiling: Real | None = setting(
        None,
        "M$ per permit",
        "at this price the Governor sells as many permits as labs want; null: no ceiling",
        "baseline: price",
        0.3,
        gt=0,
    )
    containment_reserve: Whole = setting(
        0,
        "permits a month",
        "permits beyond the cap that the Governor sells when demand reaches the trigger price",
        "baseline: permits_released",
        20,
        given={"permits.containment_trigger": 0.3},
        ge=0,
        le=10_000_000,
    )
    containment_trigger: Real | None = setting(
        None,
        "M$ per permit",
        "price at which the containment reserve is for sale; null: never",
        "baseline: permits_released",
        0.3,
        given={"permits.containment_reserve": 20},
        gt=0,
    )
    purchase_limit: Real | None = setting(
        None,
        "share of the Governor's permits",
        "the most that one lab may bid for, in whole permits and at least one; null: no limit",
        "thin_market: volume",
        0.1,
        gt=0,
        le=1,
    )
    holding_limit: Real | None = setting(
        None,
        "share of the cap",
        "the most that a lab may hold by buying, in whole permits and at least one; null: no limit",
        "thin_market: volume",
        0.05,
        gt=0,
        le=1,
    )
    rollover: Real = setting(
        0.0,
        "share",
        "unsold permits that the Governor offers again next month",
        "baseline: permits_carried_over",
        1.0,
        given={"permits.reserve_price": 0.7},
        ge=0,
        le=1,
    )
    banking: Whole = setting(
        0,
        "months",
        "months for which an unused permit stays good after its own; 0: it lapses",
        "baseline: permits_carried_over",
        3,
        given={"permits.cap": 300, "permits.grandfathered": 1.0},
        ge=0,
        le=120,
    )
    resale: str | None = setting(
        None,
        "name",
        "mechanism of a resale round after the auction, with options as name:key=value; null: no such round",
        "baseline: resale_volume",
        "double-auction",
        given={"market.mechanism": "lottery"},
    )

    lot: Whole = setting(
        1,
        "permits",
        "permits in a lot: the auction sells whole lots",
        "baseline: volume",
        2,
        ge=1,
        le=1000,
    )
    flop_threshold: Real = setting(
        0.0,
        "FLOP a month",
        "compute that a lab may use each month without permits",
        "baseline: exempt_units",
        1e25,
        ge=0,
        le=1e42,
    )

    risk_weight: Whole = setting(
        1,
        "permits per unit",
        "permits that a unit of a risky model needs; see risky_share",
        "baseline: units_run",
        3,
        given={"labs.risky_share": 0.3},
        ge=1,
        le=100,
    )

    @field_validator("resale")
    @classmethod
    def _labs_may_sell(cls, resale: str | None) -> str | None:
        if resale is not None:
            check_resale(resale)
        return resale

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        steps = {name: getattr(self, name) for name in ("reserve_price", "containment_trigger", "price_ceiling")}
        given = [(name, price) for name, price in steps.items() if price is not None]
        for (below, least), (name, price) in pairwise(given):
            if price < least:
                words = below.replace("_", " ")
                raise InputError(f"permits.{name}: {price:g} is not in [{least:g}, inf), from the {words} up")
        return self


def _settle(options: dict[str, Any], checked: Mapping[str, Any], where: str) -> None:
    """Put options as their plug-in reads them in the place of what was written."""
    for name, value in options.items():
        if isinstance(value, bool | np.bool_) and not isinstance(checked[name], bool):
            raise InputError(f"{where}.{name}: {value} is not a number")
        options[name] = checked[name]


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
        _settle(self.options, checked, "market.options")
        return self


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
        _settle(self.model_extra or {}, checked, "enforcement.policy")
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


TEXTS = ("name", "description", "sources")
"""Fields that say something and change nothing."""
_WORDS = ("read: ", "assumed: ")


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
