"""Common random numbers: the same labs and the same luck whatever is traded, announced or asked in between."""

import numpy as np
import pytest

from agents import PermitMarket
from scenarios import load_scenario, override, vault_names
from tests.agents.worlds import TRADES, one_month, ran, small, state

LABS = ("month.net_value", "month.endowment", "month.wanted")
SELDOM = {"kind": "random", "probability": 0.3}
VIOLATORS = {"permits.cap": 0, "labs.risk_profile.value": 0.0, "labs.value": {"distribution": "constant"}}


def month(changes, seed=range(40)):
    """First month of small worlds."""
    return one_month(changes, seed).month


@pytest.mark.parametrize("name", vault_names())
@pytest.mark.parametrize("change", [{"market.mechanism": "vickrey"}, {"enforcement.policy": SELDOM}])
def test_labs_are_the_same_whatever_is_traded_or_announced(name, change):
    base = override(load_scenario(name), {"months": 2})
    one, other = state(ran(base, range(5))), state(ran(override(base, change), range(5)))
    for part in LABS:
        np.testing.assert_array_equal(one[part], other[part], err_msg=part)
    assert any(not np.array_equal(one[part], other[part]) for part in ("month.paid", "month.audited"))


@pytest.mark.parametrize(
    ("part", "path", "less", "more"),
    [
        ("signal", "enforcement.true_positive_rate", 0.3, 0.7),
        ("audited", "enforcement.policy", {"kind": "random", "probability": 0.2}, {"kind": "random"}),
        ("caught", "enforcement.audit_accuracy", 0.4, 0.8),
        ("caught", "enforcement.backcheck", 0.2, 0.6),
        ("audited", "enforcement.audit_capacity", 2, 4),
    ],
)
def test_more_of_it_reaches_the_same_labs_and_some_besides(part, path, less, more):
    base = {**VIOLATORS, "enforcement.policy": {"kind": "random", "probability": 0.8}}
    few, many = (getattr(month({**base, path: value}), part) for value in (less, more))
    assert (few <= many).all()
    assert (few < many).any()


def test_a_labs_luck_does_not_depend_on_how_many_labs_or_units_there_are():
    few, many = (month({"labs.count": labs, "labs.units": units}) for labs, units in ((8, 2), (12, 3)))
    np.testing.assert_array_equal(few.net_value, many.net_value[:, :2, :8])


def test_a_longer_run_begins_with_the_shorter_one():
    short, long = (ran(small({"months": months}), range(5)).measures() for months in (3, 8))
    for name, values in short.items():
        np.testing.assert_array_equal(long[name][:, :3], values, err_msg=name)


def test_months_do_not_depend_on_what_was_asked_in_between():
    curious = PermitMarket(small({"labs.choice": {"kind": "quantal"}, "enforcement.audit_capacity": 2}), 5)
    while curious.running:
        curious.step()
        for lab in curious.agents_by_type[type(curious.agents[0])]:
            lab.choose()
            lab.orders()
        curious.governor.audit()
        curious.measures()
        curious.random.random()
        curious.rng.random()
    quiet = ran(curious.settings, 5)
    for name, values in state(quiet).items():
        np.testing.assert_array_equal(state(curious)[name], values, err_msg=name)


def test_months_differ():
    market = PermitMarket(small(), 5)
    seen = []
    for _ in range(3):
        market.step()
        seen.append(state(market))
    for name in ("month.net_value", "month.signal", "month.audited"):
        assert (seen[0][name] != seen[1][name]).any() or (seen[1][name] != seen[2][name]).any(), name


@pytest.mark.parametrize("purpose", ["values", "risk"])
def test_values_and_risks_are_drawn_apart_and_once_a_world(purpose):
    spread = {"distribution": "uniform", "low": 0.0, "high": 1.0}
    still = {"labs.value_shock": 0, "labs.value_noise": 0, "labs.running_cost": 0, "labs.value": spread}
    market = PermitMarket(small({**still, "labs.risk_profile": spread, "labs.count": 200}), 5)
    drawn = {"values": market.gross_value[0], "risk": market.risk_profile}
    before = drawn[purpose].copy()
    market.run()
    np.testing.assert_array_equal(drawn[purpose], before)
    np.testing.assert_array_equal(market.month.net_value[0], market.gross_value[0])
    assert abs(np.corrcoef(drawn["values"], drawn["risk"])[0, 1]) < 4 / np.sqrt(200)


@pytest.mark.parametrize("trade", TRADES)
def test_ties_are_broken_by_lot_not_by_number(trade):
    alike = {"labs.units": 1, "permits.cap": 4, "permits.grandfathered": 0.0, "labs.value_noise": 0.0}
    constant = {"labs.value": {"distribution": "constant"}, "market.mechanism": trade}
    held = month({**alike, **constant}, range(2000)).held
    assert (held.sum(axis=1) == 4).all()
    assert (np.abs(held.mean(axis=0) - 0.5) < 4 * 0.5 / np.sqrt(2000)).all()
