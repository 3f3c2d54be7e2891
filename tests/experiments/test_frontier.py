"""The frontier of audit policies: what is tried, what counts as efficient, and that the search finds what is best."""

import json

import numpy as np
import pytest

from agents.economics import AuditRates
from agents.policies import Probability
from experiments import charts, compare, policy_frontier
from experiments.frontier.levers import Lever, levers, shares, under_policy
from experiments.frontier.objectives import OBJECTIVES
from experiments.frontier.results import AIMS, efficient
from experiments.statistics import interval
from mechanisms import InputError, policy
from scenarios import Scenario, override

SMALL = Scenario(months=3, labs={"count": 20, "units": 1}, permits={"cap": 8}, welfare={"audit_cost": 0.05})


@pytest.fixture(scope="module")
def found():
    return policy_frontier(SMALL, ["none", "random", "signal", "budgeted"], points=6, rounds=2, seeds=6)


def test_policies_tried_are_those_of_a_comparison_of_their_own(found):
    one = next(one for one in found.tried if one.policy == "signal" and one.chosen["high"] > 0)
    scenario = override(SMALL, {"enforcement.policy": {"kind": "signal", **one.chosen}})
    alone = compare(scenario, ["uniform-price"], 6).worlds["uniform-price"]
    for name in ("compliance_rate", "audits", "harm", "welfare"):
        np.testing.assert_array_equal(one.worlds[name], alone[name])
    row = found.data[(found.data["policy"] == "signal") & (found.data["audits"] == alone["audits"].mean())].iloc[0]
    expected = interval(alone["welfare"])
    assert (row["welfare"], row["welfare_low"], row["n"]) == pytest.approx([float(expected[i]) for i in (0, 1, 3)])


def test_efficient_policies_are_beaten_by_none_in_all_that_counts(found):
    aims = found.data[list(AIMS)] * list(AIMS.values())
    for row, good in zip(aims.to_numpy(), found.data["efficient"], strict=True):
        beats = (aims >= row).all(axis=1) & (aims > row).any(axis=1)
        assert good == (not beats.any())
    assert 1 < found.data["efficient"].sum() < len(found.data)


def test_a_point_equal_to_another_is_as_efficient():
    assert efficient(np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 2.0]])).tolist() == [True, True, False]


def test_winners_are_the_best_that_were_tried_and_were_tested_in_new_worlds(found):
    assert found.fresh.tolist() == [6, 7, 8, 9, 10, 11]
    for one in found.best:
        same = [t for t in found.tried if t.policy == one.policy]
        unaudited = next(t for t in found.tried if t.policy == "none").worlds
        values = [float(OBJECTIVES[one.objective].found(t.worlds, unaudited).mean) for t in same]
        assert one.searched == pytest.approx(np.nanmax(values))
        scenario = under_policy(SMALL, one.policy, one.chosen)
        again = compare(scenario, ["uniform-price"], range(6, 12)).worlds["uniform-price"]
        np.testing.assert_array_equal(one.worlds["welfare"], again["welfare"])
        if one.objective == "welfare":
            assert float(one.found.mean) == pytest.approx(again["welfare"].mean())
    ranked = found.winners.query("objective == 'welfare'")["value"]
    assert ranked.is_monotonic_decreasing


@pytest.mark.usefixtures("clean_slate")
def test_the_search_finds_the_top_of_a_hill_between_the_points_that_were_tried():
    peak = 0.37

    @policy("test-peak")
    def at_peak(announced, observed, x: Probability = 0.5, y: Probability = 0.5):
        away = np.abs(np.asarray(x) - peak) + np.abs(np.asarray(y) - 2 * peak)
        rate = np.clip(1 - away, 0, 1)
        return AuditRates(rate, rate)

    harmful = override(SMALL, {"welfare.harm": 50.0, "welfare.audit_cost": 0.0})
    coarse, fine = (
        policy_frontier(harmful, ["test-peak"], points=12, rounds=rounds, seeds=3).best[0] for rounds in (0, 12)
    )
    away = [abs(one.chosen["x"] - peak) + abs(one.chosen["y"] - 2 * peak) for one in (coarse, fine)]
    assert fine.searched > coarse.searched
    assert away[1] < away[0] / 2


def test_compliance_per_audit_is_what_audits_add():
    worlds = {"compliance_rate": np.array([0.7, 0.9]), "audits": np.array([4.0, 6.0]), "labs": np.array([10, 10])}
    bare = {"compliance_rate": np.array([0.5, 0.4])}
    assert OBJECTIVES["compliance-per-audit"].value(worlds, bare) == pytest.approx([0.4, 1.0])
    seldom = worlds | {"audits": np.array([0.4, 0.6])}
    assert np.isnan(OBJECTIVES["compliance-per-audit"].value(seldom, bare)).all()


