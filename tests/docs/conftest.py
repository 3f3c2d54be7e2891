"""What a plug-in leaves behind is undone after each test."""

import sys

import pytest

from mechanisms import loading, registry


@pytest.fixture
def clean_slate(monkeypatch):
    """A registry of one's own, no plug-ins in the environment, and modules forgotten afterwards."""
    monkeypatch.setattr(registry, "_plugins", dict(registry._plugins))
    monkeypatch.setenv(loading.VARIABLE, "")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if not (getattr(sys.modules[name], "__file__", None) or "").startswith(sys.prefix):
            del sys.modules[name]
