"""A world is the same alone and in a batch, to the last bit, in every measure and every lab's state."""

import gc
import weakref

import numpy as np
import pandas as pd
import pytest

from agents import PermitMarket
from agents.model import Worlds
from scenarios import load_scenario, override, vault_names
from tests.agents.worlds import TRADES, assert_same_worlds, ran, small, state

SEEDS = range(12)


@pytest.mark.parametrize("name", vault_names())
def test_every_vault_scenario_in_a_batch_equals_its_worlds_alone(name):
    scenario = override(load_scenario(name), {"months": 6})
    assert_same_worlds(ran(scenario, SEEDS), [scenario], SEEDS)


@pytest.mark.parametrize("name", vault_names())
@pytest.mark.parametrize("trade", [*TRADES[1:], "uniform-price:k=0"])
def test_so_it_does_under_other_mechanisms(name, trade):
    scenario = override(load_scenario(name), {"market.mechanism": trade, "months": 3})
    assert_same_worlds(ran(scenario, range(6)), [scenario], range(6))


@pytest.mark.parametrize("bidding", ["full-value", "outside-option"])
@pytest.mark.parametrize("choice", [{"kind": "rational"}, {"kind": "quantal", "precision": 4}])
@pytest.mark.parametrize("limit", [None, 0.6])
def test_so_it_does_for_every_way_to_bid_and_to_choose(bidding, choice, limit):
    changes = {"labs.bidding": bidding, "labs.choice": choice, "enforcement.liability_limit": limit, "labs.units": 9}
    scenario = small({**changes, "permits.cap": 30, "enforcement.audit_capacity": 2, "enforcement.backcheck": 0.2})
    assert_same_worlds(ran(scenario, range(6)), [scenario], range(6))


@pytest.mark.parametrize("trade", TRADES)
def test_so_it_does_for_one_lab_with_many_units(trade):
    scenario = small({"labs.count": 1, "labs.units": 20, "permits.cap": 21, "market.mechanism": trade})
    assert_same_worlds(ran(scenario, range(6)), [scenario], range(6))


@pytest.mark.parametrize("labs", [3_000, 9_000])
def test_so_it_does_for_worlds_as_large_as_the_buffers_of_array_calls(labs):
    scenario = small({"labs.count": labs, "labs.units": 3, "permits.cap": labs, "permits.grandfathered": 0.3})
    assert_same_worlds(ran(scenario, range(5)), [scenario], range(5))


def test_so_it_does_for_a_matrix_of_values():
    rows = -np.sort(-np.random.default_rng(0).random((5, 12)), axis=1)
    scenario = small({"labs.count": 5, "labs.units": 12, "labs.value": {"values": rows.tolist()}, "permits.cap": 31})
    assert_same_worlds(ran(scenario, range(6)), [scenario], range(6))


def test_seeds_may_have_any_shape():
    scenario = small()
    table, flat = ran(scenario, [[3, 1, 4], [1, 5, 9]]), ran(scenario, [3, 1, 4, 1, 5, 9])
    assert table.lead == (2, 3)
    for name, values in state(flat).items():
        np.testing.assert_array_equal(np.reshape(state(table)[name], values.shape), values, err_msg=name)
    pd.testing.assert_frame_equal(table.results(), flat.results())


def test_worlds_differ_by_seed_and_repeat_with_it():
    welfare = ran(small(), [3, 4, 3]).measures()["welfare"]
    assert (welfare[0] == welfare[2]).all()
    assert (welfare[0] != welfare[1]).all()


def test_a_world_stands_where_its_seed_stands():
    forward, backward = (ran(small(), seeds).measures()["welfare"] for seeds in ([0, 1, 2], [2, 1, 0]))
    np.testing.assert_array_equal(forward, backward[::-1])


def test_results_are_a_tidy_table_of_seeds_and_months():
    market = ran(small({"months": 3}), [8, 5])
    table = market.results()
    assert table.columns[:4].tolist() == ["seed", "month", "compliance_rate", "deterrence_rate"]
    assert table["seed"].tolist() == [8, 8, 8, 5, 5, 5]
    assert table["month"].tolist() == [1, 2, 3] * 2
    assert table["welfare"].tolist() == market.measures()["welfare"].ravel().tolist()


def test_a_worlds_value_is_its_mean_over_the_months_where_defined():
    market = ran(small({"months": 6, "labs.count": 3, "permits.cap": 4, "enforcement.penalty": 0.8}), range(30))
    monthly, values = market.measures()["detection_rate"], market.world_values()["detection_rate"]
    undefined = np.isnan(monthly)
    assert (undefined.any(axis=1) & ~undefined.all(axis=1)).any()
    for months, value in zip(monthly, values, strict=True):
        defined = months[~np.isnan(months)]
        np.testing.assert_allclose(value, defined.mean() if defined.size else np.nan, rtol=1e-12)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "7", [], None, [1, -2]])
def test_seeds_out_of_range_are_refused_in_one_line(seed):
    with pytest.raises(ValueError, match=r"^seed: [^\n]+$"):
        PermitMarket(small(), seed)


@pytest.mark.parametrize("given", ["baseline", None, [], [small(), "baseline"], 3])
def test_only_scenarios_make_a_market(given):
    with pytest.raises(ValueError, match=r"^scenario: give a Scenario[^\n]+$"):
        PermitMarket(given)


def test_results_before_the_first_month_are_refused():
    with pytest.raises(ValueError, match=r"^results: no month has been run yet[^\n]+$"):
        PermitMarket(small()).results()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"enforcement.policy": {"kind": "optimal"}},
        {"enforcement.policy": {"kind": "escalating"}, "labs.bidding": "roth-erev"},
        {"permits.banking": 2, "permits.resale": "uniform-price", "labs.relocation_cost": 0.3},
    ],
)
def test_worlds_free_their_memory_when_they_are_over(changes):
    """Not when garbage is next collected: a sweep's memory would grow with its seeds."""
    one, other = (small({"months": 3, "enforcement.penalty": p, **changes}) for p in (0.4, 0.5))
    gc.collect()
    gc.disable()
    try:
        for cells, seeds in (([one, other], SEEDS), (one, SEEDS), (one, 1)):
            worlds = Worlds(cells, seeds)
            worlds.step()
            first = weakref.ref(worlds.month)
            worlds.run()
            worlds.world_values()
            watch = [first, weakref.ref(worlds), weakref.ref(worlds.month)]
            assert first() is None
            del worlds
            assert [ref() for ref in watch] == [None] * 3
    finally:
        gc.enable()