def test_levers_are_what_the_governor_sets():
    assert levers("none", SMALL) == ()
    assert [lever.name for lever in levers("optimal", SMALL)] == ["ceiling_low", "low"]
    assert [lever.name for lever in levers("targeted", SMALL)] == ["good", "bad"]
    assert levers("budgeted", SMALL) == (Lever("audits", 0, 20, whole=True),)


def test_points_are_spread_over_the_cube_with_its_corners():
    points = shares(2, 30)
    assert {(0, 0), (0, 1), (1, 0), (1, 1)} <= set(map(tuple, points.tolist()))
    assert len({tuple(point) for point in points.tolist()}) == 30
    cells = np.histogram2d(*points[4:].T, bins=2)[0]
    assert cells.min() >= 4


def test_points_that_the_market_refuses_are_left_out_and_a_refused_kind_is_named():
    found = policy_frontier(SMALL, ["none", "targeted"], points=8, rounds=1, seeds=2)
    assert all(one.chosen["good"] <= one.chosen["bad"] for one in found.tried if one.policy == "targeted")
    assert found.refused == {}
    misleading = override(SMALL, {"enforcement.true_positive_rate": 0.05})
    refused = policy_frontier(misleading, ["none", "budgeted"], points=3, rounds=1, seeds=2).refused
    assert list(refused) == ["budgeted"]
    assert "true_positive_rate" in refused["budgeted"]
    with pytest.raises(InputError, match=r"^enforcement\.policy: budgeted needs[^\n]+$"):
        policy_frontier(misleading, ["budgeted"], points=3, seeds=2)


def test_the_result_does_not_depend_on_processes_and_repeats():
    one, other = (policy_frontier(SMALL, ["signal"], points=4, rounds=1, seeds=3) for _ in range(2))
    assert one.winners.equals(other.winners)
    assert one.data.equals(other.data)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"policies": ["sgnal"]}, "policies: 'sgnal' is not known; did you mean 'signal'?"),
        ({"policies": []}, "policies: at least one is needed"),
        ({"points": 1}, "points: 1 is not at least 2"),
        ({"rounds": -1}, "rounds: -1 is not at least 0"),
        ({"jobs": 0}, "jobs: 0 is neither"),
        ({"seeds": 0}, "seeds: 0 is not in"),
    ],
)
def test_bad_input_is_refused_in_one_line(given, said):
    with pytest.raises(InputError) as caught:
        policy_frontier(SMALL, **given)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_the_chart_shows_every_policy_and_the_line_of_the_efficient_ones(found):
    chart = charts.frontier_chart(found).to_dict()
    assert len(chart["concat"]) == 2
    line, dots, best = (chart["datasets"][layer["data"]["name"]] for layer in chart["concat"][0]["layer"])
    assert len(dots) == len(found.data)
    rates = [row["compliance_rate"] for row in line]
    assert rates == sorted(rates)
    assert best[0]["welfare"] == found.data["welfare"].max()
    harmless = policy_frontier(override(SMALL, {"welfare.harm": 0.0}), ["random"], points=3, rounds=0, seeds=2)
    assert len(charts.frontier_chart(harmless).to_dict()["concat"]) == 1


QUICK = ("--policies", "none,random", "--points", "3", "--rounds", "0", "--seeds", "2", "--set", "months=2")


def test_the_command_prints_tables_json_and_files(lab, tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.output.figure", lambda name, chart: [(f"{name}.json", chart.to_json())])
    code, out, _ = lab("frontier", "thin_market", *QUICK)
    assert code == 0
    assert "best for welfare" in out
    assert "Efficient in compliance, audits and harm" in out
    _, text, _ = lab("frontier", "thin_market", *QUICK, "--format", "json")
    document = json.loads(text)
    assert [row["policy"] for row in document["tried"]] == ["none", *["random"] * 3]
    assert {row["objective"] for row in document["best"]} == set(OBJECTIVES)
    code, csv, said = lab("frontier", "thin_market", *QUICK, "--format", "csv", "--out", tmp_path / "out")
    assert csv.startswith("policy,options,efficient,compliance_rate,")
    assert "5 files written" in said
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert (run["seeds"], run["fresh"]) == ({"first": 0, "count": 2}, {"first": 2, "count": 2})
    assert set(run["files"]) >= {"frontier.csv", "best.csv", "frontier.json", "scenario.yaml"}


def test_mistakes_on_the_command_line_are_one_line(lab):
    code, out, said = lab("frontier", "thin_market", "--policies", "randm")
    assert (code, out) == (2, "")
    assert said.startswith("error: policies: 'randm' is not known")
    assert lab("frontier", "thin_market", "--points", "x")[0] == 2
