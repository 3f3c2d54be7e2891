"""Labs, Governor and the permit market that they meet in."""

from typing import TYPE_CHECKING, Any

from agents import bidding, budgeted, closed_forms, learning, policies, remembering
from agents.measures import MEASURES, measure_names

if TYPE_CHECKING:
    from agents.market import Lab, PermitMarket

__all__ = [
    "MEASURES",
    "Lab",
    "PermitMarket",
    "bidding",
    "budgeted",
    "closed_forms",
    "learning",
    "measure_names",
    "policies",
    "remembering",
]


def __getattr__(name: str) -> Any:
    """Labs and the market, imported when first asked for: Mesa takes a second, and many worlds need no Mesa."""
    if name not in ("Lab", "PermitMarket"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from agents.market import Lab, PermitMarket

    globals().update(Lab=Lab, PermitMarket=PermitMarket)
    return globals()[name]
