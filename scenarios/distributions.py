"""Distributions that a setting of labs may have: uniform, lognormal, the same for all, or given one by one."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from scenarios.setting import LARGEST, Part, Real, setting

_UNIFORM: dict[str, Any] = {".": {"distribution": "uniform"}}
_LOGNORMAL: dict[str, Any] = {".": {"distribution": "lognormal"}}
_CONSTANT: dict[str, Any] = {".": {"distribution": "constant"}}
_LISTED: dict[str, Any] = {".": {"values": [1.0] * 20}, "labs.count": 20, "permits.cap": 24}


class Uniform(Part):
    """Uniform between two bounds."""

    distribution: Literal["uniform"] = "uniform"
    low: Real = setting(0.2, "M$ or factor", "lower end", "baseline: compliance_rate", 0.5, given=_UNIFORM, ge=0)
    high: Real = setting(1.2, "M$ or factor", "upper end", "baseline: compliance_rate", 2.0, given=_UNIFORM, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class Lognormal(Part):
    """Lognormal: a few labs value a run far above the rest."""

    distribution: Literal["lognormal"] = "lognormal"
    median: Real = setting(0.6, "M$ or factor", "median", "baseline: compliance_rate", 0.9, given=_LOGNORMAL, gt=0)
    sigma: Real = setting(
        0.5,
        "log s.d.",
        "standard deviation of the logarithm",
        "baseline: compliance_rate",
        1.0,
        given=_LOGNORMAL,
        ge=0,
        le=5,
    )


class Constant(Part):
    """The same for every lab."""

    distribution: Literal["constant"] = "constant"
    value: Real = setting(
        1.0,
        "M$ or factor",
        "the value",
        "baseline: compliance_rate",
        0.7,
        given=_CONSTANT,
        ge=0,
    )


class Listed(Part):
    """Given numbers: one a lab, or (for values) a row of units for each lab."""

    distribution: Literal["listed"] = "listed"
    values: tuple[Real, ...] | tuple[tuple[Real, ...], ...] = setting(
        ..., "M$ or factor", "one number a lab, or labs x units", "baseline: compliance_rate", [0.8] * 20, given=_LISTED
    )

    @field_validator("values")
    @classmethod
    def _sound(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        rows = [row if isinstance(row, tuple) else (row,) for row in values]
        if not rows or any(not row for row in rows):
            raise ValueError("must not be empty")
        if len({len(row) for row in rows}) > 1:
            raise ValueError("rows must have one length")
        for row in rows:
            if wrong := [value for value in row if not 0 <= value <= LARGEST]:
                raise ValueError(f"{wrong[0]:g} is not in [0, {LARGEST:g}]")
            if any(later > earlier for earlier, later in pairwise(row)):
                raise ValueError("must not rise along a lab's units")
        return values

    @property
    def matrix(self) -> bool:
        """Whether values are labs x units."""
        return isinstance(self.values[0], tuple)


def _infer_listed(value: Any) -> Any:
    if isinstance(value, Mapping) and "distribution" not in value:
        return {"distribution": "listed" if "values" in value else "uniform", **value}
    return value


Distribution = Annotated[
    Uniform | Lognormal | Constant | Listed, Field(discriminator="distribution"), BeforeValidator(_infer_listed)
]
