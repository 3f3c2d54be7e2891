"""One-line messages for bad input, shared by every package."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


class InputError(ValueError):
    """A user's mistake: one line that names the field, the value and what is allowed."""


def unknown(what: str, name: object, known: Iterable[str]) -> InputError:
    """Error for a name that does not exist, with the nearest one that does.

    >>> print(unknown("mechanism", "vickry", ["vickrey", "huang"]))
    mechanism: 'vickry' is not known; did you mean 'vickrey'?
    """
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names)}"
    return InputError(f"{what}: {name!r} is not known; {hint}")


def allowed(field: FieldInfo) -> str | None:
    """The interval that a numeric field accepts, such as ``[0, 1]``; None where there is none.

    >>> from pydantic import Field
    >>> allowed(Field(ge=0, le=1)), allowed(Field(gt=0)), allowed(Field())
    ('[0, 1]', '(0, inf)', None)
    """
    low, high = "(-inf", "inf)"
    for bound in field.metadata:
        for attribute, is_low, bracket in (("ge", 1, "["), ("gt", 1, "("), ("le", 0, "]"), ("lt", 0, ")")):
            value = getattr(bound, attribute, None)
            if value is not None:
                low, high = (f"{bracket}{value:g}", high) if is_low else (low, f"{value:g}{bracket}")
    return None if (low, high) == ("(-inf", "inf)") else f"{low}, {high}"


def describe(error: ErrorDetails, known: Iterable[str] = (), interval: str | None = None) -> str:
    """What is wrong with one value, in words, without the field's name."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    shown = repr(value) if isinstance(value, str) else f"{value}"
    if kind == "extra_forbidden":
        return "is not a known setting" + _hint(str(error["loc"][-1]), known)
    if kind == "missing":
        return "is required"
    if interval and kind.startswith(("greater_than", "less_than")):
        return f"{value} is not in {interval}"
    if kind == "finite_number":
        return f"{shown} is not a finite number"
    if kind in ("literal_error", "enum"):
        return f"{shown} is not one of {context.get('expected')}"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if not error["msg"].startswith("Input should be "):
        return f"{shown}: {error['msg']}"
    wanted = error["msg"].removeprefix("Input should be ").partition(",")[0]
    return f"{shown} is not {wanted.replace('a valid integer', 'a whole number').replace('a valid', 'a')}"


def _hint(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; known: {', '.join(names)}" if names else "; there are none here"


def options_error(error: ValidationError, fields: dict[str, FieldInfo], where: str) -> InputError:
    """The first problem of a flat set of options as one line."""
    first: Any = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    interval = allowed(fields[name]) if name in fields else None
    return InputError(f"{where}.{name}: {describe(first, fields, interval)}")
