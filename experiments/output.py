"""Output folders: what ran, with which versions, what came out and how it looks; each file whole or not at all."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mechanisms import InputError
from scenarios import to_yaml
from scenarios.store import write_whole

if TYPE_CHECKING:
    import altair as alt

    from experiments.comparison import Comparison
    from experiments.frontier.results import Frontier
    from experiments.maps.results import Heatmap

Files = Iterator[tuple[str, str | bytes]]

RUN_FILE = "run.json"
PROGRAM = "permit-lab"
PACKAGES = (
    PROGRAM,
    "numpy",
    "scipy",
    "pandas",
    "mesa",
    "pymarket",
    "pydantic",
    "joblib",
    "pyarrow",
    "duckdb",
    "altair",
    "vl-convert-python",
)
LARGEST_CSV = 1_000_000
"""Numbers; a longer table of months is written as Parquet."""


@dataclass
class OutputFolder:
    """A folder of one run's results.

    ``run.json`` marks the folder as ours. While files are being written it says ``"complete": false``.

    Attributes
    ----------
    path : the folder
    facts : what ``run.json`` says besides versions and files
    written : names of the files written so far
    """

    path: Path
    facts: Mapping[str, Any]
    written: list[str] = field(default_factory=list)

    @classmethod
    def claim(cls, path: Path, **facts: Any) -> OutputFolder:
        """Make the folder, or take over an earlier output of ours; InputError for a folder of other things."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()) and _earlier(path) is None:
                raise InputError(f"out: {path} holds other files; name a new or empty folder, or an earlier output")
            tempfile.TemporaryFile(dir=path).close()
        except (FileExistsError, NotADirectoryError):
            raise InputError(f"out: {path} is a file or lies below one; name a folder") from None
        except OSError as error:
            raise InputError(f"out: {path}: {error.strerror or error}") from None
        return cls(path, facts)

    def write(self, files: Iterable[tuple[str, str | bytes]]) -> None:
        """Write all files, then take away those of an earlier run that this one has not replaced."""
        earlier = _earlier(self.path) or []
        try:
            self._note(complete=False, files=earlier)
            for name, content in files:
                write_whole(self.path / name, content)
                self.written.append(name)
            for name in set(earlier) - set(self.written) - {RUN_FILE}:
                (self.path / name).unlink(missing_ok=True)
            self.written.append(RUN_FILE)
            self._note(complete=True, files=self.written)
        except OSError as error:
            raise InputError(f"out: {error.filename or self.path}: {error.strerror or error}") from None

    def _note(self, complete: bool, files: Sequence[str]) -> None:
        content = {"program": PROGRAM, "complete": complete, **self.facts, **environment(), "files": sorted(files)}
        write_whole(self.path / RUN_FILE, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _earlier(path: Path) -> list[str] | None:
    """Files of an earlier run in a folder; None where the folder is no output of ours."""
    try:
        run = json.loads((path / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(run, dict) or run.get("program") != PROGRAM:
        return None
    return [name for name in run.get("files", []) if isinstance(name, str) and Path(name).name == name]


def environment() -> dict[str, Any]:
    """Versions, and the processor features on which the last bits of a result depend.

    >>> sorted(environment())
    ['numpy_features', 'platform', 'python', 'versions']
    """
    features: Any = np.show_config(mode="dicts")
    return {
        "versions": {name: version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "numpy_features": features["SIMD Extensions"],
    }


def describe_seeds(seeds: NDArray[Any]) -> dict[str, Any]:
    """Seeds in few words: the first and how many, or their list where they are not consecutive.

    >>> describe_seeds(np.arange(5, 8)), describe_seeds(np.array([3, 9]))
    ({'first': 5, 'count': 3}, {'values': [3, 9]})
    """
    words = [int(seed) for seed in seeds]
    if words == list(range(words[0], words[0] + len(words))):
        return {"first": words[0], "count": len(words)}
    return {"values": words}


def comparison_files(comparison: Comparison, baseline: str | None = None) -> Files:
    """Name and content of each file of a comparison: scenario, tables, figures."""
    from experiments import charts
    from experiments.floor import floor_of

    yield "scenario.yaml", to_yaml(comparison.scenario)
    yield "summary.csv", csv(comparison.summary())
    if len(comparison.labels) > 1:
        yield "paired.csv", csv(comparison.paired(baseline))
    yield "by_month.csv", csv(comparison.by_month())
    months = comparison.results()
    if months.size <= LARGEST_CSV:
        yield "months.csv", csv(months)
    else:
        yield "months.parquet", parquet(months)
    yield from figure("compliance", charts.compliance_split(comparison))
    for measure in ("compliance_rate", "price"):
        yield from figure(f"{measure}_by_month", charts.by_month(comparison, measure))
    yield from figure("welfare", charts.welfare_parts(comparison))
    yield from figure("floor", charts.floor_chart(floor_of(comparison.cells, seed=int(comparison.seeds[0]))))


def heatmap_files(heatmap: Heatmap, baseline: str | None = None) -> Files:
    """Name and content of each file of a map: scenario, cells, lines, figure; also of its differences to a baseline."""
    from experiments import charts

    yield "scenario.yaml", to_yaml(heatmap.scenario)
    yield "heatmap.csv", csv(heatmap.data)
    yield "contour.csv", csv(heatmap.contour())
    yield "flip_line.csv", csv(heatmap.flip_line())
    yield from figure("heatmap", charts.deterrence_map(heatmap))
    if baseline is not None:
        differences = heatmap.difference(baseline=baseline)
        yield "differences.csv", csv(differences.data)
        yield from figure("differences", charts.deterrence_map(differences))


def frontier_files(frontier: Frontier) -> Files:
    """Name and content of each file of a frontier: scenario, policies tried, winners, figure."""
    from experiments import charts

    yield "scenario.yaml", to_yaml(frontier.scenario)
    yield "frontier.csv", csv(frontier.data)
    yield "best.csv", csv(frontier.winners)
    yield from figure("frontier", charts.frontier_chart(frontier))


def csv(table: pd.DataFrame) -> str:
    """A table as text: numbers to the last bit, undefined ones empty."""
    return table.to_csv(index=False, lineterminator="\n")


def parquet(table: pd.DataFrame) -> bytes:
    """A table as a Parquet file."""
    buffer = BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def figure(name: str, chart: alt.TopLevelMixin) -> Files:
    """A chart as a page that needs no network, as a drawing and as a picture."""
    import vl_convert

    yield f"{name}.html", vl_convert.vegalite_to_html(_specification(chart), vl_version=_release(), bundle=True)
    yield from pictures(name, chart)


def pictures(name: str, chart: alt.TopLevelMixin) -> Files:
    """A chart as a drawing and as a picture."""
    import vl_convert

    yield f"{name}.svg", drawing(chart)
    yield f"{name}.png", vl_convert.vegalite_to_png(_specification(chart), vl_version=_release(), scale=2)


def drawing(chart: alt.TopLevelMixin) -> str:
    """A chart as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_specification(chart), vl_version=_release()))


def _specification(chart: alt.TopLevelMixin) -> dict[str, Any]:
    import altair as alt

    with alt.data_transformers.enable("default", max_rows=None):
        return chart.to_dict()


def _release() -> str:
    """Vega-Lite's version, as the converter names it."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
