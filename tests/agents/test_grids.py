"""Cells of a grid share one axis of worlds: each equals its scenario alone, and shares its luck by seed."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.settings import structures
from mechanisms import InputError
from scenarios import load_scenario, override
from tests.agents.worlds import TRADES, assert_same_worlds, ran, small, state

NUMBERS = [
    {"enforcement.penalty": 0.2},
    {"enforcement.penalty": 0.2, "enforcement.liability_limit": 0.3},
    {"enforcement.liability_limit": 0.0, "labs.wealth": -2.0},
    {"permits.cap": 0},
    {"permits.cap": 60, "permits.grandfathered": 1.0},
    {"permits.cap": 7, "permits.grandfathered": 0.0, "permits.reserve_price": 0.4},
    {"enforcement.audit_capacity": 2, "welfare.audit_cost": 0.3},
    {"enforcement.audit_capacity": 0, "welfare.harm": 0.0},
    {"labs.value_shock": 0.0, "labs.value_noise": 0.0},
    {"labs.value_shock": 0.5, "labs.running_cost": 0.4, "labs.flop_per_unit": 3e25},
    {"labs.value_decline": 0.0, "labs.risk_profile.value": 0.3},
    {"enforcement.audit_accuracy": 0.5, "enforcement.backcheck": 0.3, "enforcement.collateral_share": 1.0},
    {"enforcement.true_positive_rate": 0.3, "enforcement.false_positive_rate": 0.9},
]
SEEDS = (3, 11, 5)


def check_grid(base, changes):
    """Run a grid over a base scenario and compare every world with the same alone."""
    cells = [base, *(override(base, change) for change in changes)]
    assert_same_worlds(ran(cells, SEEDS), cells, SEEDS)


@pytest.mark.parametrize("trade", TRADES)
@pytest.mark.parametrize("bidding", ["full-value", "outside-option"])
def test_cells_that_differ_in_numbers_equal_their_scenarios_alone(trade, bidding):
    check_grid(small({"market.mechanism": trade, "labs.bidding": bidding, "labs.units": 3}), NUMBERS)


@pytest.mark.parametrize("name", ["baseline", "thin_market", "high_risk", "targeted_audit"])
def test_so_do_cells_over_the_vault(name):
    grid = [{"enforcement.penalty": p, "permits.cap": cap} for p in (0.0, 0.4, 3.0) for cap in (5, 200)]
    check_grid(override(load_scenario(name), {"months": 3}), grid)


ENFORCEMENT = [change for change in NUMBERS if all(path.startswith(("enforcement.", "welfare.")) for path in change)]


@pytest.mark.parametrize("reserve", [0.0, 0.45])
@pytest.mark.parametrize("rule", ["uniform-price", "vickrey", "pay-as-bid", "mcafee", "huang", "muda", "lottery"])
def test_so_do_cells_that_share_their_market(rule, reserve):
    base = small({"market.mechanism": rule, "labs.units": 3, "permits.reserve_price": reserve})
    check_grid(base, ENFORCEMENT)
    market = ran([base, override(base, ENFORCEMENT[0])], SEEDS)
    assert market.month.clearing.book.lead == (len(SEEDS),)  # cleared once a seed and not once a cell


def test_cells_with_other_labs_or_other_reports_have_markets_of_their_own():
    for base, change in [
        (small(), {"permits.cap": 5}),
        (small({"labs.bidding": "outside-option"}), {"enforcement.penalty": 0.2}),
        (small({"enforcement.policy": {"kind": "optimal"}}), {"enforcement.penalty": 0.2}),
    ]:
        market = ran([base, override(base, change)], SEEDS)
        assert market.month.clearing.book.lead == (2 * len(SEEDS),)


def test_so_do_cells_with_quantal_choice():
    base = small({"labs.choice": {"kind": "quantal", "precision": 3.0}, "labs.bidding": "outside-option"})
    check_grid(base, [{"labs.choice.precision": 0.0}, {"labs.choice.precision": 90.0}, *NUMBERS[1:4]])


@pytest.mark.parametrize(
    ("policy", "options"),
    [
        ({"kind": "random", "probability": 0.4}, {"probability": 0.0}),
        ({"kind": "signal", "high": 0.9, "low": 0.1}, {"low": 0.0}),
        ({"kind": "optimal", "target": "loser"}, {"ceiling_low": 0.5}),
    ],
)
def test_so_do_cells_that_differ_in_a_policys_options(policy, options):
    changes = [{f"enforcement.policy.{name}": value} for name, value in options.items()]
    check_grid(small({"enforcement.policy": policy}), [*changes, {"enforcement.penalty": 0.9}, {}])


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"distribution": "uniform", "low": 0.1, "high": 0.9}, {"low": 0.4, "high": 1.7}),
        ({"distribution": "lognormal", "median": 0.6}, {"median": 0.3, "sigma": 0.0}),
        ({"distribution": "constant", "value": 0.6}, {"value": 0.9}),
    ],
)
@pytest.mark.parametrize("group", ["labs.value", "labs.risk_profile"])
def test_so_do_cells_that_differ_in_a_distributions_bounds(group, value, field):
    changes = [{f"{group}.{name}": number} for name, number in field.items()]
    check_grid(small({group: value}), changes)


def test_so_do_cells_that_have_more_orders_or_other_penalties_beside_them():
    """Sums over a cell's labs run over the same numbers, however long the rows of its neighbours are."""
    base = small({"labs.count": 130, "labs.units": 3, "permits.cap": 394, "labs.risky_share": 0.5})
    base = override(base, {"labs.value": {"distribution": "lognormal", "median": 0.6, "sigma": 0.5}})
    check_grid(base, [{"permits.risk_weight": weight} for weight in (2, 3)])
    check_grid(override(base, {"permits.flop_threshold": 1e25}), [{"permits.cap": 2000, "permits.grandfathered": 1.0}])
    held = {"labs.count": 2000, "enforcement.collateral_share": 0.3, "enforcement.policy.high": 1.0, "permits.cap": 50}
    check_grid(override(base, held), [{"enforcement.make_good": 1}, {"enforcement.price_multiple": 2.0}])


