"""Two strategies in one world, rings that withhold demand, and bidding rules that remember."""

from types import SimpleNamespace

import numpy as np
import pytest

from agents import PermitMarket
from agents.equilibrium import solve
from agents.lookahead import months_together
from agents.strategies import Ring, by_lot
from mechanisms import Draws, InputError, bidding
from scenarios import override
from tests.agents.test_lookahead import check
from tests.agents.worlds import assert_same_worlds, one_month, ran, small, state

MIXED = {"labs.bidding": "full-value", "labs.other_bidding": "outside-option", "labs.other_share": 0.5}
RING = {"labs.ring_share": 0.75, "labs.ring_withheld": 0.5}
LABS = ("month.net_value", "month.endowment", "month.wanted")


def reports(changes, seed=range(20)):
    """Reports of the first month, (worlds, units, labs)."""
    return one_month(changes, seed).month.reports


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_share_of_labs_bids_by_the_other_rule(share):
    settings = {**MIXED, "enforcement.penalty": 0.3}
    full = reports({**settings, "labs.other_share": 0.0})
    outside = reports({**settings, "labs.bidding": "outside-option", "labs.other_share": 0.0})
    mixed = reports({**settings, "labs.other_share": share})
    other = (mixed != full).any(axis=1)
    assert (other.sum(axis=-1) <= 8 * share).all()
    np.testing.assert_array_equal(np.where(other[:, None], outside, full), mixed)
    apart = (full != outside).any(axis=1)
    assert other.sum() == pytest.approx(share * apart.sum(), rel=0.3)


def test_a_larger_share_has_the_same_labs_and_more():
    few, many = (by_lot(share, Draws(range(50)), "other bidding", 8) for share in (0.25, 0.5))
    assert (few <= many).all()
    assert few.sum(axis=-1).tolist() == [2] * 50
    assert few.sum(axis=0).min() > 0


def by_hand(values, endowment, members, lots, withheld):
    """Reports of one world with the ring's lowest bids left out, one by one."""
    bids = [
        (-values[lab, unit], lots[lab], unit, lab)
        for lab, unit in np.argwhere(values > 0)
        if members[lab] and unit >= endowment[lab]
    ]
    kept = len(bids) - int(withheld * len(bids) + 1e-9)
    left = values.copy()
    for _, _, unit, lab in sorted(bids)[kept:]:
        left[lab, unit] = 0.0
    return left


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("withheld", [0.0, 0.3, 0.5, 1.0])
def test_a_ring_leaves_out_its_lowest_bids(withheld, ties):
    rng, draws = np.random.default_rng(1), Draws(range(40))
    values = rng.integers(-1, 4, (40, 6, 3)) / 4.0 if ties else rng.uniform(-0.3, 1.0, (40, 6, 3))
    values = -np.sort(-values, axis=-1)
    endowment = rng.integers(0, 3, (40, 6))
    ring = Ring(SimpleNamespace(count=6, ring_share=0.5, ring_withheld=withheld), draws)
    left = ring.withhold(values, endowment)
    members, lots = by_lot(0.5, draws, "ring", 6), draws.priority("ring", 6)
    for world in range(40):
        given = values[world], endowment[world], members[world], lots[world]
        np.testing.assert_array_equal(left[world], by_hand(*given, withheld))
    assert (np.diff(left, axis=-1) <= 0).all()


def test_a_ring_of_all_lowers_the_price_and_gains_by_it():
    base = small({"permits.grandfathered": 0, "permits.cap": 8, "labs.units": 2, "months": 6})
    alone, ring = (ran(override(base, change), range(60)).measures() for change in ({}, {"labs.ring_share": 1.0}))
    held_back = ran(override(base, {"labs.ring_share": 1.0, "labs.ring_withheld": 0.55}), range(60)).measures()
    assert ring["auction_revenue"].mean() < held_back["auction_revenue"].mean() < alone["auction_revenue"].mean()
    assert held_back["lab_surplus"].mean() > alone["lab_surplus"].mean()


