"""Try audit policies in the same worlds, and search for the best of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.defaults import FRONTIER_POINTS, FRONTIER_ROUNDS, FRONTIER_WORLDS
from experiments.ensemble import Progress, as_scenario, as_seeds, check_jobs
from experiments.frontier.levers import levers, own_policies, shares
from experiments.frontier.results import Best, Frontier, Tried
from experiments.frontier.search import Search, point
from experiments.frontier.trials import Trials
from mechanisms import InputError, get_plugin
from scenarios import Scenario


def policy_frontier(
    scenario: str | Scenario,
    policies: Sequence[str] | None = None,
    *,
    points: int = FRONTIER_POINTS,
    rounds: int = FRONTIER_ROUNDS,
    seeds: int | Sequence[int] = FRONTIER_WORLDS,
    first_seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Frontier:
    """What audit policies reach at which effort, and the best of each kind for each objective.

    Parameters
    ----------
    scenario : Scenario, or its name or path
    policies : kinds of policies; all of the lab's own where not given
    points : policies of each kind that are tried, spread over all that its options allow
    rounds : rounds of differential evolution that start from the best of them; 0 takes the best as it is
    seeds : worlds of the search; as many others, with the seeds that follow, test the winners
    jobs : processes; -1: one a core
    progress : told the share done after each kind

    Examples
    --------
    >>> found = policy_frontier("seed_binary", ["none", "random"], points=3, rounds=0, seeds=2)
    >>> found.data["options"].tolist()
    ['–', 'probability 0', 'probability 0.5', 'probability 1']
    """
    chosen, kinds = as_scenario(scenario), _kinds(policies)
    _check(points, rounds, jobs)
    worlds = as_seeds(seeds, first_seed)
    fresh = as_seeds(worlds.size, int(worlds.max()) + 1)
    trials, test = Trials(chosen, worlds, jobs), Trials(chosen, fresh, jobs)
    tried: list[Tried] = []
    best: list[Best] = []
    for done, kind in enumerate(kinds, 1):
        found, winners = _of_kind(kind, points, rounds, trials, test)
        tried += found
        best += winners
        if progress:
            progress(done / len(kinds))
    refused = {kind: why for kind, why in trials.refused.items() if all(one.policy != kind for one in tried)}
    if not tried:
        raise InputError("; ".join(refused.values()))
    return Frontier(chosen, worlds, fresh, tried, best, refused)


def _of_kind(kind: str, points: int, rounds: int, trials: Trials, test: Trials) -> tuple[list[Tried], list[Best]]:
    """Policies of a kind that were tried, winners of the search among them, and these in the worlds of the test."""
    own = levers(kind, trials.scenario)
    spread = {tuple(chosen.values()): chosen for chosen in (point(own, share) for share in shares(len(own), points))}
    found = [one for one in trials.run(kind, list(spread.values())) if one is not None]
    winners = Search(kind, own, trials, test, rounds).winners(found)
    new = {tuple(one.chosen.values()): one for one, _ in winners}
    return found + [one for key, one in new.items() if key not in spread], [best for _, best in winners]


def _kinds(policies: Sequence[str] | None) -> list[str]:
    if policies is None:
        return sorted(own_policies(), key=lambda name: name != "none")
    if not policies:
        raise InputError("policies: at least one is needed")
    return [get_plugin("policy", name, where="policies").name for name in dict.fromkeys(policies)]


def _check(points: int, rounds: int, jobs: int) -> None:
    check_jobs(jobs)
    if points < 2:
        raise InputError(f"points: {points} is not at least 2")
    if rounds < 0:
        raise InputError(f"rounds: {rounds} is not at least 0")
