"""Money and permits are conserved, and the counts agree, in every scenario that Hypothesis draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import PermitMarket
from scenarios import parse_scenario, to_json, to_yaml
from tests.agents.strategies import scenarios
from tests.agents.worlds import PHASES, assert_same_worlds, ran

SEEDS = st.integers(0, 2**64 - 1)
NEAR = 1e-9
UNDEFINED_WITHOUT = {
    "deterrence_rate": "tempted",
    "price": "volume",
    "price_paid": "volume",
    "price_received": "sold",
    "resale_price": "resold",
    "allocative_efficiency": "best_value",
    "run_value": "best_value",
    "cap_overrun": "cap",
    "hhi": "held",
    "detection_rate": "violating",
    "leakage_rate": "forgone",
}


class Watched(PermitMarket):
    """A market whose accounts are read after each phase."""

    def __init__(self, *arguments):
        self.seen = []
        super().__init__(*arguments)


def _watch(name):
    def phase(self):
        getattr(PermitMarket, name)(self)
        books = self.ledger
        scale = 1 + np.abs(books.labs).sum() + np.abs(books.collateral).sum() + np.abs(books.governor)
        self.seen.append((name, float(books.total()), float(scale), books.collateral.copy(), books.labs.copy()))

    return phase


for _name in PHASES:
    setattr(Watched, _name, _watch(_name))


def close(one, other, scale=1.0):
    """Equal up to rounding."""
    np.testing.assert_allclose(one, other, rtol=NEAR, atol=NEAR * scale)


@given(scenarios(), SEEDS)
def test_transfers_sum_to_zero_in_every_phase(scenario, seed):
    market = Watched(scenario, seed)
    start = float(market.ledger.total())
    market.run()
    assert [name for name, *_ in market.seen] == list(PHASES) * scenario.months
    for name, total, scale, collateral, _ in market.seen:
        assert total == pytest.approx(start, abs=NEAR * scale), name
        assert (collateral >= -NEAR * scale).all(), name
    rule = scenario.enforcement
    posted = [collateral for name, _, _, collateral, _ in market.seen if name == PHASES[0]]
    close(posted, rule.collateral_share * rule.penalty * scenario.labs.units)
    last = [collateral for name, _, _, collateral, _ in market.seen if name == PHASES[-1]]
    assert all((collateral == 0).all() for collateral in last)


def _got(month):
    """Permits that labs hold after trade, before those that make good are handed in; units exempt count as such."""
    held = month.held if month.weight is None else month.permits + getattr(month, "exempt", 0)
    return held + getattr(month, "surrendered", 0)


@given(scenarios(months=4), SEEDS)
def test_permits_bought_are_sold_and_nobody_makes_any(scenario, seed):
    market, left = PermitMarket(scenario, seed), 0
    while market.running:
        market.step()
        month, cap = market.month, scenario.permits.cap
        house = month.bought.sum() - month.sold.sum()
        regular = getattr(month, "house", cap - month.endowment.sum())
        extra = np.inf if scenario.permits.price_ceiling else scenario.permits.containment_reserve
        assert 0 <= house <= regular + extra
        assert house == month.clearing.house_sold * scenario.permits.lot
        exempt = market.tallies()["exempt"][-1]
        got = _got(month)
        assert got.sum() == month.endowment.sum() + house + exempt
        assert regular + month.endowment.sum() == cap + left
        left = market.tallies()["carried_over"][-1]
        assert (month.held >= 0).all()
        assert (month.sold <= month.endowment).all()
        assert ((month.bought == 0) | (month.sold == 0)).all()
        needed = scenario.labs.units * np.broadcast_to(1 if month.weight is None else month.weight, got.shape)
        assert (got < needed + scenario.permits.lot)[month.bought > 0].all()


@given(scenarios(), SEEDS)
def test_nobody_pays_more_than_reported_nor_sells_for_less(scenario, seed):
    month = ran(scenario, seed).month
    first = month.endowment + getattr(month, "exempt", 0)
    got = _got(month)
    weight = np.ones(scenario.labs.count, dtype=int) if month.weight is None else month.weight
    units = max(scenario.labs.units * int(weight.max()), int(first.max()), int(got.max()))
    worth = np.zeros((units, scenario.labs.count))
    for lab, each in enumerate(weight):
        exempt = int(np.broadcast_to(getattr(month, "exempt", 0), weight.shape)[lab])
        free, others = np.split(np.maximum(month.reports[:, lab], 0.0), [exempt])
        permits = np.concatenate([free, np.repeat(others / each, each)])
        worth[: permits.size, lab] = permits
    rung = np.arange(units)[:, None]
    gained = ((rung >= first) & (rung < got)) * worth
    given_up = ((rung < first) & (rung >= got)) * worth
    slack = NEAR * (1 + worth.sum(axis=0))
    assert (month.paid <= (gained - given_up).sum(axis=0) + slack).all()
    resold = sum((month.resale or (0, 0, 0))[:2])
    assert (month.paid[(month.bought == 0) & (month.sold == 0) & (resold == 0)] == 0).all()


def _owed(rule, m, turnover):
    """The penalty for m units in words of the law."""
    if m == 0:
        return 0.0
    if rule.penalty_rule.kind == "flat":
        return rule.penalty
    if rule.penalty_rule.kind == "convex":
        return rule.penalty * m + rule.penalty_rule.curvature * m * m / 2
    if rule.penalty_rule.kind == "turnover":
        small = turnover < rule.penalty_rule.small_below
        return (min if small else max)(rule.penalty, rule.penalty_rule.share * turnover)
    return m * rule.penalty


@given(scenarios(), SEEDS)
def test_only_violators_are_penalised_and_only_by_the_rule(scenario, seed):
    market = ran(scenario, seed)
    month, rule = market.month, scenario.enforcement
    limit = np.inf if rule.liability_limit is None else rule.liability_limit
    paid = np.nan_to_num(market.measures()["price_paid"][-1])
    for lab in range(scenario.labs.count):
        m = int(month.uncovered[lab] * month.caught[lab])
        turnover = float(np.broadcast_to(market.turnover, month.caught.shape)[lab])
        assert month.penalty[lab] == pytest.approx(
            min(_owed(rule, m, turnover) + m * rule.price_multiple * paid, limit)
        )
    assert (month.penalty[month.uncovered == 0] == 0).all()
    assert (month.seized <= month.uncovered * rule.collateral_share * rule.penalty + NEAR).all()
    assert (month.seized >= 0).all()
    assert (month.fine >= -NEAR).all()
    assert (month.caught <= (month.uncovered > 0)).all()
    if rule.audit_capacity is not None:
        assert month.audited.sum() <= rule.audit_capacity


@given(scenarios(months=3), SEEDS)
def test_welfare_and_accounts_add_up(scenario, seed):
    market = PermitMarket(scenario, seed)
    accounts = [(market.ledger.labs.sum(), float(market.ledger.governor))]
    while market.running:
        market.step()
        accounts.append((market.ledger.labs.sum(), float(market.ledger.governor)))
    m = market.measures()
    labs, governor = np.diff(np.array(accounts), axis=0).T
    scale = 1 + np.abs(accounts).max()
    close(m["lab_surplus"], labs, scale)
    close(m["governor_revenue"] - m["audit_cost"], governor, scale)
    lost = m["audit_cost"] + m["harm"] + m["false_alarm_cost"]
    close(m["welfare"], m["lab_surplus"] + m["governor_revenue"] - lost, scale)
    close(m["governor_revenue"], m["auction_revenue"] + m["fines"] + m["collateral_seized"], scale)
    close(m["penalties"], m["fines"] + m["collateral_seized"])
    close(m["wealth"] * scenario.labs.count, [labs for labs, _ in accounts[1:]], scale)
    close(m["audit_cost"], m["audits"] * scenario.welfare.audit_cost)
    if scenario.welfare.risky_harm == 1 or not scenario.labs.risky_share:
        left = m["uncovered_units"] - m["stopped_units"] + m["relocated_units"] * scenario.welfare.harm_abroad
        close(m["harm"], left * scenario.welfare.harm)
    assert (m["stopped_units"] <= m["uncovered_units"]).all()
    close(m["false_alarm_cost"], m["false_alarms"] * scenario.welfare.false_alarm_cost)


@given(scenarios(), SEEDS)
def test_shares_and_counts_agree(scenario, seed):
    m = ran(scenario, seed).measures()
    labs = scenario.labs.count
    four = [m[f"share_{name}"] for name in ("no_demand", "covered", "deterred", "violating")]
    close(sum(four), 1.0)
    close(m["compliance_rate"], sum(four[:3]))
    close(m["tempted"], four[2] + four[3])
    close(m["true_compute"] - m["reported_compute"], m["uncovered_units"] * scenario.labs.flop_per_unit)
    close(m["reported_compute"], (m["units_run"] - m["uncovered_units"]) * scenario.labs.flop_per_unit)
    assert (m["units_run"] - m["stopped_units"] + m["relocated_units"] <= m["wanted"]).all()
    assert (m["risky_units"] <= m["units_run"]).all()
    assert (m["unused_permits"] >= 0).all()
    assert (m["caught"] <= m["share_violating"] * labs + NEAR).all()
    assert (m["signals_violators"] <= m["share_violating"] * labs + NEAR).all()
    assert (m["signals_clean"] <= m["compliance_rate"] * labs + NEAR).all()
    assert (m["false_alarms"] <= m["audits"]).all()


@given(scenarios(), SEEDS)
def test_measures_are_finite_or_undefined_by_rule(scenario, seed):
    market = ran(scenario, seed)
    tallies = {**market.tallies(), "volume": market.tallies()["bought"]}
    tallies["tempted"] = tallies["short"]
    tallies["forgone"] = tallies["wanted"] - tallies["used"] - tallies["uncovered"] + tallies["stopped"]
    for name, values in market.measures().items():
        undefined = np.zeros(scenario.months, dtype=bool)
        if name in UNDEFINED_WITHOUT:
            undefined = tallies[UNDEFINED_WITHOUT[name]] == 0
        if name == "price" and scenario.market.mechanism == "vickrey":
            undefined[:] = True
        assert (np.isnan(values) == undefined).all(), name
        assert not np.isinf(values).any(), name
    for name in ("compliance_rate", "hhi", "allocative_efficiency", "detection_rate", "deterrence_rate"):
        values = market.measures()[name]
        assert ((values >= -NEAR) & (values <= 1 + NEAR) | np.isnan(values)).all(), name


@given(scenarios(), st.lists(SEEDS, min_size=1, max_size=3))
def test_every_scenario_is_the_same_alone_and_in_a_batch(scenario, seeds):
    assert_same_worlds(ran(scenario, seeds), [scenario], seeds)


@given(scenarios())
def test_every_scenario_can_be_written_and_read(scenario):
    assert parse_scenario(to_yaml(scenario)) == scenario
    assert parse_scenario(to_json(scenario)) == scenario
