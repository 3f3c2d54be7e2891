"""Pictures take most of a page's time and concern few of these tests: they are left out unless a test asks for them.

Maps have few cells for the same reason.
"""

import pytest
import streamlit as st

from app import compare_page, map_page

pytest.register_assert_rewrite("tests.app.reading")


@pytest.fixture(autouse=True)
def _table_alone(request, monkeypatch, tmp_path):
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path))
    monkeypatch.setattr(map_page, "SIZE", 6)
    if "with_pictures" not in request.fixturenames:
        monkeypatch.setattr(compare_page, "_pictures", lambda *_: None)
        monkeypatch.setattr(compare_page, "_sizes", lambda *_: None)
    yield
    st.cache_data.clear()


@pytest.fixture
def with_pictures():
    """Ask for charts."""
