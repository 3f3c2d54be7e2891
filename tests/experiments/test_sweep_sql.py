"""SQL on a sweep reads its table and nothing else, and cannot run for ever."""

import time

import pytest

from experiments import sweep
from mechanisms import InputError

PLAN = {"scenario": "thin_market", "set": {"labs.count": 3, "months": 1}, "seeds": 2, "axes": {"permits.cap": [2, 3]}}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(PLAN, out=tmp_path_factory.mktemp("swept"))


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A file in the working folder, and one where DuckDB keeps temporary files unless told otherwise."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".tmp").mkdir()
    for folder in (tmp_path, tmp_path / ".tmp"):
        (folder / "secret.csv").write_text("word\nxyzzy\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("folder", ["", ".tmp/"])
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{}secret.csv')",
        "SELECT * FROM read_text('{}secret.csv')",
        "SELECT * FROM '{}secret.csv'",
        "SELECT * FROM glob('{}*')",
        "COPY results TO '{}out.csv'",
        "COPY (SELECT 1) TO '{}out.parquet'",
        "SELECT 1; COPY (SELECT 1) TO '{}out.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{}out.csv'",
        "EXPORT DATABASE '{}out'",
        "ATTACH '{}out.db'",
        "SET temp_directory='{}'",
        "SET enable_external_access=true",
        "RESET enable_external_access",
        "LOAD httpfs",
    ],
)
def test_a_query_reaches_no_file(swept, secret, query, folder):
    before = sorted(secret.rglob("*"))
    for place in (folder, f"{secret}/{folder}"):
        with pytest.raises(InputError, match="sql: "):
            swept.sql(query.format(place))
    assert sorted(secret.rglob("*")) == before


def test_a_query_sees_no_variable_of_the_program(swept):
    secret = swept.table()
    assert len(secret) == 2
    with pytest.raises(InputError, match="secret does not exist"):
        swept.sql("SELECT * FROM secret")


def test_memory_is_limited(swept):
    assert swept.sql("SELECT current_setting('memory_limit') AS most")["most"][0] == "1.8 GiB"  # 2 GB
    assert swept.sql("SELECT current_setting('temp_directory') AS place")["place"][0] == ""


def test_a_query_that_takes_too_long_is_ended(swept):
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"sql: the query took longer than 0\.3 seconds"):
        list(
            swept.pieces("SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range + b.range < 0", 0.3)
        )
    assert time.monotonic() - begun < 5
    assert len(next(swept.pieces("SELECT * FROM results", 30))) == 2


def test_pivots_and_descriptions_are_answers(swept):
    assert swept.sql('PIVOT results ON "permits.cap" USING first(welfare)').shape[0] >= 1
    assert "permits.cap" in swept.sql("DESCRIBE results")["column_name"].tolist()
