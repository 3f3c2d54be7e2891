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
from experiments.defaults import MAP_DETECTIONS, MAP_MEASURE, MAP_PENALTIES, MAP_WORLDS
from experiments.ensemble import Progress, as_scenario, as_seeds, run_worlds, under_mechanisms
from experiments.statistics import interval
from mechanisms import InputError, get_plugin
from mechanisms.errors import unknown
from scenarios import Scenario, override
from scenarios.schema import Constant, Rational, Uniform

Array = NDArray[Any]

HALF = 0.5
LONGEST_AXIS = 200
_REACH_TOLERANCE = 1e-12


def axis(name: str, text: str) -> tuple[float, ...]:
    """Evenly spaced numbers from ``low:high:count``, both ends included, without the dust of binary fractions.

    >>> axis("penalties", "0.2:0.8:4")
    (0.2, 0.4, 0.6, 0.8)
    """
    try:
        low, high, steps = text.split(":")
        ends, count = (float(low), float(high)), int(steps)
    except ValueError:
        raise InputError(f"{name}: {text!r} is not low:high:count, such as 0.2:0.8:13") from None
    if not np.isfinite(ends).all():
        raise InputError(f"{name}: {text!r} has an end that is not a finite number")
    if not 2 <= count <= LONGEST_AXIS:
        raise InputError(f"{name}: a count of {count} is not in [2, {LONGEST_AXIS}]")
    return tuple(float(f"{x:.12g}") for x in np.linspace(*ends, count))


DEFAULT_PENALTIES = axis("penalties", MAP_PENALTIES)
DEFAULT_DETECTIONS = axis("detections", MAP_DETECTIONS)


@dataclass(frozen=True, eq=False)
class Heatmap:
    """What `heatmap` found.

    Attributes
    ----------
    scenario, measure : what was asked for
    cells : label (mechanism with its options) -> the scenario under it
    seeds : the worlds
    penalties : (columns,), P in M$; detections : (rows,), p_eff
    data : one row a label and cell: label, penalty, detection, audit_probability, reachable, mean, low, high, n
    """

    scenario: Scenario
    measure: str
    cells: dict[str, Scenario]
    seeds: Array
    penalties: Array
    detections: Array
    data: pd.DataFrame

    @property
    def labels(self) -> tuple[str, ...]:
        """Mechanisms with their options, in the order asked for."""
        return tuple(self.cells)

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
        if threshold is None or not all(map(_efficient_for_reports, self.cells.values())):
            return pd.DataFrame({"penalty": [], "detection": []})
        limit = self.scenario.enforcement.liability_limit
        with np.errstate(divide="ignore", invalid="ignore"):
            line = threshold / np.minimum(penalties, np.inf if limit is None else limit)
        shown = (line >= self.detections[0]) & (line <= self.detections[-1])
        return pd.DataFrame({"penalty": penalties[shown], "detection": line[shown]})


def _efficient_for_reports(scenario: Scenario) -> bool:
    return get_plugin("mechanism", scenario.market.mechanism).facts.efficient == "for reports"


def keenest_loser(scenario: Scenario) -> float | None:
    """Expected penalty at which the keenest lab without a permit is indifferent, in M$; None without a closed form.

    Closed form for full-value bids of one unit a lab, values uniform without shocks, one risk profile, no reserve:
    the (Q+1)-th highest of n uniforms is on average ``(n-Q)/(n+1)``.

    >>> from scenarios import load_scenario
    >>> keenest_loser(override(load_scenario("seed_binary"), {"labs.value_noise": 0.0}))
    0.47619047619047616
    """
    labs, permits = scenario.labs, scenario.permits
    value, risk = labs.value, labs.risk_profile
    if not (isinstance(value, Uniform) and isinstance(risk, Constant) and isinstance(labs.choice, Rational)):
        return None
    plain = labs.units == 1 and labs.value_shock == labs.value_noise == 0 and labs.bidding == "full-value"
    tight = permits.cap < labs.count and permits.reserve_price == 0 and value.low >= labs.running_cost
    if not (plain and tight and risk.value > 0):
        return None
    share = (labs.count - permits.cap) / (labs.count + 1)
    return (value.low + share * (value.high - value.low) - labs.running_cost) / risk.value


def heatmap(
    scenario: str | Scenario,
    mechanisms: Sequence[str] | None = None,
    *,
    measure: str = MAP_MEASURE,
    penalties: ArrayLike = DEFAULT_PENALTIES,
    detections: ArrayLike = DEFAULT_DETECTIONS,
    seeds: int | Sequence[int] = MAP_WORLDS,
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
    columns, rows = check_map(measure, penalties, detections)
    cells = under_mechanisms(base, base.market.mechanism if mechanisms is None else mechanisms)
    enforcement = base.enforcement
    chance = _reachable_audits(rows, enforcement.audit_accuracy, enforcement.backcheck)
    grid = pd.MultiIndex.from_product([list(cells), rows, columns], names=["label", "detection", "penalty"]).to_frame(
        index=False
    )
    grid["audit_probability"] = np.tile(np.repeat(chance, columns.size), len(cells))
    grid["reachable"] = grid["audit_probability"].notna()
    wanted = grid.loc[grid["reachable"], ["label", "penalty", "audit_probability"]].to_numpy()
    runs = [_cell(cells[label], penalty, probability) for label, penalty, probability in wanted]
    for name in ("mean", "low", "high", "n"):
        grid[name] = 0 if name == "n" else np.nan
    if runs:
        values = run_worlds(runs, worlds, only=measure, jobs=jobs, progress=progress)[measure]
        for name, numbers in interval(values)._asdict().items():
            grid.loc[grid["reachable"], name] = numbers
    return Heatmap(base, measure, cells, worlds, columns, rows, grid)


def check_map(measure: str, penalties: ArrayLike, detections: ArrayLike) -> tuple[Array, Array]:
    """Axes of a map as arrays; InputError where they or the measure cannot be."""
    if measure not in MEASURES:
        raise unknown("measure", measure, MEASURES)
    return _axis("penalties", penalties, np.inf), _axis("detections", detections, 1.0)


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
