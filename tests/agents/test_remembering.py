"""Policies that remember: Harrington's two groups, suspicion that rises and fades."""

import itertools

import numpy as np
import pytest

from agents import Lab, PermitMarket
from agents.lookahead import months_together
from agents.remembering import worth_of_good_standing
from mechanisms import InputError
from scenarios import load_scenario, override
from tests.agents.worlds import assert_same_worlds, ran, small

ONE_PLAIN_UNIT = {
    "labs.units": 1,
    "labs.value_shock": 0.0,
    "labs.value_noise": 0.0,
    "labs.running_cost": 0.0,
    "permits.cap": 0,
    "enforcement.penalty": 1.0,
}
TARGETED = {"kind": "targeted"}
EDGE = 0.765517
"""The cost up to which a lab in the bad group complies: references of the validation page print .7655."""


def harrington(values, months, policy=TARGETED, **changes):
    """Labs for which complying costs so much, without permits, a fine of 1."""
    worth = {"labs.count": len(values), "labs.value": {"values": list(values)}}
    rules = {f"enforcement.{name}": value for name, value in changes.items()}
    return small({**ONE_PLAIN_UNIT, **worth, "months": months, "enforcement.policy": policy, **rules})


def month_by_month(market):
    """Each month's groups at the moment of choice, and who violated."""
    bad, violated = [], []
    while market.running:
        market.step()
        bad.append(np.broadcast_to(market._remembered["bad"], market.month.uncovered.shape))
        violated.append(market.month.uncovered > 0)
    return np.array(bad), np.array(violated)


def test_harringtons_bad_group_complies_up_to_his_cost():
    values = [0.04, 0.06, 0.30, 0.5, EDGE - 1e-5, EDGE + 1e-5, 0.9]
    bad, violated = month_by_month(PermitMarket(harrington(values, 60), range(40)))
    for lab, value in enumerate(values):
        assert (violated[..., lab][~bad[..., lab]] == (value > 0.05)).all()
        if value > 0.05:
            assert bad[..., lab].any()
            assert (violated[..., lab][bad[..., lab]] == (value > EDGE)).all()


def test_labs_in_between_comply_in_a_seventh_of_the_months():
    _, violated = month_by_month(PermitMarket(harrington([0.4] * 20, 90), range(100)))
    share = 1 - violated[30:].mean(axis=(0, 2))
    assert share.mean() == pytest.approx(1 / 7, abs=4 * share.std() / 10)


def test_without_a_future_labs_weigh_this_months_audits_alone():
    bad, violated = month_by_month(PermitMarket(harrington([0.29, 0.31], 60, TARGETED | {"discount": 0.0}), range(40)))
    assert bad[..., 0].any()
    assert not violated[..., 0][bad[..., 0]].any()
    assert violated[..., 1].all()


def test_caught_labs_enter_and_labs_whose_audit_found_nothing_leave():
    policy = {"kind": "targeted", "good": 0.4, "bad": 0.6, "discount": 0.5}
    market = PermitMarket(harrington([0.3, 0.5, 0.9], 40, policy, audit_accuracy=0.7, backcheck=0.2), range(20))
    previous, moves = None, set()
    while market.running:
        market.step()
        bad = np.broadcast_to(market._remembered["bad"], market.month.caught.shape)
        if previous is not None:
            was, audited, caught = previous
            np.testing.assert_array_equal(bad, np.where(caught, True, np.where(audited, False, was)))
            moves |= set(zip(was.ravel().tolist(), bad.ravel().tolist(), strict=True))
        previous = bad, market.month.audited, market.month.caught
    assert moves == set(itertools.product([True, False], repeat=2))


def brute_force(g, b, c, r, s, d):
    """D by evaluating all four pairs of actions: the pair from which no single deviation gains."""

    def values(x, y):
        move = np.array([[1 - x * c, x * c], [y * s + (1 - y) * r, 1 - (y * s + (1 - y) * r)]])
        return np.linalg.solve(np.eye(2) - d * move, [x * g, y * b])

    best = np.max([values(x, y) for x in (0, 1) for y in (0, 1)], axis=0)
    return best[0] - best[1]


@pytest.mark.parametrize("seed", range(200))
def test_good_standing_is_worth_what_the_best_of_all_plans_makes_of_it(seed):
    rng = np.random.default_rng(seed)
    b, g = np.sort(rng.random(2) * rng.integers(0, 2, 2))
    r, c, d = rng.random(3)
    s = r * rng.random()
    assert worth_of_good_standing(g, b, c, r, s, d) == pytest.approx(brute_force(g, b, c, r, s, d), abs=1e-9)


