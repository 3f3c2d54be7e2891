"""The reference page says what the code says, and every document's links lead somewhere."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def test_reference_page_is_current():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    assert reference.TARGET.read_text(encoding="utf-8") == reference.page(), "run python docs/reference.py"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("name", ["agents.economics.signal_detection", "agents.economics.expected_penalty"])
def test_model_page_names_real_functions(name):
    module, _, function = name.rpartition(".")
    assert name in (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    assert callable(getattr(importlib.import_module(module), function))
