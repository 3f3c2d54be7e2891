"""Counts of permits are bytes where they fit; no sum, product or comparison of them may leave their range."""

import numpy as np
import pytest

from agents import PermitMarket, labs, month
from agents.month import first_units, of_unit, units_in
from mechanisms import Draws, pot
from mechanisms.book import count_in, marked_in
from mechanisms.draws import served_in_turn
from scenarios import load_scenario, override

COUNTS = ("endowment", "bought", "sold", "held", "wanted", "covered", "uncovered")


@pytest.mark.parametrize("count", [1, 2, 3, 127, 128, 255, 256, 300, 20_000])
@pytest.mark.parametrize("most", [1, 2, 127])
def test_sums_of_bytes_may_leave_their_range(most, count):
    counts = np.random.default_rng(count).integers(0, most + 1, (3, count)).astype(np.int8)
    for these in (counts, np.full_like(counts, most)):
        expected = these.sum(axis=-1, dtype=np.int64)
        assert count_in(these, most).tolist() == count_in(these).tolist() == units_in(these).tolist()
        assert count_in(these, most).tolist() == expected.tolist()
        assert marked_in(these > 0).tolist() == (these > 0).sum(axis=-1).tolist()
        assert served_in_turn(these, Draws(range(3)).priority("ties", count)).max() == expected.max()


@pytest.mark.parametrize("rungs", [1, 2, 127, 128, 129, 300])
def test_a_labs_marks_are_counted_whatever_their_number(rungs):
    marked = np.random.default_rng(rungs).random((2, rungs, 5)) < 0.9
    assert pot.by_column(marked).tolist() == marked.sum(axis=-2).tolist()
    assert pot.by_column(np.ones((rungs, 4), dtype=bool)).tolist() == [rungs] * 4


@pytest.mark.parametrize("units", [1, 3, 127, 128, 200])
def test_bytes_mark_and_pick_units_like_words(units):
    counts = np.array([0, 1, min(units, 127) - 1, min(units, 127), 127])
    values = np.random.default_rng(units).random((units, counts.size))
    np.testing.assert_array_equal(first_units(counts.astype(np.int8), units), first_units(counts, units))
    places = np.minimum(counts, units - 1)
    np.testing.assert_array_equal(of_unit(values, places.astype(np.int8)), of_unit(values, places))


MARKETS = [
    {"labs.count": 300, "labs.units": 3, "permits.cap": 400},
    {"labs.count": 300, "labs.units": 2, "permits.cap": 400, "permits.grandfathered": 0.0},
    {"labs.count": 3, "labs.units": 127, "permits.cap": 379},
    {"labs.count": 3, "labs.units": 2, "permits.cap": 381, "permits.grandfathered": 1.0},
    {"labs.count": 3, "labs.units": 130, "permits.cap": 384, "permits.grandfathered": 1.0},
    {"labs.count": 2, "labs.units": 200, "permits.cap": 260, "permits.grandfathered": 0.0},
    {"labs.count": 4, "labs.units": 100, "permits.cap": 390, "permits.lot": 10},
    {"labs.count": 4, "labs.units": 60, "permits.cap": 200, "permits.banking": 3, "permits.resale": "double-auction"},
    {"labs.count": 4, "labs.units": 60, "permits.cap": 200, "labs.risky_share": 0.5, "permits.risk_weight": 3},
]


def in_words(made):
    """What makes counts, with words in place of bytes."""

    def words(*given):
        counts = made(*given)
        return counts.astype(np.int32) if counts.dtype == np.int8 else counts

    return words


def state(settings, bidding):
    scenario = override(load_scenario("baseline"), {"labs.value_decline": 0.01, "months": 3, "labs.bidding": bidding})
    market = PermitMarket(override(scenario, settings), seed=[1, 2])
    market.run()
    return {name: getattr(market.month, name).astype(np.int64) for name in COUNTS} | market.measures()


@pytest.mark.parametrize("bidding", ["full-value", "outside-option"])
@pytest.mark.parametrize("settings", MARKETS)
def test_months_with_bytes_are_those_with_words(settings, bidding, monkeypatch):
    """Around the range of a byte a month is as if counts were words from the start."""
    bytes_ = state(settings, bidding)
    for home in (pot, month):
        monkeypatch.setattr(home, "by_column", in_words(pot.by_column))
    monkeypatch.setattr(labs, "endowments", in_words(labs.endowments))
    words = state(settings, bidding)
    for name, values in bytes_.items():
        np.testing.assert_array_equal(values, words[name], err_msg=name)
    assert words["held"].sum() > 0
