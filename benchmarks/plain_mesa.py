"""The permit market the usual way: a Mesa model with one Python object a lab, one world, no arrays.

It follows the rules of `agents.PermitMarket` for labs that bid their full value under uniform pricing and run by
expected gain, with the same luck, so that both give the same results; it is what the ensemble is measured against.
"""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from agents import MEASURES
from agents.economics import GAIN_TOLERANCE, detection, expected_penalty, punishment
from agents.labs import endowments, gross_values, monthly_factor
from agents.settings import stack
from mechanisms import Draws, InputError
from scenarios import Scenario, differences
from scenarios.schema import TEXTS

_UNKNOWN = (
    *("carried_over", "collateral_cost", "exempt", "false_alarm_cost", "released", "resale_paid", "resold", "several"),
    *("relocated", "relocating", "risky", "stopped", "surrendered", "uncovered_weighed", "weighed"),
)
"""What settings bring about that the plain model does not know, and refuses."""
KNOWN = (
    *("months", "market.", "enforcement.policy.", "labs.value.", "labs.risk_profile.", *TEXTS),
    *(f"labs.{name}" for name in ("count", "units", "value_decline", "value_shock", "value_noise", "running_cost")),
    *("labs.flop_per_unit", "labs.wealth", "permits.cap", "permits.grandfathered", "permits.reserve_price"),
    *(f"enforcement.{name}" for name in ("penalty", "collateral_share", "true_positive_rate", "false_positive_rate")),
    *("enforcement.audit_accuracy", "enforcement.backcheck", "welfare.audit_cost", "welfare.harm"),
)
"""Settings, or groups of them, that the plain model reads."""
CHANCES = ("true_positive_rate", "false_positive_rate", "audit_accuracy", "backcheck")


