"""The command line ``permit-lab``. Nothing heavy is imported before a command runs, so that help is instant."""

from __future__ import annotations

from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code: 2 for a user's mistake, told in one line."""
    try:
        from experiments.cli.entry import execute

        return execute(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
