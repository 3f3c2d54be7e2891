"""Which market rules a scenario has on, and which mechanisms and models know nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechanisms import InputError, resolve

if TYPE_CHECKING:
    from scenarios.permits import Permits
    from scenarios.schema import Market, Scenario

FIXED_PRICE = ("posted-price", "lottery")
"""Mechanisms whose price does not answer to demand."""
_OFF = {
    "price_ceiling": None,
    "containment_reserve": 0,
    "purchase_limit": None,
    "holding_limit": None,
    "rollover": 0.0,
    "banking": 0,
    "resale": None,
    "lot": 1,
    "flop_threshold": 0.0,
    "risk_weight": 1,
}


def rules_on(permits: Permits) -> list[str]:
    """Paths of the market rules that are on.

    >>> from scenarios import Scenario
    >>> rules_on(Scenario(permits={"banking": 2, "reserve_price": 0.1}).permits)
    ['permits.banking']
    """
    return [f"permits.{name}" for name, off in _OFF.items() if getattr(permits, name) != off]


def refuse_rules(scenario: Scenario, where: str) -> None:
    """InputError where a model that knows nothing of market rules meets one.

    >>> from scenarios import Scenario
    >>> refuse_rules(Scenario(permits={"banking": 2}), "equilibrium")
    Traceback (most recent call last):
    mechanisms.errors.InputError: equilibrium knows nothing of permits.banking; allowed is a scenario without it
    """
    if on := rules_on(scenario.permits):
        raise InputError(f"{where} knows nothing of {on[0]}; allowed is a scenario without it")


def check_resale(resale: str) -> None:
    """InputError where labs cannot sell under the mechanism of the resale round."""
    plugin = resolve("mechanism", resale, where="permits.resale").plugin
    if not plugin.facts.two_sided:
        raise InputError(f"permits.resale: {resale} lets labs sell nothing; allowed is a mechanism with two sides")


def check_mechanism(permits: Permits, market: Market) -> None:
    """InputError where the price is fixed and a rule needs it to answer to demand."""
    name = resolve("mechanism", market.mechanism, market.options, where="market").plugin.name
    if name not in FIXED_PRICE:
        return
    for rule in ("price_ceiling", "containment_reserve"):
        if (value := getattr(permits, rule)) != _OFF[rule]:
            raise InputError(
                f"permits.{rule}: {value:g} needs a mechanism whose price answers to demand; {name} has a fixed price"
            )
