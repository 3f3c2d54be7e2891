"""Permits that outlive their month, change hands again, come in lots, or are not needed below a threshold."""

import numpy as np
import pytest

from agents import PermitMarket
from agents.market_rules.bank import asks_of_savers
from scenarios import override
from tests.agents.test_market_rules import LIMITED, one_month_with
from tests.agents.worlds import ran, small, state


def test_unsold_permits_are_offered_again():
    scenario = small({"months": 12, "permits.rollover": 1.0, "permits.reserve_price": 0.55})
    market, offered, sold_so_far = PermitMarket(scenario, range(10)), [], 0
    for month in range(12):
        market.step()
        handed = market.month.endowment.sum(axis=-1)
        np.testing.assert_array_equal(market.month.house, (month + 1) * (9 - handed) - sold_so_far)
        sold_so_far = sold_so_far + market.month.clearing.house_sold
        offered.append(market.month.house)
    assert (np.diff(offered, axis=0) < 0).any()
    half = ran(override(scenario, {"permits.rollover": 0.5}), range(10)).measures()["permits_carried_over"]
    assert 0 < half.mean() < market.measures()["permits_carried_over"].mean()


@pytest.mark.parametrize("months", [1, 3])
def test_banked_permits_lapse_after_their_months(months):
    """Labs that want nothing keep what they are handed: a bank fills for some months and then lapses as it fills."""
    idle = {"labs.running_cost": 99.0, "permits.cap": 16, "permits.grandfathered": 1.0, "months": 6}
    left = ran(small({**idle, "permits.banking": months}), 4).measures()["permits_carried_over"]
    assert left.tolist() == [16 * min(month, months) for month in range(1, 7)]
    assert not ran(small(idle), 4).measures()["permits_carried_over"].any()


def test_a_bank_covers_runs_in_a_month_of_high_demand():
    swings = {"labs.value_shock": 1.5, "permits.cap": 14, "permits.grandfathered": 0.9, "months": 24}
    without, banked = (ran(small({**swings, "permits.banking": n}), range(60)).world_values() for n in (0, 6))
    assert banked["uncovered_units"].mean() < without["uncovered_units"].mean()
    assert banked["unused_permits"].mean() > without["unused_permits"].mean()


def test_permits_neither_appear_nor_vanish_before_they_lapse():
    scenario = small({"months": 9, "permits.banking": 2, "labs.value_shock": 1.5, "permits.cap": 14})
    market, banked = PermitMarket(scenario, range(8)), 0
    while market.running:
        market.step()
        month, left = market.month, market.tallies()["carried_over"][:, -1]
        new = month.endowment.sum(axis=-1) - banked + month.clearing.house_sold
        assert (new <= 14).all()
        lapsed = banked + new - month.covered.sum(axis=-1) - left
        assert (lapsed >= 0).all()
        assert (lapsed <= month.permits_by_age[0].sum(axis=-1)).all()
        banked = left


@pytest.mark.parametrize("lead", [(), (9,)])
def test_spare_permits_are_asked_for_what_one_may_fetch_later(lead):
    """Rung by rung: what lapses is sold at any price, the rest for what is fetched later or the last unit is worth."""
    rng = np.random.default_rng(3)
    worth = -np.sort(-rng.normal(0.3, 0.5, (*lead, 2, 40)), axis=-2)
    endowment = rng.integers(0, 6, (*lead, 40)).astype(np.int32)
    lapsing, later = rng.integers(0, endowment + 1), rng.uniform(0.1, 0.5, lead)
    asked = asks_of_savers(worth, worth, endowment, lapsing, later)
    assert asked.shape == (*lead, endowment.max(), 40)
    for *world, lab in np.ndindex(endowment.shape):
        units = worth[(*world, slice(None), lab)]
        wanted = int((units > 0).sum())
        ask = min(units[wanted - 1] if wanted else np.inf, later[tuple(world)])
        saved = endowment[(*world, lab)] - max(wanted, lapsing[(*world, lab)])
        expected = np.append(units, np.zeros(endowment.max() - 2))
        expected[wanted : wanted + max(saved, 0)] = ask
        assert asked[(*world, slice(None), lab)].tolist() == expected.tolist()


def test_resale_takes_permits_to_those_who_value_them_most():
    drawn = small({"market.mechanism": "lottery", "labs.count": 20, "labs.units": 3, "permits.cap": 25})
    apart, resold = (ran(override(drawn, {"permits.resale": rule}), range(20)).measures() for rule in (None, "vickrey"))
    assert (apart["allocative_efficiency"] < 0.99).all()
    np.testing.assert_allclose(resold["allocative_efficiency"], 1.0)
    assert np.isnan(apart["resale_price"]).all()
    assert not apart["resale_volume"].any()
    for name in ("price", "volume", "price_paid", "price_received"):  # the auction's figures are the auction's
        np.testing.assert_array_equal(resold[name], apart[name], err_msg=name)


