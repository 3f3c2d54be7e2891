"""The commands for whole surfaces: run a plan, read its results, say which settings matter."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments import defaults
from experiments.cli.options import (
    Bidding,
    Changes,
    Format,
    Jobs,
    Mechanisms,
    Out,
    Plugins,
    Shown,
    names_from,
    settings_from,
    whole,
)
from experiments.cli.progress import progress, say

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweeps.results import Sweep

Source = Annotated[
    str | None, typer.Argument(metavar="[PLAN|SCENARIO]", help="A plan's file, or with --axis a scenario.")
]
Axes = Annotated[
    list[str] | None,
    typer.Option(
        "--axis",
        "-a",
        metavar="PATH=VALUES",
        help="Vary a setting: low:high:count, a list a,b,c, or low:high in a sample; may be repeated.",
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a sweep.")]
Measure = Annotated[str, typer.Option(metavar="NAME", help="The measure to explain.")]


def sweep(
    source: Source = None,
    axes: Axes = None,
    mechanisms: Mechanisms = None,
    bidding: Bidding = None,
    sample: Annotated[
        str | None, typer.Option(metavar="METHOD", help="grid, latin-hypercube, sobol, or saltelli for `sensitivity`.")
    ] = None,
    size: Annotated[int | None, typer.Option(metavar="N", parser=whole, help="Points of a sample.")] = None,
    sample_seed: Annotated[int | None, typer.Option(metavar="SEED", parser=whole, help="Chooses the sample.")] = None,
    seeds: Annotated[
        int | None,
        typer.Option(metavar="N", parser=whole, help=f"Worlds of each cell; {defaults.MAP_WORLDS} unless said."),
    ] = None,
    first_seed: Annotated[
        int | None, typer.Option(metavar="SEED", parser=whole, help="Seed of the first world.")
    ] = None,
    worlds: Annotated[bool, typer.Option("--worlds", help="Keep a row for every world, not one a cell.")] = False,
    measures: Annotated[str | None, typer.Option(metavar="A,B", help="Measures to keep; all unless said.")] = None,
    changes: Changes = None,
    plugins: Plugins = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the sweep.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue what was begun in the folder.")] = False,
    engine: Annotated[
        str, typer.Option(metavar="NAME", help="local, or dask=tcp://host:port for a Dask cluster.")
    ] = "local",
    jobs: Jobs = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Run more than a million cells.")] = False,
) -> None:
    """Run a plan over any settings into a folder, chunk by chunk; stop it and continue with --resume.

    Options replace what the plan says. The files do not depend on engine, processes and interruptions.
    """
    from experiments import sweep as compute
    from mechanisms import InputError, use_plugins

    use_plugins(plugins or ())
    if out is None:
        raise InputError("out: name the folder of the sweep with --out")
    entries = {
        "axes": _axes(axes) if axes else None,
        "mechanisms": names_from(mechanisms) if mechanisms else None,
        "bidding": names_from(bidding, "bidding") if bidding else None,
        "seeds": seeds,
        "first_seed": first_seed,
        "keep": "worlds" if worlds else None,
        "measures": measures.split(",") if measures else None,
    }
    drawn = {"method": sample, "size": size, "seed": sample_seed}
    plan = _plan(source, _given(entries), _given(drawn), settings_from(changes or ()))
    try:
        with progress("Sweeping") as told:
            found = compute(plan, out=out, resume=resume, engine=engine, jobs=jobs, yes=yes, progress=told)
    except KeyboardInterrupt:
        say(f"stopped; continue with: permit-lab sweep --resume --out {shlex.quote(str(out))}")
        raise
    cells, chunks = found.manifest["cells"], found.manifest["chunks"]
    say(f"{cells:,} cells in {chunks:,} chunk{'s' if chunks > 1 else ''}; read them with: permit-lab results {out}")


def _given(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entries.items() if value is not None}


def _plan(source: str | None, entries: dict[str, Any], drawn: dict[str, Any], settings: dict[str, Any]) -> Any:
    """A plan from its file or a scenario, options in the place of what it says; None where nothing is given."""
    from experiments.sweeps.plan import is_plan, read_plan
    from mechanisms import InputError

    if source is None:
        if entries or drawn or settings:
            raise InputError("plan: name a plan or a scenario for these options")
        return None
    if not is_plan(source):
        return read_plan({"scenario": source, "axes": {}, "set": settings, "sample": drawn}, **entries)
    plan = read_plan(source)
    sample = plan.sample.model_dump() | drawn
    return read_plan(plan, **entries, set=plan.set | settings, sample=sample)


def _axes(given: Sequence[str]) -> dict[str, Any]:
    """Axes from ``path=values``, each once.

    >>> _axes(["permits.cap=10:20:3", "labs.units=1,2", "enforcement.policy=[{kind: none}]"])
    {'permits.cap': '10:20:3', 'labs.units': [1, 2], 'enforcement.policy': [{'kind': 'none'}]}
    """
    from experiments.sweeps.axes import split_axis
    from mechanisms import InputError

    axes: dict[str, Any] = {}
    for text in given:
        path, values = split_axis(text, "axis")
        if path in axes:
            raise InputError(f"axis: {path} is given twice")
        axes[path] = values
    return axes


def results(
    folder: Folder,
    sql: Annotated[
        str | None, typer.Option(metavar="QUERY", help="A query on the table results, such as SELECT * FROM results.")
    ] = None,
    shown: Shown = Format.table,
) -> None:
    """Read a sweep's folder: its cells, or the answer to an SQL query.

    Settings stand in columns named by their paths: SELECT "enforcement.penalty", mechanism, welfare FROM results.
    """
    from experiments import open_sweep
    from experiments.sweeps.results import EVERYTHING

    found = open_sweep(folder)
    if not found.complete:
        say(f"note: {len(found.files)} of {found.manifest['chunks']} chunks are there; continue with sweep --resume")
    default = _overview(found) if shown is Format.table else EVERYTHING
    pieces = found.pieces(sql or default)
    if shown is Format.table:
        _show(pieces, "" if sql else "more columns and other rows: --sql, --format csv")
    elif shown is Format.csv:
        _stream(pieces)
    else:
        _print_json({"command": "results", "sql": sql, "rows": [row for p in pieces for row in _rows(p)]})


def _overview(found: Sweep) -> str:
    """Query for the axes and the first of the measures."""
    cells = found.cells
    seed = ["seed"] if cells.plan.keep == "worlds" else []
    measures = [name for name in defaults.HEADLINES if name in cells.measures][:4] or cells.measures[:4]
    names = ["cell", *(axis.path for axis in cells.axes), "mechanism", "bidding", *seed, *measures]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"SELECT {quoted} FROM results ORDER BY {', '.join(['cell', *seed])}"


LONGEST_TABLE = 40


def _show(pieces: Iterable[pd.DataFrame], hint: str) -> None:
    """A table of the first rows."""
    import pandas as pd

    from experiments.cli.printing import show, table
    from experiments.cli.tables import NOTHING, number

    def text(value: Any) -> str:
        if value is None or value is pd.NA:
            return NOTHING
        return number(value) if isinstance(value, float) else str(value)

    rows: list[pd.DataFrame] = []
    for piece in pieces:
        rows.append(piece)
        if sum(map(len, rows)) > LONGEST_TABLE:
            break
    frame = pd.concat(rows, ignore_index=True)
    right = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    first = frame.head(LONGEST_TABLE).itertuples(index=False, name=None)
    show(table(list(frame.columns), ([text(value) for value in row] for row in first), right=right))
    notes = [f"the first {LONGEST_TABLE} rows"] if len(frame) > LONGEST_TABLE else []
    if notes or hint:
        say("; ".join(filter(None, [*notes, hint])))


def _stream(pieces: Iterable[pd.DataFrame]) -> None:
    """CSV piece by piece: numbers to the last bit, undefined ones empty."""
    for i, piece in enumerate(pieces):
        typer.echo(piece.to_csv(index=False, header=not i, lineterminator="\n"), nl=False)


def _rows(piece: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in piece.to_dict("records")]


def _print_json(document: dict[str, Any]) -> None:
    from experiments.cli.printing import to_json

    typer.echo(to_json(document), nl=False)


def sensitivity(
    context: typer.Context,
    folder: Folder,
    measure: Measure = defaults.MAP_MEASURE,
    out: Out = None,
    shown: Shown = Format.table,
) -> None:
    """Say which axes of a saltelli sweep a measure depends on: first-order and total Sobol indices.

    Make the sweep with --sample saltelli.
    """
    from experiments import open_sweep
    from experiments import sensitivity as compute
    from experiments.output import OutputFolder, csv
    from experiments.sweeps.sensitivity import sensitivity_files

    found = compute(open_sweep(folder), measure)
    if out:
        claimed = OutputFolder.claim(out, command=shlex.join(context.obj), sweep=str(folder), measure=measure)
        claimed.write(sensitivity_files(found, measure))
        say(f"{len(claimed.written)} files written to {claimed.path}")
    if shown is Format.table:
        _show([found], "")
    elif shown is Format.csv:
        typer.echo(csv(found), nl=False)
    else:
        _print_json({"command": "sensitivity", "measure": measure, "indices": _rows(found)})
