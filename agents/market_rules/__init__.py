"""The rules of real permit markets: price ceiling, containment reserve, limits, permits that outlive their month."""

from agents.market_rules.rules import ANY, OFF, MarketRules

__all__ = ["ANY", "OFF", "MarketRules"]
