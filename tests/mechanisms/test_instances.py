"""Every hand-solved market in tests/instances comes out as its file says."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mechanisms import CentralExchange, Clearing, OrderBook
from mechanisms.measures import gains_from_trade

FILES = sorted((Path(__file__).parents[1] / "instances").glob("*.yaml"))
INSTANCES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
MARKET = {"name", "source", "working", "orders", "outcomes"}
OPTIONAL = {"supply", "reserve", "fills", "gains", "seed"}
OUTCOME = {"mechanism", "fills", "payments", "price", "revenue", "gains"}
SOLVED = [
    pytest.param({**instance, **outcome}, id=f"{name}-{outcome['mechanism']}")
    for name, instance in INSTANCES.items()
    for outcome in instance["outcomes"]
]


def clear(solved: dict[str, Any]) -> Clearing:
    frame = pd.DataFrame(solved["orders"])
    if "house" in frame:
        frame["house"] = frame["house"].eq(True)  # rows that say nothing are not the house's
    book = OrderBook.from_frame(frame, supply=solved.get("supply", 0), reserve=solved.get("reserve", 0.0))
    return CentralExchange(solved["mechanism"]).clear(book, seed=solved.get("seed", 0))


def assert_known(expected: list[float | None], found: np.ndarray) -> None:
    """Compare the entries that are not null."""
    assert len(expected) == len(found)
    for want, have in zip(expected, found, strict=True):
        assert want is None or have == pytest.approx(want, abs=1e-9)


def test_there_are_instances() -> None:
    assert len(SOLVED) > 50


@pytest.mark.parametrize("name", INSTANCES)
def test_instance_is_complete(name: str) -> None:
    instance = INSTANCES[name]
    assert set(instance) >= MARKET
    assert set(instance) <= MARKET | OPTIONAL
    for outcome in instance["outcomes"]:
        assert set(outcome) <= OUTCOME
        assert {"mechanism", "payments", "revenue"} <= set(outcome)
        assert "fills" in {**instance, **outcome}


@pytest.mark.parametrize("solved", SOLVED)
def test_fills_and_payments(solved: dict[str, Any]) -> None:
    clearing = clear(solved)
    assert_known(solved["fills"], clearing.fills)
    assert_known(solved["payments"], clearing.payments)
    assert clearing.surplus == pytest.approx(solved["revenue"], abs=1e-9)


@pytest.mark.parametrize("solved", [case for case in SOLVED if "price" in case.values[0]])
def test_price(solved: dict[str, Any]) -> None:
    want = np.nan if solved["price"] is None else solved["price"]
    assert clear(solved).price == pytest.approx(want, nan_ok=True)


@pytest.mark.parametrize("solved", [case for case in SOLVED if "gains" in case.values[0]])
def test_gains(solved: dict[str, Any]) -> None:
    assert gains_from_trade(clear(solved)) == pytest.approx(solved["gains"])
