"""Entry point of the lab's own plug-ins: importing this registers bidding rules and audit policies."""

from agents import bidding, closed_forms, equilibrium, learning, policies

__all__ = ["bidding", "closed_forms", "equilibrium", "learning", "policies"]
