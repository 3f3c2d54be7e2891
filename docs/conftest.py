"""The tutorial's examples import the plug-ins that stand beside it; properties draw as many examples as in `tests`."""

from pathlib import Path

import pytest

import tests.conftest  # noqa: F401


@pytest.fixture(autouse=True)
def _beside_the_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).with_name("plugins"))
