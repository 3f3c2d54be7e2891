"""Numbers from the literature, measured again: a row each, from a simulation of many markets or a worked example.

A row is a line of `Experiment.rows`: its name, the expected number and how to estimate it. A new group is a module with
a tuple `EXPERIMENTS`, named in the one below.
"""

from experiments.benchmark.theory import (
    audits,
    behaviour,
    equilibria,
    leakage,
    learners,
    multiunit,
    penalties,
    rules,
    sales,
    searched,
    trades,
)
from experiments.benchmark.theory.rows import Experiment, Row, measure_all

EXPERIMENTS: tuple[Experiment, ...] = (
    *sales.EXPERIMENTS,
    *equilibria.EXPERIMENTS,
    *trades.EXPERIMENTS,
    *multiunit.EXPERIMENTS,
    *rules.EXPERIMENTS,
    *leakage.EXPERIMENTS,
    *audits.EXPERIMENTS,
    *penalties.EXPERIMENTS,
    *searched.EXPERIMENTS,
    *learners.EXPERIMENTS,
    *behaviour.EXPERIMENTS,
)

__all__ = ["EXPERIMENTS", "Experiment", "Row", "measure_all"]
