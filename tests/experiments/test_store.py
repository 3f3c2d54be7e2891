"""A sweep's folder survives what stops it, is the same bytes afterwards, and names what is not its own."""

import errno
import json
import os
import signal
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from experiments import compare, open_sweep, sweep
from experiments.sweeps import cells, chunks, running, store
from experiments.sweeps.store import SweepWarning
from mechanisms import InputError
from scenarios import load_scenario, override

PLAN = {
    "scenario": "thin_market",
    "set": {"labs.count": 4, "months": 2},
    "axes": {"enforcement.penalty": [0.2, 0.6], "permits.cap": [3, 6]},
    "mechanisms": ["vickrey", "uniform-price"],
    "seeds": 3,
    "chunk": 1,
}


def files(folder):
    """Content of every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    sweep(PLAN, out=folder)
    return folder


@pytest.fixture
def computed(monkeypatch):
    """Numbers of the chunks computed from now on."""
    numbers, run = [], running.run_chunk

    def counted(text, chunk, *rest):
        numbers.append(chunk)
        return run(text, chunk, *rest)

    monkeypatch.setattr(running, "run_chunk", counted)
    return numbers


@pytest.fixture
def copy(finished, tmp_path):
    """A finished sweep to damage."""
    for name, content in files(finished).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_the_folder_holds_a_manifest_and_the_chunks(finished):
    assert sorted(files(finished)) == [*(f"chunks/00000{i}.parquet" for i in range(4)), "manifest.json"]
    manifest = json.loads((finished / "manifest.json").read_text())
    assert (manifest["complete"], manifest["cells"], manifest["chunks"]) == (True, 8, 4)
    assert manifest["seeds"] == {"first": 0, "count": 3}
    assert manifest["columns"]["welfare"]["unit"] == "M$ a month"
    assert manifest["identity"]["plan"]["scenario"]["labs"]["count"] == 4
    assert {"numpy", "pyarrow"} <= manifest["environment"]["versions"].keys()


def test_cells_are_what_compare_finds(finished):
    table = open_sweep(finished).table()
    for number, row in table.iterrows():
        changes = {path: row[path] for path in PLAN["axes"]} | PLAN["set"]
        scenario = override(load_scenario("thin_market"), changes)
        expected = compare(scenario, [row["mechanism"]], seeds=3).summary().set_index("measure")
        assert row["cell"] == number
        for name in ("welfare", "price", "deterrence_rate"):
            found = row[[name, f"{name}_low", f"{name}_high", f"{name}_n"]].astype(float)
            np.testing.assert_array_equal(found, expected.loc[name, ["mean", "low", "high", "n"]].astype(float))


def test_worlds_can_be_kept_and_average_to_the_cells(finished, tmp_path):
    found = sweep(PLAN | {"keep": "worlds", "measures": ["welfare", "price"]}, out=tmp_path)
    assert found.table().columns.tolist()[-3:] == ["seed", "welfare", "price"]
    means = found.sql("SELECT cell, avg(welfare) AS welfare FROM results GROUP BY cell ORDER BY cell")
    np.testing.assert_allclose(means["welfare"], open_sweep(finished).table()["welfare"], rtol=1e-12)


def test_any_reader_of_parquet_reads_the_chunks(finished):
    found = pd.read_parquet(finished / "chunks")
    pd.testing.assert_frame_equal(found, open_sweep(finished).table(), check_dtype=False)


def test_a_sweep_that_was_stopped_continues_to_the_same_bytes(finished, computed, tmp_path):
    def stop(share):
        if share >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(PLAN, out=tmp_path, progress=stop)
    assert not open_sweep(tmp_path).complete
    assert len(open_sweep(tmp_path).table()) == 4
    with pytest.raises(InputError, match=r"holds an unfinished sweep of this plan; continue with --resume"):
        sweep(PLAN, out=tmp_path)
    sweep(out=tmp_path, resume=True)
    assert computed == [0, 1, 2, 3]
    assert files(tmp_path) == files(finished)


def test_finished_cells_are_never_computed_again(copy, computed):
    with pytest.raises(InputError, match="holds a finished sweep of this plan"):
        sweep(PLAN, out=copy)
    sweep(PLAN, out=copy, resume=True)
    assert computed == []


def test_what_was_begun_keeps_its_chunks(tmp_path, computed, monkeypatch):
    plan = {name: value for name, value in PLAN.items() if name != "chunk"}
    sweep(plan, out=tmp_path)
    before = files(tmp_path)
    monkeypatch.setattr(cells, "CHUNK_SECONDS", 1e-6)
    sweep(plan, out=tmp_path, resume=True)
    assert computed == [0]
    assert files(tmp_path) == before


def damage_byte(file, finished, tmp_path):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def truncate(file, finished, tmp_path):
    file.write_bytes(file.read_bytes()[:-20])


def edit(file, finished, tmp_path):
    pd.read_parquet(file).assign(welfare=1.0).to_parquet(file)


def exchange(file, finished, tmp_path):
    file.write_bytes((finished / "chunks" / "000000.parquet").read_bytes())


def put_foreign(file, finished, tmp_path):
    sweep(PLAN | {"first_seed": 7}, out=tmp_path / "other")
    file.write_bytes((tmp_path / "other" / "chunks" / "000002.parquet").read_bytes())


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (damage_byte, "is damaged"),
        (truncate, "is damaged"),
        (edit, "is damaged or no chunk at all"),
        (exchange, "is chunk 0"),
        (put_foreign, "belongs to another plan"),
    ],
)
def test_a_chunk_that_is_not_sound_is_named_and_computed_again(harm, words, copy, finished, computed, tmp_path_factory):
    file = copy / "chunks" / "000002.parquet"
    harm(file, finished, tmp_path_factory.mktemp("harm"))
    computed.clear()
    with pytest.raises(InputError, match=rf"000002.parquet {words}; mend it with sweep --resume"):
        open_sweep(copy).table()
    with pytest.warns(SweepWarning, match=rf"000002.parquet {words}; it is computed again"):
        sweep(PLAN, out=copy, resume=True)
    assert computed == [2]
    assert files(copy) == files(finished)


def test_no_changed_byte_goes_unseen():
    content = chunks.to_bytes(
        pa.table({"cell": [0, 1], "mechanism": ["vickrey", "muda"], "price": [0.5, None]}), "a", 0
    )
    assert chunks.problem(content, "a", 0) is None
    for place in range(len(content)):
        assert chunks.problem(content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :], "a", 0)


def test_another_plan_never_writes_into_the_folder(finished, copy):
    for changes, named in (({"seeds": 4}, "seeds"), ({"keep": "worlds", "chunk": 2}, "chunk, keep")):
        with pytest.raises(InputError, match=rf"holds another sweep \({named} differ\)"):
            sweep(PLAN | changes, out=copy, resume=True)
    assert files(copy) == files(finished)


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for resume in (False, True):
        with pytest.raises(InputError, match=r"holds other files; name a new or empty folder"):
            sweep(PLAN, out=tmp_path, resume=resume)
    assert list(files(tmp_path)) == ["thesis.txt"]


def test_a_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match=r"^out: "):
            sweep(PLAN, out=out)


def full(monkeypatch, after):
    """Make the disk full once some files have been written."""
    written, write = [], store.write_whole

    def write_or_fail(path, content):
        written.append(path)
        if len(written) > after:
            path.with_name(f".{path.name}.draft")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, content)

    monkeypatch.setattr(store, "write_whole", write_or_fail)


def test_a_disk_that_is_full_at_once_leaves_nothing(monkeypatch, tmp_path):
    full(monkeypatch, after=0)
    with pytest.raises(InputError, match=r"^out: .*new: No space left on device$"):
        sweep(PLAN, out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_disk_that_fills_up_leaves_whole_chunks_to_continue_from(finished, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        full(patch, after=3)
        with pytest.raises(InputError, match=r"No space left on device; the chunks written so far are sound; continue"):
            sweep(PLAN, out=tmp_path)
    assert len(files(tmp_path)) == 3
    sweep(PLAN, out=tmp_path, resume=True)
    assert files(tmp_path) == files(finished)


@pytest.mark.slow
def test_a_sweep_that_was_killed_continues_to_the_same_bytes(finished, start, tmp_path):
    plan, out = tmp_path / "plan.json", tmp_path / "out"
    plan.write_text(json.dumps(PLAN))
    process = start("sweep", str(plan), "--out", str(out))
    while process.poll() is None and not list(out.glob("chunks/*.parquet")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (out / "chunks" / ".000003.parquet.abc").write_bytes(b"half")
    sweep(out=out, resume=True)
    assert files(out) == files(finished)


def test_a_change_of_versions_is_told(copy, monkeypatch):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["environment"]["versions"]["numpy"] = "1.0"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.warns(SweepWarning, match="was begun with other versions or on another processor"):
        sweep(PLAN, out=copy, resume=True)


def test_workers_with_other_versions_are_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "fingerprint", iter(map(str, range(100))).__next__)
    with pytest.warns(SweepWarning, match="workers have other versions") as told:
        sweep(PLAN, out=tmp_path)
    assert len(told) == 1


def test_nothing_is_told_where_nothing_is_wrong(copy):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sweep(PLAN, out=copy, resume=True)


ESCAPES = [
    "COPY results TO '{}/stolen.csv'",
    "COPY (SELECT 1) TO '{}/stolen.parquet'",
    "EXPORT DATABASE '{}/stolen'",
    "ATTACH '{}/stolen.db'",
    "SELECT * FROM read_text('{}/secret.txt')",
    "SELECT * FROM read_csv('{}/secret.txt')",
    "SELECT * FROM '{}/chunks/000000.parquet'",
    "SELECT * FROM glob('{}/*')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SELECT * FROM frame",
    "SELECT 1; COPY results TO '{}/stolen.csv'",
]


@pytest.mark.parametrize("query", ESCAPES)
def test_sql_reads_and_writes_nothing_else(query, copy):
    frame = pd.DataFrame({"secret": [1]})
    (copy / "secret.txt").write_text("secret")
    before = files(copy)
    with pytest.raises(InputError, match=r"^sql: "):
        open_sweep(copy).sql(query.format(copy))
    assert files(copy) == before
    assert len(frame) == 1


def test_sql_leaves_undefined_values_out_of_means(finished):
    found = open_sweep(finished)
    answer = found.sql("SELECT avg(price) AS mean, count(price) AS n FROM results")
    defined = found.table("price")["price"].dropna()
    assert answer["n"][0] == len(defined) == 4
    assert answer["mean"][0] == pytest.approx(defined.mean())


@pytest.mark.parametrize("query", ["", "SELEC 1", "SELECT nothing FROM results", "SET threads = 1"])
def test_a_query_that_is_none_is_one_line(query, finished):
    with pytest.raises(InputError, match=r"^sql: "):
        open_sweep(finished).sql(query)


def test_what_is_no_sweep_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "missing", Path(__file__)):
        with pytest.raises(InputError, match="is not the folder of a sweep"):
            open_sweep(folder)
