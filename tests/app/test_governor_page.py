"""The Governor's page and the policy brief: background jobs whose answers are those of the experiments."""

import pandas as pd

from app import brief, governor_page
from experiments import policy_frontier
from experiments.report.tables import frontier_rows
from scenarios import load_scenario, override
from tests.app.reading import go_to, open_app, page_text, without_traceback

SMALL = {"points": 3, "rounds": 0, "worlds": 3}


def searched(app, *kinds):
    """The page once a small search over these kinds is over."""
    app.multiselect(key="governor_kinds").set_value(list(kinds))
    for name, value in SMALL.items():
        app.number_input(key=f"governor_{name}").set_value(value)
    without_traceback(app.run())
    without_traceback(app.button(key="governor_start").click().run())
    assert app.button(key="governor_start").disabled
    assert app.session_state["jobs"][governor_page.JOB].wait(60) == "done"
    return without_traceback(app.run())


def test_a_search_tells_the_best_policies_and_those_that_none_beats():
    app = searched(open_app("Governor", mechanisms="vickrey,huang"), "none", "random")
    own = override(load_scenario("thin_market"), {"months": 3, "market": {"mechanism": "vickrey"}})
    found = policy_frontier(own, ["none", "random"], points=3, rounds=0, seeds=3)
    assert all(words in page_text(app) for words in governor_page.winners(found))
    assert len(app.get("vega_lite_chart")) == 2
    shown = pd.DataFrame(app.dataframe[0].value)
    assert shown.equals(frontier_rows(found))
    assert not app.info

    without_traceback(app.slider(key="permits.cap").set_value(5).run())
    assert "before settings were changed" in app.info[0].value
    go_to(go_to(app, "Compare"), "Governor")
    assert app.number_input(key="governor_points").value == 3
    assert len(app.get("vega_lite_chart")) == 2


def test_a_search_is_cancelled_and_what_cannot_be_is_said():
    app = open_app("Governor")
    app.multiselect(key="governor_kinds").set_value([])
    without_traceback(app.run())
    without_traceback(app.button(key="governor_start").click().run())
    assert [error.value for error in app.error] == ["policies: choose at least one"]
    without_traceback(app.multiselect(key="governor_kinds").set_value(["random"]).run())
    without_traceback(app.button(key="governor_start").click().run())
    without_traceback(app.button(key="cancel_frontier").click().run())
    assert app.session_state["jobs"]["frontier"].wait(5) == "cancelled"
    without_traceback(app.run())
    assert "cancelled" in app.info[0].value


def test_a_brief_is_offered_once_it_is_written_and_only_for_what_it_is_about(monkeypatch):
    class Written:
        running, state, error, result = False, "done", "", "<html>"

        def __init__(self, *asked, **more):
            self.asked, self.more = asked, more

    monkeypatch.setattr(brief, "start", Written)
    app = open_app(mechanisms="vickrey")
    without_traceback(app.button(key="brief_start").click().run())
    job = app.session_state["jobs"]["brief"]
    assert job.asked[1].months == 3
    assert (job.asked[2], job.more) == (("vickrey",), {"bidding": ("full-value",), "seeds": 10})
    assert "Download the policy brief (HTML)" in [button.label for button in app.get("download_button")]
    without_traceback(app.slider(key="permits.cap").set_value(5).run())
    assert app.button(key="brief_start")
