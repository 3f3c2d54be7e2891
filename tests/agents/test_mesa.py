"""PermitMarket is a Mesa model: agents are handles onto the arrays, collectors and agent sets work on one world."""

import gc
import weakref

import mesa
import numpy as np
import pandas as pd
import pytest

from agents import Lab, PermitMarket
from agents.market import Governor
from mechanisms import InputError
from tests.agents.worlds import MONTH, PHASES, one_month, ran, small


def test_steps_are_months_and_running_stops_after_the_last():
    market = PermitMarket(small({"months": 3}), 1)
    seen = []
    while market.running:
        market.step()
        seen.append(market.steps)
    assert seen == [1, 2, 3]
    market.run()
    assert market.steps == 3
    assert isinstance(market, mesa.Model)


def test_a_step_is_the_six_phases_in_their_order():
    class Recorded(PermitMarket):
        def __init__(self, *arguments):
            self.phases = []
            super().__init__(*arguments)

    for name in PHASES:

        def phase(self, name=name):
            self.phases.append(name)
            getattr(PermitMarket, name)(self)

        setattr(Recorded, name, phase)
    market = Recorded(small(), 1)
    market.step()
    assert market.phases == list(PHASES)
    plain = one_month(seed=1)
    assert market.measures()["welfare"].tolist() == plain.measures()["welfare"].tolist()


def test_no_agent_is_built_unless_asked_for(monkeypatch):
    built = []
    monkeypatch.setattr(Lab, "__init__", lambda self, model, index: built.append(index))
    ran(small(), range(3)).results()
    assert built == []


def test_agents_are_the_labs_then_the_governor():
    market = one_month(seed=1)
    assert [type(agent) for agent in market.agents] == [Lab] * 8 + [Governor]
    assert [lab.index for lab in market.agents_by_type[Lab]] == list(range(8))
    assert [agent.unique_id for agent in market.agents] == list(range(1, 10))
    assert market.governor is market.agents_by_type[Governor][0]
    assert len(market.agents) == 9


def test_a_lab_is_a_handle_onto_its_column():
    market = one_month({"enforcement.penalty": 0.2}, 1)
    for index, lab in enumerate(market.agents_by_type[Lab]):
        for name in Lab.COLUMNS:
            value = getattr(lab, name)
            assert value == getattr(market.month, name)[index]
            assert not isinstance(value, np.ndarray | np.generic), name
        assert lab.wealth == market.ledger.labs[index]
        assert lab.net_value.tolist() == market.month.net_value[:, index].tolist()
    assert set(Lab.COLUMNS) <= set(MONTH)
    assert market.governor.wealth == market.ledger.governor


def test_handles_follow_the_market_month_by_month():
    market = PermitMarket(small({"months": 6}), 1)
    lab = market.agents[0]
    seen = []
    while market.running:
        market.step()
        seen.append((lab.wealth, lab.paid))
    assert len(set(seen)) == 6


def test_compute_is_counted_lab_by_lab():
    market = one_month({"enforcement.penalty": 0.2}, 1)
    labs = market.agents_by_type[Lab]
    run, month = market.month.covered + market.month.uncovered, market.month
    np.testing.assert_allclose([lab.true_compute for lab in labs], run * 1e25)
    np.testing.assert_allclose([lab.reported_compute for lab in labs], np.minimum(run, month.held) * 1e25)
    assert sum(lab.true_compute for lab in labs) == pytest.approx(market.measures()["true_compute"][-1])
    assert sum(lab.reported_compute for lab in labs) == pytest.approx(market.measures()["reported_compute"][-1])


