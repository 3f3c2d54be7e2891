"""A fixed number of audits: the risk of each violator falls with their number, so that numbers fulfil themselves."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.budgeted import self_fulfilling, shared_rates
from agents.policies import Announced
from mechanisms import InputError
from tests.agents.test_lookahead import check
from tests.agents.worlds import assert_same_worlds, ran, small

NOBODY_COVERED = {"permits.cap": 0, "labs.units": 1, "labs.running_cost": 0.0}
STILL = {"labs.value_shock": 0.0, "labs.value_noise": 0.0, "labs.value_decline": 0.0}


def budgeted(audits, expect="fewest", **changes):
    """Settings of small worlds under a fixed number of audits."""
    policy = {"kind": "budgeted", "audits": audits, "expect": expect}
    return small({"enforcement.policy": policy, **changes})


def stag_hunt(expect, audits=5, labs=10, value=0.4):
    """Labs alike, signals that come from violators alone: one violator is sure to be found, ten are found by half."""
    certain = {"enforcement.true_positive_rate": 1.0, "enforcement.false_positive_rate": 0.0}
    worth = {"labs.value": {"distribution": "constant", "value": value}, "labs.count": labs}
    return budgeted(audits, expect, **NOBODY_COVERED, **STILL, **certain, **worth, **{"enforcement.penalty": 0.5})


def test_everybody_complies_or_nobody_does_where_both_fulfil_themselves():
    few, many = (ran(stag_hunt(expect), range(3)).measures() for expect in ("fewest", "most"))
    assert (few["compliance_rate"] == 1).all()
    assert (many["compliance_rate"] == 0).all()
    assert (few["multiple_equilibria"] == 1).all()
    assert (many["multiple_equilibria"] == 1).all()


@pytest.mark.parametrize(("audits", "value", "compliance"), [(9, 0.4, 1.0), (5, 0.6, 0.0), (0, 0.1, 0.0)])
def test_where_one_number_fulfils_itself_alone_both_expectations_agree(audits, value, compliance):
    for expect in ("fewest", "most"):
        found = ran(stag_hunt(expect, audits, value=value), range(3)).measures()
        assert (found["compliance_rate"] == compliance).all()
        assert (found["multiple_equilibria"] == 0).all()


def test_every_number_that_fulfils_itself_lies_between_the_two_that_are_found():
    scenario = {"labs.count": 30, "enforcement.false_positive_rate": 0.3, **NOBODY_COVERED}
    for seed in range(20):
        market = PermitMarket(budgeted(8, **scenario), seed)
        market.step()
        labs, a, places = market._seen(market.month, cleared=True).labs, market.announced, 8.0
        numbers = np.arange(31.0)
        answers = []
        for number in numbers:
            high, low = shared_rates(number, places, a)
            answers.append(labs.violators(a.true_positive_rate * high + (1 - a.true_positive_rate) * low).item())
        fixed = numbers[np.array(answers) == numbers]
        violating = market.tallies()["violating"].item()
        assert violating == fixed.min()
        assert market.measures()["multiple_equilibria"].item() == (fixed.size > 1)


@pytest.mark.parametrize("audits", [0, 1, 5, 8, 30])
def test_so_many_audits_are_done_in_every_month(audits):
    market = ran(budgeted(audits), range(20))
    assert (market.measures()["audits"] == min(audits, 8)).all()


def test_the_audit_capacity_is_kept_and_foreseen():
    tight, same = (ran(s, range(20)) for s in (budgeted(6, **{"enforcement.audit_capacity": 2}), budgeted(2)))
    assert (tight.measures()["audits"] == 2).all()
    np.testing.assert_array_equal(tight.month.uncovered, same.month.uncovered)


def test_labs_expect_what_befalls_them():
    everyone = {"labs.count": 400, "labs.value": {"distribution": "constant", "value": 1.0}, "months": 1}
    for audits in (60, 350):
        market = ran(budgeted(audits, **{**everyone, **NOBODY_COVERED, **STILL}), range(60))
        assert (market.month.uncovered > 0).all()
        assert market.month.caught.mean() == pytest.approx(market.detection.mean(), abs=0.01)


def test_more_audits_deter_more_and_the_most_expected_never_fewer():
    def violating(audits, expect):
        return ran(budgeted(audits, expect, **{"labs.count": 40}), range(20)).tallies()["violating"]

    few, many, more = violating(6, "fewest"), violating(6, "most"), violating(20, "fewest")
    assert (few <= many).all()
    assert (more <= few).all()
    assert (more < few).any()


def test_shares_of_the_places_at_the_edges():
    rules = Announced(0.5, 0.0, 0.0, 1.0, 0.0, np.inf, True, labs=4)
    assert [float(x) for x in shared_rates(0, 0, rules)] == [0.0, 0.0]
    assert [float(x) for x in shared_rates(0, 2, rules)] == [1.0, 0.5]
    loud = Announced(0.5, 1.0, 1.0, 1.0, 0.0, np.inf, True, labs=4)
    assert [float(x) for x in shared_rates(2, 2, loud)] == [0.5, 0.0]
    assert [float(x) for x in shared_rates(2, 9, loud)] == [1.0, 1.0]


def test_steps_end_even_where_rounding_makes_the_answer_fall():
    def answer(expected):
        return np.where(expected < 3, 4.0, 3.0)

    assert self_fulfilling(answer, 0.0, np.maximum) == 4


def test_a_world_is_the_same_in_a_batch_of_cells():
    settings = {"labs.choice": {"kind": "quantal"}, "labs.bidding": "outside-option"}
    cells = [budgeted(audits, "most", **settings) for audits in (1, 3, 7)]
    assert_same_worlds(ran(cells, range(4)), cells, range(4))


def test_signals_that_mislead_are_refused():
    with pytest.raises(InputError, match=r"^enforcement\.policy: budgeted needs a true_positive_rate no lower[^\n]+$"):
        PermitMarket(budgeted(3, **{"enforcement.true_positive_rate": 0.05}))


def test_months_together_equal_months_one_by_one():
    assert check(budgeted(3, **{"months": 9, "labs.bidding": "outside-option"}), 4) == 9
