"""What all pages share: one navigation, one scenario at the side and in the link, charts with tables and downloads."""

import pandas as pd
import pytest

from app import chart_files
from app.frame import PAGES
from tests.app.reading import captions, cells, go_to, linked, open_app, page_text, without_traceback

TITLES = [title for title, _ in PAGES]


def drawn(app):
    """Every chart on the page, as bytes."""
    return [chart.proto.SerializeToString() for chart in app.get("vega_lite_chart")]


@pytest.mark.parametrize("title", TITLES)
def test_a_link_to_any_page_opens_it_with_its_scenario(title):
    link = {"mechanisms": "vickrey", "worlds": "20", "permits.cap": "9", "months": "3"}
    app = open_app(title, **link)
    assert not app.error
    assert app.slider(key="permits.cap").value == 9
    assert linked(app) == {"scenario": "thin_market"} | link


def test_what_the_side_says_holds_on_every_page():
    app = open_app()
    without_traceback(app.slider(key="enforcement.penalty").set_value(0.7).run())
    numbers, link = cells(app, "welfare"), linked(app)
    for title in TITLES[1:]:
        assert linked(go_to(app, title)) == link
    without_traceback(app.multiselect(key="mechanisms").set_value(["vickrey", "huang"]).run())
    again = cells(go_to(app, "Compare"), "welfare")
    assert list(again) == ["vickrey", "huang"]
    assert again["vickrey"].split()[0] == numbers["vickrey"].split()[0]


@pytest.mark.parametrize(
    ("page", "key", "value"), [("Auction floor", "floor_month", 3), ("Deterrence map", "map_cells", 10)]
)
def test_a_pages_own_choice_survives_a_look_at_another_page(page, key, value):
    app = open_app(page)
    kind = app.slider if key == "floor_month" else app.selectbox
    without_traceback(kind(key=key).set_value(value).run())
    before = drawn(app)
    go_to(go_to(app, TITLES[0]), page)
    assert kind(key=key).value == value
    assert drawn(app) == before


def test_floor_and_map_follow_their_own_controls():
    floor = open_app("Auction floor")
    (before,) = drawn(floor)
    without_traceback(floor.number_input(key="floor_seed").set_value(3).run())
    assert drawn(floor) != [before]
    without_traceback(floor.slider(key="floor_month").set_value(3).run())
    chart = open_app("Deterrence map")
    before = drawn(chart)
    assert len(before) == 1
    without_traceback(chart.selectbox(key="map_measure").set_value("welfare").run())
    assert drawn(chart) != before


@pytest.mark.parametrize(("asked", "run"), [("2", "10"), ("501", "500"), ("many", "100")])
def test_a_number_of_worlds_that_cannot_be_is_said_in_one_line(asked, run):
    app = open_app(worlds=asked, **{"permits.cap": "9"})
    assert [error.value for error in app.error] == [f"worlds: {asked} is not in [10, 500]; {run} are run"]
    assert linked(app)["worlds"] == run
    assert linked(app)["permits.cap"] == "9"


def test_a_link_names_no_file(tmp_path):
    (tmp_path / "mine.yaml").write_text("name: Secret", encoding="utf-8")
    app = open_app(scenario=str(tmp_path / "mine.yaml"))
    assert "is not known" in app.error[0].value
    assert "Secret" not in page_text(app) + captions(app)


def test_two_readers_do_not_see_each_other():
    one, other = open_app("Auction floor"), open_app("Auction floor")
    without_traceback(one.slider(key="permits.cap").set_value(5).run())
    without_traceback(other.run())
    assert (one.slider(key="permits.cap").value, other.slider(key="permits.cap").value) == (5, 14)
    assert "permits.cap" not in linked(other)


def test_a_chart_gives_its_numbers_and_files_when_asked():
    floor = open_app("Auction floor")
    assert not floor.dataframe
    assert not [button for button in floor.get("download_button") if "SVG" in button.label]
    floor.session_state["behind_floor"] = True
    without_traceback(floor.run())
    steps, prices, orders = (pd.DataFrame(table.value) for table in floor.dataframe)
    assert "side" in steps
    assert set(steps["side"]) == {"demand", "supply"}
    assert len(prices) >= 1
    assert set(orders["side"]) == {"bid", "ask"}


def test_a_chart_without_words_at_its_marks_has_no_table():
    import altair as alt

    assert chart_files.tables(alt.Chart(pd.DataFrame({"x": [1]})).mark_point().encode(x="x:Q")) == []
