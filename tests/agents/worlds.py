"""Small worlds for the tests: build them, run them, compare them bit by bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agents import PermitMarket
from agents.measures import defined_mean
from scenarios import Scenario, override

SMALL = Scenario(months=2, labs={"count": 8, "units": 2}, permits={"cap": 9})
TRADES = ("uniform-price", "vickrey", "double-auction")
MONTH = (
    *("net_value", "endowment", "reports", "bought", "sold", "paid", "held", "wanted", "covered", "uncovered"),
    *("run_value", "signal", "audited", "caught", "seized", "fine", "penalty"),
)
LEDGER = ("labs", "collateral", "governor", "resources")
PHASES = ("discover_prices", "allocate_permits", "choose_runs", "raise_signals", "audit", "penalise_and_refund")


def small(changes: Mapping[str, Any] | None = None) -> Scenario:
    """A small scenario with some settings changed."""
    return override(SMALL, changes or {})


def ran(scenario: Scenario | Sequence[Scenario], seed: Any = 0) -> PermitMarket:
    """A market after all its months."""
    market = PermitMarket(scenario, seed)
    market.run()
    return market


def one_month(changes: Mapping[str, Any] | None = None, seed: Any = 0) -> PermitMarket:
    """A small market after its first month."""
    market = PermitMarket(small(changes), seed)
    market.step()
    return market


def means(scenario: Scenario, seeds: Any) -> dict[str, float]:
    """Mean of every measure over worlds and months where it is defined."""
    return {name: float(defined_mean(values.ravel())) for name, values in ran(scenario, seeds).measures().items()}


def state(market: PermitMarket) -> dict[str, Any]:
    """Everything that a world is: its measures, the last month and the accounts, each with the worlds' axis first."""
    return {
        **market.measures(),
        **{f"month.{name}": getattr(market.month, name) for name in MONTH},
        **{f"ledger.{name}": getattr(market.ledger, name) for name in LEDGER},
    }


def assert_same_worlds(batch: PermitMarket, scenarios: Sequence[Scenario], seeds: Sequence[int]) -> None:
    """Each world of a batch, cells first, equals the same world alone to the last bit."""
    together = state(batch)
    worlds = [(scenario, seed) for scenario in scenarios for seed in seeds]
    assert batch.lead == (len(worlds),)
    for index, (scenario, seed) in enumerate(worlds):
        for name, alone in state(ran(scenario, seed)).items():
            where = f"{name} of world {index}, seed {seed}"
            one = together[name][index]
            assert (one.shape, _kind(one)) == (np.shape(alone), _kind(alone)), where
            np.testing.assert_array_equal(one, alone, err_msg=where)


def _kind(array: Any) -> str:
    """Whole numbers may be bytes in one world and words in a batch, in which more can happen."""
    return np.asarray(array).dtype.kind
