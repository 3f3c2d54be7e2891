"""Text of users and files on its way through Markdown."""

from __future__ import annotations

_SIGNS = r"\`*_{}[]()#+-.!|<>$:~"


def plain(text: str) -> str:
    r"""Text that Markdown shows as it is, on one line.

    >>> print(plain("a [b](c) *d*"))
    a \[b\]\(c\) \*d\*
    """
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in " ".join(text.split()))
