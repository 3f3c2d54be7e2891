"""Output folders are complete, self-contained, written whole, and never over other people's files."""

import json
import re
from importlib.metadata import version
from itertools import takewhile

import altair as alt
import numpy as np
import pandas as pd
import pytest

from experiments import compare, heatmap, output
from experiments.output import OutputFolder, comparison_files, describe_seeds, heatmap_files
from mechanisms import InputError
from scenarios import load_scenario, override

FIGURES = ["compliance", "compliance_rate_by_month", "floor", "price_by_month", "welfare"]
TABLES = ["by_month.csv", "months.csv", "paired.csv", "summary.csv"]
LOADS = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|<link\b|@import|url\(\s*["']?https?:|\bimport\(""")


@pytest.fixture(scope="module")
def scenario():
    return override(load_scenario("thin_market"), {"months": 3, "labs.count": 9})


@pytest.fixture(scope="module")
def comparison(scenario):
    return compare(scenario, ["uniform-price", "vickrey"], seeds=3, first_seed=5)


def draft(name, chart):
    """A figure that costs no time."""
    yield f"{name}.svg", f"<svg>{name}</svg>"


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setattr(output, "figure", draft)


@pytest.fixture
def folder(plain, comparison, tmp_path):
    path = tmp_path / "new" / "folder"
    OutputFolder.claim(path, command="permit-lab compare", seeds={"first": 5, "count": 3}).write(
        comparison_files(comparison, "vickrey")
    )
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def assert_holds(path, frame):
    """The file has the frame's columns and rows, numbers to the last bit."""
    table = pd.read_csv(path, dtype=str)
    assert list(table.columns) == list(frame.columns)
    for name, column in frame.items():
        if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
            assert table[name].tolist() == [str(value) for value in column]
        else:
            np.testing.assert_array_equal(table[name].map(float), column, err_msg=name)


def test_the_folder_is_complete(folder):
    figures = [f"{name}.svg" for name in FIGURES]
    assert names(folder) == sorted([*figures, *TABLES, "run.json", "scenario.yaml"])


def test_the_run_is_on_record(folder):
    run = json.loads((folder / "run.json").read_text())
    assert run["program"] == "permit-lab"
    assert run["complete"] is True
    assert run["command"] == "permit-lab compare"
    assert run["seeds"] == {"first": 5, "count": 3}
    assert run["files"] == names(folder)
    assert {"baseline", "found"} <= set(run["numpy_features"])
    for package in ("permit-lab", "numpy", "mesa", "pymarket"):
        assert run["versions"][package] == version(package)


def test_the_scenario_can_be_run_again(folder, comparison):
    assert load_scenario(folder / "scenario.yaml") == comparison.scenario


def test_tables_keep_every_bit(folder, comparison):
    frames = {
        "summary": comparison.summary(),
        "paired": comparison.paired("vickrey"),
        "by_month": comparison.by_month(),
        "months": comparison.results(),
    }
    for name, frame in frames.items():
        assert_holds(folder / f"{name}.csv", frame)


def test_figures_need_no_network(comparison, tmp_path):
    OutputFolder.claim(tmp_path).write(comparison_files(comparison))
    for name in FIGURES:
        page = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        assert not LOADS.findall(page)
        assert "vegaEmbed" in page
        assert (tmp_path / f"{name}.svg").read_text(encoding="utf-8").lstrip().startswith("<svg")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_same_run_writes_the_same_tables(plain, comparison, scenario):
    again = compare(scenario, ["uniform-price", "vickrey"], seeds=3, first_seed=5)
    assert list(comparison_files(comparison)) == list(comparison_files(again))


def test_a_map_writes_its_cells_and_lines(plain, scenario, tmp_path):
    found = heatmap(scenario, penalties=[0.2, 0.8], detections=[0.2, 0.9], seeds=2)
    OutputFolder.claim(tmp_path).write(heatmap_files(found))
    files = ["contour.csv", "flip_line.csv", "heatmap.csv", "heatmap.svg", "run.json", "scenario.yaml"]
    assert names(tmp_path) == files
    assert_holds(tmp_path / "heatmap.csv", found.data)
    assert_holds(tmp_path / "contour.csv", found.contour())
    assert (tmp_path / "flip_line.csv").read_text() == "penalty,detection\n"


def test_a_chart_of_many_rows_is_drawn():
    points = alt.Chart(pd.DataFrame({"x": range(6000)})).mark_point().encode(x="x:Q")
    name, page = next(output.figure("points", points))
    assert name == "points.html"
    assert "vegaEmbed" in page


def test_a_long_table_of_months_is_parquet(monkeypatch, plain, comparison, tmp_path):
    monkeypatch.setattr(output, "LARGEST_CSV", 100)
    files = dict(comparison_files(comparison))
    assert "months.csv" not in files
    (tmp_path / "months.parquet").write_bytes(files["months.parquet"])
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "months.parquet"), comparison.results(), check_dtype=False)


