"""Bidding that responds to the mechanism: an approximate Bayes-Nash equilibrium, found by best responses.

All labs use the same functions: a bid function for each unit rank and one ask function, piecewise linear in what a
permit is worth to the lab. Each round prices, for labs of several types and unit by unit, a grid of reports against
simulated rivals who bid by the current functions (the same worlds and luck for every report), and moves the functions
part of the way to the best ones. Rounds on new worlds with falling steps then average the sampling error out. The
search starts from the truth and from bids for the first unit alone; of two equilibria labs play the one that gains them
clearly more, else that near the truth.

A lab's rivals are drawn as if its own worth told it nothing about theirs: a common shock is a risk to it and no news.

References
----------
Krishna, V. (2010). Auction Theory, 2nd ed.
Fudenberg, D., Levine, D. K. (1998). The Theory of Learning in Games, chapter 2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.best_response import TRIES, best_responses, follow, gains_left, lab_types, truthful
from agents.bid_functions import BidFunctions
from agents.bidding import Rule
from agents.rivals import Rivals
from mechanisms import CentralExchange, Draws, InputError, bidding, resolve
from scenarios import Scenario, refuse_rules
from scenarios.schema import TEXTS

Array = NDArray[Any]

TYPES = 10
ROUNDS, STEP = 14, 0.3
AVERAGED = 10
"""Rounds on new worlds at the end, the first with a step of 1/4, the next of 1/5 ..."""
ORDERS_A_ROUND = 3_000_000
FEWEST_WORLDS, MOST_WORLDS = 25, 4_000
FRESH = 4
"""Times as many worlds in which the gain left is measured."""
MOST_ORDERS = 3_000
STILL = 0.005
"""The search stops when nobody gains more than this share of a lab's mean gain from the market."""
SETTLED = 0.02
"""Labs are said to have settled where on average over types they have no more than this share of it left to gain."""
LONGEST_CYCLE = 60
NEAR = 0.1
"""Back where it was: within this share of the way that the search went in between."""
_NOTHING = 1e-12
FIRST_SEED = 2**62
"""Rivals live in worlds of their own, far from those that people run."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """How labs bid under a mechanism when each does what is best for it, as far as the search could tell.

    Attributes
    ----------
    functions : the bid functions
    gains_left : for each type of lab the largest gain from deviating, (types,), in M$ a month, measured in worlds that
        the search did not see
    surplus : what a lab gains from the market on average, in M$ a month
    rounds : rounds of the search before averaging
    cycle : where labs do not settle, one turn of the circle in which best responses follow one another, if they do
    """

    functions: BidFunctions
    gains_left: Array
    surplus: float
    rounds: int
    cycle: tuple[BidFunctions, ...] = ()

    @property
    def residual(self) -> float:
        """The largest gain left to any type of lab, in M$ a month."""
        return float(self.gains_left.max(initial=0.0))

    @property
    def settled(self) -> bool:
        """Whether labs have next to nothing left to gain."""
        return bool(self.gains_left.sum() <= SETTLED * self.surplus * max(1, self.gains_left.size))

    def document(self) -> dict[str, Any]:
        """What was found, as plain numbers and lists."""
        return {
            "settled": self.settled,
            "residual": self.residual,
            "gains_left": self.gains_left.tolist(),
            "surplus": self.surplus,
            "rounds": self.rounds,
            "cycle": [functions.document() for functions in self.cycle],
            "functions": self.functions.document(),
        }

    def __str__(self) -> str:
        """In a sentence."""
        state = (
            "settled"
            if self.settled
            else f"turns in a cycle of {len(self.cycle)} best responses"
            if self.cycle
            else "not settled"
        )
        return (
            f"{state}; a lab that deviates gains at most {self.residual:.2g} M$ a month, "
            f"the market gains it {self.surplus:.2g} on average"
        )


@bidding("equilibrium", prepares=True)
def equilibrium(scenario: Scenario, worth: str = "full-value") -> Rule:
    """Bid for one's own advantage under the mechanism at hand: an approximate Bayes-Nash equilibrium.

    `worth` is the bidding rule by which labs know what a permit is worth to them.

    >>> labs = {"count": 3, "units": 1, "value_shock": 0, "value_noise": 0, "value": {"low": 0, "high": 1}}
    >>> scenario = Scenario(labs=labs, permits={"cap": 1, "grandfathered": 0}, market={"mechanism": "vickrey"})
    >>> bool(solve(scenario).residual == 0)
    True
    """
    functions = solve(scenario, worth).functions
    known = resolve("bidding", worth, where="labs.bidding.worth")

    def rule(net_value: Array, endowment: Array, expected_penalty: Array, draws: Draws) -> Array:
        truth = np.moveaxis(known(net_value, endowment, expected_penalty, draws), -1, -2)
        return np.moveaxis(functions(truth, endowment), -2, -1)

    return rule


_found: dict[str, Equilibrium] = {}
_seen: dict[str, str] = {}


def solve(scenario: Scenario, worth: str = "full-value") -> Equilibrium:
    """Find how labs bid; the answer is kept for as long as the program runs.

    Raises
    ------
    InputError
        Where the mechanism clears one book at a time, or the market is too large for single bids to matter.
    """
    shortcut = _shortcut(scenario, worth)
    if shortcut not in _seen:
        _check(scenario, worth)
        count = _worlds(scenario)

        def sample(start: int, size: int) -> Rivals:
            return Rivals.sample(scenario, worth, FIRST_SEED + start + np.arange(size, dtype=np.uint64))

        first = sample(0, count)
        key = _key(first)
        if key not in _found:
            _found[key] = _solve(first, sample)
        _seen[shortcut] = key
    return _found[_seen[shortcut]]


def equilibrium_of(scenario: Scenario) -> Equilibrium | None:
    """The equilibrium in which a scenario's labs bid; None where they bid by another rule."""
    bound = resolve("bidding", scenario.labs.bidding, where="labs.bidding")
    return solve(scenario, **bound.options) if bound.plugin.name == "equilibrium" else None


