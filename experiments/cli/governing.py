"""The command for the Governor's choice: audit policies side by side, and the best of each kind."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.cli.options import (
    Changes,
    FirstSeed,
    Format,
    Jobs,
    Out,
    Plugins,
    Shown,
    Source,
    names_from,
    scenario_from,
    whole,
)
from experiments.cli.progress import progress, say
from experiments.defaults import FRONTIER_POINTS, FRONTIER_ROUNDS, FRONTIER_WORLDS

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from experiments.frontier.results import Frontier


def frontier(
    context: typer.Context,
    scenario: Source,
    policies: Annotated[
        list[str] | None,
        typer.Option("--policies", metavar="A,B", help="Audit policies to try; all of the lab's own unless said."),
    ] = None,
    points: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Policies of each kind that are tried.")
    ] = FRONTIER_POINTS,
    rounds: Annotated[
        int, typer.Option(metavar="N", parser=whole, help="Rounds of the search that starts from the best of them.")
    ] = FRONTIER_ROUNDS,
    seeds: Annotated[
        int,
        typer.Option("--seeds", metavar="N", parser=whole, help="Worlds of the search; as many others test winners."),
    ] = FRONTIER_WORLDS,
    first_seed: FirstSeed = 0,
    jobs: Jobs = 1,
    changes: Changes = None,
    plugins: Plugins = None,
    out: Out = None,
    shown: Shown = Format.table,
) -> None:
    """Try audit policies, show which are efficient, and search for the best of each kind."""
    chosen = scenario_from(scenario, changes, plugins)
    names = names_from(policies, "policies") if policies else None
    from experiments import policy_frontier
    from experiments.ensemble import check_jobs
    from experiments.output import OutputFolder, csv, describe_seeds, frontier_files

    check_jobs(jobs)
    folder = OutputFolder.claim(out, command=shlex.join(context.obj)) if out else None
    with progress("Searching") as told:
        found = policy_frontier(
            chosen,
            names,
            points=points,
            rounds=rounds,
            seeds=seeds,
            first_seed=first_seed,
            jobs=jobs,
            progress=told,
        )
    if folder:
        folder.facts = {**folder.facts, "seeds": describe_seeds(found.seeds), "fresh": describe_seeds(found.fresh)}
        folder.write(frontier_files(found))
        say(f"{len(folder.written)} files written to {folder.path}")
    from experiments.cli.printing import show, to_json

    if shown is Format.table:
        show(*frontier_tables(found))
    else:
        typer.echo(to_json(frontier_document(found)) if shown is Format.json else csv(found.data), nl=False)


def frontier_document(found: Frontier) -> dict[str, Any]:
    """Every policy tried, the winners, and what the market refused."""
    from experiments.output import describe_seeds

    return {
        "command": "frontier",
        "scenario": found.scenario.model_dump(mode="json"),
        "seeds": describe_seeds(found.seeds),
        "fresh": describe_seeds(found.fresh),
        "tried": found.data.to_dict("records"),
        "best": found.winners.to_dict("records"),
        "refused": dict(found.refused),
    }


def frontier_tables(found: Frontier) -> list[str | Table]:
    """The best of each kind for each objective, then the efficient policies from few audits to many."""
    from experiments.frontier.objectives import OBJECTIVES

    worlds = f"{found.seeds.size} worlds from seed {found.seeds[0]}"
    parts: list[str | Table] = []
    for name, objective in OBJECTIVES.items():
        rows = found.winners.query("objective == @name")
        if len(rows):
            said = f"best for {name} ({objective.unit}), in {found.fresh.size} worlds that the search did not see"
            parts += [f"{found.scenario.name}: {said}", _winners(rows), ""]
    parts += [f"Efficient in compliance, audits and harm, {worlds}", _efficient(found.data)]
    return parts + [f"{kind} is left out: {why}" for kind, why in found.refused.items()]


def _winners(rows: pd.DataFrame) -> Table:
    from experiments.cli.printing import table
    from experiments.cli.tables import number

    columns = ["policy", "options", "value", "in the search", "compliance", "audits", "harm"]
    cells = []
    for row in rows.to_dict("records"):
        half = row["value_high"] - row["value"]
        value = f"{number(row['value'], half)} ± {number(half, half)}"
        measures = (number(row[name]) for name in ("searched", "compliance_rate", "audits", "harm"))
        cells.append([row["policy"], row["options"], value, *measures])
    return table(columns, cells, right=columns[3:])


def _efficient(data: pd.DataFrame) -> Table:
    from experiments.cli.printing import table
    from experiments.cli.tables import number

    measures = ["compliance_rate", "audits", "harm", "welfare"]
    rows = data[data["efficient"]].drop_duplicates(measures).sort_values(["audits", "compliance_rate"])
    cells = (
        [row["policy"], row["options"], *(number(row[name]) for name in measures)] for row in rows.to_dict("records")
    )
    return table(["policy", "options", *measures], cells, right=measures)
