"""Comparisons are paired: the same labs and the same luck under every mechanism."""

from importlib import import_module
from inspect import isfunction
from pkgutil import iter_modules

import numpy as np
import pytest

import experiments
from agents import MEASURES, PermitMarket
from experiments import compare, ensemble
from experiments.statistics import interval
from mechanisms import InputError
from scenarios import load_scenario, override

STATISTICS = ["mean", "low", "high", "n"]
MECHANISMS = ["uniform-price", "uniform-price:k=0", "vickrey", "double-auction"]
# what labs want and what a month's luck does before anybody is fined, whatever the auction
COMMON = ["wanted", "share_no_demand"]


@pytest.fixture(scope="module")
def result():
    return compare("thin_market", MECHANISMS, seeds=[8, 3, 11, 4, 20])


def test_every_world_is_the_market_run_alone(result):
    scenario = override(load_scenario("thin_market"), {"market.mechanism": "vickrey"})
    for place, seed in enumerate(result.seeds):
        market = PermitMarket(scenario, seed=int(seed))
        market.run()
        for name, values in market.measures().items():
            np.testing.assert_array_equal(result.months["vickrey"][name][place], values, err_msg=name)


def test_summary_has_every_measure_of_every_mechanism(result):
    table = result.summary()
    assert list(table.columns) == ["label", "measure", "unit", *STATISTICS]
    assert table["label"].drop_duplicates().tolist() == MECHANISMS == list(result.labels)
    for _, rows in table.groupby("label"):
        assert rows["measure"].tolist() == list(MEASURES)
        assert rows["unit"].tolist() == [measure.unit for measure in MEASURES.values()]


def test_summary_is_the_interval_of_means_over_months(result):
    table = result.summary().set_index(["label", "measure"])
    for label in MECHANISMS:
        for name, months in result.months[label].items():
            worlds = [np.mean(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in months]
            expected = [float(x) for x in interval(np.array(worlds))]
            np.testing.assert_allclose(table.loc[(label, name), STATISTICS].tolist(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("baseline", [None, "vickrey"])
def test_differences_are_taken_world_by_world(result, baseline):
    table, base = result.paired(baseline), baseline or MECHANISMS[0]
    assert table["label"].drop_duplicates().tolist() == [label for label in MECHANISMS if label != base]
    for row in table.itertuples():
        one, other = result.worlds[row.label][row.measure], result.worlds[base][row.measure]
        np.testing.assert_equal([row.mean, row.low, row.high, row.n], [float(x) for x in interval(one - other)])
        assert row.equal == np.array_equal(one, other, equal_nan=True)


def test_a_difference_counts_worlds_where_both_are_defined(result):
    table = result.paired("vickrey").set_index(["label", "measure"])
    row = table.loc[("uniform-price", "price")]
    assert row["n"] == 0
    assert np.isnan(row["mean"])
    assert not row["equal"]


def test_mechanisms_meet_the_same_labs_and_the_same_luck(result):
    for name in COMMON:
        for label in MECHANISMS[1:]:
            np.testing.assert_array_equal(result.months[label][name], result.months[MECHANISMS[0]][name])


def test_truthful_reports_differ_in_money_alone(result):
    table = result.paired().set_index(["label", "measure"])["equal"]
    for label in MECHANISMS[1:]:
        assert table[label]["compliance_rate"]
        assert table[label]["allocative_efficiency"]
        assert not table[label]["auction_revenue"]


def test_months_average_to_worlds(result):
    by_month = result.by_month().set_index(["label", "measure", "month"])["mean"]
    table = result.summary().set_index(["label", "measure"])["mean"]
    for label in MECHANISMS:
        assert by_month[label]["welfare"].mean() == pytest.approx(table[label]["welfare"], rel=1e-12)


def test_results_are_every_world_and_month(result):
    table = result.results()
    assert list(table.columns) == ["label", "seed", "month", *MEASURES]
    assert len(table) == len(MECHANISMS) * 5 * 24
    row = table.query("label == 'vickrey' and seed == 11 and month == 7").iloc[0]
    for name in MEASURES:
        np.testing.assert_equal(row[name], result.months["vickrey"][name][2, 6])


def test_results_are_the_models_own_table():
    market = PermitMarket(load_scenario("seed_binary"), seed=[4, 5])
    market.run()
    found = compare("seed_binary", ["uniform-price"], seeds=2, first_seed=4).results()
    assert found.drop(columns="label").equals(market.results().astype(found.dtypes.drop("label").to_dict()))


def test_one_mechanism_has_no_differences():
    found = compare("seed_binary", ["vickrey"], seeds=2)
    assert found.paired().empty
    assert len(found.summary()) == len(MEASURES)


def test_own_options_belong_to_the_own_mechanism():
    own = override(load_scenario("thin_market"), {"market.options": {"k": 0.0}, "months": 2})
    found = compare(own, ["uniform-price", "double-auction", "uniform-price:k=1"], seeds=3)
    plain = compare(override(own, {"market.options": {}}), ["uniform-price:k=0", "uniform-price"], seeds=3)
    assert found.labels == ("uniform-price:k=0", "double-auction", "uniform-price")
    for label in plain.labels:
        np.testing.assert_array_equal(found.months[label]["price"], plain.months[label]["price"])


def test_two_processes_give_the_same_tables(result, monkeypatch):
    monkeypatch.setattr(ensemble, "LAB_UNITS_PER_CHUNK", 108)
    other = compare("thin_market", MECHANISMS, seeds=[8, 3, 11, 4, 20], jobs=2)
    assert other.results().equals(result.results())
    assert other.summary().equals(result.summary())


def test_an_unknown_baseline_is_refused(result):
    with pytest.raises(InputError, match="baseline: 'vickry' is not known; did you mean 'vickrey'"):
        result.paired("vickry")


@pytest.mark.parametrize("scenario", ["basline", "no_such_file.yaml"])
def test_an_unknown_scenario_is_refused(scenario):
    with pytest.raises(InputError):
        compare(scenario, seeds=1)


def test_no_module_has_the_name_of_a_public_function():
    assert not {module.name for module in iter_modules(experiments.__path__)} & set(experiments.__all__)


def test_functions_are_given_in_any_order_of_imports():
    for module in iter_modules(experiments.__path__):
        import_module(f"experiments.{module.name}")
    from experiments import auction_floor, compare, heatmap

    assert all(map(isfunction, (auction_floor, compare, heatmap)))
    assert set(experiments.__all__) <= set(dir(experiments))


def test_other_names_are_not_made_up():
    with pytest.raises(AttributeError, match="nothing"):
        _ = experiments.nothing
