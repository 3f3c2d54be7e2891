"""The Central Exchange: the only place where orders meet. It checks them, has the mechanism clear them, and records."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mechanisms.book import OrderBook
from mechanisms.clearing import Clearing, Outcome
from mechanisms.draws import Draws, check_seeds
from mechanisms.errors import InputError
from mechanisms.pymarket_bridge import from_pymarket
from mechanisms.registry import resolve

Array = NDArray[Any]


class CentralExchange:
    """Clears order books with one mechanism.

    Parameters
    ----------
    mechanism : str or class
        A registered name, also with options: ``uniform-price:k=0``. Or a subclass of PyMarket's `Mechanism`.
    **options
        The mechanism's options.

    Raises
    ------
    InputError
        For an unknown name (with the nearest one) or a bad option.

    Examples
    --------
    >>> book = OrderBook.of([10.0, 8.0, 6.0], supply=2)
    >>> clearing = CentralExchange("uniform-price", k=0.0).clear(book, seed=0)
    >>> clearing.fills.tolist(), float(clearing.price), float(clearing.surplus)
    ([1.0, 1.0, 0.0], 6.0, 12.0)
    """

    def __init__(self, mechanism: str | type = "uniform-price", **options: Any) -> None:
        if isinstance(mechanism, type):
            self.rule = from_pymarket(mechanism, **options)
        else:
            self.rule = resolve("mechanism", mechanism, options)
        self.label = self.rule.label
        """Name with the options that differ from their defaults."""

    @property
    def name(self) -> str:
        """Name of the mechanism."""
        return self.rule.plugin.name

    def clear(self, book: OrderBook, seed: ArrayLike | Draws = 0) -> Clearing:
        """Clear a book.

        Parameters
        ----------
        book : OrderBook
            One market or many along leading axes.
        seed : int, array of int or Draws
            One seed, or one for each market of the book: ties and the mechanism's own chance depend on it alone.

        Returns
        -------
        Clearing
        """
        if book.source is not None and book.source.indivisible is not None and not self.rule.plugin.facts.indivisible:
            raise InputError(
                f"divisible: row {book.source.indivisible} asks for a whole quantity above 1; "
                f"{self.name} fills orders in part"
            )
        draws = seed if isinstance(seed, Draws) else Draws(_one_seed_each(seed, book.lead))
        if draws.lead not in ((), book.lead):
            raise InputError(f"seed: draws for {draws.lead} do not fit the book's leading axes {book.lead}")
        if self.rule.plugin.batched or not book.lead:
            outcome = self._outcome(book, draws)
        else:
            outcome = _stack([self._outcome(book.one(i), draws.world(i)) for i in range(_count(book))], book)
        if not self.rule.plugin.function.__module__.startswith("mechanisms."):
            _check(book, outcome, self.name)
        return Clearing(book, self.label, outcome)

    def _outcome(self, book: OrderBook, draws: Draws) -> Outcome:
        answer = self.rule(book, draws)
        if not isinstance(answer, tuple | list) or len(answer) not in (2, 3):
            raise InputError(f"{self.name}: gives {type(answer).__name__}; allowed is fills, payments (and a price)")
        fills, *rest = answer
        fills = np.asarray(fills)
        if fills.dtype.kind in "iu":
            fills = fills.astype(np.int64)  # a rule of a user may count in any numbers
        return Outcome(fills, *(x if x is None else np.asarray(x) for x in rest))


def _count(book: OrderBook) -> int:
    return int(np.prod(book.lead, dtype=int))


def _one_seed_each(seed: ArrayLike, lead: tuple[int, ...]) -> Array:
    seeds = check_seeds(seed)
    if not seeds.ndim:
        return seeds  # one luck for all
    try:
        return np.broadcast_to(seeds, lead)
    except ValueError:
        raise InputError(f"seed: shape {seeds.shape} does not fit the book's leading axes {lead}") from None


def _stack(outcomes: list[Outcome], book: OrderBook) -> Outcome:
    """Outcomes of single markets, put back on the leading axes."""

    def gather(parts: list[Any]) -> Any:
        return None if parts[0] is None else np.reshape(np.stack(parts), book.lead + np.shape(parts[0]))

    return Outcome(*(gather(list(parts)) for parts in zip(*outcomes, strict=True)))


def _check(book: OrderBook, outcome: Outcome, name: str) -> None:
    """Refuse a plug-in's answer that breaks the accounts."""
    fills = outcome.fills
    if np.shape(fills) != book.price.shape:
        raise InputError(f"{name}: fills have shape {np.shape(fills)}, the book {book.price.shape}")
    if outcome.payments is not None and np.shape(outcome.payments) != book.price.shape:
        raise InputError(f"{name}: payments have shape {np.shape(outcome.payments)}, the book {book.price.shape}")
    grain = 1e-6 * np.maximum(book.offered, 1.0)
    if not ((fills >= 0) & (fills <= book.amounts + grain[..., None])).all():
        raise InputError(f"{name}: a fill is not in [0, the order's quantity]")
    house = np.where(book.buying, fills, -1.0 * fills).sum(axis=-1)
    if not ((house >= -grain) & (house <= book.supply + grain)).all():
        raise InputError(f"{name}: permits bought are not permits sold by labs and the house")
    if outcome.payments is None and outcome.price is None:
        raise InputError(f"{name}: gives neither payments nor a price")
    if outcome.payments is not None and not np.isfinite(outcome.payments).all():
        raise InputError(f"{name}: a payment is not finite")
