"""A live world: money by account equals the ledger, phases tell nothing early, choices have their reasons."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import PermitMarket
from agents.economics import GAIN_TOLERANCE
from app.live_words import reasons
from experiments.live import PHASES, LiveWorld
from experiments.live.accounts import entries
from experiments.live.choices import choice_of
from experiments.live.facts import facts
from experiments.live.labs import unit_table
from mechanisms import InputError
from scenarios import load_scenario, override
from tests.agents.strategies import scenarios

SEEDS = st.integers(0, 2**64 - 1)
NEAR = 1e-9


@pytest.fixture
def world():
    return LiveWorld(load_scenario("thin_market"), seed=3)


@given(scenarios(), SEEDS)
def test_money_by_account_equals_the_ledger_in_every_phase(scenario, seed):
    world = LiveWorld(scenario, seed)
    while True:
        check_money(world, lab=seed % scenario.labs.count)
        if world.finished:
            break
        world.next_phase()
    np.testing.assert_array_equal(world.accounts.labs, world.market.ledger.labs)


def check_money(world, lab):
    """Balances told from what happened are those of the market's ledger, of each lab and of all."""
    books, start, lines = world.accounts, world.opening, world.entries()
    slack = NEAR * (1 + np.abs(books.labs).sum() + abs(books.resources))
    for name in ("labs", "collateral", "governor", "resources"):
        told = getattr(start, name) + sum(getattr(line, name) for line in lines)
        np.testing.assert_allclose(told, getattr(books, name), rtol=NEAR, atol=slack)
    for line in lines:
        assert abs(line.labs.sum() + line.collateral.sum() + line.governor + line.resources) <= slack
    last = world.ledger().iloc[-1]
    sums = [books.labs.sum(), books.collateral.sum(), books.governor, books.resources]
    np.testing.assert_allclose(last.iloc[2:].astype(float), sums, rtol=NEAR, atol=slack)
    mine = world.statement(lab).iloc[-1]
    held = [books.labs[lab], books.collateral[lab]]
    np.testing.assert_allclose(mine.iloc[2:].astype(float), held, rtol=NEAR, atol=slack)


@given(scenarios(), SEEDS)
def test_labs_and_outcomes_add_up_to_the_measures(scenario, seed):
    world = LiveWorld(scenario, seed)
    world.next_month()
    labs, now = world.labs(), world.history().iloc[-1]
    count = scenario.labs.count
    states = labs["state"].value_counts().reindex(["no demand", "covered", "deterred"], fill_value=0)
    measured = [now["share_no_demand"], now["share_covered"], now["share_deterred"]]
    assert states.tolist() == pytest.approx(np.multiply(measured, count))
    assert labs["state"].str.startswith("violating").mean() == pytest.approx(now["share_violating"])
    assert labs["true"].sum() == pytest.approx(now["true_compute"])
    assert labs["reported"].sum() == pytest.approx(now["reported_compute"])
    assert (labs["state"] == "violating, caught").sum() == now["caught"]
    outcomes = world.outcomes()
    assert outcomes.groupby("of")["labs"].sum().tolist() == [count, count]
    for of, seen in {"signal": labs["signal"], "audit": labs["audited"]}.items():
        table = outcomes[(outcomes["of"] == of) & outcomes["raised"]].set_index("violated")["labs"]
        assert (table[True], table[False]) == (seen[labs["uncovered"] > 0].sum(), seen[labs["uncovered"] == 0].sum())


@given(scenarios(), SEEDS)
def test_a_rational_choice_gains_most_and_units_tell_the_same(scenario, seed):
    world = LiveWorld(scenario, seed)
    world.next_month()
    for lab in range(scenario.labs.count):
        choice, units = world.choice(lab), world.units(lab)
        gain, value = choice.options["gain"], choice.options["value"]
        assert choice.chosen in choice.options["units"].tolist()
        if choice.precision is None:
            assert gain[choice.chosen] >= gain.max() - GAIN_TOLERANCE * np.maximum(1, value.max()) * len(gain)
        assert (units["run"] == "without a permit").sum() == choice.chosen
        assert (units["run"] == "with a permit").sum() == world.market.month.covered[lab]
        fills = units["filled"].where(units["side"] == "bid", -units["filled"]).sum()
        assert fills == pytest.approx(world.market.month.clearing.bought[lab] - world.market.month.clearing.sold[lab])


