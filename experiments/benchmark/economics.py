"""The suite `economics`: what each mechanism does with the same labs, from thin markets to thick ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.benchmark.findings import Effort, Findings
from experiments.charts import AnyChart, thickness_chart
from experiments.ensemble import as_seeds, run_worlds, under_mechanisms
from experiments.statistics import interval
from scenarios import Scenario, load_scenario, override

Array = NDArray[Any]

BASE = "thin_market"
LABS = (4, 8, 16, 32, 64)
BIDDING = ("full-value",)
MECHANISMS = (
    "uniform-price",
    "uniform-price:k=0",
    "vickrey",
    "double-auction",
    "pay-as-bid",
    "mcafee",
    "huang",
    "muda",
    "muda:rationing=vickrey",
    "posted-price:price=0.55",
    "lottery",
)
WORLDS = 1_000


class Shown(NamedTuple):
    """How a measure of the model is shown; `per_cap` divides it by the number of permits."""

    name: str
    unit: str
    axis: str
    per_cap: bool


MEASURES = {
    "allocative_efficiency": Shown("efficiency", "share of the best possible value", "~%", False),
    "volume": Shown("volume", "permits traded per permit of the cap", ".2f", True),
    "auction_revenue": Shown("revenue", "M$ per permit of the cap", ".2f", True),
}


def economics(effort: Effort) -> Findings:
    """Run one month of every market size under every mechanism and way of bidding, the same worlds throughout.

    >>> found = economics(Effort(scale=0.002))
    >>> sorted(found.table["measure"].unique())
    ['efficiency', 'revenue', 'volume']
    """
    seeds = as_seeds(effort.part(WORLDS, least=2), effort.first_seed)
    cells = [(rule, labs) for rule in BIDDING for labs in LABS]
    work = np.cumsum([labs for _, labs in cells]) / sum(labs for _, labs in cells)
    tables = []
    for (rule, labs), before, after in zip(cells, [0.0, *work], work, strict=False):
        tables.append(_size(rule, labs, seeds, effort.within(before, after)))
    table = pd.concat(tables, ignore_index=True)
    return Findings(table, _shown(table), _figures(table), _words(len(seeds)))


def market(labs: int, bidding: str = "full-value") -> Scenario:
    """The thin market with another number of labs and as many permits for each of them, for one month.

    >>> market(24).permits.cap
    28
    """
    base = load_scenario(BASE)
    cap = max(1, round(base.permits.cap * labs / base.labs.count))
    return override(base, {"labs.count": labs, "permits.cap": cap, "labs.bidding": bidding, "months": 1})


def _size(rule: str, labs: int, seeds: Array, effort: Effort) -> pd.DataFrame:
    """All mechanisms at one size: a row a mechanism and measure."""
    scenario = market(labs, rule)
    cells = under_mechanisms(scenario, MECHANISMS)
    values = run_worlds(list(cells.values()), seeds, jobs=effort.jobs, progress=effort.told)
    head = {"bidding": rule, "labs": labs, "permits": scenario.permits.cap}
    return pd.DataFrame(
        {**head, "mechanism": label, "measure": shown.name, "unit": shown.unit, **_interval(found)}
        for measure, shown in MEASURES.items()
        for label, found in zip(cells, values[measure] / (scenario.permits.cap if shown.per_cap else 1.0), strict=True)
    )


def _interval(values: Array) -> dict[str, float | int]:
    found = interval(values)
    return {"mean": float(found.mean), "low": float(found.low), "high": float(found.high), "n": int(found.n)}


def _shown(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Means, sizes across, by measure and way of bidding."""
    found = {}
    for (measure, unit, rule), rows in table.groupby(["measure", "unit", "bidding"], sort=False):
        wide = rows.pivot(index="mechanism", columns="labs", values="mean").loc[rows["mechanism"].unique()]
        text = wide.map("{:.3f}".format)
        text.columns = pd.Index([f"{labs} labs" for labs in wide.columns])
        found[f"{measure}, {unit}; labs bid {rule}"] = text.rename_axis("mechanism").reset_index()
    return found


def _figures(table: pd.DataFrame) -> dict[str, AnyChart]:
    return {
        f"economics_{shown.name}": thickness_chart(
            table[table["measure"] == shown.name], f"{shown.name.capitalize()} by market size", shown.unit, shown.axis
        )
        for shown in MEASURES.values()
    }


def _words(worlds: int) -> list[str]:
    base = load_scenario(BASE)
    return [
        f"One month of the scenario {BASE} with other numbers of labs and {base.permits.cap} permits for every "
        f"{base.labs.count} labs, a quarter of them handed out, in {worlds:,} worlds; every mechanism meets the same "
        "labs and the same luck. Labs that bid full-value report the whole net value of each run.",
    ]
