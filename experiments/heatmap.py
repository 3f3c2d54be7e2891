"""The deterrence map: a measure over the penalty P and the probability p_eff that a violation is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import contourpy
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from agents import MEASURES
from agents.economics import detection, random_audits
from experiments.ensemble import Progress, as_scenario, as_seeds, run_worlds, with_mechanism
from experiments.statistics import interval
from mechanisms import CentralExchange, InputError, get_plugin
from mechanisms.errors import unknown
from scenarios import Scenario, override

Array = NDArray[Any]

HALF = 0.5
_REACH_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Heatmap:
    """What `heatmap` found.

    Attributes
    ----------
    scenario, measure, labels : what was asked for
    penalties : (columns,), P in M$; detections : (rows,), p_eff
    data : one row a label and cell: label, penalty, detection, audit_probability, reachable, mean, low, high, n
    """

    scenario: Scenario
    measure: str
    labels: tuple[str, ...]
    penalties: Array
    detections: Array
    data: pd.DataFrame

    def grid(self, label: str) -> Array:
        """Means of one mechanism, (detections, penalties); NaN where p_eff cannot be reached."""
        rows = self.data[self.data["label"] == label]
        return rows["mean"].to_numpy().reshape(len(self.detections), len(self.penalties))

    def contour(self, level: float = HALF) -> pd.DataFrame:
        """Line on which the measure has the level: columns label, line, step, penalty, detection."""
        frames = []
        for label in self.labels:
            values = np.ma.masked_invalid(self.grid(label))
            lines: Any = contourpy.contour_generator(self.penalties, self.detections, values).lines(level)
            for number, line in enumerate(lines):
                points = {"step": np.arange(len(line)), "penalty": line[:, 0], "detection": line[:, 1]}
                frames.append(pd.DataFrame({"label": label, "line": number} | points))
        columns = ["label", "line", "step", "penalty", "detection"]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)

    def flip_line(self) -> pd.DataFrame:
        """Where the closed form says that violating starts to pay: columns penalty, detection; empty without one.

        On it the expected penalty equals the expected highest losing net value, ``p * P = (n-Q)/(n+1)`` of the way
        from the lowest to the highest value, so that on average the keenest lab without a permit is indifferent.
        """
        threshold = keenest_loser(self.scenario)
        penalties = np.linspace(self.penalties[0], self.penalties[-1], 200)
        if threshold is None or not all(_truthful_allocation(label) for label in self.labels):
            return pd.DataFrame({"penalty": [], "detection": []})
        with np.errstate(divide="ignore"):
            line = threshold / penalties
        shown = (line >= self.detections[0]) & (line <= self.detections[-1])
        return pd.DataFrame({"penalty": penalties[shown], "detection": line[shown]})


def _truthful_allocation(label: str) -> bool:
    return CentralExchange(label).rule.plugin.facts.efficient == "for reports"


def keenest_loser(scenario: Scenario) -> float | None:
    """Expected penalty at which the keenest lab without a permit is indifferent, in M$; None without a closed form.

    Closed form for full-value bids of one unit a lab, values uniform without shocks, one risk profile, no reserve:
    the (Q+1)-th highest of n uniforms is on average ``(n-Q)/(n+1)``.

    >>> from scenarios import load_scenario
    >>> keenest_loser(override(load_scenario("seed_binary"), {"labs.value_noise": 0.0}))
    0.47619047619047616
    """
    labs, permits = scenario.labs, scenario.permits
    plain = labs.units == 1 and labs.value_shock == labs.value_noise == 0 and labs.bidding == "full-value"
    simple = labs.value.distribution == "uniform" and labs.risk_profile.distribution == "constant"
    if not (plain and simple and labs.choice.kind == "rational") or permits.reserve_price > 0:
        return None
    if permits.cap >= labs.count or labs.risk_profile.value == 0 or labs.value.low < labs.running_cost:
        return None
    share = (labs.count - permits.cap) / (labs.count + 1)
    net = labs.value.low + share * (labs.value.high - labs.value.low) - labs.running_cost
    return float(net / labs.risk_profile.value)


def heatmap(
    scenario: str | Scenario,
    mechanisms: Sequence[str] | None = None,
    *,
    measure: str = "compliance_rate",
    penalties: ArrayLike = tuple(np.linspace(0.2, 0.8, 13)),
    detections: ArrayLike = tuple(np.linspace(0.25, 0.75, 11)),
    seeds: int | Sequence[int] = 20,
    first_seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Heatmap:
    """Map a measure over penalty and detection, in the same worlds in every cell.

    In each cell the Governor audits at random with the probability that makes a violation come out with p_eff; a cell
    that no such probability reaches (accuracy too low, or backchecks alone find more) has no value.

    Parameters
    ----------
    scenario : str or Scenario
    mechanisms : sequence of str; None: the scenario's own
    measure : str, a name from `agents.MEASURES`
    penalties : increasing numbers >= 0, P = K + phi in M$
    detections : increasing numbers in [0, 1], p_eff
    seeds, first_seed, jobs, progress : as for `compare`

    Examples
    --------
    >>> result = heatmap("seed_binary", penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=3)
    >>> bool(result.grid("uniform-price")[1, 1] > result.grid("uniform-price")[0, 0])
    True
    """
    base, worlds = as_scenario(scenario), as_seeds(seeds, first_seed)
    if measure not in MEASURES:
        raise unknown("measure", measure, MEASURES)
    columns, rows = _axis("penalties", penalties, np.inf), _axis("detections", detections, 1.0)
    names = (
        [base.market.mechanism] if mechanisms is None else [mechanisms] if isinstance(mechanisms, str) else mechanisms
    )
    cells = [with_mechanism(base, name) for name in names]
    labels = tuple(CentralExchange(cell.market.mechanism, **cell.market.options).label for cell in cells)
    enforcement = base.enforcement
    chance = _reachable_audits(rows, enforcement.audit_accuracy, enforcement.backcheck)
    grid = pd.MultiIndex.from_product([labels, rows, columns], names=["label", "detection", "penalty"]).to_frame(
        index=False
    )
    grid["audit_probability"] = np.tile(np.repeat(chance, columns.size), len(labels))
    grid["reachable"] = grid["audit_probability"].notna()
    runs = [
        _cell(cells[labels.index(row.label)], float(row.penalty), float(row.audit_probability))
        for row in grid[grid["reachable"]].itertuples()
    ]
    for name in ("mean", "low", "high", "n"):
        grid[name] = 0 if name == "n" else np.nan
    if runs:
        values = run_worlds(runs, worlds, jobs=jobs, progress=progress)[measure]
        for name, numbers in interval(values)._asdict().items():
            grid.loc[grid["reachable"], name] = numbers
    return Heatmap(base, measure, labels, columns, rows, grid)


def _axis(name: str, given: ArrayLike, top: float) -> Array:
    numbers = np.atleast_1d(np.asarray(given, dtype=np.float64))
    if numbers.ndim != 1 or numbers.size < 2 or not (np.diff(numbers) > 0).all():
        raise InputError(f"{name}: at least two increasing numbers are needed")
    bad = numbers[~((numbers >= 0) & (numbers <= top) & np.isfinite(numbers))]
    if bad.size:
        raise InputError(f"{name}: {bad[0]:g} is not in [0, {'inf)' if np.isinf(top) else f'{top:g}]'}")
    return numbers


def _reachable_audits(wanted: Array, audit_accuracy: float, backcheck: float) -> Array:
    """Audit probability for each p_eff, NaN where none yields it."""
    chance = np.clip(np.nan_to_num(random_audits(wanted, audit_accuracy, backcheck), nan=0.0), 0.0, 1.0)
    reached = detection(chance, chance, 0.5, audit_accuracy, backcheck)
    return np.where(np.abs(reached - wanted) <= _REACH_TOLERANCE, chance, np.nan)


def _cell(scenario: Scenario, penalty: float, probability: float) -> Scenario:
    policy = {"kind": get_plugin("policy", "random").name, "probability": probability}
    return override(scenario, {"enforcement.penalty": penalty, "enforcement.policy": policy})
