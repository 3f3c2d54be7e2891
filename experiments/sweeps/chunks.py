"""A chunk's Parquet file: always the same bytes for the same table, with a seal in which every change shows."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_SEAL = re.compile(rb"blake2b:([0-9a-f]{64})")
_OPEN = b"blake2b:" + b"0" * 64
PLAN, CHUNK, SEAL = "permit_lab.plan", "permit_lab.chunk", "permit_lab.seal"


def to_bytes(table: pa.Table, plan: str, chunk: int) -> bytes:
    """A table as a sealed Parquet file.

    The seal is a hash of the whole file with zeros in the seal's own place; it lies in the file's metadata, with the
    hash of the plan and the chunk's number.

    Parameters
    ----------
    table : Table
    plan : str
        Hash of what identifies the sweep.
    chunk : int

    Examples
    --------
    >>> table = pa.table({"cell": [0, 1]})
    >>> problem(to_bytes(table, "abc", 3), "abc", 3), problem(to_bytes(table, "abc", 3), "xyz", 3)
    (None, 'belongs to another plan')
    """
    notes = {PLAN: plan, CHUNK: str(chunk), SEAL: _OPEN.decode()}
    buffer = BytesIO()
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    options: Any = {"compression": "zstd", "version": "2.6", "use_dictionary": texts or False}
    pq.write_table(table.replace_schema_metadata(notes), buffer, row_group_size=max(1, len(table)), **options)
    return buffer.getvalue().replace(_OPEN, b"blake2b:" + _hash(buffer.getvalue()))


def _hash(opened: bytes) -> bytes:
    return hashlib.blake2b(opened, digest_size=32).hexdigest().encode()


def problem(content: bytes, plan: str, chunk: int) -> str | None:
    """What is wrong with a file that should be a chunk of a plan, in words; None where nothing is."""
    seals = _SEAL.findall(content)
    if len(seals) != 1:
        return "is damaged or no chunk at all"
    if seals[0] != _hash(content.replace(b"blake2b:" + seals[0], _OPEN)):
        return "is damaged"
    notes = pq.read_schema(BytesIO(content)).metadata
    if notes[PLAN.encode()] != plan.encode():
        return "belongs to another plan"
    return None if notes[CHUNK.encode()] == str(chunk).encode() else f"is chunk {notes[CHUNK.encode()].decode()}"
