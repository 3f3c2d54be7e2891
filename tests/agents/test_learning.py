"""Reinforcement learners: the update by hand, the law of choice, worlds alone and in a batch, and what they learn."""

import os

import numpy as np
import pytest

from agents import PermitMarket
from agents.bidding import falling
from agents.learning import marked_up, market_gain, roth_erev
from experiments.benchmark.theory import learners
from experiments.benchmark.theory.learners import learn
from experiments.statistics import interval
from mechanisms import Draws, InputError
from scenarios import override
from tests.agents.worlds import assert_same_worlds, ran, small

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def by_hand(truth, grid, propensities, chosen, reward, recency, experimentation):
    """The modified update of Nicolaisen, Petrov and Tesfatsion for one learner."""
    spill = experimentation / (len(grid) - 1)
    return [
        (1 - recency) * q + (reward * (1 - experimentation) if k == chosen else q * spill)
        for k, q in enumerate(propensities)
    ]


def propensities(memory):
    """Of one world, (shadings, labs, units)."""
    return np.moveaxis(memory["strengths"][:, :, 0], 0, -1) * memory["faded"]


def test_propensities_follow_the_rule_step_by_step():
    market = PermitMarket(
        small({"labs.bidding": "roth-erev:shadings=5,recency=0.2,experimentation=0.3", "months": 6}), 4
    )
    memory, grid = market.strategies.rules[0]._memories[0], np.linspace(0, 1, 5)
    market.step()
    scale = np.maximum(market.month.net_value[0], 0).mean()
    expected = np.full((5, 8, 2), 9 / 5)
    np.testing.assert_allclose(propensities(memory), expected)
    while market.running:
        month, chosen = market.month, memory["chosen"].reshape(2, 8).T
        worth = np.moveaxis(month.net_value, -2, -1)
        gain = market_gain(worth, month.endowment, month.held, month.paid)
        market.step()
        for lab in range(8):
            for unit in range(2):
                expected[:, lab, unit] = by_hand(
                    worth, grid, expected[:, lab, unit], chosen[lab, unit], max(gain[lab], 0) / scale, 0.2, 0.3
                )
        np.testing.assert_allclose(propensities(memory), expected, rtol=1e-5)
    worth, share = np.moveaxis(market.month.net_value, -2, -1), grid[memory["chosen"].reshape(2, 8).T]
    markup = np.where(np.arange(2) < market.month.endowment[:, None], share, -share)
    np.testing.assert_array_equal(np.moveaxis(market.month.reports, -2, -1), falling(marked_up(worth, markup)))


def test_gains_are_what_permits_are_worth_less_what_they_cost():
    worth = np.array([[0.9, 0.5, -0.2]] * 4)
    endowed, held, paid = np.array([0, 2, 1, 0]), np.array([2, 1, 3, 0]), np.array([0.8, -0.6, 0.4, 0.0])
    assert market_gain(worth, endowed, held, paid).round(9).tolist() == [0.6, 0.1, 0.1, 0.0]


def test_shares_are_drawn_in_proportion_to_propensities():
    labs = 40_000
    told = np.full((labs, 1), 0.5), np.zeros(labs), np.zeros((labs, 1))
    memory = {}
    roth_erev(*told, Draws(0), memory, shadings=3)
    memory |= {"held": np.zeros(labs), "endowment": np.zeros(labs), "paid": np.zeros(labs)}
    memory["strengths"][...] = np.array([1.0, 3.0, 4.0])[:, None, None]
    memory["worth"][:] = 0.0  # a month that brought nothing keeps the proportions but for the share drawn
    memory["chosen"][:] = 0
    roth_erev(*told, Draws(0, month=1), memory, shadings=3)
    q = np.array([1 * 0.9, 3 * 1.0, 4 * 1.0])
    share = np.bincount(memory["chosen"].ravel(), minlength=3) / labs
    np.testing.assert_allclose(share, q / q.sum(), atol=4 * 0.5 / np.sqrt(labs))


def test_labs_that_never_gain_go_on_trying():
    never = {"labs.bidding": "roth-erev:recency=0.99,experimentation=0.001", "permits.cap": 0, "months": 300}
    market = ran(small(never), range(3))
    memory = market.strategies.rules[0]._memories[0]
    assert (memory["strengths"].sum(axis=1) > 0).all()
    assert np.isfinite(market.month.reports).all()


@pytest.mark.parametrize("mechanism", ["pay-as-bid", "vickrey", "double-auction", "mcafee", "lottery"])
def test_learners_never_report_to_their_harm(mechanism):
    scenario = small({"labs.bidding": "roth-erev", "market.mechanism": mechanism, "months": 12})
    month = ran(scenario, range(10)).month
    net = np.maximum(month.net_value, 0.0)
    asks = np.arange(2)[:, None] < month.endowment[:, None]
    assert (np.where(asks, net, np.inf) >= 0).all()
    assert (np.where(asks, 0.0, month.reports) <= net).all()


@pytest.mark.parametrize("rule", ["roth-erev", "roth-erev:shadings=3,worth=outside-option"])
def test_a_world_of_learners_is_the_same_alone_and_in_a_batch(rule):
    scenario = small({"labs.bidding": rule, "months": 5, "labs.units": 3, "permits.cap": 11})
    cells = [scenario, override(scenario, {"enforcement.penalty": 0.2, "permits.cap": 15})]
    assert_same_worlds(ran(cells, range(3)), cells, range(3))


def test_so_is_a_world_of_one_lab_with_one_unit():
    scenario = small({"labs.bidding": "roth-erev", "labs.count": 1, "labs.units": 1, "permits.cap": 1, "months": 12})
    assert_same_worlds(ran(scenario, range(8)), [scenario], range(8))


def test_learners_may_live_beside_others():
    mixed = small({"labs.bidding": "roth-erev", "labs.other_bidding": "full-value", "labs.other_share": 0.5})
    month = ran(mixed, range(10)).month
    told_the_truth = (month.reports == month.net_value).all(axis=1).sum(axis=-1)
    assert (told_the_truth >= 4).all()
    assert told_the_truth.mean() < 6


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("recency=0", "recency: 0 must be"),
        ("shadings=1", "shadings: 1 "),
        ("worth=equilibrium", "worth 'equilibrium' is not a rule that says what a permit is worth"),
        ("worth=roth-erev", "worth 'roth-erev' is not a rule that says what a permit is worth"),
    ],
)
def test_bad_options_are_refused_in_one_line(options, says):
    with pytest.raises(InputError, match=r"^labs\.bidding[^\n]+$") as caught:
        ran(small({"labs.bidding": f"roth-erev:{options}"}))
    assert "is not" in str(caught.value) or says in str(caught.value)


def test_learners_shade_under_pay_as_bid_and_hardly_under_vickrey():
    bids, vickrey = (learn(rule, 5, 1, 2, months=300, worlds=40)["share"].mean() for rule in ("pay-as-bid", "vickrey"))
    assert bids < vickrey - 0.05


@pytest.mark.skipif(not DEEP, reason="half a minute: HYPOTHESIS_PROFILE=deep runs it")
@pytest.mark.parametrize("experiment", learners.EXPERIMENTS, ids=lambda experiment: experiment.case)
def test_learners_settle_where_theory_says(experiment):
    assert all(row["passes"] for row in experiment.measure())


@pytest.mark.skipif(not DEEP, reason="half a minute: HYPOTHESIS_PROFILE=deep runs it")
def test_learners_with_two_units_reduce_demand_under_one_price():
    less = learners.reduction(Draws(0))
    assert interval(less["second"]).low > 0.05
    assert less["second"].mean() > 2 * less["share"].mean()