def test_cells_that_share_a_seed_share_its_labs_and_luck():
    cells = [small({"enforcement.penalty": penalty}) for penalty in (0.1, 0.9)]
    market = ran(cells, range(4))
    for name in ("month.net_value", "month.endowment", "month.held", "month.paid"):
        low, high = np.split(state(market)[name], 2)
        np.testing.assert_array_equal(low, high, err_msg=name)
    assert (market.gross_value[0] != market.gross_value[1]).any()


def test_the_table_of_a_grid_names_cell_and_seed():
    table = ran([small(), small({"permits.cap": 0})], [8, 5]).results()
    assert table["cell"].tolist() == [0] * 4 + [1] * 4
    assert table["seed"].tolist() == [8, 8, 5, 5] * 2
    assert (table.loc[table["cell"] == 1, "volume"] == 0).all()
    assert (table.loc[table["cell"] == 0, "volume"] > 0).all()


def test_one_cell_in_a_list_is_a_grid_of_one():
    assert_same_worlds(ran([small()], 4), [small()], [4])


STRUCTURE = [
    ("months", {"months": 3}),
    ("labs.count", {"labs.count": 9}),
    ("labs.units", {"labs.units": 3}),
    ("labs.value.distribution", {"labs.value": {"distribution": "lognormal"}}),
    ("labs.risk_profile.distribution", {"labs.risk_profile": {"distribution": "uniform"}}),
    ("labs.bidding", {"labs.bidding": "outside-option"}),
    ("labs.choice.kind", {"labs.choice": {"kind": "quantal"}}),
    ("market.mechanism", {"market.mechanism": "vickrey"}),
    ("market.options.k", {"market.options": {"k": 0.0}}),
    ("enforcement.policy.kind", {"enforcement.policy": {"kind": "none"}}),
]


@pytest.mark.parametrize(("path", "change"), STRUCTURE)
def test_cells_that_differ_in_structure_are_refused_by_field(path, change):
    with pytest.raises(InputError, match=rf"^{path}: [^\n]+ must agree here$"):
        PermitMarket([small(), small(change)])
    assert len(set(structures([small(), small(change)]))) == 2


def test_so_are_other_listed_values_and_targets():
    listed = [small({"labs.value": {"values": [0.1 * k] * 8}}) for k in (5, 6)]
    with pytest.raises(InputError, match=r"^labs\.value\.values: [^\n]+ must agree here$"):
        PermitMarket(listed)
    targets = [small({"enforcement.policy": {"kind": "optimal", "target": t}}) for t in (None, "loser")]
    with pytest.raises(InputError, match=r"^enforcement\.policy\.target: [^\n]+ must agree here$"):
        PermitMarket(targets)


def test_numbers_texts_and_options_left_at_their_defaults_are_no_structure():
    named = override(small(), {"name": "Other", "description": "words", "market.options": {"k": 1.0}})
    assert len(set(structures([named, small()]))) == 1
    for change in NUMBERS:
        assert len(set(structures([small(change), small()]))) == 1, change