def test_months_are_those_of_the_market(world):
    market = PermitMarket(world.scenario, seed=3)
    market.run()
    while not world.finished:
        world.next_month()
    pd.testing.assert_frame_equal(world.history(), market.results())
    world.next_month()
    world.next_phase()
    assert (world.month, world.phase) == (world.months, len(PHASES))


def test_a_phase_tells_nothing_of_later_ones(world):
    world.next_month()
    known = {
        1: {"lab", "state", "wanted"},
        2: {"held"},
        3: {"run", "uncovered", "reported", "true"},
        4: {"signal"},
        5: {"audited", "caught"},
        6: {"penalty"},
    }
    columns = set()
    for phase, more in known.items():
        world.next_phase()
        columns |= more
        assert (world.month, world.phase) == (2, phase)
        assert set(world.labs()) == columns
        assert ("run" in world.units(0)) == (world.choice(0) is not None) == (phase >= 3)
        rows = world.outcomes()
        assert set(rows.loc[rows["month"] == 2, "of"]) == {"signal", "audit"} - ({"signal"} if phase < 4 else set()) - (
            {"audit"} if phase < 5 else set()
        )
        now = world.history().iloc[-1]
        assert not np.isnan(now["price"])
        assert np.isnan(now["compliance_rate"]) == (phase < 3)
        assert np.isnan(now["welfare"]) == (phase < 6)
        assert {line.phase for line in world.entries()} <= set(range(1, phase + 1))


def test_states_wait_for_permits_and_choices(world):
    assert set(world.labs()["state"]) <= {"no demand", "undecided"}
    world.next_phase()
    labs = world.labs()
    assert (labs.loc[labs["held"] >= labs["wanted"], "state"] != "undecided").all()
    assert (labs.loc[labs["held"] < labs["wanted"], "state"] == "undecided").all()


def test_a_step_in_the_middle_of_a_month_ends_it(world):
    world.next_phase()
    world.next_month()
    assert (world.month, world.phase) == (1, 6)


def test_facts_agree_with_the_accounts(world):
    world.next_month()
    found, ledger = facts(world), world.ledger().set_index("entry")
    assert found["auction_revenue"] == pytest.approx(ledger.loc["Permits paid for", "governor"])
    assert found["buyers_paid"] - found["sellers_received"] == pytest.approx(found["auction_revenue"])
    assert found["returned"] == pytest.approx(ledger.loc["Collateral returned", "labs"])
    assert found["expected"] == pytest.approx((0.33, 0.33))


def test_a_live_month_shows_one_world():
    with pytest.raises(InputError, match="a single seed"):
        LiveWorld(load_scenario("thin_market"), seed=[1, 2])


def test_a_market_whose_months_were_worked_out_ahead_tells_the_same():
    scenario = override(load_scenario("thin_market"), {"enforcement.policy": {"kind": "optimal"}})
    world, market = LiveWorld(scenario, seed=3), PermitMarket(scenario, seed=3)
    for _ in range(3):
        world.next_month()
        market.step()
    for lab in range(scenario.labs.count):
        pd.testing.assert_frame_equal(unit_table(market, lab, len(PHASES)), world.units(lab))
        assert repr(choice_of(market, lab)) == repr(world.choice(lab))
    assert repr(entries(market, len(PHASES))) == repr(world.entries())


def test_several_hundred_labs():
    world = LiveWorld(override(load_scenario("baseline"), {"labs.count": 400, "permits.cap": 480}))
    world.next_month()
    assert len(world.labs()) == 400
    assert world.statement(399)["at_hand"].iloc[-1] == pytest.approx(world.accounts.labs[399])


def test_a_choice_tells_what_follows_in_later_months():
    groups = {"kind": "targeted", "good": 0.3, "bad": 0.9}
    scenario = override(load_scenario("thin_market"), {"enforcement.policy": groups, "enforcement.penalty": 0.3})
    world = LiveWorld(scenario, 1)
    told = []
    for _ in range(6):
        world.next_month()
        choices = [world.choice(lab) for lab in range(scenario.labs.count)]
        told += [(choice, " ".join(reasons(choice))) for choice in choices if choice.aftermath and choice.units.size]
    deterred = [(choice, words) for choice, words in told if not choice.chosen]
    assert any((choice.options["value"] > choice.options["expected"]).any() for choice, _ in deterred)
    assert all("what follows in later months" in words for _, words in deterred)
    assert any("M$ in later months" in words for choice, words in told if choice.chosen)
