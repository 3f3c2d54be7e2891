"""The floor under a month: drawing its uniforms with NumPy's own generator, and sorting its reports once."""

from __future__ import annotations

import numpy as np

from agents import PermitMarket
from experiments.benchmark.simulation.timing import Work
from scenarios import Scenario


def uniforms_a_world(scenario: Scenario) -> dict[str, int]:
    """Uniforms that a month needs in each world, by purpose.

    Lots that are not uniforms (who gets a permit that cannot be shared, who is audited over capacity) are left out, and
    so is what is drawn once a world: a lower floor is a stricter one.

    >>> from scenarios import load_scenario
    >>> uniforms_a_world(load_scenario("seed_binary"))
    {'noise': 20, 'signals': 20, 'audits': 20}
    """
    labs, enforcement = scenario.labs, scenario.enforcement
    used = {
        "shock": labs.value_shock > 0,
        "noise": labs.value_noise > 0,
        "choice": labs.choice.kind == "quantal",
        "signals": True,
        "audits": True,
        "accuracy": enforcement.audit_accuracy < 1,
        "backchecks": enforcement.backcheck > 0,
    }
    return {purpose: 1 if purpose == "shock" else labs.count for purpose, drawn in used.items() if drawn}


def floor(scenario: Scenario, worlds: int) -> Work:
    """Work that every program for these months has to do at least.

    Each month draws the uniforms with `numpy.random.PCG64` and sorts the reports of the second month along each world.

    >>> from scenarios import load_scenario
    >>> floor(load_scenario("seed_binary"), worlds=2)()
    """
    market = PermitMarket(scenario, seed=np.arange(worlds))
    market.step()
    if market.running:
        market.step()
    reports = market.month.reports.reshape(worlds, -1)
    sizes, generator = uniforms_a_world(scenario).values(), np.random.Generator(np.random.PCG64(0))

    def work() -> None:
        for _ in range(scenario.months):
            for size in sizes:
                generator.random((worlds, size))
            np.sort(reports, axis=-1)

    return work
