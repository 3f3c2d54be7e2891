"""Equilibrium bidding: known equilibria found without being told, honest residuals, cycles, and how it is used."""

import numpy as np
import pytest

from agents import PermitMarket, equilibrium
from agents.best_response import best_responses, gains_left, lab_types, truthful, with_report
from agents.bid_functions import BidFunctions, Line
from agents.closed_forms import buyers_bid, pay_as_bid
from agents.equilibrium import equilibrium_of, solve
from agents.rivals import Rivals, held_worth
from experiments import compare
from experiments.cli.documents import comparison_document
from mechanisms import InputError
from scenarios import Scenario, override
from tests.agents.test_closed_forms import PAIRS, PAY_AS_BID, REDUCED

TRUTHFUL = override(PAY_AS_BID, {"labs.bidding": "full-value", "market": {"mechanism": "vickrey"}})
HIGHEST_LOSING = {"market": {"mechanism": "uniform-price", "options": {"k": 0}}}
LADDERS = override(TRUTHFUL, {"labs.units": 2, "labs.count": 4, "permits": {"cap": 4, "grandfathered": 0.5}})


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """A tenth of the worlds, and nothing remembered from other tests."""
    monkeypatch.setattr(equilibrium, "ORDERS_A_ROUND", 300_000)
    monkeypatch.setattr(equilibrium, "_found", {})
    monkeypatch.setattr(equilibrium, "_seen", {})


def rivals(scenario, worlds=300, worth="full-value"):
    return Rivals.sample(scenario, worth, np.arange(worlds, dtype=np.uint64))


@pytest.mark.parametrize("change", [{}, HIGHEST_LOSING, {"labs.units": 2, "permits.cap": 4}])
def test_truth_is_found_where_it_is_best(change):
    found = solve(override(TRUTHFUL, change))
    for bid in found.functions.bids:
        np.testing.assert_array_equal(bid.reports, bid.knots)
    assert found.settled
    assert found.residual < 1e-12


@pytest.mark.slow
def test_the_pay_as_bid_equilibrium_is_found(monkeypatch):
    monkeypatch.setattr(equilibrium, "ORDERS_A_ROUND", 3_000_000)
    found = solve(PAY_AS_BID)
    assert found.settled
    values = np.array([0.3, 0.6])
    np.testing.assert_allclose(found.functions.bids[0](values), pay_as_bid(values, 5, 2), atol=0.02)


@pytest.mark.parametrize("pairs", [2, 4])
def test_the_buyers_bid_equilibrium_is_found(pairs):
    found = solve(override(PAIRS, {"labs.count": 2 * pairs, "permits.cap": pairs}))
    values = np.array([0.3, 0.6, 0.9])
    np.testing.assert_allclose(found.functions.bids[0](values), buyers_bid(values, pairs), atol=0.03)
    np.testing.assert_allclose(found.functions.asks(values), values, atol=0.03)


def test_demand_reduction_is_found():
    market = PermitMarket(override(REDUCED, {"labs.bidding": "equilibrium"}), seed=range(4000))
    market.run()
    second = equilibrium_of(market.settings).functions.bids[1]
    assert second(np.array([0.3, 0.6])).max() < 0.02
    assert market.measures()["allocative_efficiency"].mean() == pytest.approx(0.77, abs=0.03)
    u = market.month.net_value[:, 0]
    held_value = (market.month.held * u).sum() / (2 * u.max(axis=-1)).sum()
    assert held_value == pytest.approx(0.75, abs=0.02)


def test_where_labs_chase_each_other_the_cycle_is_reported():
    flat = override(REDUCED, {"labs.bidding": "full-value", "labs.value": {"distribution": "constant", "value": 1}})
    found = solve(override(flat, {"market": {"mechanism": "pay-as-bid"}, "permits.cap": 3}))
    assert not found.settled
    assert len(found.cycle) > 10
    low, high = np.sort([turn.bids[0].reports[-1] for turn in found.cycle])[[0, -1]]
    assert low < 0.1  # a lab that no longer pays to outbid takes the third permit for next to nothing
    assert high == pytest.approx(0.95, abs=0.05)
    assert str(found).startswith(f"turns in a cycle of {len(found.cycle)} best responses; a lab that deviates gains")


