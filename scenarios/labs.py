"""The group `labs`: how many there are, what a run is worth to them, how they bid and decide."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mechanisms import InputError, resolve
from scenarios.decisions import AnnouncedBelief, LearnedBelief, Quantal, Rational
from scenarios.distributions import Constant, Distribution, Listed, Uniform
from scenarios.setting import LARGEST, Part, Real, Whole, setting


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
