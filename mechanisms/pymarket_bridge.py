"""PyMarket's mechanisms, and any `Mechanism` written for PyMarket, behind our interface.

The house is one more seller at the reserve price, so Huang excludes all of it where it is the marginal seller; its
payments are 0. The result is PyMarket's own: where ties keep its strict crossing test from finding a price, nobody
trades. What differs from calling PyMarket 0.7.6 by hand:

- Quantities lose their last bits so that all sums of them are exact. PyMarket compares sums taken in different orders;
  where these differ by rounding, MUDA fills one side wrongly and Huang stops with an error.
- MUDA refuses two bids of one user at one price; they enter as one, and its trade goes to the first of them first.
- MUDA's fees, which PyMarket computes and never collects, are added to their user's payments, pro rata to its fills.
  PyMarket halves bids, not traders: a trader may help to set the price that it trades at, and of its two fees PyMarket
  keeps the last. We charge what it reports.
- Huang merges prices that agree to 5 decimals and shares their trade pro rata; our split of the merged bids replaces
  PyMarket's, which fails under pandas 3. It draws at random among merged bids, but nothing that it draws is used: the
  result depends on the bids alone.
- A lab that both bids and asks may be matched with itself, as in PyMarket.

`Market.statistics()` of PyMarket is not called: its welfare figure ignores the reservation prices that it is given and
leaves the exchange's part out; its solver prints to the terminal and takes a minute at 1,000 bids.

References
----------
Kiedanski, D. PyMarket 0.7.6: a simple library for simulating markets in Python. https://pymarket.readthedocs.io
Huang, P., Scheller-Wolf, A., Sycara, K. (2002). Design of a multi-unit double auction e-market. Computational
Intelligence 18, 596-617.
Segal-Halevi, E., Hassidim, A., Aumann, Y. (2018). MUDA: a truthful multi-unit double-auction mechanism. AAAI 32.
Blouin, M. R., Serrano, R. (2001). A decentralized market with common values uncertainty: non-steady states. Review of
Economic Studies 68, 323-346.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import numpy as np
from pydantic import Field

from mechanisms.book import OrderBook
from mechanisms.clearing import Outcome
from mechanisms.draws import Draws
from mechanisms.errors import InputError, unknown
from mechanisms.pymarket_run import Table, load_pymarket, run, undisturbed
from mechanisms.registry import POSITIONAL, Bound, Facts, Plugin, _options_model, mechanism, resolve

MEDIAN_SECONDS = {
    "pymarket:huang": {10: 0.019, 100: 0.074, 1_000: 0.67, 10_000: 10.0},
    "pymarket:muda": {10: 0.017, 100: 0.045, 1_000: 0.32, 10_000: 5.4},
    "pymarket:p2p": {200: 0.033, 400: 0.37, 1_000: 16.0},
}
"""Median time of one clearing by number of orders, measured on one 3 GHz core."""

REGISTERED = {"P2PTrading": "pymarket:p2p", "HuangAuction": "pymarket:huang", "MudaAuction": "pymarket:muda"}


@mechanism("pymarket:p2p", budget="none", stochastic=True)
def p2p(
    book: OrderBook,
    draws: Draws,
    p_coef: Annotated[float, Field(ge=0, le=1, description="weight of the bid in the price of a pair")] = 0.5,
) -> Outcome:
    """Random pairs of a bid and an ask trade at a price between their two reports (PyMarket's code).

    >>> book = OrderBook.of([9.0, 3.0], buying=[True, False])
    >>> p2p(book, Draws(0)).payments.tolist()
    [6.0, -6.0]
    """
    return run("pymarket:p2p", load_pymarket().mechanisms.P2PTrading, book, draws, {"p_coef": p_coef})


@mechanism("pymarket:huang", budget="none")
def huang(book: OrderBook, draws: Draws) -> Outcome:
    """Marginal buyer and seller set the two prices and do not trade (PyMarket's code).

    >>> book = OrderBook.of([9.0, 8.0, 1.0, 2.0], buying=[True, True, False, False])
    >>> huang(book, Draws(0)).payments.tolist()
    [8.0, 0.0, -2.0, 0.0]
    """
    return run("pymarket:huang", load_pymarket().mechanisms.HuangAuction, book, draws, {})


@mechanism("pymarket:muda", budget="none", stochastic=True)
def muda(book: OrderBook, draws: Draws) -> Outcome:
    """Bids are halved at random, each half trades at the other's price, with Vickrey fees (PyMarket's code).

    >>> book = OrderBook.of([9.0, 8.0, 1.0, 2.0], buying=[True, True, False, False])
    >>> float(muda(book, Draws(0)).fills.sum()) in (0.0, 2.0)
    True
    """
    return run("pymarket:muda", load_pymarket().mechanisms.MudaAuction, book, draws, {})


def from_pymarket(cls: type, **options: Any) -> Bound:
    """Fit a PyMarket `Mechanism` subclass for the Central Exchange, with its options fixed.

    Options are the keyword parameters of the class after its bids and, where the class passes others on, those of its
    algorithm. An algorithm that takes ``r`` gets a `RandomState` of the clearing's seed.

    Examples
    --------
    >>> from_pymarket(load_pymarket().mechanisms.P2PTrading, p_coef=0.25).label
    'pymarket:p2p:p_coef=0.25'
    """
    rule = _rule(cls.__name__, cls)
    if getattr(load_pymarket().mechanisms, cls.__name__, None) is cls and cls.__name__ in REGISTERED:
        return resolve("mechanism", REGISTERED[cls.__name__], options)
    summary = (rule.__doc__ or "").strip().partition("\n")[0]
    schema, facts = _options_model(rule, POSITIONAL["mechanism"]), Facts(budget="none")
    plugin = Plugin("mechanism", cls.__name__, rule, schema, summary, facts=facts)
    return plugin.bind(options, f"{cls.__name__}.options")


def register_pymarket(name: str, cls: type, **facts: Any) -> None:
    """Register a PyMarket `Mechanism` subclass under a name of ours; nothing is claimed unless `facts` say so.

    >>> from mechanisms import CentralExchange, registry
    >>> register_pymarket("plain-p2p", load_pymarket().mechanisms.P2PTrading, stochastic=True)
    >>> CentralExchange("plain-p2p", p_coef=1.0).label
    'plain-p2p:p_coef=1'
    >>> del registry._plugins["mechanism", "plain-p2p"]
    """
    mechanism(name, **{"budget": "none", **facts})(_rule(name, cls))


def _rule(name: str, cls: type) -> Callable[..., Outcome]:
    """A function for the registry that runs the class and has the class's options as keyword parameters."""
    base = load_pymarket().mechanisms.Mechanism
    if not issubclass(cls, base) or cls is base:
        raise InputError(f"mechanism: {cls.__name__} is not a subclass of PyMarket's Mechanism")

    def rule(book: OrderBook, draws: Draws, **options: Any) -> Outcome:
        return run(name, cls, book, draws, options)

    options = _options(cls)
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(rule, attribute, getattr(cls, attribute))
    arguments = list(inspect.signature(rule).parameters.values())[:2]
    vars(rule)["__signature__"] = inspect.Signature([*arguments, *options])
    rule.__annotations__ = {option.name: option.annotation for option in options}
    return rule


def _options(cls: Any) -> list[inspect.Parameter]:
    """Keyword parameters of the class and, where it passes others on, of its algorithm."""
    given = list(inspect.signature(cls).parameters.values())[1:]
    options = _keywords(cls.__init__, {p.name for p in given})
    if any(p.kind is p.VAR_KEYWORD for p in given) and all(p.default is not p.empty for p in options):
        pair = OrderBook.of([2.0, 1.0], buying=[True, False])
        with undisturbed(0):
            auction = cls(Table.of(pair).bids)
        names = list(inspect.signature(auction.algo).parameters)[1:]
        options += _keywords(auction.algo, set(names) - {"r", *auction.kwargs, *(p.name for p in given)})
    return options


def _keywords(function: Callable[..., Any], names: set[str]) -> list[inspect.Parameter]:
    plain = inspect.unwrap(function)
    hints = get_type_hints(plain, include_extras=True) if inspect.isroutine(plain) else {}
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.name in names and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return [p.replace(kind=p.KEYWORD_ONLY, annotation=hints.get(p.name, Any)) for p in named]


def estimated_seconds(name: str, orders: int) -> float:
    """Time that one clearing is likely to take: a power law fitted to `MEDIAN_SECONDS`, right within a factor of two.

    >>> round(estimated_seconds("pymarket:huang", 10_000))
    7
    """
    if name not in MEDIAN_SECONDS:
        raise unknown("mechanism", name, MEDIAN_SECONDS)
    sizes, seconds = np.log(list(MEDIAN_SECONDS[name].items())).T
    slope, level = np.polyfit(sizes, seconds, 1)
    return float(np.exp(level + slope * np.log(max(orders, 1))))
