"""The plain Mesa model, which is part of a checkout and not of the installed package."""

from __future__ import annotations

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from experiments.benchmark.simulation.timing import Work
from scenarios import Scenario

FILE = Path(__file__).parents[3] / "benchmarks" / "plain_mesa.py"
MISSING = (
    "The plain Mesa model (benchmarks/plain_mesa.py) is part of a checkout; it is not here, so nothing stands beside."
)


@cache
def plain_market(file: Path = FILE) -> Any:
    """Class of the plain model; None where its file is missing.

    >>> plain_market(Path("nowhere.py")) is None
    True
    """
    spec = spec_from_file_location(file.stem, file) if file.is_file() else None
    if spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PlainMarket


def plain(scenario: Scenario) -> Work | None:
    """Work of one world in the plain model with all measures; None where the model is missing."""
    market = plain_market(FILE)
    if market is None:
        return None

    def work() -> None:
        model = market(scenario)
        model.run()
        model.measures()

    return work
