"""The generator behind all chance: known answers, uniformity, independence, and nothing that should not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mechanisms import CentralExchange, Draws, InputError, OrderBook
from mechanisms.draws import _counters, _mix, check_seeds, served_in_turn
from tests.mechanisms.contract import SEEDS
from tests.mechanisms.markets import Array

LABS, WORLDS = 200, 500
PURPOSES = ["values", "shock", "ties", "mechanism", "signals", "audits"]
LEAST_P = 1e-4
"""Seeds are fixed, so these tests are exact; a fair generator would miss this level once in 10,000 tests."""


def uncorrelated(x: Array, y: Array) -> bool:
    return bool(stats.pearsonr(x.ravel(), y.ravel()).pvalue > LEAST_P)


def test_splitmix64_known_answers() -> None:
    """First outputs for seeds 0 and 1234567 (the latter from the Rosetta Code task on SplitMix64)."""
    zero = _mix(np.zeros(1, dtype=np.uint64) + _counters((2,)))
    assert [hex(word) for word in zero.tolist()] == ["0xe220a8397b1dcdaf", "0x6e789e6aa1b965f4"]
    other = _mix(np.full(1, 1234567, dtype=np.uint64) + _counters((3,)))
    assert other.tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_uniforms_are_uniform(purpose: str) -> None:
    sample = Draws(range(WORLDS)).uniform(purpose, LABS).ravel()
    assert sample.min() >= 0
    assert sample.max() < 1
    assert stats.kstest(sample, "uniform").pvalue > LEAST_P
    counts = np.histogram(sample, bins=1000, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > LEAST_P


def test_low_bits_are_uniform() -> None:
    words = Draws(range(WORLDS)).priority("ties", LABS).ravel()
    for shift in (0, 8, 56):
        counts = np.bincount((words >> np.uint64(shift) & np.uint64(255)).astype(int), minlength=256)
        assert stats.chisquare(counts).pvalue > LEAST_P


def test_pairs_of_neighbours_fill_the_square() -> None:
    """Serial test along worlds, labs and months: cells of a 20 x 20 square are hit equally often."""
    sample = np.stack([Draws(range(WORLDS), month).uniform("values", LABS) for month in (0, 1)])
    for axis in range(3):
        first, second = (np.take(sample, range(k, sample.shape[axis] - 1 + k), axis=axis) for k in (0, 1))
        counts = np.histogram2d(first.ravel(), second.ravel(), bins=20, range=[[0, 1]] * 2)[0]
        assert stats.chisquare(counts.ravel()).pvalue > LEAST_P


def test_purposes_are_independent() -> None:
    samples = [Draws(range(WORLDS)).uniform(purpose, LABS) for purpose in PURPOSES]
    assert all(uncorrelated(x, y) for i, x in enumerate(samples) for y in samples[:i])


@pytest.mark.parametrize("lag", [1, 2, 12])
def test_months_are_independent(lag: int) -> None:
    draws = Draws(range(WORLDS))
    assert uncorrelated(draws.at(-1).uniform("shock", LABS), draws.at(lag - 1).uniform("shock", LABS))


@pytest.mark.parametrize("lag", [1, 2, 3, 7, 64, 100])
def test_labs_worlds_and_units_are_independent(lag: int) -> None:
    by_lab = Draws(range(WORLDS)).uniform("noise", LABS)
    assert uncorrelated(by_lab[:, :-lag], by_lab[:, lag:])
    assert uncorrelated(by_lab[:-lag], by_lab[lag:])
    by_unit = Draws(range(50)).uniform("values", 2 * lag, LABS)
    assert uncorrelated(by_unit[:, :-lag], by_unit[:, lag:])


@pytest.mark.parametrize("bit", range(0, 64, 9))
def test_seeds_one_bit_apart_share_nothing(bit: int) -> None:
    one, other = (Draws(seed).priority("ties", 10_000) for seed in (0, 2**bit))
    flipped = np.bitwise_count(one ^ other)
    assert flipped.mean() == pytest.approx(32, abs=5 * 4 / 100)
    assert not (one == other).any()


@given(SEEDS, st.integers(1, 30), st.integers(1, 5))
def test_more_labs_or_units_change_nobodys_draws(seed: int, labs: int, units: int) -> None:
    draws = Draws(seed)
    few, many = draws.uniform("values", units, labs), draws.uniform("values", units + 2, labs + 3)
    np.testing.assert_array_equal(few, many[:units, :labs])
    np.testing.assert_array_equal(few[0], draws.uniform("values", labs))


@given(st.lists(SEEDS, min_size=1, max_size=6), st.integers(-1, 400))
def test_batch_equals_single(seeds: list[int], month: int) -> None:
    many = Draws(seeds, month)
    for place, seed in enumerate(seeds):
        for one in (Draws(seed, month), many.world(place), Draws(seed).at(month)):
            np.testing.assert_array_equal(many.uniform("values", 2, 3)[place], one.uniform("values", 2, 3))
            np.testing.assert_array_equal(many.priority("ties", 4)[place], one.priority("ties", 4))


def test_shared_seeds_share_their_draws() -> None:
    seeds = np.array([[5, 9, 5], [9, 5, 7]])
    drawn = Draws(seeds).uniform("signals", 4)
    assert drawn.shape == (2, 3, 4)
    assert len(np.unique(drawn[..., 0])) == 3
    np.testing.assert_array_equal(drawn[seeds == 5], np.tile(Draws(5).uniform("signals", 4), (3, 1)))


def test_asking_again_gives_the_same() -> None:
    draws = Draws(3)
    first = draws.uniform("audits", 5).copy()
    draws.uniform("audits", 5)[:] = 0
    draws.uniform("signals", 50)
    np.testing.assert_array_equal(draws.uniform("audits", 5), first)


def test_priorities_are_distinct() -> None:
    words = Draws(1).priority("ties", 100_000)
    assert len(np.unique(words)) == len(words)


@pytest.mark.parametrize("lead", [(), (5,), (2, 3)])
@pytest.mark.parametrize("labs", [1, 2, 7, 128])
def test_labs_are_served_in_the_order_of_their_words(lead: tuple[int, ...], labs: int) -> None:
    """Lab after lab by hand, the smallest word first."""
    seeds = np.arange(1, np.prod(lead, dtype=int) + 1).reshape(lead)
    words = Draws(seeds).priority("ties", labs)
    counts = np.random.default_rng(labs).integers(0, 4, words.shape).astype(np.int32)
    upto = served_in_turn(counts, words)
    for world in np.ndindex(lead):
        served = 0
        for lab in np.argsort(words[world]):
            served += counts[world][lab]
            assert upto[world][lab] == served


def test_the_global_generator_is_left_alone() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    CentralExchange().clear(OrderBook.of([1.0] * 5, supply=2))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("seed", [-1, 2**64, 7.5, np.nan, True, "7", None, [1, -2], [[1, 2.5]], np.linspace(0, 1, 100)])
def test_bad_seed(seed: object) -> None:
    for refuse in (Draws, lambda s: CentralExchange().clear(OrderBook.of([1.0]), s)):
        with pytest.raises(InputError, match=r"^seed: .* is not a whole number in \[0, 2\*\*64\)$") as refused:
            refuse(seed)
        assert len(str(refused.value)) < 100


@pytest.mark.parametrize("seed", [[], range(0), np.zeros(0, dtype=int)])
def test_no_seed(seed: object) -> None:
    with pytest.raises(InputError, match=r"^seed: at least one is needed$"):
        Draws(seed)


def test_large_seeds_stay_exact() -> None:
    assert check_seeds([2**63, 1, 2**64 - 1]).tolist() == [2**63, 1, 2**64 - 1]
    assert check_seeds(np.array([1, 2], dtype=np.int8)).dtype == np.uint64
    assert check_seeds(range(2)).tolist() == [0, 1]
