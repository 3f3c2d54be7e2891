"""Colours fixed by meaning, and each mechanism's own; they stand apart from charts, since words have them too."""

from __future__ import annotations

from collections.abc import Iterable

INK = "#7c848e"
"""Marks on the bare background: a grey that reads on white and on near-black."""

# Okabe & Ito's palette, which people with any common colour blindness can tell apart.
BLUE, ORANGE, PURPLE, GREEN = "#0072B2", "#E69F00", "#CC79A7", "#009E73"
SKY, VERMILLION, YELLOW, GREY = "#56B4E9", "#D55E00", "#F0E442", "#999999"

_MECHANISMS = {
    "uniform-price": BLUE,
    "vickrey": ORANGE,
    "double-auction": PURPLE,
    "pay-as-bid": GREEN,
    "mcafee": SKY,
    "huang": VERMILLION,
    "muda": YELLOW,
    "posted-price": GREY,
    "lottery": "#8C6D31",
}
_FREE = (GREEN, SKY, VERMILLION, GREY, BLUE, ORANGE, PURPLE, YELLOW)


def colours(labels: Iterable[str]) -> dict[str, str]:
    """Colour of each mechanism: its own wherever it appears; variants of one mechanism, and bidding, take free ones.

    >>> colours(["vickrey", "uniform-price", "uniform-price:k=0"])["uniform-price"]
    '#0072B2'
    """
    labels = list(labels)
    found = {label: _MECHANISMS[label] for label in labels if label in _MECHANISMS}
    for label in labels:
        if label not in found:
            own = _MECHANISMS.get(label.partition(" ")[0].partition(":")[0], "")
            free = [colour for colour in (own, *_FREE) if colour and colour not in found.values()]
            found[label] = free[0] if free else INK
    return {label: found[label] for label in labels}