def test_one_group_is_a_random_policy():
    one = {"enforcement.policy": {"kind": "targeted", "good": 0.4, "bad": 0.4}, "months": 5}
    other = {"enforcement.policy": {"kind": "random", "probability": 0.4}, "months": 5}
    for name, values in ran(small(one), range(10)).measures().items():
        np.testing.assert_array_equal(values, ran(small(other), range(10)).measures()[name], err_msg=name)


def test_a_bad_group_audited_less_often_is_refused():
    with pytest.raises(InputError, match=r"^enforcement\.policy: targeted audits the bad group[^\n]+$"):
        PermitMarket(small({"enforcement.policy": {"kind": "targeted", "good": 0.4, "bad": 0.3}}))


def test_without_rise_suspicion_is_the_signal_policy():
    escalating = {"kind": "escalating", "high": 0.6, "low": 0.2, "rise": 0.0}
    signal = {"kind": "signal", "high": 0.6, "low": 0.2}
    one, other = (
        ran(small({"enforcement.policy": p, "months": 6}), range(10)).measures() for p in (escalating, signal)
    )
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def test_suspicion_rises_when_a_lab_is_caught_and_fades():
    policy = {"kind": "escalating", "high": 0.5, "low": 0.1, "rise": 0.7, "persistence": 0.5}
    market = PermitMarket(small({"enforcement.policy": policy, "months": 12, "enforcement.penalty": 0.3}), range(20))
    suspicion, fell = 0.0, False
    while market.running:
        caught = market.month.caught if market.steps else False
        market.step()
        suspicion = np.minimum(1.0, 0.5 * suspicion + 0.7 * np.asarray(caught))
        np.testing.assert_array_equal(market._remembered["suspicion"], suspicion)
        np.testing.assert_allclose(
            np.broadcast_to(market.rates.high, (20, 8)), 0.5 + 0.5 * np.broadcast_to(suspicion, (20, 8))
        )
        np.testing.assert_allclose(
            np.broadcast_to(market.rates.low, (20, 8)), 0.1 + 0.9 * np.broadcast_to(suspicion, (20, 8))
        )
        fell |= market.steps > 1 and bool(((suspicion > 0) & ~caught).any())
    assert fell


def test_suspicion_deters_the_labs_that_it_rests_on_and_no_others():
    policy = {"kind": "escalating", "high": 0.4, "low": 0.1, "rise": 1.0, "persistence": 0.9}
    settings = {"months": 12, "labs.count": 40}
    wary, plain = (
        PermitMarket(small(settings | {"enforcement.policy": policy | {"rise": rise}}), range(20))
        for rise in (1.0, 0.0)
    )
    deterred = 0
    while wary.running:
        wary.step()
        plain.step()
        suspected = np.broadcast_to(wary._remembered["suspicion"], wary.month.uncovered.shape) > 0
        assert (wary.month.uncovered <= plain.month.uncovered).all()
        np.testing.assert_array_equal(wary.month.uncovered[~suspected], plain.month.uncovered[~suspected])
        deterred += (wary.month.uncovered < plain.month.uncovered).sum()
    assert deterred > 0


@pytest.mark.parametrize("kind", ["targeted", "escalating"])
def test_markets_that_remember_run_month_by_month_and_alike_in_a_batch(kind):
    changes = {"enforcement.policy": {"kind": kind}, "months": 6, "enforcement.audit_accuracy": 0.8}
    for choice in ({"kind": "rational"}, {"kind": "quantal", "precision": 5}):
        scenario = small({**changes, "labs.choice": choice, "enforcement.liability_limit": 0.7})
        assert months_together(PermitMarket(scenario), 0) == 0
        assert_same_worlds(ran(scenario, range(5)), [scenario], range(5))


def test_cells_of_a_sweep_keep_their_own_memories():
    cells = [small({"enforcement.policy": {"kind": "targeted", "bad": bad}, "months": 8}) for bad in (0.2, 0.9)]
    assert_same_worlds(ran(cells, range(5)), cells, range(5))


def test_two_markets_share_no_memory():
    scenario = override(load_scenario("thin_market"), {"enforcement.policy": {"kind": "escalating"}, "months": 5})
    first = ran(scenario, 1).measures()["welfare"]
    ran(scenario, 2)
    np.testing.assert_array_equal(ran(scenario, 1).measures()["welfare"], first)


@pytest.mark.parametrize("limit", [None, 0.6])
def test_each_lab_chooses_as_its_row_of_the_market_says(limit):
    policy = TARGETED | {"good": 0.2, "bad": 0.5}
    settings = {"enforcement.policy": policy, "enforcement.liability_limit": limit, "months": 9, "labs.count": 40}
    market = PermitMarket(small(settings), 3)
    stayed = 0
    while market.running:
        market.step()
        assert [lab.choose() for lab in market.agents_by_type[Lab]] == market.month.uncovered.tolist()
        stayed += (market.month.uncovered < market.units_under(market.detection)).sum()
    assert stayed > 0