@pytest.mark.parametrize("changes", [MIXED, RING, {**MIXED, **RING}])
def test_how_labs_bid_moves_reports_and_not_the_labs(changes):
    scenario = small({"enforcement.penalty": 0.3})
    off, on = (state(ran(cell, range(20))) for cell in (scenario, override(scenario, changes)))
    for part in LABS:
        np.testing.assert_array_equal(off[part], on[part], err_msg=part)
    assert not np.array_equal(off["month.reports"], on["month.reports"])


@pytest.mark.parametrize("path", ["labs.other_share", "labs.ring_share", "labs.ring_withheld"])
def test_cells_that_differ_in_a_share_lie_on_one_axis(path):
    base = small({**MIXED, **RING})
    cells = [override(base, {path: share}) for share in (0.0, 0.3, 1.0)]
    assert_same_worlds(ran(cells, range(4)), cells, range(4))


def test_months_ahead_are_the_same_with_mixtures_and_rings():
    assert check(small({"months": 6, **MIXED, **RING, "labs.other_bidding": "zero-intelligence"}), 3) == 6


def test_the_search_for_an_equilibrium_is_not_led_astray_by_a_ring():
    labs = {"count": 3, "units": 1, "value": {"low": 0, "high": 1}, "value_shock": 0, "value_noise": 0}
    base = small({"labs": labs, "permits": {"cap": 1, "grandfathered": 0}, "market": {"mechanism": "vickrey"}})
    found = solve(override(base, {"labs.ring_share": 1.0, "labs.ring_withheld": 1.0, "labs.other_share": 1.0}))
    assert found is solve(base)


def remembering(name, **details):
    @bidding(name, remembers=True, **details)
    def rule(net_value, endowment, expected_penalty, draws, memory):
        """Bid the value, and half of it after a month with a permit."""
        memory["months"] = memory.get("months", 0) + 1
        memory.setdefault("seen", []).append(
            {name: memory[name] for name in ("endowment", "held", "paid") if name in memory}
        )
        won = memory["held"][..., None] > 0 if "held" in memory else False
        return np.where(won, net_value / 2, net_value)

    return rule


def test_a_rule_that_remembers_finds_last_months_outcome():
    remembering("test-humble", batched=True)
    scenario = small({"labs.bidding": "test-humble", "months": 4})
    market = PermitMarket(scenario, range(5))
    market.step()
    first = market.month
    market.step()
    won = first.held[:, None] > 0
    np.testing.assert_array_equal(market.month.reports, np.where(won, 0.5, 1.0) * market.month.net_value)
    memory = market.strategies.rules[0]._memories[0]
    assert memory["months"] == 2
    assert memory["seen"][0] == {}
    assert all((memory["seen"][1][name] == getattr(first, name)).all() for name in ("endowment", "held", "paid"))
    assert months_together(PermitMarket(scenario), 0) == 0
    assert_same_worlds(ran(scenario, range(5)), [scenario], range(5))


def test_each_market_has_a_memory_of_its_own():
    remembering("test-humble", batched=True)
    scenario = small({"labs.bidding": "test-humble", "months": 3})
    one, other = PermitMarket(scenario, 1), PermitMarket(scenario, 1)
    one.run()
    other.run()
    assert one.strategies.rules[0]._memories[0]["months"] == 3
    np.testing.assert_array_equal(one.ledger.labs, other.ledger.labs)


def test_a_rule_that_remembers_has_to_take_many_worlds():
    remembering("test-lonely")
    with pytest.raises(InputError, match=r"^labs\.bidding: test-lonely remembers, so [^\n]*batched=True$"):
        PermitMarket(small({"labs.bidding": "test-lonely"}))


def test_an_unknown_other_rule_is_refused_by_its_setting():
    with pytest.raises(InputError, match=r"^labs\.other_bidding: 'no-such' is not known[^\n]*$"):
        small({"labs.other_bidding": "no-such"})
