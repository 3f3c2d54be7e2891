"""Every measure's definition, once: from a month's tallies to the number that tables and charts show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechanisms.book import sum_in

Array = NDArray[Any]
Tallies = Mapping[str, Array]


@dataclass(frozen=True)
class Measure:
    """One measure: its unit, its meaning in plain words, and its formula on tallies (*lead, months)."""

    name: str
    unit: str
    description: str
    formula: Callable[[Tallies], Array]


def _ratio(top: Array, bottom: Array) -> Array:
    """Quotient; NaN where the denominator is empty."""
    return np.divide(top, bottom, out=np.full(np.shape(bottom), np.nan), where=bottom > 0)


def _tally(name: str) -> Callable[[Tallies], Array]:
    return lambda t: t[name]


def _share(name: str) -> Callable[[Tallies], Array]:
    return lambda t: t[name] / t["labs"]


def _compliant(t: Tallies) -> Array:
    return (t["labs"] - t["violating"]) / t["labs"]


def _tempted(t: Tallies) -> Array:
    return t["short"]


def _deterred(t: Tallies) -> Array:
    return t["short"] - t["violating"]


def _units_run(t: Tallies) -> Array:
    return t["used"] + t["uncovered"]


def _lab_surplus(t: Tallies) -> Array:
    return t["run_value"] - t["revenue"] - t["fines"] - t["seized"] - t["collateral_cost"]


def _governor_revenue(t: Tallies) -> Array:
    return t["revenue"] + t["fines"] + t["seized"]


def _welfare(t: Tallies) -> Array:
    return t["run_value"] - t["audit_cost"] - t["collateral_cost"] - t["harm"] - t["false_alarm_cost"]


def _overrun(t: Tallies) -> Array:
    return np.maximum(0.0, _ratio(_units_run(t) + t["weighed"] + t["uncovered_weighed"], t["cap"]) - 1)


_DEFINITIONS: list[tuple[str, str, str, Callable[[Tallies], Array]]] = [
    ("compliance_rate", "share of labs", "labs that ran nothing without a permit", _compliant),
    (
        "deterrence_rate",
        "share of tempted labs",
        "of the labs that wanted to run more than their permits allow, those that did not, at least not at home",
        lambda t: _ratio(_deterred(t), _tempted(t)),
    ),
    (
        "welfare",
        "M$ a month",
        "net value of all runs, less the cost of audits, of tied-up collateral and of false alarms, and the harm of "
        "uncovered runs and of runs abroad",
        _welfare,
    ),
    ("share_no_demand", "share of labs", "labs to which no run was worth its cost", _share("no_demand")),
    ("share_covered", "share of labs", "labs with a permit for every run they wanted", _share("covered")),
    (
        "share_deterred",
        "share of labs",
        "labs short of permits that ran nothing without one",
        lambda t: _deterred(t) / t["labs"],
    ),
    ("share_violating", "share of labs", "labs that ran without a permit", _share("violating")),
    ("tempted", "share of labs", "labs short of permits: deterred and violating", lambda t: _tempted(t) / t["labs"]),
    ("price", "M$ per permit", "the auction's single price; none where the rule has no single price", _tally("price")),
    (
        "price_paid",
        "M$ per permit",
        "average that buyers paid",
        lambda t: _ratio(t["paid"], t["bought"]),
    ),
    (
        "price_received",
        "M$ per permit",
        "average that selling labs received",
        lambda t: _ratio(t["received"], t["sold"]),
    ),
    ("volume", "permits a month", "permits that changed hands", _tally("bought")),
    (
        "auction_revenue",
        "M$ a month",
        "what labs paid for permits less what labs received for theirs",
        _tally("revenue"),
    ),
    ("lab_surplus", "M$ a month", "net value of all runs less payments and penalties of labs", _lab_surplus),
    ("governor_revenue", "M$ a month", "auction revenue, fines and seized collateral", _governor_revenue),
    ("audit_cost", "M$ a month", "cost of all audits", _tally("audit_cost")),
    ("harm", "M$ a month", "harm of uncovered runs and of runs abroad: a measure, not money", _tally("harm")),
    (
        "false_alarm_cost",
        "M$ a month",
        "what audits cost labs that did not violate, in work and delay: a measure, not money",
        _tally("false_alarm_cost"),
    ),
    (
        "allocative_efficiency",
        "share of the best",
        "net value of the runs that permits cover over the most that the permits could cover",
        lambda t: _ratio(t["covered_value"], t["best_value"]),
    ),
    (
        "run_value",
        "share of the best",
        "net value of all runs, covered or not, at home or abroad, over the most that the permits could cover; may "
        "exceed 1",
        lambda t: _ratio(t["run_value"], t["best_value"]),
    ),
    ("cap_overrun", "share of the cap", "runs beyond the cap, each with the permits that it needs", _overrun),
    ("wanted", "units a month", "units worth more than their cost", _tally("wanted")),
    ("units_run", "units a month", "units run, covered or not", _units_run),
    (
        "collateral_cost",
        "M$ a month",
        "what labs lose by having their collateral tied up",
        _tally("collateral_cost"),
    ),
    ("stopped_units", "units a month", "uncovered units that were found in time to be stopped", _tally("stopped")),
    (
        "permits_surrendered",
        "permits a month",
        "permits that labs give up for earlier violations",
        _tally("surrendered"),
    ),
    (
        "relocated_units",
        "units a month",
        "units run abroad instead of at home",
        _tally("relocated"),
    ),
    (
        "leakage_rate",
        "share of runs forgone",
        "of the units that labs wanted and did not run at home, those run abroad",
        lambda t: _ratio(t["relocated"], t["wanted"] - _units_run(t) + t["stopped"]),
    ),
    ("share_relocating", "share of labs", "labs that ran anything abroad", _share("relocating")),
    ("uncovered_units", "units a month", "units run without a permit", _tally("uncovered")),
    (
        "unused_permits",
        "permits a month",
        "permits that labs hold and do not use",
        lambda t: t["held"] - t["used"] - t["weighed"],
    ),
    (
        "permits_released",
        "permits a month",
        "permits sold beyond the regular ones: from the containment reserve and at the price ceiling",
        _tally("released"),
    ),
    (
        "resale_volume",
        "permits a month",
        "permits that labs sold each other after the auction",
        _tally("resold"),
    ),
    (
        "resale_price",
        "M$ per permit",
        "average that buyers paid in the resale round",
        lambda t: _ratio(t["resale_paid"], t["resold"]),
    ),
    ("exempt_units", "units a month", "units run below the threshold, which need no permit", _tally("exempt")),
    ("risky_units", "units a month", "units of risky models run at home, covered or not", _tally("risky")),
    (
        "permits_carried_over",
        "permits a month",
        "permits left for later months: in labs' banks, and unsold ones that will be offered again",
        _tally("carried_over"),
    ),
    (
        "reported_compute",
        "FLOP a month",
        "compute that labs report: what their permits cover",
        _tally("reported_compute"),
    ),
    ("true_compute", "FLOP a month", "compute that labs use", lambda t: t["reported_compute"] + t["uncovered_compute"]),
    (
        "hhi",
        "index in [0, 1]",
        "concentration of permits held (Herfindahl-Hirschman)",
        lambda t: _ratio(t["held_squares"], t["held"] ** 2),
    ),
    ("audits", "audits a month", "labs audited", _tally("audits")),
    ("signals_violators", "signals a month", "signals raised by labs that violated", _tally("signals_violators")),
    ("signals_clean", "signals a month", "signals raised by labs that did not violate", _tally("signals_clean")),
    ("false_alarms", "audits a month", "audits of labs that did not violate", _tally("false_alarms")),
    ("caught", "labs a month", "violators found by an audit or a backcheck", _tally("caught")),
    (
        "detection_rate",
        "share of violators",
        "violators that were caught",
        lambda t: _ratio(t["caught"], t["violating"]),
    ),
    ("penalties", "M$ a month", "fines and seized collateral", lambda t: t["fines"] + t["seized"]),
    ("fines", "M$ a month", "penalties beyond the collateral", _tally("fines")),
    ("collateral_seized", "M$ a month", "collateral kept by the Governor", _tally("seized")),
    (
        "infeasible_target",
        "share of months",
        "months in which the audit policy could not reach its target",
        _tally("infeasible"),
    ),
    (
        "multiple_equilibria",
        "share of months",
        "months in which labs might have expected another number of violators of each other, and rightly so",
        _tally("several"),
    ),
    ("wealth", "M$ per lab", "labs' accounts after the month, on average", lambda t: t["wealth"] / t["labs"]),
]

MEASURES: dict[str, Measure] = {row[0]: Measure(*row) for row in _DEFINITIONS}


def measure_names() -> list[str]:
    """Names of all measures, headline measures first.

    >>> measure_names()[:3]
    ['compliance_rate', 'deterrence_rate', 'welfare']
    """
    return list(MEASURES)


def defined_mean(values: Array) -> Array:
    """Mean along the last axis over the entries that are defined, NaN where none is.

    >>> defined_mean(np.array([[1.0, np.nan, 3.0], [np.nan] * 3])).tolist()
    [2.0, nan]
    """
    total = sum_in(values)
    if not np.isnan(total).any():
        return np.asarray(total / values.shape[-1])
    missing = np.isnan(values)
    return _ratio(sum_in(np.where(missing, 0.0, values)), (~missing).sum(axis=-1))
