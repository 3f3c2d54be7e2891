"""Hypothesis profiles: `gate` is small and repeats itself, `quick` is smaller, `deep` searches: HYPOTHESIS_PROFILE."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from mechanisms import loading, registry

settings.register_profile(
    "gate", max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("gate"), max_examples=5)
settings.register_profile("deep", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture
def clean_slate(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Yield with the lab's own plug-ins alone; afterwards everything is as before."""
    own = {key: plugin for key, plugin in registry._plugins.items() if _layer(plugin) in ("mechanisms", "agents")}
    for name in {_layer(plugin) for plugin in registry._plugins.values()} - {"mechanisms", "agents", "tests"}:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(registry, "_plugins", own)
    monkeypatch.setenv(loading.VARIABLE, "")
    before = set(sys.modules)
    yield
    for name in {_layer(plugin) for plugin in registry._plugins.values()} - before:
        sys.modules.pop(name, None)  # what is defined in a session has no module of its own


def _layer(plugin: registry.Plugin) -> str:
    return plugin.function.__module__.partition(".")[0]
