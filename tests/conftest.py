"""Hypothesis profiles: `gate` is small and repeats itself; `deep` searches. HYPOTHESIS_PROFILE chooses."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from mechanisms import loading, registry

settings.register_profile(
    "gate", max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture
def clean_slate(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Yield with a registry of one's own and no plug-ins in the environment; forget the files that a test loads."""
    monkeypatch.setattr(registry, "_plugins", dict(registry._plugins))
    monkeypatch.setenv(loading.VARIABLE, "")
    before = set(sys.modules)
    yield
    for module in {plugin.function.__module__ for plugin in registry._plugins.values()} - before:
        del sys.modules[module]