def test_over_many_worlds_a_handle_gives_one_number_a_world():
    market = ran([small({"labs.flop_per_unit": flop}) for flop in (1e25, 2e25)], range(3))
    lab = market.agents[4]
    np.testing.assert_array_equal(lab.held, market.month.held[:, 4])
    np.testing.assert_array_equal(lab.true_compute, (lab.covered + lab.uncovered) * np.repeat([1e25, 2e25], 3))
    np.testing.assert_array_equal(lab.choose(), market.month.uncovered[:, 4])
    assert market.governor.wealth.shape == (6,)
    with pytest.raises(InputError, match=r"^orders: the market holds many worlds[^\n]+$"):
        lab.orders()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"labs.choice": {"kind": "quantal"}, "labs.risk_profile": {"distribution": "uniform"}},
        {"enforcement.policy": {"kind": "optimal"}, "labs.bidding": "outside-option", "enforcement.penalty": 5.0},
        {"enforcement.liability_limit": 0.4, "labs.count": 1},
    ],
)
def test_a_lab_decides_by_the_formulas_of_the_month(changes):
    market = one_month({"permits.cap": 5, **changes}, 1)
    book = market.month.clearing.book
    for lab in market.agents_by_type[Lab]:
        assert lab.choose() == lab.uncovered
        mine = book.present & (book.user == lab.index)
        orders = lab.orders()
        assert orders["price"].tolist() == book.price[mine].tolist()
        assert orders["buying"].tolist() == book.buying[mine].tolist()
    assert market.governor.audit().tolist() == market.month.audited.tolist()


def test_the_data_collector_reads_model_and_agents():
    market = PermitMarket(small({"months": 4}), 1)
    collector = mesa.DataCollector(
        model_reporters={"price": lambda m: m.measures()["price"][-1], "month": "steps"},
        agent_reporters={"wealth": "wealth"},
        agenttype_reporters={Lab: {"held": "held", "violates": lambda lab: lab.uncovered > 0}},
    )
    while market.running:
        market.step()
        collector.collect(market)
    model, labs = collector.get_model_vars_dataframe(), collector.get_agenttype_vars_dataframe(Lab)
    assert model["price"].tolist() == market.measures()["price"].tolist()
    assert model["month"].tolist() == [1, 2, 3, 4]
    assert labs.loc[4, "held"].tolist() == market.month.held.tolist()
    assert (labs.groupby("Step")["violates"].mean() == market.measures()["share_violating"]).all()
    wealth = collector.get_agent_vars_dataframe().loc[4, "wealth"]
    pd.testing.assert_series_equal(
        wealth, pd.Series([*market.ledger.labs, market.ledger.governor], wealth.index), check_names=False
    )


def test_agent_sets_select_sort_and_gather():
    market = one_month({"labs.count": 30, "permits.cap": 20, "enforcement.penalty": 0.3}, 1)
    labs = market.agents_by_type[Lab]
    violators = labs.select(lambda lab: lab.uncovered > 0)
    assert 0 < len(violators) < 30
    assert len(violators) == (market.month.uncovered > 0).sum()
    assert labs.get("held") == market.month.held.tolist()
    assert labs.agg("held", sum) == market.month.held.sum()
    assert [lab.wealth for lab in labs.sort("wealth")] == sorted(market.ledger.labs, reverse=True)
    assert labs.map("choose") == market.month.uncovered.tolist()
    assert sorted(labs.groupby("signal").groups) == [False, True]


def test_before_the_first_month_a_lab_has_an_account_and_nothing_else():
    lab = PermitMarket(small({"labs.wealth": 2.0}), 1).agents[0]
    assert lab.wealth == 2.0
    assert not hasattr(lab, "held")
    with pytest.raises(AttributeError, match="no attribute 'heldd'"):
        _ = lab.heldd


def test_a_market_is_freed_with_its_agents():
    market = ran(small(), 1)
    assert len(market.agents) == 9
    watch = [weakref.ref(thing) for thing in (market, market.agents[0], market.ledger)]
    del market
    gc.collect()
    assert [ref() for ref in watch] == [None] * 3


def test_settings_stay_as_given():
    one, other = small(), small({"permits.cap": 3})
    assert PermitMarket(one, 1).settings is one
    assert PermitMarket([one, other], 1).settings == (one, other)
