"""Maps of the seed model against the closed form of compliance, in every cell, and the flip line against the worlds.

Values are uniform on [a, b], one unit a lab, bids full and true, one price, one month. A lab violates if it has
no permit and its net value is above the expected penalty E. The Q keenest of n labs have the permits, so of the D
labs with u > E, binomial (n, P(u > E)), ``max(0, D - Q)`` violate: the expectation is a finite sum.
"""

import numpy as np
import pytest
from scipy import stats

from experiments import heatmap
from scenarios import load_scenario, override

LABS, LOW, HIGH, COST, WORLDS = 20, 0.3, 1.1, 0.2, 400
DETECTION = 0.8 * 0.9
AXES = {
    "detection": {"x": "penalty=0.3:1.2:4", "y": "detection=0.2:0.95:4"},
    "permits_per_lab": {"x": "penalty=0.2:1.2:6", "y": "permits_per_lab=0.2:1.1:7"},
    "running_cost": {"x": "labs.running_cost=0:0.3:4", "y": "penalty=0.4:1:4"},
}


def base():
    changes = {"low": LOW, "high": HIGH, "distribution": "uniform"}
    policy = {"kind": "signal", "high": 0.9, "low": 0.0}
    settings = {"months": 1, "labs.count": LABS, "labs.value": changes, "labs.value_noise": 0.0}
    return override(load_scenario("seed_binary"), settings | {"labs.running_cost": COST, "enforcement.policy": policy})


def expected(penalty, found, permits, cost):
    """Mean and standard deviation of compliance in one world, and the chance that anyone violates."""
    keen = np.arange(LABS + 1)
    above = np.clip((HIGH - cost - found * penalty) / (HIGH - LOW), 0, 1)
    chance = stats.binom.pmf(keen, LABS, above)
    share = 1 - np.maximum(0, keen - permits) / LABS
    mean = (share * chance).sum()
    return mean, np.sqrt((np.square(share - mean) * chance).sum()), chance[keen > permits].sum()


def cells(found):
    """Each cell's penalty, p_eff, permits and running cost."""
    for cell in found.data.rename(columns={"labs.running_cost": "cost"}).to_dict("records"):
        yield cell["penalty"], cell.get("detection", DETECTION), cell.get("permits", 10), cell.get("cost", COST)


@pytest.fixture(scope="module", params=AXES)
def found(request):
    return heatmap(base(), **AXES[request.param], seeds=WORLDS)


def test_every_cell_agrees_with_the_closed_form(found):
    told = np.array([expected(*cell) for cell in cells(found)])
    error = np.abs(found.data["mean"] - told[:, 0])
    assert np.ptp(told[:, 0]) > 0.2
    assert (error <= 4.5 * told[:, 1] / np.sqrt(WORLDS) + 3 / (LABS * WORLDS)).all()


def test_the_flip_line_parts_worlds_where_some_violate_from_those_where_none_does(found):
    line = found.flip_line()
    assert len(line) >= 3
    rate = (found.worlds[0] < 1).mean(axis=-1).reshape(-1)
    for (penalty, chance, permits, cost), violated in zip(cells(found), rate, strict=True):
        flip = LOW + (LABS - permits) / (LABS + 1) * (HIGH - LOW) - cost
        if abs(penalty * chance - flip) > 0.05 and permits < LABS:
            assert (violated > 0.5) == (penalty * chance < flip)


def test_the_flip_line_is_where_the_keenest_loser_expects_to_pay_what_a_run_is_worth(found):
    line = found.flip_line()
    permits = np.round(line["permits_per_lab"] * LABS) if "permits_per_lab" in line else 10
    cost = line.get("labs.running_cost", COST)
    chance = line.get("detection", DETECTION)
    flip = LOW + (LABS - permits) / (LABS + 1) * (HIGH - LOW) - cost
    np.testing.assert_allclose(line["penalty"] * chance, flip, rtol=1e-12)


def test_the_line_is_drawn_for_labels_that_have_one():
    found = heatmap(base(), ["uniform-price", "mcafee"], **AXES["permits_per_lab"], seeds=2)
    assert found.flip_line().empty
    assert found.flip_line("mcafee").empty
    assert len(found.flip_line("uniform-price")) >= 3
