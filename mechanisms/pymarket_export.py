"""Our mechanisms inside PyMarket: after ``import mechanisms``, ``pymarket.Market().run("vickrey")`` works.

It does so whether PyMarket is imported before or after, and importing this package does not import PyMarket. PyMarket
looks its mechanisms up in the table `pymarket.market.MECHANISM`; behind that table we put one that reads our registry
at call time, so plug-ins registered later are found too. PyMarket's own names keep their meaning: ours of the same
name are ``lab:huang``, ``lab:muda`` (any of ours may be called with ``lab:``).

    market.run("uniform-price", k=0.0, supply=10, reserve=2.0, seed=7)

returns a `TransactionManager` and extras as PyMarket's auctions do: one transaction for each filled bid with its traded
quantity and its price per unit, source -1 (no single partner), active False. What the house sells (`supply` at
`reserve`) stands in no transaction: PyMarket's traded volume, half the sum over bids, counts half of it.
"""

from __future__ import annotations

import sys
from collections import ChainMap, OrderedDict
from collections.abc import Container, Iterator, Mapping
from functools import cache, partial
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing
from mechanisms.errors import InputError
from mechanisms.exchange import CentralExchange
from mechanisms.pymarket_run import load_pymarket
from mechanisms.registry import get_plugin, mechanism_names

TABLE = "pymarket.market"


def clear_frame(
    name: str, bids: pd.DataFrame, *, supply: float = 0.0, reserve: float = 0.0, seed: int = 0, **options: Any
) -> tuple[Any, OrderedDict[str, Any]]:
    """Clear PyMarket's table of bids with a mechanism of ours, in PyMarket's terms.

    Parameters
    ----------
    name : registered mechanism
    bids : columns quantity, price, user, buying[, time, divisible]
    supply, reserve : permits that the house sells in addition, and their least price
    seed : decides ties and the mechanism's own chance
    **options : the mechanism's

    Returns
    -------
    transactions : pymarket.TransactionManager
    extras : OrderedDict
        ``clearing`` (a `Clearing`), ``quantity_traded``, for rules with a single price ``price``, and ``price_buy``
        and ``price_sell`` where all buyers, all sellers, trade at one price each.

    Examples
    --------
    >>> bids = pd.DataFrame({"quantity": [1, 1], "price": [9.0, 3.0], "user": [0, 1], "buying": [True, False]})
    >>> transactions, extras = clear_frame("double-auction", bids)
    >>> [(bid, float(price)) for bid, quantity, price, *_ in transactions.trans], float(extras["price"])
    ([(0, 6.0), (1, 6.0)], 6.0)
    """
    exchange = CentralExchange(name, **options)
    clearing = exchange.clear(OrderBook.from_frame(bids, supply, reserve), seed)
    buying = bids["buying"].to_numpy(dtype=bool)
    filled = np.flatnonzero(clearing.fills > 0)
    # A seller whose fees exceed what he gets trades at a negative price: Clearing.prices would lose the sign.
    prices = np.where(buying, 1.0, -1.0)[filled] * clearing.payments[filled] / clearing.fills[filled]
    transactions = load_pymarket().TransactionManager()
    for row, price in zip(filled, prices, strict=True):
        transactions.add_transaction(bids.index[int(row)], float(clearing.fills[row]), float(price), -1, False)
    extras = _extras(clearing, exchange.rule.plugin.facts.single_price)
    for side, paid in (("price_buy", prices[buying[filled]]), ("price_sell", prices[~buying[filled]])):
        if paid.size and np.allclose(paid, paid[0], rtol=1e-9, atol=0.0):
            extras[side] = float(paid[0])
    return transactions, extras


def _extras(clearing: Clearing, single_price: bool) -> OrderedDict[str, Any]:
    price = {"price": float(clearing.price)} if single_price else {}
    return OrderedDict(clearing=clearing, quantity_traded=float(clearing.volume), **price)


@cache
def lab_mechanism(name: str) -> Any:
    """One of our mechanisms as a subclass of PyMarket's `Mechanism`.

    >>> lab_mechanism("vickrey").__name__
    'vickrey'
    """
    base = load_pymarket().mechanisms.Mechanism

    def __init__(self: Any, bids: pd.DataFrame, *args: Any, **kwargs: Any) -> None:
        base.__init__(self, partial(clear_frame, name), bids, *args, **kwargs)

    def _run(self: Any) -> Any:
        # PyMarket's own returns nothing where all bid or all ask; with a house such markets trade.
        return self.algo(self.bids, *self.args, **self.kwargs)

    return type(name, (base,), {"__init__": __init__, "_run": _run, "__doc__": get_plugin("mechanism", name).summary})


class LabMechanisms(Mapping[str, Any]):
    """Our registry as PyMarket's table of mechanisms; `taken` are the names that PyMarket has.

    >>> {"lab:vickrey", "uniform-price"} <= set(LabMechanisms({"vickrey"}))
    True
    """

    def __init__(self, taken: Container[str]) -> None:
        self.taken = taken

    def __getitem__(self, key: str) -> Any:
        try:
            return lab_mechanism(get_plugin("mechanism", key.removeprefix("lab:")).name)
        except InputError as error:
            raise KeyError(str(error)) from None

    def __iter__(self) -> Iterator[str]:
        names = (name for name in mechanism_names() if not name.startswith("pymarket:"))
        return (f"lab:{name}" if name in self.taken else name for name in names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Mechanisms(ChainMap[str, Any]):
    """PyMarket's table with ours behind it; an unknown name is still a KeyError, now with the nearest one."""

    def __missing__(self, key: str) -> Any:
        return self.maps[-1][key]


def extend(market: ModuleType) -> None:
    """Put our mechanisms behind PyMarket's table of its own, once."""
    own = market.MECHANISM
    if not isinstance(own, Mechanisms):
        both = Mechanisms(own, LabMechanisms(own))  # type: ignore[arg-type]  # only the first map is ever written to
        vars(market)["MECHANISM"] = vars(sys.modules["pymarket"])["MECHANISM"] = both


class AfterImport:
    """Import hook that calls `extend` when `pymarket.market` has been executed, and leaves all else alone."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find PyMarket's module as usual, with `extend` after its execution."""
        spec = PathFinder.find_spec(name, path) if name == TABLE else None
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                extend(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def install() -> None:
    """Extend PyMarket now if it is there, else when it is imported."""
    if not any(isinstance(finder, AfterImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, AfterImport())
    if TABLE in sys.modules:
        extend(sys.modules[TABLE])


install()
