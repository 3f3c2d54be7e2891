"""The command that measures the lab itself."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments import defaults
from experiments.cli.options import FirstSeed, Format, Jobs, Out, Shown
from experiments.cli.progress import progress, say

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.benchmark.findings import Findings
    from experiments.output import OutputFolder

Suites = Annotated[
    list[str] | None,
    typer.Option(
        "--suite",
        metavar="A,B",
        help=f"Suites, separated by commas: {', '.join(defaults.SUITES)}, or {defaults.ALL_SUITES}; may be repeated.",
    ),
]
LEFT = ("market", "number", "mechanism", "what", "scenario", "size", "program", "")
"""Columns of words, which are set left."""
Scale = Annotated[float, typer.Option(metavar="SHARE", help="Share of the full size, above 0 and at most 1.")]


def benchmark(
    context: typer.Context,
    suite: Suites = None,
    scale: Scale = 1.0,
    first_seed: FirstSeed = 0,
    jobs: Jobs = 1,
    out: Out = None,
    shown: Shown = Format.table,
) -> None:
    """Measure the mechanisms: against theory, against the clock, and from thin markets to thick ones.

    With --out also one report that holds every figure and table and needs no network.
    """
    from experiments.benchmark.suites import benchmark as compute
    from experiments.benchmark.suites import check_scale, chosen

    names, command = chosen(suite or [defaults.ALL_SUITES]), shlex.join(context.obj)
    folder = _checked(command, names, check_scale(scale), first_seed, jobs, out)
    with progress("Measuring") as told:
        found = compute(names, scale=scale, first_seed=first_seed, jobs=jobs, progress=told)
    if folder:
        from experiments.benchmark.report import benchmark_files

        folder.write(benchmark_files(found, command, scale))
        say(f"{len(folder.written)} files written to {folder.path}")
    _print(found, shown, scale, first_seed)


def _checked(
    command: str, names: list[str], scale: float, first_seed: int, jobs: int, out: Path | None
) -> OutputFolder | None:
    """Refuse what cannot work before anything is measured; the folder for the output, where one is wanted."""
    from experiments.ensemble import check_jobs
    from mechanisms.draws import check_seeds

    check_jobs(jobs)
    check_seeds(first_seed)
    if out is None:
        return None
    from experiments.output import OutputFolder

    return OutputFolder.claim(out, command=command, suites=names, scale=scale, seeds={"first": first_seed})


def _print(found: Mapping[str, Findings], shown: Format, scale: float, first_seed: int) -> None:
    from experiments.benchmark.report import document, tidy
    from experiments.cli.printing import show, to_json
    from experiments.output import csv

    if shown is Format.table:
        show(*_parts(found))
    else:
        text = to_json(document(found, scale, first_seed)) if shown is Format.json else csv(tidy(found))
        typer.echo(text, nl=False)


def _parts(found: Mapping[str, Findings]) -> Iterator[str | Table]:
    """What the screen shows: each suite's words, and its tables with their headings."""
    from experiments.benchmark.suites import REGISTRY
    from experiments.cli.printing import table

    for name, findings in found.items():
        yield from (REGISTRY[name].title, *findings.words)
        for heading, shown in findings.shown.items():
            right = [column for column in shown.columns if column not in LEFT]
            yield from ("", heading, table(list(shown.columns), shown.itertuples(index=False, name=None), right=right))
        yield ""
