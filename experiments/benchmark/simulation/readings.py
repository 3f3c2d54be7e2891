"""What the suite's numbers say, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.benchmark.simulation import streaming
from experiments.benchmark.simulation.months import MONTHS, WORLD_LABS
from experiments.benchmark.simulation.plain import MISSING
from experiments.benchmark.simulation.rows import (
    FLOOR,
    LAB_MONTHS,
    MONTH,
    NANOSECONDS,
    PEAK,
    PEAK_SLOPE,
    PLAIN,
    SLOPE,
    SWITCHED,
)
from experiments.benchmark.simulation.shown import short, size
from experiments.benchmark.simulation.switches import SHAPES

Row = dict[Any, Any]


def readings(table: pd.DataFrame, scale: float = 1.0) -> list[str]:
    """A paragraph for each part; only at full size are limits spoken of."""
    rows: list[Row] = table.to_dict("records")
    parts = (_months, _beside_plain, _small, _switches, _growth, _sweeps)
    return [_verdict(rows, scale), *(" ".join(part(rows)) for part in parts)]


def _verdict(rows: list[Row], scale: float) -> str:
    if scale < 1:
        return f"Limits are meant for the full size and not judged at {scale:g} of it."
    judged = [row["verdict"] for row in rows if row["verdict"]]
    return f"{judged.count('passes')} of {len(judged)} numbers keep their limit."


def _of(rows: list[Row], part: str, measure: str) -> list[Row]:
    return [row for row in rows if row["part"].startswith(part) and row["measure"] == measure]


def _months(rows: list[Row]) -> Iterator[str]:
    for cost, times in zip(_of(rows, "months", NANOSECONDS), _of(rows, "months", FLOOR), strict=True):
        yield (
            f"{cost['scenario']}, {size(cost)}: {cost['value']:.0f} ns a lab-month with every measure, "
            f"{times['value']:.1f} times its floor."
        )
    yield (
        "The floor draws each month's uniforms with NumPy's PCG64 and sorts its reports once; market and floor take "
        "turns, and the shortest time of each counts. Machines differ and are noisy: read the ratios."
    )


def _beside_plain(rows: list[Row]) -> Iterator[str]:
    found = _of(rows, "plain Mesa", PLAIN)
    for row in found:
        yield f"{row['scenario']}, {size(row)}: {row['value']:.0f} times as fast as plain Mesa per lab-month."
    yield (
        "Plain Mesa is one world of as many labs, with one Python object a lab and the same rules and luck."
        if found
        else MISSING
    )


def _small(rows: list[Row]) -> Iterator[str]:
    said = ", ".join(f"{row['value']:.2f} ms ({row['scenario']})" for row in _of(rows, "one world", MONTH))
    yield f"One world of {WORLD_LABS} labs, from its making to its table of {MONTHS} months: {said} a month."
    for row in _of(rows, "map", "time"):
        yield f"A deterrence map of {size(row)} and {row['months']} months: {row['value']:.2f} s in one process."


def _switches(rows: list[Row]) -> Iterator[str]:
    found = _of(rows, "switch ", SWITCHED)
    most = sorted(found, key=lambda row: -row["value"])[:3]
    said = ", ".join(f"{row['part'].removeprefix('switch ')} ({row['value']:.1f}, {size(row)})" for row in most)
    yield f"{len(found) // len(SHAPES)} switches, each on alone, beside the default month. The dearest: {said}."


def _growth(rows: list[Row]) -> Iterator[str]:
    found = [row for row in _of(rows, "growth", LAB_MONTHS) if row["program"] == "ensemble"]
    for jobs in sorted({row["jobs"] for row in found}):
        best = max((row for row in found if row["jobs"] == jobs), key=lambda row: row["value"])
        who = "One process reaches" if jobs == 1 else f"{jobs} processes reach"
        yield f"{who} {short(best['value'])} lab-months a second ({size(best)})."
    yield (
        "A month of one small world is the price of its array calls; all labs and worlds of a chunk share that price, "
        "until arithmetic is all that is left. What fits into one chunk runs in one process, however many may be used."
    )


def _sweeps(rows: list[Row]) -> Iterator[str]:
    for time, peak in zip(_of(rows, "sweep", SLOPE), _of(rows, "sweep", PEAK_SLOPE), strict=True):
        held = [row["value"] for row in _of(rows, time["part"], PEAK)]
        yield (
            f"S{time['part'][1:]}: time grows with power {time['value']:.3f} ± {time['error']:.3f}, peak memory with "
            f"power {peak['value']:.3f} ± {peak['error']:.3f} ({held[0]:.0f} to {held[-1]:.0f} MB)."
        )
    yield (
        f"Sweeps of {streaming.SCENARIO} with {streaming.LABS} labs and {streaming.MONTHS} months, each axis in a "
        "fresh process; ± is one standard error of the fit."
    )
