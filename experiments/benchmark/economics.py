"""The suite `economics`: what each mechanism does with the same labs, from thin markets to thick ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.equilibrium import equilibrium_of
from experiments.benchmark import lies
from experiments.benchmark.findings import Effort, Findings
from experiments.charts import AnyChart, thickness_chart
from experiments.ensemble import as_seeds, prepare, run_worlds, under_mechanisms
from experiments.statistics import interval
from scenarios import Scenario, load_scenario, override

Array = NDArray[Any]

BASE = "thin_market"
LABS = (4, 8, 16, 32, 64)
BIDDING = TRUTH, SEARCHED = "full-value", "equilibrium"
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
SEARCHED_LABS = (4, 8, 16)
SEARCHED_MECHANISMS = (
    "uniform-price",
    "uniform-price:k=0",
    "vickrey",
    "double-auction",
    "pay-as-bid",
    "mcafee",
    "huang",
)
"""Where labs may bid for their own advantage: a search takes about 20 s for each of these and each size."""
REGRET_WORLDS = 50
SEARCH_SECONDS, REGRET_SECONDS, WORLD_SECONDS = 20.0, 75.0, 12.0
"""What a search takes, and at full size the regrets and the worlds, about; for the time that is left."""
GAIN_LEFT = "gain left"


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


class Cells(NamedTuple):
    """One market under some mechanisms: how labs bid, how many there are, the scenario by label."""

    bidding: str
    labs: int
    scenarios: dict[str, Scenario]

    def rows(self, found: Iterator[dict[str, Any]]) -> pd.DataFrame:
        """Rows of mechanism and measure, with the market in front."""
        permits = next(iter(self.scenarios.values())).permits.cap
        return pd.DataFrame([{"bidding": self.bidding, "labs": self.labs, "permits": permits, **row} for row in found])


def economics(effort: Effort) -> Findings:
    """Run one month of every market size under every mechanism and way of bidding, the same worlds throughout.

    >>> found = economics(Effort(scale=0.002))
    >>> sorted(found.table["measure"].unique())[:5]
    ['efficiency', 'largest regret', 'largest regret gain', 'regret', 'regret gain']
    """
    markets = list(cells(effort))
    searched = [cell for each in markets if each.bidding == SEARCHED for cell in each.scenarios.values()]
    times = np.array([SEARCH_SECONDS * len(searched), WORLD_SECONDS * effort.scale, REGRET_SECONDS * effort.scale])
    found, ran = np.cumsum(times)[:2] / times.sum()
    prepare(searched, effort.jobs, effort.within(0.0, found).told)
    parts = _worlds(markets, effort.within(found, ran)) + _regrets(markets, effort.within(ran, 1.0))
    table = pd.concat(parts, ignore_index=True)
    return Findings(table, _shown(table), _figures(table), _words(effort, markets))


def cells(effort: Effort) -> Iterator[Cells]:
    """Every size and way of bidding. A smaller scale searches fewer equilibria, those of the smallest markets first.

    >>> [(each.bidding, each.labs, len(each.scenarios)) for each in cells(Effort(scale=0.4))][-2:]
    [('equilibrium', 4, 7), ('equilibrium', 8, 1)]
    """
    for labs in LABS:
        yield Cells(TRUTH, labs, under_mechanisms(market(labs), MECHANISMS))
    searched = [(labs, name) for labs in SEARCHED_LABS for name in SEARCHED_MECHANISMS]
    searched = searched[: effort.part(len(searched), least=0)]
    for labs in dict.fromkeys(labs for labs, _ in searched):
        names = [name for size, name in searched if size == labs]
        yield Cells(SEARCHED, labs, under_mechanisms(market(labs, SEARCHED), names))


def market(labs: int, bidding: str = "full-value") -> Scenario:
    """The thin market with another number of labs and as many permits for each of them, for one month.

    >>> market(24).permits.cap
    28
    """
    base = load_scenario(BASE)
    cap = max(1, round(base.permits.cap * labs / base.labs.count))
    return override(base, {"labs.count": labs, "permits.cap": cap, "labs.bidding": bidding, "months": 1})


def _worlds(markets: list[Cells], effort: Effort) -> list[pd.DataFrame]:
    """Measures of the model in many worlds."""
    seeds = as_seeds(effort.part(WORLDS, least=2), effort.first_seed)
    done = np.cumsum([0, *(each.labs for each in markets)]) / sum(each.labs for each in markets)
    return [
        each.rows(_measured(each.scenarios, seeds, effort.within(before, after)))
        for each, before, after in zip(markets, done, done[1:], strict=False)
    ]


def _measured(scenarios: dict[str, Scenario], seeds: Array, effort: Effort) -> Iterator[dict[str, Any]]:
    """A row a mechanism and measure, and what labs in equilibrium have left to gain."""
    values = run_worlds(list(scenarios.values()), seeds, jobs=effort.jobs, progress=effort.told)
    for measure, shown in MEASURES.items():
        for (label, cell), found in zip(scenarios.items(), values[measure], strict=True):
            numbers = _interval(found / (cell.permits.cap if shown.per_cap else 1.0))
            yield {"mechanism": label, "measure": shown.name, "unit": shown.unit, **numbers}
    for label, cell in scenarios.items():
        if answer := equilibrium_of(cell):
            numbers = {"mean": answer.residual, "low": np.nan, "high": np.nan, "n": answer.gains_left.size}
            yield {"mechanism": label, "measure": GAIN_LEFT, "unit": "M$ a month", **numbers}


def _regrets(markets: list[Cells], effort: Effort) -> list[pd.DataFrame]:
    """What lies pay where the others tell the truth; a smaller scale leaves out the largest markets."""
    seeds = as_seeds(effort.part(REGRET_WORLDS, least=2), effort.first_seed)
    truthful = [each for each in markets if each.bidding == TRUTH][: effort.part(len(LABS))]
    done = np.cumsum([each.labs for each in truthful]) / sum(each.labs for each in truthful)
    parts = []
    for each, share in zip(truthful, done, strict=True):
        parts.append(each.rows(lies.regret_rows(each.scenarios, seeds)))
        effort.told(float(share))
    return parts


def _interval(values: Array) -> dict[str, float | int]:
    found = interval(values)
    return {"mean": float(found.mean), "low": float(found.low), "high": float(found.high), "n": int(found.n)}


def _shown(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Means, sizes across, by measure and way of bidding."""
    found = {}
    for (measure, unit, rule), rows in table.groupby(["measure", "unit", "bidding"], sort=False):
        wide = rows.pivot(index="mechanism", columns="labs", values="mean").loc[rows["mechanism"].unique()]
        digits = "{:.4f}" if measure == GAIN_LEFT else "{:.3f}"
        text = wide.map(digits.format).replace("nan", "")
        text.columns = pd.Index([f"{labs} labs" for labs in wide.columns])
        found[f"{measure}, {unit}; labs bid {rule}"] = text.rename_axis("mechanism").reset_index()
    return found


