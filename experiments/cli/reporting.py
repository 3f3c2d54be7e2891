"""The command for a policy brief."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from experiments import defaults
from experiments.cli.options import (
    Bidding,
    Changes,
    FirstSeed,
    Jobs,
    Mechanisms,
    Plugins,
    Source,
    Worlds,
    names_from,
    scenario_from,
)
from experiments.cli.progress import progress, say


def report(
    context: typer.Context,
    scenario: Source,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the brief.")],
    mechanisms: Mechanisms = None,
    bidding: Bidding = None,
    seeds: Worlds = defaults.BRIEF_WORLDS,
    first_seed: FirstSeed = 0,
    jobs: Jobs = 1,
    changes: Changes = None,
    plugins: Plugins = None,
) -> None:
    """Write a policy brief: one page with comparison, map, audits and sensitivity; its tables as CSV and LaTeX."""
    chosen = scenario_from(scenario, changes, plugins)
    names = names_from(mechanisms) if mechanisms else list(defaults.MECHANISMS)
    rules = names_from(bidding, "bidding") if bidding else None
    from experiments.ensemble import as_seeds, check_jobs, under_mechanisms
    from experiments.output import OutputFolder, describe_seeds
    from experiments.report.brief import report as compute
    from experiments.report.files import PAGE, brief_files

    check_jobs(jobs)
    worlds, labels = as_seeds(seeds, first_seed), list(under_mechanisms(chosen, names, rules))
    command = shlex.join(context.obj)
    folder = OutputFolder.claim(out, command=command, mechanisms=labels, seeds=describe_seeds(worlds))
    with progress("Reporting") as told:
        brief = compute(
            chosen,
            names,
            bidding=rules,
            seeds=seeds,
            first_seed=first_seed,
            jobs=jobs,
            progress=told,
            command=command,
        )
    folder.write(brief_files(brief))
    say(f"{len(folder.written)} files written to {folder.path}; open {folder.path / PAGE}")