def test_after_an_efficient_auction_there_is_nothing_to_resell():
    market = ran(small({"permits.resale": "double-auction", "months": 6}), range(20))
    assert not market.measures()["resale_volume"].any()
    for name, values in state(ran(small({"months": 6}), range(20))).items():
        if name != "resale_price":
            np.testing.assert_array_equal(state(market)[name], values, err_msg=name)


def test_a_resale_round_by_hand():
    """The lottery gives permits to labs 0 and 1; lab 2, which values one at 9, buys from whom it is worth least."""
    values = {"values": [[2.0], [4.0], [9.0]]}
    still = {"labs.value_shock": 0, "labs.value_noise": 0, "labs.running_cost": 0, "labs.wealth": 0}
    drawn = {"labs.count": 3, "labs.units": 1, "labs.value": values, "permits.cap": 2, "permits.grandfathered": 0}
    scenario = small({**still, **drawn, "market.mechanism": "lottery", "permits.resale": "double-auction", "months": 1})
    markets = [ran(scenario, seed) for seed in range(30)]
    fitting = [market for market in markets if market.month.bought.tolist() == [1, 1, 0]]
    assert fitting
    for market in fitting:
        assert market.month.held.tolist() == [0, 1, 1]
        assert market.month.paid.tolist() == [-3, 0, 3]  # halfway between 2, which loses, and 4, which wins
        assert [market.measures()[name][0] for name in ("resale_volume", "resale_price", "volume")] == [1, 3, 2]


@pytest.mark.parametrize("rule", LIMITED)
def test_the_auction_sells_whole_lots(rule):
    lots = {"labs.units": 7, "permits.cap": 31, "permits.lot": 3, "permits.grandfathered": 0.5}
    month = one_month_with(rule, lots)
    assert (month.bought % 3 == 0).all()
    assert (month.sold % 3 == 0).all()
    assert (month.held % 3 > 0).any()  # what was handed out comes in single permits
    assert (month.bought.sum(axis=-1) > 0).any()
    free = one_month_with(rule, {**lots, "permits.lot": 1})
    np.testing.assert_array_equal(month.endowment, free.endowment)


def test_a_lot_is_worth_its_permits_on_average():
    """Values 9, 6, 3, 1 and 8, 2: lots of two at 7.5, 5 and 2, permits at 2 for three lots."""
    values = {"values": [[9.0, 6.0, 3.0, 1.0], [8.0, 2.0, 0.0, 0.0]]}
    still = {"labs.value_shock": 0, "labs.value_noise": 0, "labs.running_cost": 0, "permits.grandfathered": 0}
    two = {"labs.count": 2, "labs.units": 4, "labs.value": values, "permits.lot": 2, "months": 1}
    market = ran(small({**still, **two, "permits.cap": 7}), 0)
    assert market.month.held.tolist() == [4, 2]
    assert market.month.paid.tolist() == [8, 4]
    figures = {name: values[0] for name, values in market.measures().items()}
    assert (figures["price"], figures["volume"], figures["auction_revenue"]) == (2, 6, 12)


def test_below_the_threshold_runs_need_no_permit():
    """The first unit of each lab is exempt: values 9, 4 and 8, 5 and 3 leave bids of 4 and 5 for one permit."""
    values = {"values": [[9.0, 4.0], [8.0, 5.0], [3.0, 0.0]]}
    still = {"labs.value_shock": 0, "labs.value_noise": 0, "labs.running_cost": 0, "permits.grandfathered": 0}
    three = {"labs.count": 3, "labs.value": values, "permits.cap": 1, "permits.flop_threshold": 1.9e25, "months": 1}
    strict = {"enforcement.penalty": 99.0, "labs.flop_per_unit": 1e25}
    market = ran(small({**still, **three, **strict}), 0)
    assert market.month.held.tolist() == [1, 2, 1]
    assert market.month.paid.tolist() == [0, 5, 0]
    figures = {name: values[0] for name, values in market.measures().items()}
    assert (figures["exempt_units"], figures["units_run"], figures["uncovered_units"]) == (3, 4, 0)
    assert figures["allocative_efficiency"] == 1
    assert figures["true_compute"] == 4e25


def test_a_threshold_above_all_runs_ends_the_market():
    market = ran(small({"permits.flop_threshold": 9e25}), range(5))
    m = market.measures()
    assert not m["volume"].any()
    np.testing.assert_array_equal(m["compliance_rate"], 1.0)
    np.testing.assert_array_equal(m["units_run"], m["wanted"])
