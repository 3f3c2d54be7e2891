"""Every test has a folder of its own for a user's scenarios."""

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """The user's folder, empty and not yet there."""
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
