"""The deterrence map: its axes, facets and differences, and the way from a cell to Compare."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app import map_axes, map_page, map_running
from app.map_running import MapRequest, background_map, drawn_map, map_worlds, mechanism_seconds, run_map
from experiments import heatmap
from experiments.charts import map_panels
from mechanisms import InputError
from scenarios import load_scenario, override, to_json
from tests.app.reading import captions, open_app, without_traceback

SMALL = {"months": "2", "mechanisms": "uniform-price,lottery"}
SIDES = ("penalty", (0.2, 0.8)), ("detection", (0.25, 0.75))


def asked(mechanisms=("uniform-price",), rules=("full-value",), worlds=3, sides=SIDES, scenario="thin_market"):
    base = override(load_scenario(scenario), {"months": 2})
    return MapRequest(to_json(base), tuple(mechanisms), tuple(rules), "compliance_rate", *sides, worlds)


def map_page_of(**query):
    return open_app("Deterrence map", **(SMALL | query))


def titles(app):
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    return [" ".join(spec["title"]["text"]) for spec in specs]


def test_a_map_is_that_of_the_experiments_however_its_worlds_are_split(monkeypatch):
    request = asked(["uniform-price", "lottery"], ["full-value", "outside-option"], worlds=4)
    monkeypatch.setattr(map_running, "_BLOCK_SECONDS", 1e-6)
    shares = []
    found = run_map(request, shares.append)
    assert shares == sorted(shares)
    assert len(shares) == 17
    x, y = SIDES
    own = heatmap(request.base, request.mechanisms, x=x, y=y, bidding=request.rules, seeds=4)
    assert found.labels == own.labels
    np.testing.assert_array_equal(found.worlds, own.worlds)
    assert list(drawn_map(request, True, found)) == list(map_panels(own.difference()))
    apart = background_map(replace(request, mechanisms=("lottery",)), shares.append)
    joined = run_map(request, shares.append, {"lottery": apart})
    np.testing.assert_array_equal(joined.worlds, own.worlds)


def test_another_mechanism_computes_its_own_map_alone(monkeypatch):
    ran = []
    monkeypatch.setattr(map_running, "heatmap", lambda *args, **more: ran.append(args[1]) or heatmap(*args, **more))
    run_map(asked(["vickrey"]), lambda share: None)
    run_map(asked(["vickrey", "lottery"]), lambda share: None)
    assert ran == [["vickrey"], ["lottery"]]


def test_times_grow_with_the_work_and_searches():
    base = load_scenario("baseline")
    assert map_worlds(override(base, {"labs.count": 50_000}), ["vickrey"], *SIDES) == 2
    few, many = asked(worlds=200), asked(worlds=20_000)
    assert mechanism_seconds(many)["uniform-price"] > 20 * mechanism_seconds(few)["uniform-price"]
    searched = asked(rules=["equilibrium"])
    rows = ("permits_per_lab", (0.25, 0.5, 1.0))
    once, each = (mechanism_seconds(one)["uniform-price"] for one in (searched, replace(searched, y=rows)))
    assert once > 10
    assert each > 2.5 * once


def test_every_number_of_a_scenario_can_be_an_axis():
    for name in ("baseline", "targeted_audit"):
        scenario = load_scenario(name)
        found = map_axes.choices(scenario)
        assert {"penalty", "detection", "permits_per_lab", "labs.running_cost", "permits.cap"} <= set(found)
        for axis in found:
            low, high, whole = map_axes._range(scenario, axis)
            assert low < high, axis
            values = map_axes.spread(low, high, 3, whole=whole)
            heatmap(override(scenario, {"months": 1, "labs.count": 4}), x=(axis, values[:2]), y=_other(axis), seeds=1)


def _other(axis):
    return ("welfare.harm", (1.0, 2.0)) if axis != "welfare.harm" else ("penalty", (0.1, 0.2))


def test_kinds_facets_and_differences_follow_the_controls():
    app = map_page_of()
    assert titles(app) == ["Compliance rate: uniform-price", "Compliance rate: lottery"]
    without_traceback(app.toggle(key="map_difference").set_value(True).run())
    assert titles(app) == ["Compliance rate: lottery less uniform- price"]
    without_traceback(app.radio(key="map_kind").set_value(map_axes.FREE).run())
    without_traceback(app.selectbox(key="map_y").set_value("permits.cap").run())
    without_traceback(app.number_input(key="map_y_to_permits.cap").set_value(9).run())
    app.session_state["map_cell"] = True
    without_traceback(app.run())
    assert app.selectbox(key="map_cell_y").options == ["1", "3", "4", "6", "7", "9"]
    without_traceback(app.selectbox(key="map_x").set_value("permits.cap").run())
    assert "is x already" in app.error[0].value


def test_worlds_are_as_many_as_are_asked_for_and_long_maps_run_in_the_background(monkeypatch):
    app = map_page_of()
    assert "10 worlds a cell" in captions(app)
    without_traceback(app.selectbox(key="map_worlds").set_value(5).run())
    assert "5 worlds a cell" in captions(app)
    before = titles(app)
    monkeypatch.setattr(map_page, "LONGEST", 0.0)
    without_traceback(app.run())
    assert "the map will take about" in app.warning[0].value
    assert not titles(app)
    without_traceback(app.button(key="run_map").click().run())
    jobs = app.session_state["jobs"]
    next(iter(jobs.values())).cancel()
    assert [job.wait(60) for job in jobs.values()] == ["cancelled", "done"]
    without_traceback(app.run())
    assert app.warning[0].value.startswith("uniform-price: the map will take about")
    assert titles(app) == before[1:] or len(titles(app)) == 1


def test_a_cell_gives_its_numbers_and_its_scenario():
    request = asked(["uniform-price", "lottery"])
    found = run_map(request, lambda share: None)
    table = map_page.cell_table(found, 1, 0)
    row = found.data.query("label == 'lottery' and detection == 0.75 and penalty == 0.2").iloc[0]
    assert table.loc["lottery", "Compliance rate"] == f"{100 * row['mean']:.1f}%"
    cell = map_running.cell_scenario(found, 0.2, 0.75)
    assert cell.enforcement.penalty == 0.2
    assert cell.enforcement.policy.kind == "random"
    assert pd.Series(found.reachable.ravel()).all()
    with pytest.raises(InputError, match="mechanisms"):
        mechanism_seconds(asked(["nobody"]))


def test_a_cell_changes_the_scenario_at_the_side(monkeypatch):
    left = []
    monkeypatch.setattr(map_page, "open_first", lambda: left.append(True))  # a browser test leaves for Compare
    app = map_page_of(mechanisms="vickrey")
    app.session_state["map_cell"] = True
    without_traceback(app.run())
    without_traceback(app.selectbox(key="map_cell_x").set_value(0.75).run())
    without_traceback(app.button(key="map_open").click().run())
    assert left == [True]
    assert app.slider(key="enforcement.penalty").value == 0.75
    assert app.selectbox(key="enforcement.policy.kind").value == "random"