def _figures(table: pd.DataFrame) -> dict[str, AnyChart]:
    drawn = {shown.name: shown.axis for shown in MEASURES.values()} | lies.DRAWN
    rows = {name: table[table["measure"] == name] for name in drawn}
    return {
        f"economics_{name.replace(' ', '_')}": thickness_chart(
            rows[name], f"{name.capitalize()} by market size", rows[name]["unit"].iloc[0], axis
        )
        for name, axis in drawn.items()
    }


def _words(effort: Effort, markets: list[Cells]) -> list[str]:
    base = load_scenario(BASE)
    worlds, tried = effort.part(WORLDS, least=2), effort.part(REGRET_WORLDS, least=2)
    return [
        f"One month of the scenario {BASE} with other numbers of labs and {base.permits.cap} permits for every "
        f"{base.labs.count} labs, a quarter of them handed out, in {worlds:,} worlds; every mechanism meets the same "
        "labs and the same luck. Labs that bid full-value report the whole net value of each run.",
        *_searched_words(markets),
        f"Regret is what a lab gains by the best lie found while the others tell the truth, in {tried} worlds, over a "
        "truthful lab's mean surplus there: a lower bound, exactly 0 where no lie pays. Under pay-as-bid the truth "
        "brings nothing, so that there regret is shown in M$ alone.",
    ]


def _searched_words(markets: list[Cells]) -> Iterator[str]:
    """What the search found, and what was left out of it."""
    found = {
        f"{label} at {each.labs} labs": answer
        for each in markets
        for label, cell in each.scenarios.items()
        if (answer := equilibrium_of(cell))
    }
    if not found:
        return
    unsettled = [f"{market}: {answer}" for market, answer in found.items() if not answer.settled]
    said = f"Labs settled in {len(found) - len(unsettled)} of {len(found)} markets"
    yield (
        "Labs that bid equilibrium answer to the mechanism and to each other (approximate Bayes-Nash equilibrium); the "
        f"gain left is the most that any type of lab could still gain by deviating. {said}"
        f"{'; not in ' + '; '.join(unsettled) if unsettled else ''}. Left out: muda, posted-price and lottery, under "
        "which truth is a dominant strategy (claimed and tested); larger markets, where a search takes long and a "
        "single bid moves little."
    )
