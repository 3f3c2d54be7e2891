"""Permit auctions: one order book, any mechanism, one Central Exchange."""

from mechanisms import (
    double_auction,
    huang,
    lottery,
    mcafee,
    muda,
    pay_as_bid,
    posted_price,
    pymarket_bridge,
    pymarket_export,
    uniform_price,
    vickrey,
)
from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing, Outcome
from mechanisms.draws import Draws
from mechanisms.errors import InputError
from mechanisms.exchange import CentralExchange
from mechanisms.loading import use_plugins
from mechanisms.registry import Facts, bidding, get_plugin, mechanism, mechanism_names, plugin_names, policy, resolve

__all__ = [
    "CentralExchange",
    "Clearing",
    "Draws",
    "Facts",
    "InputError",
    "OrderBook",
    "Outcome",
    "bidding",
    "double_auction",
    "get_plugin",
    "huang",
    "lottery",
    "mcafee",
    "mechanism",
    "mechanism_names",
    "muda",
    "pay_as_bid",
    "plugin_names",
    "policy",
    "posted_price",
    "pymarket_bridge",
    "pymarket_export",
    "resolve",
    "uniform_price",
    "use_plugins",
    "vickrey",
]