def test_gains_are_what_the_mechanism_pays_and_a_false_report_loses():
    sample = rivals(LADDERS)
    truth = truthful(lab_types(sample, 4))
    everyone = sample.reports(truth)
    np.testing.assert_allclose(everyone, sample.worth)
    own = np.stack([sample.own, 0.5 * sample.own])
    honest, shaded = sample.gains(everyone, sample.own, own)
    market = PermitMarket(override(LADDERS, {"labs.bidding": "full-value"}), seed=range(300))
    market.step()
    month, worlds = market.month, np.arange(300)
    lab = worlds % 4
    value = held_worth(np.moveaxis(month.net_value, -2, -1), month.held) - held_worth(
        np.moveaxis(month.net_value, -2, -1), month.endowment
    )
    np.testing.assert_allclose(honest, (value - month.paid)[worlds, lab], atol=1e-12)
    assert (shaded <= honest + 1e-12).all()
    assert shaded.mean() < honest.mean()


def test_the_gain_left_to_labs_that_tell_the_truth_where_it_does_not_pay():
    sample, fresh = rivals(PAY_AS_BID), rivals(PAY_AS_BID, 2000)
    types = lab_types(sample, 6)
    left = gains_left(sample, fresh, truthful(types), types)
    worth = types[-1, 0]
    bids = np.linspace(0, worth, 200)
    best = ((worth - bids) * (bids**4 + 4 * bids**3 * (1 - bids))).max()
    assert left[-1] == pytest.approx(best, rel=0.1)  # against truthful rivals: (v - b) P(at most one of four above b)
    assert (left >= 0).all()


def test_best_responses_never_gain_less_than_the_current_report():
    sample = rivals(LADDERS)
    types = lab_types(sample, 4)
    for response in best_responses(sample, truthful(types, first_only=True), types):
        assert response.gain >= 0
        assert response.stake >= 0


def test_one_unit_is_tried_and_the_others_follow():
    own = np.array([[0.5, 0.4, 0.3]])
    tried = with_report(own, 0, np.array([0.2, 0.9]))
    assert tried[:, 0].tolist() == [[0.2, 0.2, 0.2], [0.9, 0.4, 0.3]]


def test_functions_beyond_their_knots():
    steep, falling = Line(np.array([0.0, 1.0]), np.array([0.0, 2.0])), Line(np.array([1.0, 2.0]), np.array([1.0, 0.5]))
    assert steep(np.array([2.0])).tolist() == [3.0]
    assert falling(np.array([3.0, 0.4])).tolist() == [0.5, 0.4]
    both = BidFunctions((steep, falling), steep)
    assert (np.diff(both(np.array([[0.2, 0.9], [0.1, 1.8]]), np.zeros(2, dtype=int)), axis=0) <= 0).all()
    assert both.document()["bid_2"] == {"worth": [1.0, 2.0], "report": [1.0, 0.5]}


def test_found_once_and_not_again_for_other_penalties():
    harder = override(TRUTHFUL, {"enforcement.penalty": 0.9})
    assert solve(TRUTHFUL) is solve(harder)
    assert solve(TRUTHFUL, "outside-option") is not solve(harder, "outside-option")
    assert solve(TRUTHFUL) is not solve(override(TRUTHFUL, {"permits.cap": 3}))


def test_labs_without_demand_have_nothing_to_work_out():
    idle = override(TRUTHFUL, {"labs.value": {"distribution": "constant", "value": 0}})
    assert solve(idle).settled
    market = PermitMarket(override(idle, {"labs.bidding": "equilibrium"}), seed=range(3))
    market.run()
    assert (market.measures()["volume"] == 0).all()


