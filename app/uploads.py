"""Files that a reader uploads."""

from __future__ import annotations

from mechanisms import InputError
from scenarios.store import LARGEST_FILE


def text_of(name: str, content: bytes) -> str:
    r"""The text of an uploaded file; InputError with one line where it holds none.

    >>> text_of("mine.csv", "cap\n5".encode())
    'cap\n5'
    """
    if len(content) > LARGEST_FILE:
        raise InputError(f"{name}: larger than {LARGEST_FILE // 2**20} MiB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not text in UTF-8") from None
