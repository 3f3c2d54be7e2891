"""The Runs page: bad plans get the engine's line, a sweep is started, opened, asked, resumed and deleted."""

import time

import pytest

from app import run_view, runs_page
from app.plan_form import measure, numeric_settings
from experiments import open_sweep
from experiments.sweeps.stored import all_stored, is_running, run_folder, run_stored, stored
from mechanisms import InputError
from scenarios import load_scenario
from tests.app.reading import captions, go_to, linked, open_app, without_traceback

PLAN = {
    "scenario": "thin_market",
    "set": {"labs.count": 3, "months": 1},
    "seeds": 2,
    "axes": {"permits.cap": "2:5:4", "enforcement.penalty": [0.2, 0.8]},
    "mechanisms": ["vickrey", "pay-as-bid"],
    "chunk": 1,
}


class Elsewhere:
    """Stands in for a job: notes what it was asked for, and runs until it is told otherwise."""

    running, progress, seconds, error, warnings, state = True, 0.25, 3.0, "", (), "running"

    def __init__(self, work, *arguments, outlive, **named):
        self.asked = (work, arguments, named, outlive)

    def cancel(self):
        self.running, self.state = False, "cancelled"


@pytest.fixture
def no_process(monkeypatch):
    monkeypatch.setattr(runs_page, "start", Elsewhere)


def told(app):
    return "\n".join(text.value for text in app.markdown)


def press(app, key):
    return without_traceback(app.button(key=key).click().run())


def opened(name):
    return press(open_app("Runs"), f"run_open_{name}")


def test_an_open_sweep_is_in_the_address_and_a_missing_one_gets_its_line():
    run_stored("mine", PLAN)
    app = opened("mine")
    link = linked(app)
    assert link["run"] == "mine"
    assert "run" not in linked(go_to(app, "Compare"))
    again = open_app("Runs", **link)
    assert "mine" in [header.value for header in again.header]
    assert "run" not in linked(press(again, "run_open_mine"))
    (error,) = open_app("Runs", run="another").error
    assert error.value == "run: there is no sweep named another"
    (error,) = open_app("Runs", run="../etc").error
    assert "does not match" in error.value


@pytest.mark.usefixtures("no_process")
def test_the_form_says_a_plan_and_starts_it():
    app = open_app("Runs")
    assert "15 cells (5 points), 300 worlds in all" in app.info[0].value
    app.number_input(key="run_axis.enforcement.penalty.low").set_value(0.9)
    app = without_traceback(app.run())
    assert "axes.enforcement.penalty: '0.9:0.75:5' is an empty range" in app.error[0].value
    assert app.button(key="run_start").disabled
    app.number_input(key="run_axis.enforcement.penalty.low").set_value(0.5)
    app.multiselect(key="run_axes").set_value(["enforcement.penalty", "permits.cap"])
    app = without_traceback(app.run())
    app.session_state["run_axis.permits.cap.kind"] = "List"
    app = without_traceback(app.run())
    app.text_input(key="run_axis.permits.cap.list").set_value("4, 8")
    app = press(without_traceback(app.run()), "run_start")
    job = app.session_state["jobs"]["run:sweep-1"]
    work, (name, plan), named, outlive = job.asked
    assert (work, name, outlive, named) == (run_stored, "sweep-1", True, {"resume": False, "jobs": 1})
    assert plan["axes"] == {"enforcement.penalty": "0.5:0.75:5", "permits.cap": [4, 8]}
    assert plan["mechanisms"] == ["uniform-price", "vickrey", "double-auction"]
    assert "Checking the plan" in captions(app)
    assert app.text_input(key="run_name").value == "sweep-2"
    app = press(app, "run_stop_sweep-1")
    assert job.state == "cancelled"


def test_a_stored_sweep_is_shown_asked_and_deleted():
    run_stored("mine", PLAN)
    app = opened("mine")
    assert "**mine** · Thin market" in told(app)
    assert "mine" in [header.value for header in app.header]
    assert app.selectbox(key="view_at.enforcement.penalty").value == 0.8
    assert len(app.dataframe[0].value) == 16
    app.text_area(key="view_query").set_value("SELECT max(cell) AS last FROM results")
    app = press(app, "view_ask")
    assert app.dataframe[1].value["last"].tolist() == [15]
    app.text_area(key="view_query").set_value("COPY results TO 'x.csv'")
    assert "file system operations are disabled" in press(app, "view_ask").error[0].value
    app.selectbox(key="view_y").set_value("enforcement.penalty")
    without_traceback(app.run())
    app = press(app, "run_delete_mine")
    assert all_stored() == []
    assert "mine" not in [header.value for header in app.header]


@pytest.mark.usefixtures("no_process")
def test_two_sessions_share_files_and_no_jobs():
    class Ended(Exception):
        pass

    def meanwhile(share):
        if share >= 0.5:
            raise Ended

    with pytest.raises(Ended):
        run_stored("half", PLAN, progress=meanwhile)
    mine = press(open_app("Runs"), "run_resume_half")
    (job,) = mine.session_state["jobs"].values()
    assert job.asked[1:3] == (("half", None), {"resume": True, "jobs": 1})
    assert {button.key for button in mine.button} & {"run_stop_half", "run_resume_half"} == {"run_stop_half"}
    other = open_app("Runs")
    assert "jobs" not in other.session_state or not other.session_state["jobs"]
    assert "Unfinished: 4 of 8 chunks" in captions(other)


@pytest.mark.slow
def test_a_real_process_sweeps_in_the_background():
    app = press(open_app("Runs"), "run_start")
    deadline = time.monotonic() + 60
    while not ((run := stored("sweep-1")) and run.complete) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert app.session_state["jobs"]["run:sweep-1"].wait(10) == "done"
    assert not is_running("sweep-1")
    assert len(open_sweep(run_folder("sweep-1")).table("cell")) == 15


def test_numbers_of_a_scenario_and_sizes_of_a_plan():
    found = numeric_settings(load_scenario("baseline"))
    assert {"months", "enforcement.audit_capacity", "enforcement.policy.high"} <= found.keys()
    assert not {"name", "market.mechanism", "labs.bidding"} & found.keys()
    assert (measure(PLAN).points, measure(PLAN).cells, measure(PLAN).worlds) == (8, 16, 32)
    with pytest.raises(InputError, match="cells are more than"):
        measure(PLAN | {"axes": {"permits.cap": "0:1:1000", "enforcement.penalty": "0:1:1000"}})


def test_an_answer_is_cut_where_it_is_long(monkeypatch):
    run_stored("mine", PLAN)
    monkeypatch.setattr(run_view, "MOST_ROWS", 3)
    found = open_sweep(run_folder("mine"))
    table, whole = run_view.first_rows(found, "SELECT cell FROM results")
    assert (len(table), whole) == (3, False)
    assert run_view.first_rows(found, "SELECT 1 AS one")[1]
