"""The group `permits`: the cap, who gets permits first, and the rules of their market."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import field_validator, model_validator

from mechanisms import InputError
from scenarios.market_rules import check_resale
from scenarios.setting import Part, Real, Whole, setting


class Permits(Part):
    """How many permits there are and who gets them first."""

    cap: Whole = setting(120, "permits a month", "permits in all, Q", "baseline: price", 60, ge=0, le=10_000_000)
    grandfathered: Real = setting(
        0.5,
        "share",
        "handed to labs before trading; the Governor sells the rest",
        "baseline: auction_revenue",
        0.0,
        ge=0,
        le=1,
    )
    reserve_price: Real = setting(
        0.0, "M$ per permit", "lowest price at which the Governor sells", "baseline: volume", 0.9, ge=0
    )
    price_ceiling: Real | None = setting(
        None,
        "M$ per permit",
        "at this price the Governor sells as many permits as labs want; null: no ceiling",
        "baseline: price",
        0.3,
        gt=0,
    )
    containment_reserve: Whole = setting(
        0,
        "permits a month",
        "permits beyond the cap that the Governor sells when demand reaches the trigger price",
        "baseline: permits_released",
        20,
        given={"permits.containment_trigger": 0.3},
        ge=0,
        le=10_000_000,
    )
    containment_trigger: Real | None = setting(
        None,
        "M$ per permit",
        "price at which the containment reserve is for sale; null: never",
        "baseline: permits_released",
        0.3,
        given={"permits.containment_reserve": 20},
        gt=0,
    )
    purchase_limit: Real | None = setting(
        None,
        "share of the Governor's permits",
        "the most that one lab may bid for, in whole permits and at least one; null: no limit",
        "thin_market: volume",
        0.1,
        gt=0,
        le=1,
    )
    holding_limit: Real | None = setting(
        None,
        "share of the cap",
        "the most that a lab may hold by buying, in whole permits and at least one; null: no limit",
        "thin_market: volume",
        0.05,
        gt=0,
        le=1,
    )
    rollover: Real = setting(
        0.0,
        "share",
        "unsold permits that the Governor offers again next month",
        "baseline: permits_carried_over",
        1.0,
        given={"permits.reserve_price": 0.7},
        ge=0,
        le=1,
    )
    banking: Whole = setting(
        0,
        "months",
        "months for which an unused permit stays good after its own; 0: it lapses",
        "baseline: permits_carried_over",
        3,
        given={"permits.cap": 300, "permits.grandfathered": 1.0},
        ge=0,
        le=120,
    )
    resale: str | None = setting(
        None,
        "name",
        "mechanism of a resale round after the auction, with options as name:key=value; null: no such round",
        "baseline: resale_volume",
        "double-auction",
        given={"market.mechanism": "lottery"},
    )

    lot: Whole = setting(
        1,
        "permits",
        "permits in a lot: the auction sells whole lots",
        "baseline: volume",
        2,
        ge=1,
        le=1000,
    )
    flop_threshold: Real = setting(
        0.0,
        "FLOP a month",
        "compute that a lab may use each month without permits",
        "baseline: exempt_units",
        1e25,
        ge=0,
        le=1e42,
    )

    risk_weight: Whole = setting(
        1,
        "permits per unit",
        "permits that a unit of a risky model needs; see risky_share",
        "baseline: units_run",
        3,
        given={"labs.risky_share": 0.3},
        ge=1,
        le=100,
    )

    @field_validator("resale")
    @classmethod
    def _labs_may_sell(cls, resale: str | None) -> str | None:
        if resale is not None:
            check_resale(resale)
        return resale

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        steps = {name: getattr(self, name) for name in ("reserve_price", "containment_trigger", "price_ceiling")}
        given = [(name, price) for name, price in steps.items() if price is not None]
        for (below, least), (name, price) in pairwise(given):
            if price < least:
                words = below.replace("_", " ")
                raise InputError(f"permits.{name}: {price:g} is not in [{least:g}, inf), from the {words} up")
        return self
