"""The folder of a sweep: a manifest, and chunks of cells as Parquet files, each written whole or not at all.

Nothing in it depends on how, when or with how many interruptions the sweep was computed.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import MEASURES
from experiments.output import PROGRAM, describe_seeds, environment
from experiments.sweeps import chunks
from experiments.sweeps.cells import Cells
from mechanisms import InputError
from scenarios.store import write_whole

MANIFEST, FOLDER = "manifest.json", "chunks"


class SweepWarning(UserWarning):
    """Something about a sweep's files that a reader should know."""


@dataclass(frozen=True)
class Store:
    """The folder of one sweep.

    Attributes
    ----------
    path : the folder
    identity : JSON of all that decides what the files hold
    chunks : how many there are in all
    """

    path: Path
    identity: str
    chunks: int

    @property
    def key(self) -> str:
        """Hash of the identity, which every chunk carries."""
        return key_of(self.identity)

    def file(self, chunk: int) -> Path:
        """Where a chunk lies."""
        return self.path / FOLDER / f"{chunk:06d}.parquet"

    def write(self, chunk: int, content: bytes) -> None:
        """Put a chunk into its place, whole; InputError where the disk is full or gone."""
        try:
            write_whole(self.file(chunk), content)
        except OSError as error:
            raise _refused(self.path, error, "the chunks written so far are sound; continue with --resume") from None

    def problem(self, chunk: int) -> str | None:
        """What is wrong with a chunk, in words; an empty text where it is not there; None where it is sound."""
        try:
            return chunks.problem(self.file(chunk).read_bytes(), self.key, chunk)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"cannot be read ({error.strerror or error})"

    def missing(self) -> Iterator[int]:
        """Chunks that are still to be computed; damaged and foreign ones are named in a warning."""
        for chunk in range(self.chunks):
            problem = self.problem(chunk)
            if problem:
                message = f"{self.file(chunk)} {problem}; it is computed again"
                warnings.warn(message, SweepWarning, stacklevel=2)
            if problem is not None:
                yield chunk

    def drop_drafts(self) -> None:
        """Take away what a killed process left half-written under another name."""
        for draft in (self.path / FOLDER).glob(".*.parquet.*"):
            draft.unlink(missing_ok=True)


def key_of(identity: str) -> str:
    """Hash of an identity."""
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()


def open_store(path: Path, identity: str, cells: Cells, *, resume: bool) -> Store:
    """Make the folder of a sweep or, to resume it, open the one that is there.

    Raises
    ------
    InputError
        Where the folder cannot be written, holds other things, another sweep, or this one without `resume`.
    """
    store, made = Store(path, identity, cells.chunks), not path.exists()
    _refuse(path, identity, resume)
    try:
        (path / FOLDER).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path / FOLDER).close()
        write_manifest(store, cells, complete=False)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"out: {path} is a file or lies below one; name a folder") from None
    except OSError as error:
        _clear(path, made)
        raise _refused(path, error) from None
    store.drop_drafts()
    return store


def _refuse(path: Path, identity: str, resume: bool) -> None:
    """Refuse a folder that this sweep must not write to; warn where another machine began it."""
    try:
        empty = not path.exists() or not any(path.iterdir())
    except OSError as error:
        raise _refused(path, error) from None
    if empty:
        return
    found = read_manifest(path)
    if found is None:
        raise InputError(f"out: {path} holds other files; name a new or empty folder, or that of a sweep")
    differs = sorted(_differences(found["identity"], json.loads(identity)))
    if differs:
        raise InputError(f"out: {path} holds another sweep ({', '.join(differs)} differ); name another folder")
    if not resume:
        state = "a finished" if found["complete"] else "an unfinished"
        raise InputError(f"out: {path} holds {state} sweep of this plan; continue with --resume")
    if found["environment"] != json.loads(json.dumps(environment())):
        message = f"{path} was begun with other versions or on another processor; last bits may differ between chunks"
        warnings.warn(message, SweepWarning, stacklevel=2)


def _differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for name in {*one, *other}:
        left, right = one.get(name), other.get(name)
        if name == "plan" and isinstance(left, dict) and isinstance(right, dict):
            yield from (entry for entry in {*left, *right} if left.get(entry) != right.get(entry))
        elif left != right:
            yield name


def _refused(path: Path, error: OSError, hint: str = "") -> InputError:
    return InputError("; ".join(filter(None, [f"out: {path}: {error.strerror or error}", hint])))


def _clear(path: Path, made: bool) -> None:
    """Take away the empty folders of a sweep that could not begin."""
    for folder in (path / FOLDER, path) if made else ():
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def write_manifest(store: Store, cells: Cells, *, complete: bool) -> None:
    """Say what the folder holds: plan, seeds, columns, and the versions on which last bits depend."""
    content = {
        "program": PROGRAM,
        "kind": "sweep",
        "complete": complete,
        "key": store.key,
        "identity": json.loads(store.identity),
        "points": cells.points,
        "cells": cells.count,
        "chunks": store.chunks,
        "seeds": describe_seeds(cells.seeds),
        "columns": {field.name: _column(field.name, str(field.type)) for field in cells.schema},
        "environment": environment(),
    }
    write_whole(store.path / MANIFEST, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _column(name: str, kind: str) -> dict[str, str]:
    measure = MEASURES.get(name)
    return {"type": kind} | ({"unit": measure.unit, "description": measure.description} if measure else {})


def read_manifest(path: Path) -> dict[str, Any] | None:
    """Manifest of the sweep in a folder; None where there is none of ours."""
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(found, dict) and found.get("program") == PROGRAM and found.get("kind") == "sweep"
    return found if ours and {"identity", "complete", "environment", "chunks"} <= found.keys() else None