class PlainLab(mesa.Agent):
    """A lab with its own values, permits and account."""

    model: PlainMarket

    def __init__(self, model: PlainMarket, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.wealth: float = model.scenario_labs.wealth
        self.gross = [float(row[index]) for row in model.gross]

    def orders(self) -> list[tuple[float, int, bool]]:
        """Price, unit and side of each order: permits in hand as asks, further units as bids."""
        labs, factor = self.model.scenario_labs, self.model.factors[self.index]
        self.values = [value * factor - labs.running_cost for value in self.gross]
        self.endowed = self.held = int(self.model.endowed[self.index])
        self.bought = self.sold = 0
        self.paid = 0.0
        book = []
        for unit in range(max(labs.units, self.endowed)):
            value = self.values[unit] if unit < labs.units else 0.0
            if unit < self.endowed:
                book.append((max(value, 0.0), unit, False))
            elif value > 0 and value >= self.model.reserve:
                book.append((value, unit, True))
        return book

    def trade(self, buying: bool, price: float) -> None:
        """Buy or sell one permit."""
        self.bought += buying
        self.sold += not buying
        self.held += 1 if buying else -1
        self.paid += price if buying else -price

    def choose(self) -> None:
        """Run what the permits cover, and each further unit that gains more than a violation costs."""
        wanted = [value for value in self.values if value > 0]
        self.wanted, self.covered = len(wanted), min(self.held, len(wanted))
        cost = self.model.expected
        tempting = [v for v in wanted[self.held :] if v - cost > GAIN_TOLERANCE * max(1.0, v)]
        self.uncovered = len(tempting)
        self.covered_value = sum(wanted[: self.covered])
        self.run_value = sum(wanted[: self.covered + self.uncovered])
        self.wealth += self.run_value - self.paid

    def face(self, luck: dict[str, Any]) -> None:
        """Signal, audit, backcheck and penalty."""
        e, chances = self.model.enforcement, self.model.chances
        violating = self.uncovered > 0
        chance = chances["true_positive_rate" if violating else "false_positive_rate"]
        self.signal = luck["signals"][self.index] < chance
        self.audited = luck["audits"][self.index] < chances["high" if self.signal else "low"]
        self.caught = violating and self.audited and luck["accuracy"][self.index] < chances["audit_accuracy"]
        self.caught = self.caught or (violating and luck["backchecks"][self.index] < chances["backcheck"])
        owed = float(punishment(self.uncovered, e.penalty, np.inf)) if self.caught else 0.0
        self.seized = min(self.uncovered * e.collateral_share * e.penalty, owed)
        self.fine = owed - self.seized
        self.wealth -= owed


class PlainMarket(mesa.Model):
    """One world of a scenario, month by month, lab by lab.

    Raises
    ------
    InputError
        For a scenario beyond the rules that it knows.
    """

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        super().__init__(rng=seed)
        _check(scenario)
        self.settings, p = scenario, stack([scenario], 1)
        self.scenario_labs, self.enforcement, self.reserve = p.labs, p.enforcement, p.permits.reserve_price
        self.permits, self.k = p.permits, p.market.options.k
        self.draws = Draws(seed, month=-1)
        self.gross = gross_values(p.labs, self.draws)
        policy = vars(p.enforcement.policy)
        rate = policy.get("probability", 0.0)
        self.rates = (policy.get("high", rate), policy.get("low", rate))
        e = p.enforcement
        chances = {name: getattr(e, name) for name in CHANCES} | {"high": self.rates[0], "low": self.rates[1]}
        self.chances = {name: float(np.float32(chance)) for name, chance in chances.items()}  # as coarse as luck is
        found = detection(*self.rates, e.true_positive_rate, e.audit_accuracy, e.backcheck)
        self.expected = float(expected_penalty(1, found, e.penalty, np.inf, p.labs.risk_profile.value))
        self.months: list[dict[str, float]] = []
        for index in range(p.labs.count):
            PlainLab(self, index)
        getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa before 3.5 keeps every model alive here

    def run(self) -> None:
        """Run all months."""
        for _ in range(self.settings.months):
            self.step()

    def step(self) -> None:
        """One month."""
        draws, labs = self.draws.at(len(self.months)), self.scenario_labs.count
        factor = np.broadcast_to(monthly_factor(self.scenario_labs, draws), (labs,))
        self.factors = factor.tolist()
        self.endowed = endowments(self.permits, draws, labs).tolist()
        price = self.clear(draws)
        luck = {p: draws.luck(p, labs).tolist() for p in ("signals", "audits", "accuracy", "backchecks")}
        self.agents.do("choose")
        self.agents.do("face", luck)
        self.months.append(self.tallies(price))

    def clear(self, draws: Draws) -> float:
        """Uniform price: all valuations in one list, the permits to the highest."""
        lots = draws.priority("ties", self.scenario_labs.count).tolist()
        house = self.permits.cap - sum(self.endowed)
        pot = [
            (-price, lots[lab.index], unit, buying, lab) for lab in self.agents for price, unit, buying in lab.orders()
        ]
        pot += [(-self.reserve, float("inf"), 0, False, None)] * int(house)
        pot.sort(key=lambda order: order[:3])
        winners, losers = pot[: self.permits.cap], pot[self.permits.cap :]
        lowest = -winners[-1][0] if winners else 0.0
        highest = -losers[0][0] if losers else -np.inf
        price = lowest if self.k == 1 else self.k * lowest + (1 - self.k) * highest
        trades = [(lab, True) for *_, buying, lab in winners if lab and buying]
        trades += [(lab, False) for *_, buying, lab in losers if lab and not buying]
        for lab, buying in trades:
            lab.trade(buying, price)
        return price if any(buying for _, buying in trades) else np.nan

    def tallies(self, price: float) -> dict[str, float]:
        """Counts and sums of the month, by the names of `agents.measures`."""
        labs, p = list(self.agents), self.settings

        def total(name: str) -> float:
            return sum(getattr(lab, name) for lab in labs)

        def count(test: Any) -> int:
            return sum(1 for lab in labs if test(lab))

        best = sorted((value for lab in labs for value in lab.values if value > 0), reverse=True)[: p.permits.cap]
        uncovered, used, audits = total("uncovered"), total("covered"), total("audited")
        return {
            "labs": len(labs),
            "cap": p.permits.cap,
            "wanted": total("wanted"),
            "no_demand": count(lambda lab: lab.wanted == 0),
            "covered": count(lambda lab: 0 < lab.wanted <= lab.held),
            "short": count(lambda lab: lab.held < lab.wanted),
            "violating": count(lambda lab: lab.uncovered > 0),
            "uncovered": uncovered,
            "held": total("held"),
            "held_squares": sum(lab.held**2 for lab in labs),
            "used": used,
            "bought": total("bought"),
            "sold": total("sold"),
            "paid": sum(lab.paid for lab in labs if lab.bought),
            "received": -sum(lab.paid for lab in labs if lab.sold),
            "revenue": total("paid"),
            "price": price,
            "run_value": total("run_value"),
            "covered_value": total("covered_value"),
            "best_value": sum(best),
            "reported_compute": used * p.labs.flop_per_unit,
            "uncovered_compute": uncovered * p.labs.flop_per_unit,
            "audits": audits,
            "signals_violators": count(lambda lab: lab.signal and lab.uncovered),
            "signals_clean": count(lambda lab: lab.signal and not lab.uncovered),
            "false_alarms": count(lambda lab: lab.audited and not lab.uncovered),
            "caught": total("caught"),
            "seized": total("seized"),
            "fines": total("fine"),
            "audit_cost": audits * p.welfare.audit_cost,
            "harm": uncovered * p.welfare.harm,
            "infeasible": 0.0,
            **dict.fromkeys(_UNKNOWN, 0.0),
            "wealth": total("wealth"),
        }

    def measures(self) -> dict[str, np.ndarray[Any, Any]]:
        """Every measure by month, as `PermitMarket.measures` gives them."""
        columns = {name: np.array([month[name] for month in self.months], dtype=float) for name in self.months[0]}
        return {name: measure.formula(columns) for name, measure in MEASURES.items()}


def _check(scenario: Scenario) -> None:
    facts = [
        ("market.mechanism", scenario.market.mechanism, "uniform-price"),
        ("labs.bidding", scenario.labs.bidding, "full-value"),
        ("labs.choice.kind", scenario.labs.choice.kind, "rational"),
        ("labs.risk_profile.distribution", scenario.labs.risk_profile.distribution, "constant"),
        ("enforcement.liability_limit", scenario.enforcement.liability_limit, None),
        ("enforcement.audit_capacity", scenario.enforcement.audit_capacity, None),
    ]
    for field, found, known in facts:
        if found != known:
            raise InputError(f"{field}: {found!r} is not {known!r}, the only one that the plain model knows")
    for field, (found, default) in differences(scenario, Scenario()).items():
        if not any(field == known or (known.endswith(".") and field.startswith(known)) for known in KNOWN):
            raise InputError(f"{field}: {found!r} is not {default!r}, the only one that the plain model knows")
    if scenario.enforcement.policy.kind not in ("none", "random", "signal"):
        raise InputError(
            f"enforcement.policy.kind: {scenario.enforcement.policy.kind} is not one of none, random, signal"
        )
