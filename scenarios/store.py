"""Scenario files: the vault that comes with the lab, and a folder of the user's own."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import platformdirs
import yaml

from mechanisms import InputError
from mechanisms.errors import unknown
from scenarios.fields import parse
from scenarios.schema import Scenario

VAULT = Path(__file__).parent / "vault"
NAME = re.compile(r"[a-z0-9_-]{1,64}")
LARGEST_FILE = 4 * 2**20
ENDINGS = (".yaml", ".yml", ".json")


def home_folder() -> Path:
    """Where the user's own things lie: ``$PERMIT_LAB_HOME`` or the platform's data folder."""
    home = os.environ.get("PERMIT_LAB_HOME")
    return Path(home) if home else platformdirs.user_data_path("permit-lab")


def user_folder() -> Path:
    """Folder of the user's scenarios."""
    return home_folder() / "scenarios"


def check_name(name: object) -> str:
    """Refuse a name that could not be a scenario's, before it comes near a path."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(f"scenario: name {name!r} does not match [a-z0-9_-]{{1,64}}")
    return name


def vault_names() -> list[str]:
    """Names of the scenarios that come with the lab."""
    return sorted(path.stem for path in VAULT.glob("*.yaml"))


def scenario_names() -> list[str]:
    """Names that `load_scenario` knows: the vault's, then the user's own.

    >>> "baseline" in scenario_names()
    True
    """
    own = {path.stem for path in user_folder().glob("*.yaml") if NAME.fullmatch(path.stem)}
    return vault_names() + sorted(own - set(vault_names()))


def _path(name: str) -> Path:
    check_name(name)
    return (VAULT if name in vault_names() else user_folder()) / f"{name}.yaml"


def load_scenario(source: str | os.PathLike[str]) -> Scenario:
    """Load a scenario by name, or from a YAML or JSON file.

    Parameters
    ----------
    source : str or path
        A name from `scenario_names`, or a path that ends in .yaml, .yml or .json.

    Raises
    ------
    InputError
        One line: an unknown name (with the nearest), an unreadable file, or the first bad setting.

    Examples
    --------
    >>> load_scenario("baseline").labs.count
    100
    """
    if isinstance(source, os.PathLike) or str(source).endswith(ENDINGS):
        return parse_scenario(read_text(Path(source)), str(source))
    if source not in scenario_names():
        raise unknown("scenario", source, scenario_names())
    return parse_scenario(read_text(_path(str(source))), str(source))


def read_text(path: Path) -> str:
    """Text of a settings file; InputError with one line where it cannot be read or is too large to be one."""
    try:
        large = path.stat().st_size > LARGEST_FILE
        text = "" if large else path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(" ".join(f"{path}: {reason}".split())) from None
    if large:
        raise InputError(f"{path}: larger than {LARGEST_FILE // 2**20} MiB")
    return text


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases (which can blow up) and without repeated keys (which hide a setting)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed", None)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        _once([(key.value, None) for key, _ in node.value if isinstance(key, yaml.ScalarNode)], node.start_mark)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: Any) -> Any:
        """A whole number; ``10:50:5`` is a range and not a time of day."""
        text = self.construct_scalar(node)
        return text if ":" in text else super().construct_yaml_int(node)

    def construct_yaml_float(self, node: Any) -> Any:
        """A number; ``0:0.2`` is a range and not a time of day."""
        text = self.construct_scalar(node)
        return text if ":" in text else super().construct_yaml_float(node)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


def _json(text: str) -> Any:
    """Read JSON as JSON: its tabs and escapes are not all YAML's. None where the text is no JSON mapping."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError:
        return None


def _once(pairs: list[tuple[str, Any]], mark: Any = None) -> dict[str, Any]:
    """Pairs as a mapping, refused where a key is given twice."""
    settings: dict[str, Any] = {}
    for name, value in pairs:
        if name in settings:
            raise yaml.constructor.ConstructorError(None, None, f"{name} is given twice", mark)
        settings[name] = value
    return settings


def parse_scenario(text: str, where: str = "scenario") -> Scenario:
    r"""Read a scenario from YAML or JSON.

    >>> parse_scenario("name: Mine\nmonths: 3").months
    3
    """
    return parse(read_settings(text, where))


def read_settings(text: str, where: str) -> Any:
    r"""Read YAML or JSON without aliases, repeated keys and times of day.

    >>> read_settings("labs.count: 10:50:5", "plan")
    {'labs.count': '10:50:5'}
    """
    try:
        settings = _json(text) or yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise InputError(f"{where}: not YAML: {' '.join(str(problem).split())}{line}") from None
    if settings is None:
        raise InputError(f"{where}: the file is empty")
    return settings


class _Dumper(yaml.SafeDumper):
    """Safe YAML that escapes Unicode's line breaks, which would come back as plain ones."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = '"' if set(text) & set("\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quoted)


_Dumper.add_representer(str, _text)


def to_yaml(scenario: Scenario) -> str:
    """Text of a scenario file with every setting.

    >>> parse_scenario(to_yaml(Scenario())) == Scenario()
    True
    """
    settings = scenario.model_dump(mode="json")
    return yaml.dump(settings, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def to_json(scenario: Scenario) -> str:
    """Text of a scenario as JSON."""
    return json.dumps(scenario.model_dump(mode="json"), indent=2)


def save_scenario(scenario: Scenario, name: str) -> Path:
    """Save under a name in the user's folder, whole or not at all; the vault's names are taken.

    Returns
    -------
    Path
        The file written.
    """
    if check_name(name) in vault_names():
        raise InputError(f"scenario: {name!r} is in the vault and cannot be overwritten; choose another name")
    path = _path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, to_yaml(scenario))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    return path


def delete_scenario(name: str) -> None:
    """Delete a scenario of the user's own; those of the vault stay."""
    if check_name(name) in vault_names():
        raise InputError(f"scenario: {name!r} is in the vault and cannot be deleted")
    try:
        _path(name).unlink()
    except FileNotFoundError:
        raise unknown("scenario", name, set(scenario_names()) - set(vault_names())) from None
    except OSError as error:
        raise InputError(f"{_path(name)}: {error.strerror or error}") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under another name and move it into place, so that no reader sees half of it."""
    data = content.encode() if isinstance(content, str) else content
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
