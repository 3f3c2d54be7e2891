"""Entry point of the lab's own plug-ins: importing this registers bidding rules and audit policies."""

from agents import bidding, budgeted, closed_forms, equilibrium, learning, policies, remembering

__all__ = ["bidding", "budgeted", "closed_forms", "equilibrium", "learning", "policies", "remembering"]
