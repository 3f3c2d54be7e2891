"""Worlds do not depend on what runs beside them: chunks, processes, other cells."""

import numpy as np
import pytest

from agents import PermitMarket
from experiments import ensemble
from experiments.ensemble import as_seeds, run_worlds, under_mechanisms
from mechanisms import InputError
from scenarios import load_scenario, override


def small(**changes):
    return override(load_scenario("thin_market"), {"months": 3, **changes})


def cells():
    base = small()
    grid = [override(base, {"enforcement.penalty": penalty}) for penalty in (0.1, 0.4, 0.9)]
    return [*grid, override(base, {"market.mechanism": "vickrey"}), override(base, {"labs.count": 9})]


def assert_same(one, other):
    assert list(one) == list(other)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


@pytest.mark.parametrize("monthly", [False, True])
def test_every_cell_and_seed_equals_its_world_alone(monthly):
    seeds = np.array([5, 2, 9], dtype=np.uint64)
    found = run_worlds(cells(), seeds, monthly=monthly)
    for i, scenario in enumerate(cells()):
        for j, seed in enumerate(seeds):
            market = PermitMarket(scenario, seed=int(seed))
            market.run()
            alone = market.measures() if monthly else market.world_values()
            for name, value in alone.items():
                np.testing.assert_array_equal(found[name][i, j], value, err_msg=name)


@pytest.mark.parametrize("lab_units", [1, 36, 100, 250, 10**9])
def test_the_size_of_chunks_changes_nothing(monkeypatch, lab_units):
    expected = run_worlds(cells(), as_seeds(7), monthly=True)
    monkeypatch.setattr(ensemble, "LAB_UNITS_PER_CHUNK", lab_units)
    assert_same(run_worlds(cells(), as_seeds(7), monthly=True), expected)


def test_one_measure_alone_is_the_same_measure():
    every = run_worlds(cells(), as_seeds(3))
    assert_same(run_worlds(cells(), as_seeds(3), only="welfare"), {"welfare": every["welfare"]})


def test_progress_rises_to_one(monkeypatch):
    monkeypatch.setattr(ensemble, "LAB_UNITS_PER_CHUNK", 72)
    told = []
    run_worlds([small()], as_seeds(8), progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("number", [4, np.int64(4), np.uint8(4)])
def test_a_number_of_seeds_counts_from_the_first(number):
    assert as_seeds(number, first=3).tolist() == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("seeds", "line"),
    [
        (0, "seeds: 0 is not in [1, 10000000]"),
        (-3, "seeds: -3 is not in [1, 10000000]"),
        (10**9, "seeds: 1000000000 is not in [1, 10000000]"),
        ([], "seed: at least one is needed"),
        ([4, 7, 4], "seeds: 4 is given twice"),
        ([1, -1], "seed: -1 is not a whole number in [0, 2**64)"),
        (2.5, "seed: 2.5 is not a whole number in [0, 2**64)"),
        (True, "seed: True is not a whole number in [0, 2**64)"),
        ("3", "seed: '3' is not a whole number in [0, 2**64)"),
    ],
)
def test_bad_seeds_are_refused(seeds, line):
    with pytest.raises(InputError) as refused:
        as_seeds(seeds)
    assert str(refused.value) == line


@pytest.mark.parametrize("jobs", [0, -2])
def test_bad_jobs_are_refused(jobs):
    with pytest.raises(InputError, match=f"jobs: {jobs} is neither -1"):
        run_worlds([small()], as_seeds(1), jobs=jobs)


def test_own_options_hold_for_the_own_mechanism_alone():
    base = override(load_scenario("baseline"), {"market": {"mechanism": "uniform-price", "options": {"k": 0.25}}})
    found = under_mechanisms(base, ["uniform-price", "double-auction", "uniform-price:k=1"])
    options = {label: (cell.market.mechanism, dict(cell.market.options)) for label, cell in found.items()}
    assert options == {
        "uniform-price:k=0.25": ("uniform-price", {"k": 0.25}),
        "double-auction": ("double-auction", {"k": 0.5}),
        "uniform-price": ("uniform-price", {"k": 1.0}),
    }


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["vickrey", "vickrey"], "mechanisms: vickrey is given twice"),
        (["uniform-price", "uniform-price:k=1"], "mechanisms: uniform-price is given twice"),
        ([], "mechanisms: at least one is needed"),
        (["vickry"], "mechanisms: 'vickry' is not known; did you mean 'vickrey'?"),
        (["uniform-price:k=2"], "mechanisms.options.k: 2 is not in [0, 1]"),
        (["uniform-price:q=1"], "mechanisms.options.q: is not a known setting; known: k"),
    ],
)
def test_bad_mechanisms_are_refused(names, line):
    with pytest.raises(InputError) as refused:
        under_mechanisms(load_scenario("baseline"), names)
    assert str(refused.value) == line
