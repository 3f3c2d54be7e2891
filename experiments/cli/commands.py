"""The commands that compute (run, compare, heatmap), and the one that opens the app."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments import defaults
from experiments.cli.options import (
    Bidding,
    Changes,
    Everything,
    FirstSeed,
    Format,
    Jobs,
    Mechanisms,
    Out,
    Plugins,
    Shown,
    Source,
    Worlds,
    names_from,
    scenario_from,
)
from experiments.cli.progress import progress, say

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from experiments.output import Files, OutputFolder
    from scenarios import Scenario


def run(
    context: typer.Context,
    scenario: Source,
    seeds: Worlds = defaults.WORLDS,
    first_seed: FirstSeed = 0,
    jobs: Jobs = 1,
    changes: Changes = None,
    plugins: Plugins = None,
    out: Out = None,
    shown: Shown = Format.table,
    monthly: Annotated[bool, typer.Option("--monthly", help="Show months instead of means over them.")] = False,
) -> None:
    """Run a scenario under its own mechanism: every measure with its 95% interval over worlds.

    With --monthly, csv and json hold every world and month; the table holds means over worlds.
    """
    chosen = scenario_from(scenario, changes, plugins)
    names = [chosen.market.mechanism]
    folder = _checked(context, chosen, names, seeds, first_seed, jobs, out)
    from agents import measure_names
    from experiments import compare as compute
    from experiments.cli import documents, tables
    from experiments.output import comparison_files

    with progress("Running") as told:
        found = compute(chosen, names, seeds, first_seed=first_seed, jobs=jobs, progress=told)
    _write(folder, comparison_files(found))
    heading = tables.heading(found, "mean by month" if monthly else "mean ± half of the 95% interval")
    _print(
        shown,
        lambda: documents.run_document(found, monthly),
        lambda: found.results() if monthly else found.summary(),
        lambda: [heading, tables.monthly_table(found) if monthly else tables.summary_table(found, measure_names())],
    )


def compare(
    context: typer.Context,
    scenario: Source,
    mechanisms: Mechanisms = None,
    bidding: Bidding = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="MECHANISM", help="Differences are to this one; the first unless said.")
    ] = None,
    seeds: Worlds = defaults.WORLDS,
    first_seed: FirstSeed = 0,
    jobs: Jobs = 1,
    changes: Changes = None,
    plugins: Plugins = None,
    out: Out = None,
    shown: Shown = Format.table,
    everything: Everything = False,
) -> None:
    """Compare mechanisms on the same labs, the same demand and the same luck."""
    chosen = scenario_from(scenario, changes, plugins)
    names = names_from(mechanisms) if mechanisms else list(defaults.MECHANISMS)
    rules = names_from(bidding, "bidding") if bidding else None
    base = _baseline(chosen, names, rules, baseline)
    folder = _checked(context, chosen, names, seeds, first_seed, jobs, out, rules)
    from experiments import compare as compute
    from experiments.cli import documents, tables
    from experiments.output import comparison_files

    with progress("Comparing") as told:
        found = compute(chosen, names, seeds, first_seed=first_seed, jobs=jobs, progress=told, bidding=rules)
    _write(folder, comparison_files(found, base))
    _print(
        shown,
        lambda: documents.comparison_document(found, base),
        lambda: documents.tidy(found, base),
        lambda: tables.comparison_tables(found, base, everything),
    )


def heatmap(
    context: typer.Context,
    scenario: Source,
    mechanisms: Mechanisms = None,
    bidding: Bidding = None,
    measure: Annotated[str, typer.Option(metavar="NAME", help="The measure to map.")] = defaults.MAP_MEASURE,
    x: Annotated[
        str | None,
        typer.Option("--x", metavar="PATH=VALUES", help="To the right: a setting's LOW:HIGH:COUNT or list A,B."),
    ] = None,
    y: Annotated[
        str | None,
        typer.Option("--y", metavar="PATH=VALUES", help="Upwards: likewise, or detection=..., permits_per_lab=..."),
    ] = None,
    penalties: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH:COUNT",
            help="Penalties P in M$, where x is not said.",
            show_default=defaults.MAP_PENALTIES,
        ),
    ] = None,
    detections: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH:COUNT",
            help="Probabilities p_eff that a violation is found, where y is not said.",
            show_default=defaults.MAP_DETECTIONS,
        ),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="MECHANISM", help="Also map the differences to this one, world by world.")
    ] = None,
    seeds: Worlds = defaults.MAP_WORLDS,
    first_seed: FirstSeed = 0,
    jobs: Jobs = 1,
    changes: Changes = None,
    plugins: Plugins = None,
    out: Out = None,
    shown: Shown = Format.table,
) -> None:
    """Map a measure over any two settings; unless said, over the penalty and the probability of being found."""
    chosen = scenario_from(scenario, changes, plugins)
    names = names_from(mechanisms) if mechanisms else [chosen.market.mechanism]
    rules = names_from(bidding, "bidding") if bidding else None
    base = None if baseline is None else _baseline(chosen, names, rules, baseline)
    from experiments.cli import documents, tables
    from experiments.ensemble import as_seeds
    from experiments.maps.running import plan_map
    from experiments.output import heatmap_files
    from mechanisms import InputError

    plan = plan_map(chosen, names, measure=measure, x=x, y=y, bidding=rules, penalties=penalties, detections=detections)
    if base is not None and len(plan.labels) == 1:
        raise InputError(f"baseline: {base} is all there is; a difference needs two")
    folder = _checked(context, chosen, names, seeds, first_seed, jobs, out, rules)
    with progress("Mapping") as told:
        found = plan.run(as_seeds(seeds, first_seed), jobs, told)
    _write(folder, heatmap_files(found, base))
    _print(
        shown,
        lambda: documents.heatmap_document(found, base),
        lambda: documents.tidy_map(found, base),
        lambda: tables.heatmap_tables(found, base),
    )


def app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to serve on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to serve on; 127.0.0.1 is this machine alone.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    plugins: Plugins = None,
) -> None:
    """Open the app in a browser."""
    from experiments.launch import run as launch

    if plugins:
        from mechanisms import use_plugins

        use_plugins(plugins)
    launch(port=port, address=address, open_browser=browser)


def _baseline(chosen: Scenario, names: Sequence[str], rules: Sequence[str] | None, baseline: str | None) -> str:
    """Label of the row that the others are compared with: a mechanism in any spelling, or a label as it is shown."""
    from experiments.ensemble import under_mechanisms
    from mechanisms import resolve
    from mechanisms.errors import unknown

    labels = list(under_mechanisms(chosen, names, rules))
    if baseline is None or baseline in labels:
        return baseline or labels[0]
    resolve("mechanism", baseline, where="baseline")
    label = next(iter(under_mechanisms(chosen, [baseline], rules)))  # under the first bidding rule
    if label not in labels:
        raise unknown("baseline", baseline, labels)
    return label


def _checked(
    context: typer.Context,
    chosen: Scenario,
    names: Sequence[str],
    seeds: int,
    first_seed: int,
    jobs: int,
    out: Path | None,
    rules: Sequence[str] | None = None,
) -> OutputFolder | None:
    """Refuse what cannot work before anything is computed; the folder for the output, where one is wanted."""
    from experiments.ensemble import as_seeds, check_jobs, under_mechanisms

    check_jobs(jobs)
    worlds, labels = as_seeds(seeds, first_seed), list(under_mechanisms(chosen, names, rules))
    if out is None:
        return None
    from experiments.output import OutputFolder, describe_seeds

    return OutputFolder.claim(out, command=shlex.join(context.obj), mechanisms=labels, seeds=describe_seeds(worlds))


def _write(folder: OutputFolder | None, files: Files) -> None:
    if folder:
        folder.write(files)
        say(f"{len(folder.written)} files written to {folder.path}")


def _print(
    shown: Format,
    document: Callable[[], dict[str, Any]],
    frame: Callable[[], pd.DataFrame],
    parts: Callable[[], Sequence[str | Table]],
) -> None:
    """Print a result one way; the other two are never made."""
    from experiments.cli.printing import show, to_json
    from experiments.output import csv

    if shown is Format.table:
        show(*parts())
    else:
        typer.echo(to_json(document()) if shown is Format.json else csv(frame()), nl=False)
