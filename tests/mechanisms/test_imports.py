"""Imports point one way only: mechanisms, scenarios, agents, experiments, app."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT: dict[str, set[str]] = {
    "mechanisms": set(),
    "scenarios": {"mechanisms"},
    "agents": {"mechanisms", "scenarios"},
    "experiments": {"mechanisms", "scenarios", "agents"},
    "app": {"mechanisms", "scenarios", "experiments"},
    "streamlit_app": {"mechanisms", "scenarios", "experiments", "app"},
}
FILES = [
    path
    for layer in MAY_IMPORT
    for path in [ROOT / f"{layer}.py", *sorted((ROOT / layer).rglob("*.py"))]
    if path.exists()
]


def imported(source: str) -> set[str]:
    """Top-level names that a module imports anywhere in it; a relative import stays within its package."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    froms = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | froms}


def forbidden(layer: str, source: str) -> set[str]:
    """Layers of the project that this one must not know."""
    return imported(source) & (MAY_IMPORT.keys() | {"tests"}) - MAY_IMPORT[layer] - {layer}


def test_the_check_sees_what_it_forbids() -> None:
    hidden = "def f():\n    from agents.labs import Lab\n    import experiments.store as s\n    from . import tests\n"
    assert forbidden("mechanisms", hidden) == {"agents", "experiments"}
    assert forbidden("experiments", hidden) == set()
    assert any(path.name == "vickrey.py" for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    layer = path.relative_to(ROOT).with_suffix("").parts[0]
    assert forbidden(layer, path.read_text(encoding="utf-8")) == set()