def test_cells_prepare_their_own_and_equal_them_alone():
    base = override(PAY_AS_BID, {"labs.bidding": "equilibrium", "months": 2})
    cells = [override(base, {"permits.cap": cap}) for cap in (1, 3)]
    together = PermitMarket(cells, seed=range(4))
    together.run()
    for i, cell in enumerate(cells):
        alone = PermitMarket(cell, seed=range(4))
        alone.run()
        np.testing.assert_array_equal(together.ledger.labs[4 * i : 4 * i + 4], alone.ledger.labs)


def test_compare_puts_bidding_rules_side_by_side():
    told = []
    found = compare(
        TRUTHFUL, ["vickrey", "pay-as-bid"], 20, bidding=["full-value", "equilibrium"], progress=told.append
    )
    assert list(found.equilibria) == ["vickrey (equilibrium)", "pay-as-bid (equilibrium)"]
    table = found.paired("vickrey (full-value)").set_index(["label", "measure"])
    assert table.loc[("vickrey (equilibrium)", "auction_revenue"), "equal"]
    assert table.loc[("pay-as-bid (full-value)", "welfare"), "equal"]
    assert not table.loc[("pay-as-bid (equilibrium)", "auction_revenue"), "equal"]
    assert told == sorted(told)
    assert told[-1] == 1.0
    document = comparison_document(found, "vickrey (full-value)")
    assert document["bidding"]["pay-as-bid (equilibrium)"] == "equilibrium"
    assert document["equilibria"]["vickrey (equilibrium)"]["residual"] == 0.0


def test_what_a_permit_is_worth_follows_the_scenarios_own_rule():
    weak = override(TRUTHFUL, {"labs.bidding": "outside-option", "enforcement.penalty": 0.1})
    found = compare(weak, "vickrey", 20, bidding=["outside-option", "equilibrium"])
    assert found.labels[1] == "vickrey (equilibrium:worth=outside-option)"
    np.testing.assert_allclose(*(found.worlds[label]["auction_revenue"] for label in found.labels), atol=1e-9)


@pytest.mark.slow
def test_processes_work_out_the_same_and_what_they_found_is_taken_over(monkeypatch):
    monkeypatch.setattr(equilibrium, "ORDERS_A_ROUND", 3_000_000)  # as in the workers, which know of no patch
    two_labs, names = override(PAY_AS_BID, {"labs.count": 2, "permits.cap": 1}), ["pay-as-bid", "vickrey"]
    two = compare(two_labs, names, 20, bidding="equilibrium", jobs=2)
    monkeypatch.setattr(equilibrium, "_solve", None)
    one = compare(two_labs, names, 20, bidding="equilibrium")
    assert one.summary().equals(two.summary())
    assert solve(two.cells["pay-as-bid"]).functions.bids[0](0.8) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(
    ("change", "worth", "says"),
    [
        ({"market.mechanism": "pymarket:huang"}, "full-value", "takes many books at once; pymarket:huang does not"),
        ({"labs.count": 4000}, "full-value", "at most 3000 units .*, not 4000"),
        ({}, "equilibrium", "worth 'equilibrium' is not a rule that says what a permit is worth"),
        ({}, "ful-value", "'ful-value' .*full-value"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_in_one_line(change, worth, says):
    with pytest.raises(InputError, match=rf"^labs\.bidding.*{says}") as caught:
        solve(override(TRUTHFUL, change), worth)
    assert "\n" not in str(caught.value)


def test_a_bidding_rule_given_twice_or_unknown_is_refused():
    with pytest.raises(InputError, match=r"^bidding: vickrey \(full-value\) is given twice$"):
        compare(Scenario(), "vickrey", 2, bidding=["full-value", "full-value"])
    with pytest.raises(InputError, match=r"^bidding: .*equilibrum.*equilibrium"):
        compare(Scenario(), "vickrey", 2, bidding=["equilibrum"])
