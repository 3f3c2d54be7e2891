"""The deterrence map against single runs and against the closed form for uniform values."""

import numpy as np
import pytest
from scipy import stats

from agents import PermitMarket
from experiments import heatmap
from experiments.maps.flip import keenest_loser
from experiments.statistics import interval
from mechanisms import InputError
from scenarios import load_scenario, override

LABS, PERMITS = 20, 10
PENALTIES, DETECTIONS = [0.2, 0.5, 0.8], [0.25, 0.5, 0.75]


def seed_model(**changes):
    """One unit a lab, values U[0, 1] without noise, full-value bids: the model with a closed form."""
    return override(load_scenario("seed_binary"), {"labs.value_noise": 0.0, "months": 1, **changes})


def expected_compliance(expected_penalty):
    """1 - E[max(0, B - Q)]/n, B the labs whose value exceeds p*P: the Q keenest of them hold permits."""
    keen = np.arange(LABS + 1)
    chance = stats.binom.pmf(keen, LABS, 1 - expected_penalty)
    return 1 - (np.maximum(0, keen - PERMITS) * chance).sum() / LABS


@pytest.fixture(scope="module")
def closed():
    return heatmap(seed_model(), penalties=PENALTIES, detections=DETECTIONS, seeds=400)


def test_cells_agree_with_the_closed_form(closed):
    for cell in closed.data.itertuples():
        error = (cell.high - cell.mean) / stats.t.ppf(0.975, cell.n - 1)
        assert abs(cell.mean - expected_compliance(cell.penalty * cell.detection)) <= 4 * error, cell


def test_only_the_product_of_penalty_and_detection_counts(closed):
    grid = closed.grid("uniform-price")
    assert grid[0, 2] < grid[1, 1] < grid[2, 2]  # .2, .25, .6
    found = heatmap(seed_model(), penalties=[0.25, 0.5], detections=[0.25, 0.5], seeds=50).grid("uniform-price")
    assert found[0, 1] == found[1, 0]


@pytest.mark.parametrize("scenario", ["thin_market", "high_risk"])
def test_each_cell_is_its_market_run_alone(scenario):
    accuracy, backcheck, seeds = 0.8, 0.1, [3, 8, 5]
    base = override(
        load_scenario(scenario),
        {"months": 3, "enforcement.audit_accuracy": accuracy, "enforcement.backcheck": backcheck},
    )
    mechanisms, axes = ["vickrey", "uniform-price"], {"penalties": [0.3, 0.9], "detections": [0.2, 0.55]}
    found = heatmap(base, mechanisms, measure="deterrence_rate", **axes, seeds=seeds)
    assert found.data["label"].drop_duplicates().tolist() == mechanisms
    for cell in found.data.itertuples():
        probability = (cell.detection - backcheck) / ((1 - backcheck) * accuracy)
        assert cell.audit_probability == pytest.approx(probability, rel=1e-12)
        alone = override(
            base,
            {
                "market": {"mechanism": cell.label, "options": {}},
                "enforcement.penalty": cell.penalty,
                "enforcement.policy": {"kind": "random", "probability": cell.audit_probability},
            },
        )
        worlds = [_world(alone, seed) for seed in seeds]
        np.testing.assert_equal([cell.mean, cell.low, cell.high, cell.n], [float(x) for x in interval(worlds)])


def _world(scenario, seed):
    market = PermitMarket(scenario, seed=seed)
    market.run()
    return market.world_values()["deterrence_rate"].item()


@pytest.mark.parametrize(("accuracy", "backcheck"), [(1.0, 0.0), (0.6, 0.0), (0.7, 0.3), (1.0, 0.5), (0.0, 0.4)])
def test_violations_come_out_with_the_detection_of_the_cell(accuracy, backcheck):
    enforcement = {"enforcement.audit_accuracy": accuracy, "enforcement.backcheck": backcheck}
    rows = [0.1, 0.3, 0.4, 0.58, 0.79, 1.0]
    base = override(load_scenario("thin_market"), {**enforcement, "months": 2})
    found = heatmap(base, penalties=[0.0, 0.1], detections=rows, measure="detection_rate", seeds=500)
    for cell in found.data.query("penalty == 0").itertuples():
        highest = accuracy + (1 - accuracy) * backcheck
        assert cell.reachable == (backcheck - 1e-9 <= cell.detection <= highest + 1e-9)
        if cell.reachable:
            assert 0 <= cell.audit_probability <= 1
            assert cell.mean == pytest.approx(cell.detection, abs=0.02)


def test_a_cell_out_of_reach_has_no_value():
    base = override(load_scenario("thin_market"), {"months": 1, "enforcement.backcheck": 0.3})
    found = heatmap(base, penalties=[0.2, 0.4], detections=[0.1, 0.29, 0.5], seeds=3)
    assert found.data["reachable"].tolist() == [False] * 4 + [True] * 2
    lost = found.data[~found.data["reachable"]]
    assert lost[["audit_probability", "mean", "low", "high"]].isna().all(axis=None)
    assert (lost["n"] == 0).all()
    assert np.isnan(found.grid("uniform-price")[:2]).all()


