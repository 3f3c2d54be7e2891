"""Where plug-ins come from besides this project: files, modules and installed packages.

A file or module named to `use_plugins` is written down in the environment variable ``PERMIT_LAB_PLUGINS`` (paths and
module names, parted as in PATH), so that every process started from here, the app's server included, loads it as well.
An installed package names its modules in the entry-point group ``permit_lab.plugins``.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from traceback import extract_tb

from mechanisms.errors import InputError

ENTRY_POINTS = "permit_lab.plugins"
VARIABLE = "PERMIT_LAB_PLUGINS"
_one_at_a_time = RLock()


class PluginWarning(UserWarning):
    """An installed package whose plug-ins cannot be used."""


def use_plugins(sources: Iterable[str | os.PathLike[str]]) -> None:
    """Load plug-ins from files or modules, here and in every process that is started from here.

    Parameters
    ----------
    sources : paths ending in ``.py``, or names of modules that can be imported

    Raises
    ------
    InputError
        Where there is no such file or module, or its import fails; one line that names it.

    Examples
    --------
    >>> use_plugins(["no_such_auction.py"])
    Traceback (most recent call last):
    mechanisms.errors.InputError: plugin: no_such_auction.py is not a file
    """
    for given in sources:
        source = os.fspath(given)
        _load(source)
        whole = str(Path(source).absolute()) if _is_path(source) else source
        known = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
        os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([*known, whole]))


def load_outside() -> None:
    """Load what installed packages register and what the environment names."""
    with _one_at_a_time:  # sessions of the app share the registry and must not see half of it
        _load_entry_points()
        for source in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
            _load(source)


def load_modules(homes: Mapping[str, str]) -> None:
    """Import modules by name where that works here and else from their file (in a worker process)."""
    for name, file in homes.items():
        if name not in sys.modules:
            try:
                import_module(name)
            except ModuleNotFoundError:
                _load(file)


@cache
def _load_entry_points() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()
        except Exception as error:  # somebody else's mistake must not stop the lab
            warnings.warn(f"plug-ins of {_package(entry)} are left out: {_told(error)}", PluginWarning, stacklevel=2)


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} ({entry.value})" if entry.dist else entry.value


def _is_path(source: str) -> bool:
    return source.endswith(".py") or Path(source).name != source


def _load(source: str) -> None:
    if _is_path(source):
        _load_file(source, Path(source).absolute())
    elif source not in sys.modules:
        _run(source, None, lambda: import_module(source))


def _load_file(source: str, path: Path) -> None:
    if not path.is_file():
        raise InputError(f"plugin: {source} is not a file")
    name = path.stem
    if _same_file(getattr(sys.modules.get(name), "__file__", None), path):
        return
    if name in sys.modules or _taken(name, path):
        raise InputError(f"plugin: {source}: there is another module {name!r}; rename the file")
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"plugin: {source} is not a Python file; its name must end in .py")
    module = sys.modules[name] = module_from_spec(spec)
    loader = spec.loader
    try:
        _run(source, path, lambda: loader.exec_module(module))
    except InputError:
        del sys.modules[name]
        raise


def _same_file(found: str | None, path: Path) -> bool:
    return found is not None and Path(found).resolve() == path.resolve()


def _taken(name: str, path: Path) -> bool:
    """Whether an import of this name would give another file."""
    found = find_spec(name) if name.isidentifier() else None
    return found is not None and not _same_file(found.origin, path)


def _run(source: str, path: Path | None, load: Callable[[], object]) -> None:
    """Import; whatever goes wrong is told in one line."""
    try:
        load()
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == source:
            hint = "for a file give its path, ending in .py"
            raise InputError(f"plugin: there is no module {source!r}; {hint}") from None
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if path and frame.filename == str(path)]
        place = f"{source}, line {lines[-1]}" if lines else source
        raise InputError(f"plugin: {place}: {_told(error)}") from None


def _told(error: BaseException) -> str:
    """An error in one line."""
    words = " ".join(str(error).split())
    return words if isinstance(error, InputError) else f"{type(error).__name__}: {words}".rstrip(": ")
