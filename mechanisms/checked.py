"""Arrays that users give, checked: numbers, flags and shapes, with one line that names the field where one is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mechanisms.errors import InputError

Array = NDArray[Any]


def numbers(name: str, given: Any) -> Array:
    """Finite numbers from 0 up, as float64; InputError for any other.

    >>> numbers("price", [1, "2.5"]).tolist()
    [1.0, 2.5]
    >>> numbers("price", [1, -2])
    Traceback (most recent call last):
    mechanisms.errors.InputError: price: -2 is not in [0, inf)
    """
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: {_no_number(given)!r} is not a number") from None
    wrong = ~((found >= 0) & np.isfinite(found))
    if wrong.any():
        raise InputError(f"{name}: {found[wrong].flat[0]:g} is not in [0, inf)")
    return found


def _no_number(given: Any) -> Any:
    """The first of some values that is not a number."""
    for value in np.asarray(given, dtype=object).flat:
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return given


def flags(name: str, given: ArrayLike) -> Array:
    """True and false, also written as 1 and 0, as bool; InputError for any other.

    >>> flags("buying", [True, 0]).tolist()
    [True, False]
    """
    if isinstance(given, np.ndarray) and given.dtype.kind == "b":
        return given
    values = np.asarray(given, dtype=object)
    wrong = [v for v in values.flat if not (isinstance(v, bool | np.bool_ | int | float | np.number) and v in (0, 1))]
    if wrong:
        raise InputError(f"{name}: {wrong[0]!r} is not true or false")
    return values.astype(bool)


def fit(name: str, values: Array, shape: tuple[int, ...]) -> Array:
    """Values broadcast to a shape; InputError where they do not fit.

    >>> fit("supply", np.asarray(3.0), (2,)).tolist()
    [3.0, 3.0]
    """
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        raise InputError(f"{name}: shape {values.shape} does not fit {shape}") from None
