"""Shared fixtures; failing assertions in the shared test code show their values too."""

import pytest

from mechanisms import registry

pytest.register_assert_rewrite("tests.agents.worlds")


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch):
    """Forget the plug-ins that a test registers."""
    monkeypatch.setattr(registry, "_plugins", dict(registry._plugins))
