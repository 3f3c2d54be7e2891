"""Where each default comes from: a source outside, the seed model, or a choice that only illustrates.

None of the vault's numbers is calibrated. Where the world has a number to hold against a default, it is named.
"""

from __future__ import annotations

_CHOSEN = "Chosen to illustrate."
_UNITS = f"{_CHOSEN} In the seed model's units, in which values are about 1."
_EPOCH = "Epoch AI: over 30 models above 1e25 FLOP from 12 developers by June 2025, tens of millions of dollars each."
_AI_ACT = (
    "EU AI Act, Art. 99: 35 M EUR or 7% of turnover, the higher; Art. 101 (general-purpose models): 15 M EUR or 3%."
)
_IAEA = "IAEA detection goals: 90% is high, 20% low."
_AUDITS = (
    "US income tax audits 2009-10: 1.11% of individual returns, 8.4% of those above $1M, 45% of corporations with "
    "assets of $5-20B."
)

_DEFAULTS: dict[str, str] = {
    "name": "Every scenario has its own.",
    "description": "Every scenario has its own.",
    "sources": "Every scenario has its own.",
    "months": f"{_CHOSEN} The seed model has 10.",
    "labs.count": f"{_CHOSEN} The seed model has 20. Compare {_EPOCH}",
    "labs.units": f"{_CHOSEN} The seed model has 1. Compare {_EPOCH}",
    "labs.value": f"{_UNITS} Compare {_EPOCH}",
    "labs.value_decline": _CHOSEN,
    "labs.value_shock": _CHOSEN,
    "labs.value_noise": _CHOSEN,
    "labs.running_cost": _UNITS,
    "labs.risk_profile": "Risk neutral, as the seed model.",
    "labs.turnover": "None: it matters for fines by turnover alone.",
    "labs.flop_per_unit": _EPOCH,
    "labs.wealth": "Accounts start at zero: only what they gain or lose is reported.",
    "labs.bidding": "The seed model.",
    "labs.choice": "Rational choice, as the seed model.",
    "labs.choice.precision": _CHOSEN,
    "labs.other_bidding": "The rational benchmark beside the seed model's bids.",
    "labs.other_share": "One strategy, as the seed model.",
    "labs.ring_share": "No collusion, as the seed model.",
    "labs.ring_withheld": f"{_CHOSEN} Enough to bite where four tenths of the demand can be met.",
    "labs.perceived_penalty": "Labs know the penalty, as in the seed model.",
    "labs.perception_noise": "Labs know the penalty, as in the seed model.",
    "labs.loss_aversion": "None, as the seed model. Compare Tversky & Kahneman (1992): a median of 2.25.",
    "labs.reputation_cost": "None, as the seed model.",
    "labs.racing": "None, as the seed model.",
    "labs.risky_share": "None, as the seed model.",
    "labs.relocation_cost": "Labs cannot move, as in the seed model.",
    "labs.relocation_spread": "One cost for all labs.",
    "labs.jurisdictions": "One: with one cost for all labs more of them change nothing.",
    "labs.belief": "Labs believe what is announced, as in the seed model.",
    "labs.belief.prior": "As announced.",
    "labs.belief.strength": _CHOSEN,
    "labs.belief.hearsay": "Penalties are public (compare Sah 1991, who lets people learn from those around them).",
    "permits.cap": f"{_CHOSEN} Four tenths of what a hundred labs with three units could run.",
    "permits.grandfathered": f"{_CHOSEN} Half handed out and half sold, to show both.",
    "permits.reserve_price": "No reserve, as the seed model. Compare California: $10 in 2012, rising 5% a year plus "
    "inflation (17 CCR 95911); RGGI in 2008: $1.86, at which it sold 12,565,387.",
    "permits.price_ceiling": "None, as the seed model. Compare California: $65 in 2021, rising 5% a year plus "
    "inflation (17 CCR 95915).",
    "permits.containment_reserve": "None, as the seed model. Compare RGGI, which sells a reserve at a trigger price.",
    "permits.containment_trigger": "None, as the seed model. Compare RGGI's auction 62 (12/2023): $14.88, the price at "
    "which it sold 27,656,000.",
    "permits.purchase_limit": "None, as the seed model. Compare RGGI: a bidder may buy 25% at most.",
    "permits.holding_limit": "None, as the seed model.",
    "permits.rollover": "Unsold permits are retired, as in the seed model.",
    "permits.banking": "Permits lapse with their month, as in the seed model.",
    "permits.resale": "No resale, as the seed model.",
    "permits.lot": "Single permits, as the seed model. Compare RGGI: lots of 1,000.",
    "permits.flop_threshold": "None, as the seed model: every run needs a permit. Compare the EU AI Act's 1e25 FLOP; "
    f"{_EPOCH}",
    "permits.risk_weight": "One permit per unit, as the seed model.",
    "market.mechanism": "As RGGI's and California's auctions: one sealed round, one price.",
    "market.options": "None but the mechanism's own defaults.",
    "enforcement.penalty": "The middle of the seed model's range, 0.2 to 0.8. Compare the EU ETS: 100 EUR for each "
    f"missing allowance, which is still owed; {_AI_ACT}",
    "enforcement.penalty_rule": "By the unit, as the seed model.",
    "enforcement.penalty_rule.curvature": f"{_CHOSEN} Compare Stranlund and Dhanda (1999).",
    "enforcement.penalty_rule.share": "EU AI Act, Art. 101 (general-purpose models): 3% of turnover.",
    "enforcement.penalty_rule.small_below": "No lab is small. Compare the EU AI Act, Art. 99: for small firms the "
    "lower of the two.",
    "enforcement.price_multiple": "None, as the seed model.",
    "enforcement.make_good": "Nothing, as the seed model. Compare the EU ETS: the missing allowance is still owed.",
    "enforcement.stops_run": "A violation comes out after the run, as in the seed model.",
    "enforcement.collateral_cost": "None, as the seed model.",
    "enforcement.collateral_share": _CHOSEN,
    "enforcement.liability_limit": f"None, as the seed model. Compare {_AI_ACT}",
    "enforcement.true_positive_rate": f"{_CHOSEN} Compare {_IAEA}",
    "enforcement.false_positive_rate": _CHOSEN,
    "enforcement.audit_accuracy": "An audit misses nothing, as in the seed model.",
    "enforcement.backcheck": "None, as the seed model. Compare a trial in Gujarat, in which auditors assigned at "
    "random and backchecked reported truthfully, and emissions fell (NBER w19259).",
    "enforcement.audit_capacity": "No limit, as the seed model.",
    "enforcement.policy": f"{_CHOSEN} Compare {_AUDITS}",
    "enforcement.policy.kind": "Audits after a signal, as the seed model.",
    "welfare.audit_cost": _CHOSEN,
    "welfare.harm": f"{_CHOSEN} About the value of a run.",
    "welfare.risky_harm": "All uncovered runs are alike, as in the seed model.",
    "welfare.harm_abroad": "A run is as dangerous wherever it is made.",
    "welfare.false_alarm_cost": "None, as the seed model.",
}


def source_of(path: str) -> str:
    """Where a setting's default comes from.

    Parameters
    ----------
    path : str
        A setting, as `entries` names it. Settings of a distribution share one source.

    Examples
    --------
    >>> source_of("labs.flop_per_unit").partition(":")[0], source_of("labs.value.low") == source_of("labs.value.high")
    ('Epoch AI', True)
    """
    return _DEFAULTS.get(path, _UNITS)