def known_equilibria() -> dict[str, Equilibrium]:
    """What has been found so far, to be handed to other processes."""
    return dict(_found)


def remember(found: Mapping[str, Equilibrium]) -> None:
    """Take over what another process has found."""
    _found.update(found)


def _shortcut(scenario: Scenario, worth: str) -> str:
    """The settings that can matter: of full values enforcement is no part."""
    apart = {*TEXTS, "months", "welfare"} | ({"enforcement"} if worth == "full-value" else set())
    return f"{worth} {scenario.model_dump_json(exclude=apart)}"


def _worlds(scenario: Scenario) -> int:
    """Worlds of a round: fewer where books are long and reports many."""
    labs = scenario.labs
    orders_a_world = TYPES * TRIES * labs.units * labs.units * labs.count
    return int(np.clip(ORDERS_A_ROUND // orders_a_world, FEWEST_WORLDS, MOST_WORLDS))


def _check(scenario: Scenario, worth: str) -> None:
    refuse_rules(scenario, "labs.bidding: equilibrium")
    plugin = CentralExchange(scenario.market.mechanism, **scenario.market.options).rule.plugin
    if not plugin.batched:
        raise InputError(
            f"labs.bidding: equilibrium needs a mechanism that takes many books at once; {plugin.name} does not"
        )
    orders = scenario.labs.count * scenario.labs.units
    if orders > MOST_ORDERS:
        raise InputError(
            f"labs.bidding: equilibrium is for at most {MOST_ORDERS} units (labs.count times labs.units), not {orders}"
        )
    known = resolve("bidding", worth, where="labs.bidding.worth").plugin
    if known.prepares or known.remembers or not known.batched:
        raise InputError(
            f"labs.bidding: worth {worth!r} is not a rule that says what a permit is worth, such as full-value"
        )


def _key(rivals: Rivals) -> str:
    """What the answer depends on: what permits are worth to whom, who has them, and the rule."""
    rule = rivals.exchange.rule
    text = f"{rivals.exchange.label} {rule.plugin.function.__module__}.{rule.plugin.function.__qualname__}"
    digest = hashlib.blake2b(text.encode(), digest_size=16)
    for part in (rivals.worth, rivals.endowment, rivals.supply, rivals.reserve):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _solve(first: Rivals, samples: Callable[[int, int], Rivals]) -> Equilibrium:
    """The best for labs of what the search finds from each start."""
    types, worlds = lab_types(first, TYPES), len(first.worth)
    if not len(types):
        return Equilibrium(truthful(np.ones_like(first.own[:1])), np.zeros(0), 0.0, 0)
    starts = [truthful(types)] + [truthful(types, first_only=True)] * (types.shape[1] > 1)
    averaged = [samples(block * worlds, worlds) for block in range(1, AVERAGED + 1)]
    fresh = samples((AVERAGED + 1) * worlds, FRESH * worlds)
    found = [_search_from(start, types, first, averaged, fresh) for start in starts]
    near_truth, *others = found
    best = next((other for other in others if _better(other, near_truth)), near_truth)
    return best if best.settled else replace(best, cycle=_cycle(first, best.functions, types))


def _better(one: Equilibrium, other: Equilibrium) -> bool:
    """Whether labs would rather play the one: it settles and gains them clearly more, or neither settles as well."""
    if one.settled and other.settled:
        return one.surplus > (1 + SETTLED) * other.surplus
    return one.settled or (not other.settled and one.gains_left.sum() < other.gains_left.sum())


def _search_from(
    strategy: BidFunctions, types: Array, first: Rivals, averaged: list[Rivals], fresh: Rivals
) -> Equilibrium:
    passed = [strategy]
    while len(passed) <= ROUNDS:
        responses = list(best_responses(first, passed[-1], types))
        most = max(r.gain for r in responses)
        if most <= STILL * _surplus(first, passed[-1]):
            break
        passed.append(follow(passed[-1], responses, STEP))
    strategy = passed[-1]
    for count, rivals in enumerate(averaged, 4) if most > _NOTHING else ():
        strategy = follow(strategy, list(best_responses(rivals, strategy, types)), 1 / count)
    left = gains_left(averaged[-1], fresh, strategy, types)
    return Equilibrium(strategy, left, _surplus(fresh, strategy), len(passed) - 1)


def _surplus(rivals: Rivals, strategy: BidFunctions) -> float:
    """What a lab gains from the market on average when all use one strategy, in M$."""
    everyone = rivals.reports(strategy)
    return float(rivals.gains(everyone, rivals.own, everyone[None, ..., 0]).mean())


def _cycle(rivals: Rivals, strategy: BidFunctions, types: Array) -> tuple[BidFunctions, ...]:
    """One turn of the circle in which undamped best responses follow one another; empty where there is none."""
    few, path = rivals.where(np.arange(len(rivals.worth)) % 4 == 0), [strategy]
    for _ in range(2 * LONGEST_CYCLE):
        path.append(follow(path[-1], list(best_responses(few, path[-1], types)), 1.0))
    far = [path[-1].distance(before) for before in path[-2::-1]]
    for rounds in range(2, LONGEST_CYCLE + 1):
        if far[rounds - 1] <= NEAR * max(far[: rounds - 1]):
            return tuple(path[-rounds:])
    return ()