def test_a_map_without_a_cell_in_reach_is_empty_and_has_no_lines():
    base = override(load_scenario("thin_market"), {"enforcement.audit_accuracy": 0.1})
    found = heatmap(base, penalties=[0.2, 0.4], detections=[0.5, 0.9], seeds=3)
    assert not found.data["reachable"].any()
    assert found.contour().empty


def test_rows_of_the_grid_are_detections(closed):
    rows = closed.data.set_index(["detection", "penalty"])["mean"]
    grid = closed.grid("uniform-price")
    for i, detection in enumerate(DETECTIONS):
        for j, penalty in enumerate(PENALTIES):
            assert grid[i, j] == rows[detection, penalty]


def test_the_contour_lies_where_cells_cross_the_level(closed):
    line = closed.contour(0.7)
    assert not line.empty
    for point in line.itertuples():
        products = [p * d for p in PENALTIES for d in DETECTIONS]
        assert min(products) < point.penalty * point.detection < max(products)
        assert expected_compliance(point.penalty * point.detection) == pytest.approx(0.7, abs=0.08)


def test_the_map_starts_and_ends_around_one_half():
    grid = heatmap("baseline", penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=10).grid("uniform-price")
    assert grid[0, 0] < 0.4
    assert grid[1, 1] > 0.9


def test_the_flip_line_is_where_the_keenest_loser_is_indifferent(closed):
    line = closed.flip_line()
    highest_losing = (LABS - PERMITS) / (LABS + 1)
    np.testing.assert_allclose(line["penalty"] * line["detection"], highest_losing, rtol=1e-12)
    assert line["penalty"].max() == pytest.approx(0.8)
    assert (line["detection"] <= 0.75).all()


@pytest.mark.parametrize(("low", "high", "cost", "risk"), [(0.0, 1.0, 0.0, 1.0), (0.5, 2.0, 0.4, 0.8)])
def test_the_highest_losing_report_is_on_average_at_the_flip(low, high, cost, risk):
    scenario = seed_model(
        **{
            "labs.value": {"low": low, "high": high},
            "labs.running_cost": cost,
            "labs.risk_profile": {"distribution": "constant", "value": risk},
            "market.options": {"k": 0.0},
        }
    )
    market = PermitMarket(scenario, seed=range(2000))
    market.run()
    price = market.world_values()["price"]
    error = price.std(ddof=1) / np.sqrt(price.size)
    assert abs(price.mean() - risk * keenest_loser(scenario)) <= 4 * error


def test_a_liability_limit_bends_the_flip_line():
    scenario = seed_model(**{"enforcement.liability_limit": 0.6})
    line = heatmap(scenario, penalties=PENALTIES, detections=[0.5, 1.0], seeds=1).flip_line()
    np.testing.assert_allclose(np.minimum(line["penalty"], 0.6) * line["detection"], 10 / 21, rtol=1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {"labs.value_noise": 0.1},
        {"labs.units": 2},
        {"labs.bidding": "outside-option"},
        {"labs.choice.kind": "quantal"},
        {"permits.reserve_price": 0.3},
        {"permits.cap": 20},
        {"labs.running_cost": 0.1},
        {"labs.value": {"distribution": "lognormal"}},
    ],
)
def test_no_flip_line_without_a_closed_form(changes):
    found = heatmap(seed_model(**changes), penalties=[0.2, 0.8], detections=[0.25, 0.75], seeds=1)
    assert found.flip_line().empty


def test_no_flip_line_where_a_mechanism_gives_up_trades():
    found = heatmap(
        seed_model(), ["uniform-price", "pymarket:huang"], penalties=[0.2, 0.8], detections=[0.5, 1], seeds=1
    )
    assert found.flip_line().empty


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"measure": "complience_rate"}, "measure: 'complience_rate' is not known; did you mean 'compliance_rate'?"),
        ({"penalties": [0.3]}, "penalties: at least two increasing numbers are needed"),
        ({"penalties": [0.3, 0.2]}, "penalties: at least two increasing numbers are needed"),
        ({"penalties": [-0.1, 0.2]}, "enforcement.penalty: -0.1 is not in [0, 1e+12]"),
        ({"penalties": [0.1, np.inf]}, "enforcement.penalty: inf is not a finite number"),
        ({"detections": [0.5, 1.2]}, "detections: 1.2 is not in [0, 1]"),
        ({"detections": [0.5, np.nan]}, "detections: at least two increasing numbers are needed"),
        ({"detections": [[0.1, 0.2]]}, "detections: at least two increasing numbers are needed"),
    ],
)
def test_bad_maps_are_refused(given, line):
    with pytest.raises(InputError) as refused:
        heatmap("baseline", **given)
    assert str(refused.value) == line


@pytest.mark.parametrize("text", ["0.1:0.2", "a:b:3", "0.1:0.2:2.5", "0:inf:3", "0:nan:3", "0:1:1", "0:1:201"])
def test_bad_ranges_are_refused(text):
    with pytest.raises(InputError, match=r"^penalties: "):
        heatmap("baseline", penalties=text)
