"""Speed beside a floor measured in the same run: months of the market, and one clearing of a large book.

Run ``python benchmarks/speed.py``. Machines differ and are noisy: read the ratios.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from agents import PermitMarket
from mechanisms import CentralExchange, Draws, OrderBook
from scenarios import load_scenario, override

REPEATS = 5
MONTHS = 24


def best_of(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def month_seconds(name: str, worlds: int, labs: int) -> tuple[float, float]:
    """Seconds for all months of a market with every measure, and for its floor."""
    base = load_scenario(name)
    cap = max(1, base.permits.cap * labs // base.labs.count)
    scenario = override(base, {"labs.count": labs, "permits.cap": cap, "months": MONTHS})
    seeds = np.arange(worlds)

    def market() -> None:
        model = PermitMarket(scenario, seed=seeds)
        model.run()
        model.world_values()

    model = PermitMarket(scenario, seed=seeds)
    model.step()
    reports = model.month.reports.reshape(worlds, -1)
    draws = Draws(seeds)
    purposes = [p for p, used in (("noise", base.labs.value_noise), ("signals", 1), ("audits", 1)) if used]

    def floor() -> None:
        for month in range(MONTHS):
            for purpose in purposes:
                draws.at(month).uniform(purpose, labs)
            np.partition(reports, scenario.permits.cap // 2, axis=-1)

    return best_of(market, 3), best_of(floor, 3)


def clearing_seconds(mechanism: str, orders: int) -> tuple[float, float]:
    """Seconds to clear one book of unit orders, and to sort the same floats."""
    prices = np.random.default_rng(0).random(orders)
    exchange = CentralExchange(mechanism)

    def clear() -> None:
        # a new book each time, so that nothing cached helps
        book = OrderBook.of(prices, supply=orders // 2)
        started = time.perf_counter()
        clearing = exchange.clear(book)
        _ = clearing.outcome.fills, clearing.price
        spent.append(time.perf_counter() - started)

    spent: list[float] = []
    for _ in range(REPEATS):
        clear()
    return min(spent), best_of(lambda: np.sort(prices))


def main() -> None:
    """Print both tables."""
    months = Table("scenario", "worlds", "labs", "lab-months a second", "times the floor", "ms a month")
    for name in ("seed_binary", "baseline"):
        for worlds, labs in ((1, 1000), (1000, 100)):
            spent, floor = month_seconds(name, worlds, labs)
            rate = worlds * labs * MONTHS / spent
            row = (
                name,
                f"{worlds:,}",
                f"{labs:,}",
                f"{rate:,.0f}",
                f"{spent / floor:.1f}",
                f"{spent / MONTHS * 1e3:.2f}",
            )
            months.add_row(*row)
    clearings = Table("mechanism", "unit orders", "ms", "times numpy.sort")
    for mechanism in ("uniform-price", "double-auction", "vickrey"):
        spent, floor = clearing_seconds(mechanism, 100_000)
        clearings.add_row(mechanism, "100,000", f"{spent * 1e3:.2f}", f"{spent / floor:.1f}")
    console = Console()
    console.print(months)
    console.print(clearings)


if __name__ == "__main__":
    main()
