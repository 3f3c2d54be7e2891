"""What settings are made of: checked numbers, fields that say what they mean, and groups that refuse unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from mechanisms import InputError


def _number(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"{value} is not a number")
    return value


Real = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_number)]
LARGEST = 10**12
"""Upper end of amounts that have no other, so that sums and products of them stay numbers."""


def setting(
    default: Any, unit: str, description: str, moves: str = "", value: Any = None, *, given: Any = None, **limits: Any
) -> Any:
    """Declare a field: its default, unit, words and range, and where it shows.

    `moves` reads ``scenario: measure``; `value` is what the field is set to there, `given` what has to be set first.
    Setting the field there changes that measure, and a test reads and tries it.

    >>> setting(0.5, "M$ per unit", "what a caught lab loses", "baseline: compliance_rate", 0.1, ge=0).description
    'what a caught lab loses'
    """
    if {"ge", "gt"} & limits.keys():
        limits.setdefault("le", LARGEST)
    shown = {"scenario": moves.partition(":")[0], "measure": moves.partition(": ")[2], "value": value, "given": given}
    extra: JsonDict = {"unit": unit, "moves": shown if moves else None}
    return Field(default, description=description, json_schema_extra=extra, **limits)


class Part(BaseModel):
    """A frozen group of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


def settle(options: dict[str, Any], checked: Mapping[str, Any], where: str) -> None:
    """Put options as their plug-in reads them in the place of what was written.

    InputError where true or false stands for a number.

    >>> options = {"k": 1}
    >>> settle(options, {"k": 1.0}, "market.options")
    >>> options
    {'k': 1.0}
    """
    for name, value in options.items():
        if isinstance(value, bool | np.bool_) and not isinstance(checked[name], bool):
            raise InputError(f"{where}.{name}: {value} is not a number")
        options[name] = checked[name]
