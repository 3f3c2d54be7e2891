"""Labs, Governor and the permit market that they meet in."""

from agents import bidding, budgeted, closed_forms, learning, policies, remembering
from agents.labs import Lab
from agents.measures import MEASURES, measure_names
from agents.model import PermitMarket

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
