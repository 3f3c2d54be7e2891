"""Live month, headless: play, pause and step move the world; the inspector tells one lab's story and money."""

import re

import numpy as np
import pandas as pd
import pytest

from app import live_charts, live_html, live_page, live_words
from app.chart_files import specification
from experiments.charts import live as charts
from experiments.charts import live_months
from experiments.live import LiveWorld
from scenarios import load_scenario, override
from tests.app.reading import go_to, open_app, page_text, without_traceback


def opened(**query):
    app = open_app("Live month", **query)
    assert not app.error
    return app


def place(app):
    """Month and phase that the page shows."""
    month = re.search(r'aria-label="Month (\d+) of', page_text(app))
    return int(month.group(1)), page_text(app).count('class="pl-done"') + 1


def press(app, name):
    return without_traceback(app.button(key=f"live_{name}").click().run())


def test_steps_and_play_move_the_world_and_pause_holds_it():
    app = opened(months="4")
    assert place(app) == (1, 6)
    assert place(press(app, "phase")) == (2, 1)
    assert place(press(app, "month")) == (2, 6)
    assert app.button(key="live_play").label == "Play"
    assert place(press(app, "play")) == (3, 6)
    assert app.button(key="live_play").label == "Pause"
    assert place(press(app, "play")) == (3, 6)
    assert app.button(key="live_play").label == "Play"
    assert place(press(app, "month")) == (4, 6)
    assert app.button(key="live_month").disabled
    assert place(press(app, "start")) == (1, 1)


def test_the_last_month_ends_the_play():
    app = opened(months="2")
    press(app, "play")
    assert place(app) == (2, 6)
    assert app.session_state[live_page.PLAYING] is False
    assert app.button(key="live_play").disabled


def test_a_change_at_the_side_or_of_the_seed_starts_a_new_world():
    app = press(opened(months="4"), "month")
    before = page_text(app)
    without_traceback(app.number_input(key=live_page.SEED).set_value(5).run())
    assert place(app) == (1, 6)
    assert page_text(app) != before
    press(app, "month")
    without_traceback(app.slider(key="enforcement.penalty").set_value(1.0).run())
    assert place(app) == (1, 6)
    press(app, "month")
    go_to(go_to(app, "Method"), "Live month")
    assert place(app) == (2, 6)


def test_two_sessions_have_two_worlds():
    one, other = opened(), opened()
    press(one, "month")
    assert place(without_traceback(other.run())) == (1, 6)
    assert place(one) == (2, 6)


def test_the_jump_leads_from_violator_to_violator():
    app = opened()
    for _ in range(2):
        app = press(app, "jump")
        assert any("violating" in block.value for block in app.markdown)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, r"Unit \d is worth [\d.]+ M\$ net; .* \(p_eff 0\.66 × P 0\.50\), so it (ran it|did not)\."),
        ({"labs.risk_profile": {"distribution": "constant", "value": 1.3}}, r"\(risk 1\.30 × p_eff 0\.66 × P 0\.50\)"),
        ({"labs.reputation_cost": 0.1}, r"the weight it gives to being found 0\.66 × what that costs it 0\.60"),
        ({"enforcement.liability_limit": 0.8}, "What a lab owes is limited, so units count together: it ran 3 "),
        ({"labs.choice": {"kind": "quantal", "precision": 7}}, r"\(precision 7\)"),
        ({"labs.running_cost": 9}, "No unit is worth its running cost"),
        ({"permits.grandfathered": 1.0, "permits.cap": 36}, "3 units and holds 3 permits: all of them run"),
    ],
)
def test_reasons_are_told_in_numbers(changes, said):
    world = LiveWorld(override(load_scenario("thin_market"), changes), seed=1)
    world.next_month()
    told = [" ".join(live_words.reasons(world.choice(lab))) for lab in range(world.scenario.labs.count)]
    assert any(re.search(said, words) for words in told), told


@pytest.mark.parametrize("mechanism", ["vickrey", "huang", "lottery", "posted-price:price=0.4"])
def test_every_kind_of_month_is_told(mechanism):
    name, _, price = mechanism.partition(":price=")
    market = {"mechanism": name, "options": {"price": float(price)} if price else {}}
    world = LiveWorld(override(load_scenario("thin_market"), {"market": market}), seed=1)
    for phase in range(1, 7):
        told = live_words.happened(world)
        assert len(told) == phase
        assert not any("nan" in words or "  " in words for words in told)
        for lab in range(world.scenario.labs.count):
            live_words.fate(world, lab)
            assert "nan" not in live_html.units(world.units(lab))
        world.next_phase()


def test_a_month_says_what_counts_differently():
    """Labs that move, risky models and a month without violations have words of their own."""
    strict = {"labs.relocation_cost": 0.3, "labs.risky_share": 0.5, "permits.risk_weight": 2, "permits.lot": 1}
    world = LiveWorld(override(load_scenario("thin_market"), strict | {"enforcement.penalty": 9.0}), seed=1)
    world.next_month()
    told, moved = " ".join(live_words.happened(world)), world.market.measures("relocated_units")["relocated_units"]
    assert moved[-1] > 0
    assert f"{int(moved[-1])} units ran abroad instead of at home." in told
    assert "none of them ran any without a permit" in told
    assert "of 0 were caught" not in told
    said = live_words.counted(world.scenario)
    assert "a value is what a unit brings at home more than abroad" in said
    assert "needs 2 permits" in said
    assert not live_words.counted(load_scenario("thin_market"))


def test_a_chart_filled_again_is_the_chart_made_anew():
    world = LiveWorld(load_scenario("thin_market"), seed=1)
    for _ in range(3):
        world.next_month()
        outcomes, history, labs = world.outcomes(), world.history(), world.labs()
        size = len(labs)
        pairs = [
            (live_charts.labs(labs, 2), charts.lab_grid(charts.grid_table(labs, 2), *charts.grid_shape(size))),
            (live_charts.compute(labs, 3, 1e25), charts.compute_scatter(charts.scatter_table(labs, 3, 1e25), 3, 1e25)),
            (live_charts.matrix(outcomes, 2), live_months.confusion_matrix(live_months.matrix_table(outcomes, 2))),
            (
                live_charts.measure(history, "price", 9),
                live_months.so_far(live_months.measure_table(history, "price"), "price", 9),
            ),
        ]
        for filled, anew in pairs:
            one, other = (pd.DataFrame(next(iter(spec["datasets"].values()))) for spec in (filled, specification(anew)))
            pd.testing.assert_frame_equal(one, other, check_dtype=False)
            assert without_names(filled) == without_names(specification(anew))


def without_names(spec):
    """A chart's text without its data and the names that follow from them."""
    (name,) = spec["datasets"]
    return re.sub(rf"{name}|view_\d+", "", str({key: value for key, value in spec.items() if key != "datasets"}))


def test_the_grid_has_a_place_for_every_lab():
    for size in (1, 20, 333, 3000):
        table = charts.grid_table(pd.DataFrame({"lab": np.arange(size) + 1}))
        columns, rows = charts.grid_shape(size)
        assert not table.duplicated(["column", "row"]).any()
        assert (table["column"].max(), table["row"].max()) <= (columns - 1, rows - 1)
