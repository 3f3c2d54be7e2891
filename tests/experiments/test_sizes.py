"""Who gains and who pays: accounts add up to those of the comparison, groups are by value, charts say what is equal."""

import numpy as np
import pytest

from app.size_words import size_words
from experiments import compare
from experiments.charts import size_bars
from experiments.ensemble import as_seeds
from experiments.sizes import ACCOUNTS, BySize, by_size, grouped, watched
from experiments.statistics import interval
from mechanisms import InputError
from scenarios import load_scenario, override

SEEDS = 6


@pytest.fixture(scope="module")
def both():
    scenario = override(load_scenario("thin_market"), {"months": 4, "labs.count": 12, "enforcement.policy.low": 0.5})
    result = compare(scenario, ["uniform-price", "vickrey"], SEEDS)
    return result, by_size(result.cells, SEEDS)


@pytest.mark.parametrize(
    ("account", "measure"), [("surplus", "lab_surplus"), ("permits", "auction_revenue"), ("penalties", "penalties")]
)
def test_groups_add_up_to_what_the_comparison_says(both, account, measure):
    result, found = both
    sizes = np.array([2, 2, 3, 2, 3])  # twelve labs in five groups
    for label in result.labels:
        total = (found.worlds[label][account] * sizes).sum(axis=-1)
        np.testing.assert_allclose(total, result.worlds[label][measure], atol=1e-12)
        assert np.ptp(total) > 0


def test_watched_worlds_are_those_of_the_comparison_to_the_last_bit(both, monkeypatch):
    result, found = both
    monkeypatch.setattr("experiments.ensemble.LAB_UNITS_PER_CHUNK", 1)
    alone = watched(result.cells["vickrey"], as_seeds(SEEDS))
    for name, values in result.months["vickrey"].items():
        np.testing.assert_array_equal(alone.months[name], values)
    for account, values in found.worlds["vickrey"].items():
        np.testing.assert_array_equal(alone.accounts[account], values)


def test_groups_are_by_value_and_as_equal_as_labs_allow():
    rng = np.random.default_rng(0)
    values = rng.random((4, 7))
    found = grouped(values, values, 3)
    assert (np.diff(found, axis=-1) > 0).all()
    ranked = np.sort(values, axis=-1)
    np.testing.assert_allclose(found[:, 0], ranked[:, :2].mean(axis=-1))
    assert grouped(values[:, :2], values[:, :2], 5).shape == (4, 2)
    with pytest.raises(InputError, match="groups: 0 is not at least 1"):
        by_size({}, 1, groups=0)


def test_the_table_has_the_intervals_of_each_group(both):
    _, found = both
    row = found.table().query("label == 'vickrey' and account == 'permits' and group == 5").iloc[0]
    expected = interval(found.worlds["vickrey"]["permits"][:, -1])
    assert (row["mean"], row["low"], row["high"], row["n"]) == pytest.approx([float(x) for x in expected])


def test_bars_of_equal_mechanisms_are_one(both):
    _, found = both
    lines = {account: size_bars(found, account).data["line"].unique().tolist() for account in ACCOUNTS}
    assert lines["permits"] == ["uniform-price", "vickrey"]
    assert lines["penalties"] == ["all mechanisms (exactly equal)"]
    size_bars(found, "permits").to_dict()  # valid


def test_words_follow_the_numbers():
    worlds = {"surplus": [-0.2, 0.5], "permits": [-0.1, 0.3], "penalties": [0.0, 0.04]}
    flat = {account: np.array([values, values]) for account, values in worlds.items()}
    said = size_words(BySize({"vickrey": flat}))
    assert said == (
        "Under vickrey, the half of labs with the most valuable runs gains 0.500 (0.500 to 0.500) M$ per lab a month: "
        "it pays for permits 0.300 (0.300 to 0.300) and loses 0.040 (0.040 to 0.040) in penalties. "
        "The half with the least valuable runs loses 0.200 (0.200 to 0.200): "
        "it receives for permits 0.100 (0.100 to 0.100) and loses 0.000 (0.000 to 0.000) in penalties."
    )
