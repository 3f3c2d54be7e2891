"""Hypothesis draws whole scenarios: every kind of lab, market and enforcement, with ties, zeros and excess."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from scenarios import Scenario, parse
from tests.agents.worlds import TRADES

Settings = dict[str, Any]
SHARE = st.sampled_from([0.0, 1.0, 0.5, 0.25]) | st.floats(0, 1)
MONEY = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 3)
SPREAD = st.sampled_from([0.0, 0.0, 0.2, 1.0])
WELFARE = ("audit_cost", "harm", "risky_harm", "harm_abroad", "false_alarm_cost")
MECHANISMS = [*TRADES, "uniform-price:k=0", "uniform-price:k=0.3", "double-auction:k=1"]


def kind(name: str, **options: st.SearchStrategy[Any]) -> st.SearchStrategy[Settings]:
    """A group of settings of one kind."""
    return st.fixed_dictionaries({"kind": st.just(name), **options})


POLICY = st.one_of(
    kind("none"),
    kind("random", probability=SHARE),
    kind("signal", high=SHARE, low=SHARE),
    kind("optimal", target=st.sampled_from([None, "loser"]), ceiling_low=SHARE, low=SHARE),
    kind("budgeted", audits=st.integers(0, 8), expect=st.sampled_from(["fewest", "most"])),
    kind("escalating", high=SHARE, low=SHARE, rise=SHARE, persistence=SHARE),
    st.tuples(SHARE, SHARE, st.floats(0, 0.99)).map(
        lambda x: {"kind": "targeted", "good": min(x[:2]), "bad": max(x[:2]), "discount": x[2]}
    ),
)
BELIEF = kind("announced") | kind(
    "learned", prior=st.none() | SHARE, strength=st.sampled_from([0.5, 20.0]), hearsay=SHARE
)
RULES = ["full-value", "outside-option", "zero-intelligence", "roth-erev", "roth-erev:shadings=3,worth=outside-option"]
PENALTY_RULE = st.one_of(
    kind("linear"),
    kind("linear"),
    kind("flat"),
    kind("convex", curvature=MONEY),
    kind("turnover", share=SHARE, small_below=MONEY),
)
OFF = st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0])
CHOICE = kind("rational") | kind("quantal", precision=st.sampled_from([0.0, 1e6]) | st.floats(0, 50))


@st.composite
def distributions(draw: st.DrawFn, labs: int, units: int) -> Settings:
    """Values or risk profiles; rows of units where `units` is above 0."""
    low, high = sorted((draw(MONEY), draw(MONEY)))
    eighths = st.integers(0, 16).map(lambda n: n / 8)
    kinds = [
        {"distribution": "uniform", "low": low, "high": high},
        {"distribution": "lognormal", "median": max(low, 0.1), "sigma": draw(SPREAD)},
        {"distribution": "constant", "value": high},
        {"values": draw(st.lists(eighths, min_size=labs, max_size=labs))},
    ]
    if units:
        row = st.lists(eighths, min_size=units, max_size=units).map(lambda r: sorted(r, reverse=True))
        kinds.append({"values": draw(st.lists(row, min_size=labs, max_size=labs))})
    return draw(st.sampled_from(kinds))


@st.composite
def who(draw: st.DrawFn) -> Settings:
    """The labs."""
    labs, units = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    return {
        "count": labs,
        "units": units,
        "value": draw(distributions(labs, units)),
        "risk_profile": draw(distributions(labs, 0)),
        "turnover": draw(MONEY),
        "value_decline": draw(SHARE),
        "value_shock": draw(SPREAD),
        "value_noise": draw(SPREAD),
        "running_cost": draw(MONEY),
        "wealth": draw(st.floats(-5, 5)),
        "bidding": draw(st.sampled_from(["full-value", "outside-option"])),
        "choice": draw(CHOICE),
        **draw(st.just({}) | minds(labs)),
        **draw(st.just({}) | elsewhere()),
        "risky_share": draw(OFF),
    }


@st.composite
def elsewhere(draw: st.DrawFn) -> Settings:
    """What moving abroad costs."""
    return {
        "relocation_cost": draw(st.sampled_from([0.25, 0.5, 1.0]) | st.floats(0.01, 3)),
        "relocation_spread": draw(SPREAD),
        "jurisdictions": draw(st.integers(1, 3)),
    }


@st.composite
def minds(draw: st.DrawFn, labs: int) -> Settings:
    """Settings of labs that respond, collude, misjudge, fear, race and learn."""
    return {
        "bidding": draw(st.sampled_from(RULES)),
        "other_bidding": draw(st.sampled_from(RULES)),
        "other_share": draw(SHARE),
        "ring_share": draw(SHARE),
        "ring_withheld": draw(SHARE),
        "perceived_penalty": draw(distributions(labs, 0)),
        "perception_noise": draw(SPREAD),
        "loss_aversion": draw(st.sampled_from([1.0, 2.25]) | st.floats(1, 10)),
        "reputation_cost": draw(MONEY),
        "racing": draw(SHARE),
        "belief": draw(BELIEF),
    }


@st.composite
def enforcement(draw: st.DrawFn, labs: int) -> Settings:
    """Penalty, limits, signals, audits."""
    rates = ("collateral_share", "audit_accuracy", "backcheck")
    policy, signals = draw(POLICY), [draw(SHARE), draw(SHARE)]
    if policy["kind"] == "budgeted":
        signals.sort()
    return {
        **{rate: draw(SHARE) for rate in rates},
        "false_positive_rate": signals[0],
        "true_positive_rate": signals[1],
        "penalty": draw(MONEY),
        "penalty_rule": draw(PENALTY_RULE),
        "price_multiple": draw(OFF),
        "make_good": draw(st.sampled_from([0, 0, 0, 1, 3])),
        "stops_run": draw(OFF),
        "collateral_cost": draw(OFF),
        "liability_limit": draw(st.none() | MONEY),
        "audit_capacity": draw(st.none() | st.integers(0, labs + 1)),
        "policy": policy,
    }


@st.composite
def market_rules(draw: st.DrawFn, reserve: float) -> Settings:
    """Ceiling, containment reserve, limits, permits that outlive their month."""
    trigger = reserve + draw(st.floats(0.01, 1))
    ceiling = trigger + draw(st.sampled_from([0.0, 0.5, 3.0]))
    limit = st.none() | st.floats(0.01, 1)
    return {
        "price_ceiling": draw(st.sampled_from([None, ceiling])),
        "containment_trigger": draw(st.sampled_from([None, trigger])),
        "containment_reserve": draw(st.integers(0, 5)),
        "purchase_limit": draw(limit),
        "holding_limit": draw(limit),
        "rollover": draw(SHARE),
        "banking": draw(st.sampled_from([0, 0, 1, 3])),
        "lot": draw(st.sampled_from([1, 1, 2, 3])),
        "flop_threshold": draw(st.sampled_from([0.0, 0.0, 1e25, 2.5e25])),
        "risk_weight": draw(st.sampled_from([1, 2, 3])),
        "resale": draw(st.sampled_from([None, None, "double-auction", "pay-as-bid"])),
    }


@st.composite
def scenarios(draw: st.DrawFn, months: int = 2) -> Scenario:
    """A valid scenario over nearly all fields of the schema."""
    labs = draw(who())
    demand = labs["count"] * labs["units"]
    reserve = draw(MONEY)
    return parse(
        {
            "months": months,
            "labs": labs,
            "permits": {
                "cap": draw(st.integers(0, demand + 4)),
                "grandfathered": draw(SHARE),
                "reserve_price": reserve,
                **draw(st.just({}) | market_rules(reserve)),
            },
            "market": {"mechanism": draw(st.sampled_from(MECHANISMS))},
            "enforcement": draw(enforcement(labs["count"])),
            "welfare": {name: draw(MONEY) for name in WELFARE},
        }
    )
