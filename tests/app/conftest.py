"""Pictures take most of a page's time and concern few of these tests: they are left out unless a test asks for them.

Maps have few cells for the same reason.
"""

import pytest
import streamlit as st

from app import compare_page, map_page
from experiments.launch import without_components

pytest.register_assert_rewrite("tests.app.reading")
without_components()  # every session of AppTest would look for some, for longer than its page takes


@pytest.fixture(autouse=True)
def _table_alone(request, monkeypatch, tmp_path):
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path))
    monkeypatch.setattr(map_page, "SIZE", 6)
    if "with_pictures" not in request.fixturenames:
        monkeypatch.setattr(compare_page, "_pictures", lambda *_: None)
        monkeypatch.setattr(compare_page, "FIRST", "All measures")
    yield
    st.cache_data.clear()


@pytest.fixture
def with_pictures():
    """Ask for charts."""
