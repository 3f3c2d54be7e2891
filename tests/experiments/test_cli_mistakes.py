"""One line on standard error and exit code 2 for every mistake, and never a traceback."""

import pytest

from mechanisms import InputError

MISTAKES = {
    "compare basline": "scenario: 'basline' is not known; did you mean 'baseline'?",
    "compare no_such.yaml": "no_such.yaml: No such file or directory",
    "compare baseline -m vickry": "mechanisms: 'vickry' is not known; did you mean 'vickrey'?",
    "compare baseline -m vickrey,vickrey": "mechanisms: vickrey is given twice",
    "compare baseline -m uniform-price:k=3": "mechanisms.options.k: 3 is not in [0, 1]",
    "compare baseline -m k=0": "mechanisms: 'k=0' is an option without a mechanism; write NAME:k=0",
    "compare baseline --baseline vickry": "baseline: 'vickry' is not known; did you mean 'vickrey'?",
    "compare baseline --baseline pymarket:p2p": "baseline: 'pymarket:p2p' is not known; known: double-auction,",
    "compare baseline --seeds 0": "seeds: 0 is not in [1, 10000000]",
    "compare baseline --seeds many": "Invalid value for '--seeds': 'many' is not a whole number",
    "compare baseline --first-seed -1": "seed: -1 is not a whole number in [0, 2**64)",
    "compare baseline --jobs 0": "jobs: 0 is neither -1 (one process a core) nor at least 1",
    "compare baseline --set labs.cuont=3": "labs.cuont: is not a known setting; did you mean 'count'?",
    "compare baseline --set enforcement.penalty=-1": "enforcement.penalty: -1 is not in [0,",
    "compare baseline --set months": "set: 'months' is not path=value",
    "compare baseline --set months=[1": "set: months: '[1' is not a YAML value",
    "compare baseline --set months=3 --set months=4": "set: months is given twice",
    "compare baseline --format xml": "Invalid value for '--format' / '-f': 'xml' is not one of",
    "compare baseline --sed 3": "No such option: --sed",
    "compare baseline vickrey": "Got unexpected extra argument",
    "compare": "Missing argument 'SCENARIO'",
    "compare baseline --out": "Option '--out' requires an argument",
    "compar baseline": "No such command 'compar'",
    "heatmap baseline --measure welfar": "measure: 'welfar' is not known; did you mean 'welfare'?",
    "heatmap baseline --penalties 0.2:0.8": "penalties: '0.2:0.8' has no count; a grid needs low:high:count, such as",
    "heatmap baseline --penalties 0.8:0.2:5": "penalties: '0.8:0.2:5' is an empty range; the lower end comes first",
    "heatmap baseline --detections 0:1.5:4": "detections: 1.5 is not in [0, 1]",
    "heatmap baseline --x enforcement.penlty=0:1:3": "x: 'enforcement.penlty' is not known; did you mean",
    "heatmap baseline --x permits_per_lb=0:1:3": "x: 'permits_per_lb' is not known; did you mean 'permits_per_lab'?",
    "heatmap baseline --x permits.cap": "x: 'permits.cap' is not path=values, such as enforcement.penalty=0.2:0.8:25",
    "heatmap baseline --x permits.cap=9:3:4": "x.permits.cap: '9:3:4' is an empty range; the lower end comes first",
    "heatmap baseline --x permits.cap=-5:5:3": "permits.cap: -5 is not in [0,",
    "heatmap baseline --y enforcement.penalty=0:1:3": "y: penalty is x already; name another setting",
    "heatmap baseline --x labs.bidding=full-value": "x: labs.bidding is no axis but has a map for each; name them in",
    "heatmap baseline --x penalty=0:1:3 --penalties 0:1:3": "penalties: x is given already; leave one of them out",
    "heatmap baseline --bidding full-value,fullvalue": "bidding: 'fullvalue' is not known; did you mean 'full-value'?",
    "heatmap baseline --baseline vickrey": "baseline: 'vickrey' is not known; known: uniform-price",
    "heatmap baseline --baseline uniform-price": "baseline: uniform-price is all there is; a difference needs two",
    "scenarios nope": "scenario: 'nope' is not known;",
    "scenarios --set months=3": "set: name the scenario to change",
    "scenarios baseline --format csv": "format: a scenario is shown as YAML",
    "scenarios baseline --validate x.yaml": "validate: goes without a scenario",
    "sweep baseline": "out: name the folder of the sweep with --out",
    "sweep --out no_such": "plan: is needed, unless a sweep in no_such is resumed",
    "sweep --out no_such --seeds 3": "plan: name a plan or a scenario for these options",
    "sweep baseline --out no_such": "axes: at least one is needed, such as enforcement.penalty=0.2:0.8:25",
    "sweep baseline --out no_such -a permits.cap": "axis: 'permits.cap' is not path=values",
    "sweep baseline --out no_such -a permits.cap=3 -a permits.cap=4": "axis: permits.cap is given twice",
    "sweep baseline --out no_such -a permits.cap=[3": "axis: permits.cap: '[3' is not a list",
    "sweep baseline --out no_such -a permits.cap=1:9:x": "permits.cap: '1:9:x' is not a whole number",
    "sweep baseline --out no_such -a permits.cap=3,4 --jobs 0": "jobs: 0 is neither -1",
    "sweep baseline --out no_such -a permits.cap=3,4 --engine ray": "engine: 'ray' is neither local nor dask=tcp://",
    "sweep no_such.yaml --out no_such": "no_such.yaml: No such file or directory",
    "results no_such": "results: no_such is not the folder of a sweep",
    "sensitivity no_such": "results: no_such is not the folder of a sweep",
    "app --port 0": "Invalid value for '--port'",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(lab, line):
    code, out, err = lab(*line.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {MISTAKES[line]}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    ["months: [1", "{" * 1200, "a: &b 1\nc: *b", "- 1", "", "months: three", b"\xff\xfe\x00", "months: 1\nmonths: 2"],
)
def test_a_bad_file_is_one_line_and_exit_code_2(lab, tmp_path, content):
    file = tmp_path / "bad.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = lab("run", file)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_an_unwritable_folder_is_refused_before_anything_runs(lab, monkeypatch, tmp_path):
    monkeypatch.setattr("experiments.comparison.run_worlds", _never)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path):
        code, out, err = lab("compare", "thin_market", "--out", path)
        assert (code, out) == (2, "")
        assert err.startswith("error: out: ")
        assert err.count("\n") == 1


def _never(*arguments, **options):
    raise AssertionError("something ran")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KeyboardInterrupt(), 130, ""),
        (MemoryError("Unable to allocate 3 TiB"), 1, "error: not enough memory: Unable to allocate 3 TiB\n"),
        (InputError("two\nlines"), 2, "error: two lines\n"),
    ],
)
def test_what_stops_a_run_is_told_briefly(lab, monkeypatch, error, code, line):
    def stop(*arguments, **options):
        raise error

    monkeypatch.setattr("experiments.comparison.run_worlds", stop)
    assert lab("compare", "thin_market") == (code, "", line)


def test_a_reader_that_leaves_is_no_error(start):
    process = start("run", "baseline", "--monthly", "--format", "csv", "--seeds", "20")
    assert process.stdout.readline().startswith(b"label,seed,month")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()
