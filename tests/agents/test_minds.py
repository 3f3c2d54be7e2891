"""How labs see what they risk and how pressed they feel: each switch against its formula, and nothing else moved."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import PermitMarket
from agents.lookahead import months_together
from agents.minds import learned, loss_averse
from scenarios import override
from tests.agents.test_lookahead import check
from tests.agents.worlds import assert_same_worlds, one_month, ran, small, state

U = np.linspace(0.02, 1.5, 75)
ALONE = {
    "labs.count": U.size,
    "labs.units": 1,
    "labs.value": {"values": U.tolist()},
    "labs.value_shock": 0,
    "labs.value_noise": 0,
    "labs.running_cost": 0,
    "permits.cap": 0,
    "enforcement.penalty": 1.0,
    "enforcement.policy": {"kind": "random", "probability": 0.4},
}
"""Labs without permits, one unit each, found with probability 0.4 at a penalty of 1."""
MARKET = tuple(f"month.{name}" for name in ("net_value", "endowment", "reports", "bought", "paid", "held", "covered"))
FEELINGS = {
    "labs.loss_aversion": 2.25,
    "labs.reputation_cost": 0.2,
    "labs.perceived_penalty": {"distribution": "uniform", "low": 0.2, "high": 1.8},
    "labs.perception_noise": 1.0,
}
LOOKING_BACK = {"labs.belief": {"kind": "learned", "prior": 0.1}, "labs.racing": 0.8}


def runs(**changes):
    """Who runs its unit without a permit in the first month of one world."""
    return one_month({**ALONE, **{f"labs.{name}": value for name, value in changes.items()}}).month.uncovered == 1


@pytest.mark.parametrize("aversion", [1.0, 1.5, 2.25, 10.0])
def test_a_loss_averse_lab_weighs_what_it_would_lose(aversion):
    found, penalty = 0.4, 1.0
    if_found = np.where(penalty > U, aversion * (U - penalty), U - penalty)
    assert runs(loss_aversion=aversion).tolist() == ((1 - found) * U + found * if_found > 1e-9).tolist()


@given(st.floats(0, 1), st.floats(1, 50))
def test_loss_aversion_multiplies_the_odds_of_being_found(found, aversion):
    weight = float(loss_averse(found, aversion))
    assert found <= weight <= 1
    assert weight * (1 - found) == pytest.approx(aversion * found * (1 - weight), abs=1e-9)


@pytest.mark.parametrize("limit", [None, 0.5])
def test_reputation_adds_to_what_labs_fear_and_not_to_what_they_pay(limit):
    market = one_month({**ALONE, "labs.reputation_cost": 0.5, "enforcement.liability_limit": limit})
    owed = 1.0 if limit is None else limit
    assert (market.month.uncovered == 1).tolist() == (0.4 * (owed + 0.5) < U).tolist()
    np.testing.assert_array_equal(market.month.penalty, owed * market.month.caught)
    assert market.month.caught.any()


def test_labs_act_on_the_penalty_that_they_see_and_pay_the_true_one():
    half = {"labs.perceived_penalty.value": 0.5, "labs.bidding": "outside-option"}
    low = {"labs.bidding": "outside-option", "enforcement.penalty": 0.25}
    seen, other = (one_month(change, range(9)).month for change in (half, low))
    np.testing.assert_array_equal(seen.reports, other.reports)
    np.testing.assert_array_equal(seen.uncovered, other.uncovered)
    np.testing.assert_allclose(seen.penalty, 2 * other.penalty)
    assert seen.caught.any()


def test_each_lab_may_see_a_penalty_of_its_own():
    factors = np.tile([0.0, 0.5, 1.0, 3.0], 19)[: U.size]
    assert runs(perceived_penalty={"values": factors.tolist()}).tolist() == (0.4 * factors < U).tolist()


def test_errors_of_perception_have_mean_one_and_are_new_each_month():
    market = PermitMarket(small({"labs.perception_noise": 0.5, "labs.count": 50, "months": 3}), range(400))
    months = []
    while market.running:
        market.step()
        months.append(market.outlook(market.detection).penalty / 0.5)
    error = np.array(months)
    assert error.mean() == pytest.approx(1.0, abs=4 * error.std() / np.sqrt(error.size))
    assert np.log(error).std() == pytest.approx(0.5, rel=0.02)
    assert abs(np.corrcoef(error[0].ravel(), error[1].ravel())[0, 1]) < 4 / np.sqrt(error[0].size)


@pytest.mark.parametrize("hearsay", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("prior", [None, 0.05])
def test_beliefs_are_the_mean_of_a_beta_after_what_was_seen(prior, hearsay):
    belief = {"kind": "learned", "prior": prior, "strength": 4, "hearsay": hearsay}
    market = PermitMarket(small({"labs.belief": belief, "permits.cap": 3, "months": 5}), range(6))
    violations = found = np.zeros((6, 8))
    announced = 0.8 * 0.8 + 0.2 * 0.1
    while market.running:
        market.step()
        expected = learned(announced if prior is None else prior, 4, found, violations)
        np.testing.assert_allclose(
            np.broadcast_to(market.outlook(market.detection).detection, (6, 8)), expected, rtol=1e-12
        )
        violating, caught = market.month.uncovered > 0, market.month.caught
        violations, found = (
            sums + now + hearsay * (now.sum(axis=-1, keepdims=True) - now)
            for sums, now in ((violations, violating), (found, caught))
        )
    assert violations.any()


def test_labs_find_out_that_nobody_has_the_time_to_audit():
    idle = small({"enforcement.audit_capacity": 0, "enforcement.penalty": 0.8, "permits.cap": 3, "months": 30})
    believing, learning = (
        ran(override(idle, {"labs.belief": belief}), range(20)).measures()["share_violating"].mean(axis=0)
        for belief in ({"kind": "announced"}, {"kind": "learned", "strength": 5})
    )
    np.testing.assert_array_equal(learning[0], believing[0])
    assert learning[20:].mean() > believing[20:].mean() + 0.2


def test_labs_behind_value_a_run_more():
    market = PermitMarket(small({"labs.racing": 0.8, "months": 4}), range(5))
    plain = PermitMarket(small({"months": 4}), range(5))
    ran_so_far = np.zeros((5, 8))
    while market.running:
        market.step()
        plain.step()
        lead = np.maximum(ran_so_far.max(axis=-1, keepdims=True), 1)
        behind = np.where(ran_so_far.any(axis=-1, keepdims=True), 1 - ran_so_far / lead, 0)
        gross = plain.month.net_value + 0.1
        np.testing.assert_allclose(
            market.month.net_value, gross * (1 + 0.8 * behind[:, None]) - 0.1, rtol=1e-12, atol=1e-12
        )
        ran_so_far += market.month.covered + market.month.uncovered
    assert behind.max() > 0.3


@pytest.mark.parametrize("path", FEELINGS)
def test_what_labs_feel_moves_violations_and_not_the_market(path):
    base = small({"permits.cap": 5, "enforcement.policy": {"kind": "random", "probability": 0.5}})
    off, on = (state(ran(scenario, range(20))) for scenario in (base, override(base, {path: FEELINGS[path]})))
    for part in MARKET:
        np.testing.assert_array_equal(off[part], on[part], err_msg=part)
    assert not np.array_equal(off["month.uncovered"], on["month.uncovered"])
    same = off["month.uncovered"] == on["month.uncovered"]
    for part in ("month.signal", "month.audited", "month.caught", "month.penalty"):
        np.testing.assert_array_equal(off[part][same], on[part][same], err_msg=part)


@pytest.mark.parametrize(("path", "value"), LOOKING_BACK.items())
def test_what_labs_remember_does_not_move_their_first_month(path, value):
    off, on = (state(one_month(change, range(10))) for change in ({}, {path: value}))
    for part in MARKET:
        np.testing.assert_array_equal(off[part], on[part], err_msg=part)
    later = [state(ran(small({**change, "months": 4}), range(10))) for change in ({}, {path: value})]
    np.testing.assert_array_equal(later[0]["month.endowment"], later[1]["month.endowment"])
    assert not np.array_equal(later[0]["month.uncovered"], later[1]["month.uncovered"])


@pytest.mark.parametrize("rule", [{"kind": "linear"}, {"kind": "flat"}, {"kind": "convex", "curvature": 0.2}])
@pytest.mark.parametrize("choice", [{"kind": "rational"}, {"kind": "quantal", "precision": 6.0}])
def test_labs_choose_by_what_they_are_said_to_expect(choice, rule):
    changes = {**FEELINGS, "labs.choice": choice, "labs.units": 3, "enforcement.liability_limit": 0.7}
    changes["enforcement.penalty_rule"] = rule
    month = (market := one_month({**changes, "labs.belief": {"kind": "learned", "prior": 0.4}}, range(50))).month
    expected = np.broadcast_to(market.expected_penalties(), (50, 8, 3))
    net = np.moveaxis(month.net_value, -2, -1)
    useful = np.where(np.arange(3) >= month.held[..., None], np.maximum(net, 0.0), 0.0)
    gains = [np.zeros((50, 8))]
    for m in range(1, 4):
        upto = np.arange(3) < (month.held + m)[..., None]
        possible = (useful > 0).sum(axis=-1) >= m
        gains.append(np.where(possible, (useful * upto).sum(axis=-1) - expected[..., m - 1], -np.inf))
    chosen = np.take_along_axis(np.array(gains), month.uncovered[None], axis=0)[0]
    if choice["kind"] == "rational":
        np.testing.assert_allclose(chosen, np.max(gains, axis=0), atol=1e-8)
    else:
        assert np.isfinite(chosen).all()
        assert (chosen < np.max(gains, axis=0) - 1e-6).any()


@pytest.mark.parametrize("path", [*FEELINGS, *LOOKING_BACK])
def test_cells_that_differ_in_a_switch_share_an_axis(path):
    switch = {**FEELINGS, **LOOKING_BACK}[path]
    base = small({"months": 3, "permits.cap": 5, path: switch})
    where = {"labs.perceived_penalty": f"{path}.high", "labs.belief": f"{path}.prior"}.get(path, path)
    off = 1.0 if path in ("labs.loss_aversion", "labs.perceived_penalty") else 0.0
    cells = [override(base, {where: value}) for value in (off, 0.4 if where.endswith("prior") else 1.6)]
    assert_same_worlds(ran(cells, range(3)), cells, range(3))


def test_months_ahead_are_the_same_where_nothing_looks_back():
    assert check(small({"months": 6, **FEELINGS, "labs.bidding": "outside-option"}), 3) == 6


@pytest.mark.parametrize(("path", "value"), LOOKING_BACK.items())
def test_memory_runs_month_by_month(path, value):
    assert months_together(PermitMarket(small({"months": 6, path: value})), 0) == 0
    assert check(small({"months": 6, path: value}), 3) == 0


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("labs.loss_aversion", 0.5, r"labs\.loss_aversion: 0\.5 is not in \[1, 1000\]"),
        ("labs.belief", {"kind": "hoped"}, r"labs\.belief\.kind: 'hoped' is not known; known: announced, learned"),
        ("labs.perceived_penalty", {"values": [1.0]}, r"labs\.perceived_penalty\.values: 1 entries for labs\.count 8"),
        (
            "labs.perceived_penalty",
            {"values": [[1.0]] * 8},
            r"labs\.perceived_penalty\.values: rows .* one number a lab",
        ),
    ],
)
def test_a_switch_out_of_range_is_refused_in_one_line(path, value, line):
    with pytest.raises(ValueError, match=rf"^{line}[^\n]*$"):
        small({path: value})