def test_an_earlier_output_is_replaced_and_other_files_stay(tmp_path):
    OutputFolder.claim(tmp_path).write([("one.csv", "1"), ("two.csv", "2")])
    (tmp_path / "notes.txt").write_text("mine")
    OutputFolder.claim(tmp_path).write([("two.csv", "new")])
    assert names(tmp_path) == ["notes.txt", "run.json", "two.csv"]
    assert (tmp_path / "two.csv").read_text() == "new"
    assert json.loads((tmp_path / "run.json").read_text())["files"] == ["run.json", "two.csv"]


def test_an_interrupted_output_says_so_and_has_no_half_files(tmp_path):
    def files():
        yield "one.csv", "new"
        raise KeyboardInterrupt

    OutputFolder.claim(tmp_path).write([("one.csv", "old"), ("two.csv", "old")])
    with pytest.raises(KeyboardInterrupt):
        OutputFolder.claim(tmp_path).write(files())
    assert names(tmp_path) == ["one.csv", "run.json", "two.csv"]
    assert json.loads((tmp_path / "run.json").read_text())["complete"] is False
    OutputFolder.claim(tmp_path).write([("three.csv", "3")])
    assert names(tmp_path) == ["run.json", "three.csv"]


def test_only_files_of_the_folder_are_taken_away(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("stays")
    folder = tmp_path / "out"
    OutputFolder.claim(folder).write([])
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(run | {"files": ["../outside.csv", str(outside), 3]}))
    OutputFolder.claim(folder).write([])
    assert outside.read_text() == "stays"


@pytest.mark.parametrize("content", ["{}", "not json", "[]", '{"program": "other"}', b"\xff\xfe"])
def test_a_folder_of_other_things_is_refused(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match="holds other files"):
        OutputFolder.claim(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (file, file / "below"):
        with pytest.raises(InputError, match="is a file or lies below one"):
            OutputFolder.claim(path)


def test_a_folder_that_cannot_be_written_is_refused_beforehand(tmp_path, monkeypatch):
    def refuse(**where):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(output.tempfile, "TemporaryFile", refuse)
    with pytest.raises(InputError, match=re.escape(f"out: {tmp_path}: Permission denied")):
        OutputFolder.claim(tmp_path)


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def fail(path, content):
        raise OSError(28, "No space left on device")

    folder = OutputFolder.claim(tmp_path)
    monkeypatch.setattr(output, "write_whole", fail)
    with pytest.raises(InputError, match=re.escape(f"out: {tmp_path}: No space left on device")):
        folder.write([("one.csv", "1")])


@pytest.mark.parametrize(
    ("seeds", "words"),
    [([7], {"first": 7, "count": 1}), ([3, 4, 5], {"first": 3, "count": 3}), ([5, 4], {"values": [5, 4]})],
)
def test_seeds_are_described_in_few_words(seeds, words):
    assert describe_seeds(np.array(seeds, dtype=np.uint64)) == words


def test_tables_come_before_figures(comparison):
    first = [name for name, _ in takewhile(lambda file: not file[0].endswith("html"), comparison_files(comparison))]
    assert first == ["scenario.yaml", "summary.csv", "paired.csv", "by_month.csv", "months.csv"]
