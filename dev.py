"""Set the project up and run it, with nothing but Python and its venv module.

python3 dev.py app [options]   open the app; options go to `permit-lab app`
python3 dev.py check           the gate: format, lint, types, tests, doctests, browser tests
python3 dev.py check --fast    the fast tests alone
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (older Pythons read this file too, and get one clear line)
    sys.exit(f"Permit Lab needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")

ROOT = Path(__file__).resolve().parent
PROGRAMS, SUFFIX = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")

# What is installed is compiled when it is first used, and kept: most of it never is.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

PYTEST = ["pytest", "-r", "fEs", "-p", "no:cacheprovider"]
SHARED = ["--dist", "loadfile", "--no-loadscope-reorder"]  # a file's tests share what one of them has computed
GATE = [  # parts that stand together run side by side, on one core each
    {
        "format": ["ruff", "format", "--check", "."],
        "lint": ["ruff", "check", "."],
        "types": ["mypy"],
        "doctests": [*PYTEST, "-o", "testpaths=mechanisms scenarios agents experiments app docs README.md"],
    },
    {"tests": [*PYTEST, *SHARED, "-n", "3", "-m", "not browser", "tests"]},  # some of them wait for other processes
    {"browser": [*PYTEST, "-n", "2", "-m", "browser and not slow", "tests/browser"]},
]
FAST = [{"tests": [*PYTEST, *SHARED, "-n", "2", "-m", "not browser and not slow", "tests"]}]


def run_quietly(command: list[str]) -> tuple[bool, str, float]:
    """Run a command in the project's folder; return whether it passed, what it printed, and its seconds."""
    start = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode == 0, done.stdout.rstrip(), time.perf_counter() - start


def must(command: list[str]) -> None:
    """Run a step of the set-up; show its output and stop if it fails."""
    passed, output, _ = run_quietly(command)
    if not passed:
        sys.exit(f"{output}\n\nSet-up failed at: {' '.join(command)}")


def set_up(venv: Path, extra: str = "") -> Path:
    """Create the environment and install the project where that is still to do; return the folder of programs."""
    programs, stamp = venv / PROGRAMS, venv / "permit-lab.stamp"
    python = str(programs / f"python{SUFFIX}")
    if not (programs / f"pip{SUFFIX}").exists():
        print(f"Creating {venv} ...", flush=True)
        must([sys.executable, "-m", "venv", str(venv)])
    # An editable install only goes stale when pyproject.toml changes or the folder moves.
    fingerprint = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()).hexdigest()
    installed = stamp.read_text(encoding="utf-8").splitlines() if stamp.exists() else []
    if fingerprint not in installed or (extra and extra not in installed):
        print("Installing the project (about a minute the first time) ...", flush=True)
        # Tests compile what they use; what the app uses is compiled now, so that its first page does not wait for it.
        pip = [python, "-m", "pip", "install", "-q", *(["--no-compile"] if extra else [])]
        must([*pip, "--upgrade", "pip"])  # one of today works out what to install in half the time
        must([*pip, "-e", f".[{extra}]" if extra else "."])
        stamp.write_text(f"{fingerprint}\n{extra}\n", encoding="utf-8")
    return programs


def open_app(options: list[str]) -> int:
    """Start the app, which runs until it is interrupted."""
    command = [str(set_up(ROOT / ".venv") / f"permit-lab{SUFFIX}"), "app", *options]
    if os.name == "posix":
        os.execv(command[0], command)  # a signal sent to us reaches the app
    return subprocess.call(command)


def summary(output: str) -> str:
    """Return what is worth reading of a part that passed: skips with their reason, and the closing line."""
    lines = output.splitlines() or [""]
    return "\n".join([line for line in lines[:-1] if line.startswith("SKIPPED")] + lines[-1:])


def check(venv: Path, fast: bool) -> int:
    """Run every part of the gate, also after a failure; print the times; return 1 if any part failed."""
    start = time.perf_counter()
    python = str(set_up(venv, "dev") / f"python{SUFFIX}")
    rows = [("set-up", time.perf_counter() - start, True)]
    for parts in FAST if fast else GATE:
        print(f"\nRunning {', '.join(parts)} ...", flush=True)
        commands = [[python, "-m", *command] for command in parts.values()]
        with ThreadPoolExecutor() as pool:
            for (part, command), done in zip(parts.items(), pool.map(run_quietly, commands), strict=True):
                passed, output, seconds = done
                rows.append((part, seconds, passed))
                print(f"{part}: {' '.join(command)}\n{summary(output) if passed else output}", flush=True)
    print(f"\nPython {sys.version.split()[0]}")
    for part, seconds, passed in rows:
        print(f"{part:<10}{seconds:7.1f} s  {'ok' if passed else 'FAILED'}")
    print(f"{'total':<10}{time.perf_counter() - start:7.1f} s")
    return 0 if all(passed for *_, passed in rows) else 1


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("app", add_help=False, help="open the app")
    gate = commands.add_parser("check", help="run the gate")
    gate.add_argument("--fast", action="store_true", help="the fast tests alone")
    gate.add_argument("--venv", type=Path, default=ROOT / ".venv", help="environment to use (default: .venv)")
    args, rest = parser.parse_known_args()
    if args.command == "app":
        return open_app(rest)
    if rest:
        parser.error(f"check does not know {' '.join(rest)}")
    return check(args.venv.absolute(), args.fast)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
