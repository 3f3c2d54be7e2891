"""Entry of ``permit-lab``: the commands, and one line for every mistake."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from io import TextIOWrapper

import typer

from experiments.cli import benchmarking, commands, governing, listing, reporting, sweeping
from experiments.cli.progress import say

PROGRAM = "permit-lab"
MISTAKE, FAILURE = 2, 1

ClickException: type[Exception] = typer.BadParameter.__mro__[2]  # Click itself, or the copy that newer Typers carry

cli = typer.Typer(
    name=PROGRAM,
    help="Compare auctions of compute permits: which one sells them well, and will labs comply?",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    listing.scenarios,
    listing.mechanisms,
    commands.run,
    commands.compare,
    commands.heatmap,
    governing.frontier,
    sweeping.sweep,
    sweeping.results,
    sweeping.sensitivity,
    reporting.report,
    benchmarking.benchmark,
    commands.app,
):
    cli.command()(command)


@cli.callback(invoke_without_command=True)
def permit_lab(context: typer.Context) -> None:
    """Show the help where no command is given."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def execute(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; a mistake is told in one line."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            return int(cli(given, prog_name=PROGRAM, standalone_mode=False, obj=[PROGRAM, *given]) or 0)
    except ClickException as error:
        return _fail(error.format_message(), MISTAKE)  # type: ignore[attr-defined]
    except typer.Abort:
        raise KeyboardInterrupt from None
    except MemoryError as error:
        return _fail(f"not enough memory: {error}", FAILURE)
    except _mistakes() as error:
        return _fail(str(error), MISTAKE)


def _mistakes() -> type[Exception]:
    """The error for bad input; its package is loaded only once something was raised."""
    from mechanisms import InputError

    return InputError


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    say(f"warning: {message}")


def _fail(message: str, code: int) -> int:
    say(f"error: {' '.join(message.replace('Value error, ', '').split())}")
    return code
