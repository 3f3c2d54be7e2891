"""Failing assertions in the shared test code show their values too."""

import pytest

pytest.register_assert_rewrite("tests.mechanisms.contract")
