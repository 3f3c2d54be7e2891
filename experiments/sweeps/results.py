"""Read a sweep's folder: as a table, in pieces, or with SQL that can touch nothing but the sweep."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb
import pandas as pd
import pyarrow.dataset as ds

from experiments.sweeps.cells import Cells, cells_of
from experiments.sweeps.store import Store, read_manifest
from mechanisms import InputError

TABLE = "results"
EVERYTHING = f"SELECT * FROM {TABLE} ORDER BY ALL"
MEMORY = "2GB"
_SEALED_OFF = (
    "temp_directory=''",  # DuckDB leaves its own one open to queries
    f"memory_limit='{MEMORY}'",
    "enable_external_access=false",
    "python_enable_replacements=false",
    "lock_configuration=true",
)


@dataclass(frozen=True)
class Sweep:
    """A sweep's folder.

    Attributes
    ----------
    path : the folder; its ``chunks/*.parquet`` are open to any reader of Parquet
    manifest : plan, seeds, columns and versions
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every cell has been computed."""
        return bool(self.manifest["complete"])

    @cached_property
    def cells(self) -> Cells:
        """The plan, read again."""
        return cells_of(self._store.identity)

    @cached_property
    def _store(self) -> Store:
        return Store(self.path, json.dumps(self.manifest["identity"]), self.manifest["chunks"])

    @cached_property
    def files(self) -> list[Path]:
        """Files of the sound chunks, in order; InputError for one that is damaged or of another plan."""
        found = []
        for chunk in range(self._store.chunks):
            problem = self._store.problem(chunk)
            if problem:
                raise InputError(f"results: {self._store.file(chunk)} {problem}; mend it with sweep --resume")
            if problem is None:
                found.append(self._store.file(chunk))
        return found

    def table(self, *columns: str) -> pd.DataFrame:
        """All rows in the cells' order, of all columns or some; undefined values are NaN.

        A large sweep does not fit: ask with `sql` for what is needed.
        """
        return self._data.to_table(columns=list(columns) or None).to_pandas()

    @property
    def _data(self) -> ds.Dataset:
        if not self.files:
            raise InputError(f"results: {self.path} holds no finished chunk yet")
        return ds.dataset([str(file) for file in self.files], format="parquet")

    def sql(self, query: str) -> pd.DataFrame:
        """Answer to an SQL query on the table ``results``; undefined values are NULL, and means leave them out.

        The query can neither write nor read files: DuckDB runs in memory and is closed to the outside.
        """
        return pd.concat(self.pieces(query), ignore_index=True)

    def pieces(self, query: str, seconds: float | None = None) -> Iterator[pd.DataFrame]:
        """The answer in pieces of some thousand rows, at least one; a query that takes longer than allowed is ended."""
        with self._database() as database, _limited(database, seconds):
            try:
                database.execute(query)
                if database.description is None:
                    raise InputError("sql: a query is needed, such as SELECT * FROM results")
                yield (piece := database.fetch_df_chunk())
                while len(piece):
                    piece = database.fetch_df_chunk()
                    if len(piece):
                        yield piece
            except duckdb.InterruptException:
                raise InputError(f"sql: the query took longer than {seconds:g} seconds") from None
            except duckdb.Error as error:
                raise InputError(f"sql: {' '.join(str(error).split())}") from None

    @contextmanager
    def _database(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(":memory:") as database:
            database.register(TABLE, self._data)
            for setting in _SEALED_OFF:
                database.execute(f"SET {setting}")
            yield database


@contextmanager
def _limited(database: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[None]:
    """End what the database is at after some seconds; None: never."""
    if seconds is None:
        yield
        return
    timer = Timer(seconds, database.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def open_sweep(path: str | os.PathLike[str]) -> Sweep:
    """A sweep's folder, finished or not; InputError where there is none.

    >>> open_sweep("no_such_folder")
    Traceback (most recent call last):
    mechanisms.errors.InputError: results: no_such_folder is not the folder of a sweep
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"results: {folder} is not the folder of a sweep")
    return Sweep(folder, manifest)
