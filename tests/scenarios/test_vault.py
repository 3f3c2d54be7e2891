"""The vault's scenarios load, come back from a file as they were, and show what they say."""

import numpy as np
import pytest

from agents import PermitMarket
from scenarios import Scenario, differences, load_scenario, override, parse_scenario, to_json, to_yaml, vault_names
from scenarios.schema import TEXTS
from scenarios.store import VAULT

NAMES = (
    "baseline",
    "high_risk",
    "no_enforcement",
    "seed_binary",
    "strict_audit",
    "targeted_audit",
    "thin_market",
)
SEEDS = range(30)


def measures(scenario, seeds=SEEDS):
    """Measures of a scenario, or of a grid, over the same worlds."""
    market = PermitMarket(load_scenario(scenario) if isinstance(scenario, str) else scenario, seeds)
    market.run()
    return market.measures()


def test_the_vault_holds_these():
    assert set(NAMES) <= set(vault_names())
    assert sorted(path.name for path in VAULT.iterdir()) == [f"{name}.yaml" for name in vault_names()]


@pytest.mark.parametrize("name", vault_names())
def test_each_says_what_it_shows_and_survives_a_file(name):
    scenario = load_scenario(name)
    assert "Shows" in scenario.description
    assert scenario.name != Scenario().name
    assert parse_scenario(to_yaml(scenario)) == scenario
    assert parse_scenario(to_json(scenario)) == scenario


PRESETS = ("california", "eu_ai_act", "iaea_detection", "rggi", "seed_paper", "us_so2")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_names_the_source_of_every_value(name):
    scenario = load_scenario(name)
    apart = differences(Scenario(), scenario)
    changed = {path for path, (_, own) in apart.items() if own is not None and path.partition(".")[0] not in TEXTS}
    assert changed <= scenario.sources.keys()
    read = [text for text in scenario.sources.values() if text.startswith("read: ")]
    assert read
    assert len(set(read)) < len(scenario.sources)


def test_presets_do_what_their_sources_report():
    rggi, california, so2 = (measures(name, range(5)) for name in ("rggi", "california", "us_so2"))
    reserve, ceiling = (getattr(load_scenario("california").permits, end) for end in ("reserve_price", "price_ceiling"))
    assert (california["price"] >= reserve).all()
    assert (california["price"] <= ceiling).all()
    released, price, trigger = (
        rggi["permits_released"],
        rggi["price"],
        load_scenario("rggi").permits.containment_trigger,
    )
    assert (price[released > 0] >= trigger).all()
    assert (released > 0).any()
    assert (so2["compliance_rate"] == 1).all()  # in 2022 every facility held enough allowances


@pytest.mark.parametrize("name", vault_names())
def test_prices_move_from_month_to_month(name):
    spread = measures(name)["price_paid"].std(axis=1)
    assert (spread.max() if name == "eu_ai_act" else spread.min()) > 0.005  # what a violation costs is often the price


def test_baseline_compliance_crosses_the_middle_inside_the_grid():
    baseline = load_scenario("baseline")
    penalties, rates = np.linspace(0.2, 0.8, 5), np.linspace(0.25, 0.75, 5)
    cells = [
        override(
            baseline,
            {"enforcement.penalty": float(p), "enforcement.policy": {"kind": "random", "probability": float(q)}},
        )
        for p in penalties
        for q in rates
    ]
    compliance = measures(cells, range(10))["compliance_rate"].mean(axis=-1).reshape(5, 5, -1).mean(axis=-1)
    assert compliance[0, 0] < 0.4
    assert compliance[-1, -1] > 0.9
    assert (np.diff(compliance, axis=0) > 0).all()
    assert (np.diff(compliance, axis=1) > 0).all()
    inside = compliance[1:-1, 1:-1]
    assert inside.min() < 0.5 < inside.max()


def test_baseline_compliance_falls_where_the_price_is_above_the_cost_of_a_violation():
    months = measures("baseline")
    price, compliance = months["price"].ravel(), months["compliance_rate"].ravel()
    expected = 0.5 * (0.8 * 0.8 + 0.2 * 0.1)
    assert np.corrcoef(price, compliance)[0, 1] < -0.6
    near, far = price < expected + 0.1, price > expected + 0.25
    assert compliance[near].mean() > compliance[far].mean() + 0.2


def test_high_risk_values_are_higher_and_wider_and_no_longer_deterred():
    baseline, racing = measures("baseline"), measures("high_risk")
    assert np.nanmean(racing["deterrence_rate"]) < 0.5 * np.nanmean(baseline["deterrence_rate"])
    assert racing["compliance_rate"].mean() < baseline["compliance_rate"].mean() - 0.1
    assert (racing["price"].mean(axis=1) > baseline["price"].mean(axis=1)).all()
    assert load_scenario("high_risk").enforcement == load_scenario("baseline").enforcement


def test_strict_audits_keep_labs_within_the_cap_at_the_price_of_audits():
    strict, targeted = measures("strict_audit"), measures("targeted_audit")
    assert (strict["cap_overrun"] == 0).all()
    assert (strict["compliance_rate"] == 1).all()
    assert (strict["audits"] > 2 * targeted["audits"]).mean() > 0.9
    assert (strict["false_alarms"] == strict["audits"]).all()


def test_no_enforcement_leaves_compliance_to_arithmetic():
    months = measures("no_enforcement")
    assert (months["deterrence_rate"] == 0).all()
    assert (months["audits"] == 0).all()
    np.testing.assert_allclose(months["compliance_rate"], months["share_no_demand"] + months["share_covered"])
    assert 0.1 < months["compliance_rate"].mean() < 0.4


def test_targeted_audits_comply_in_full_with_fewer_audits():
    targeted, strict = measures("targeted_audit"), measures("strict_audit")
    assert (targeted["compliance_rate"] == 1).all()
    assert (targeted["infeasible_target"] == 0).all()
    assert (targeted["audits"].mean(axis=1) < strict["audits"].mean(axis=1)).all()
    base = load_scenario("targeted_audit")
    fewer = measures(override(base, {"enforcement.penalty": 0.4}))
    assert (fewer["infeasible_target"] == 1).any()


def test_in_a_thin_market_mechanisms_share_the_gains_differently():
    def gap(name):
        uniform, vickrey = (
            measures(override(load_scenario(name), {"market.mechanism": trade}))["auction_revenue"].mean()
            for trade in ("uniform-price", "vickrey")
        )
        return (uniform - vickrey) / uniform

    assert gap("thin_market") > 0.05
    assert gap("thin_market") > 4 * gap("baseline")
    assert load_scenario("thin_market").labs.count == 12


def test_the_seed_model_sells_every_permit_at_the_marginal_winners_value():
    scenario = load_scenario("seed_binary")
    market = PermitMarket(scenario, SEEDS)
    while market.running:
        market.step()
        ranked = -np.sort(-market.month.net_value[:, 0], axis=-1)
        np.testing.assert_array_equal(market.month.clearing.price, ranked[:, scenario.permits.cap - 1])
    assert (market.measures()["volume"] == scenario.permits.cap).all()
    np.testing.assert_allclose(market.measures()["auction_revenue"], 10 * market.measures()["price"])
