"""A bidding rule or an audit policy of one's own, in a few lines."""

from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from pydantic import Field

from agents import PermitMarket
from agents.economics import AuditRates
from agents.policies import Observed
from mechanisms import InputError, bidding, mechanism, policy
from scenarios import override
from tests.agents.worlds import assert_same_worlds, means, one_month, ran, small


@pytest.fixture(autouse=True)
def _rules():
    @bidding("test-shade")
    def shade(net_value, endowment, expected_penalty, draws, by: Annotated[float, Field(ge=0, le=1)] = 0.5):
        """Bid a share of the value, and of no more than a violation costs."""
        return by * np.minimum(net_value, expected_penalty[:, :1])

    @bidding("test-noisy")
    def noisy(net_value, endowment, expected_penalty, draws):
        """Bid the value times a lab's own luck."""
        return net_value * draws.uniform("test-noisy", net_value.shape[0])[:, None]

    @bidding("test-counting", batched=True, remembers=True)
    def counting(net_value, endowment, expected_penalty, draws, memory):
        """Bid less by products of counts that leave the range of a byte."""
        held = memory.get("held", endowment)
        return net_value / (1 + held * held + 200 - endowment)[..., None]

    @mechanism("test-bytes")
    def in_bytes(book, draws, kind: str = "float64"):
        """The first asks sell to the first bids at one price, in any kind of numbers."""
        trades = min(book.asks.sum(), (book.buying & book.present).sum())
        fills = np.zeros(book.orders, dtype=kind)
        for side in (book.asks, book.buying & book.present):
            fills[np.flatnonzero(side)[:trades]] = 1
        return fills, None, np.asarray(0.1)

    @bidding("test-broken")
    def broken(net_value, endowment, expected_penalty, draws, how: str = "shape"):
        """Break the rules in one of several ways."""
        return {"shape": net_value[:1], "nan": net_value * np.nan, "inf": net_value + np.inf}[how]

    @policy("test-every")
    def every(announced, observed, months: int = 2):
        """Audit everyone each so many months."""
        rate = float(observed.month % len(range(months)) == 0)
        return rate, rate

    @policy("test-suspects")
    def suspects(announced, observed):
        """Audit those who were caught last month."""
        again = np.asarray(1.0 if observed.caught is None else observed.caught)
        return again, again, observed.month == 1

    @policy("test-bad")
    def bad(announced, observed, rate: float = 1.3, labs: int = 1):
        """Answer with what is no probability, or for too many labs."""
        return np.full(labs, rate), 0.0


def test_a_bidding_rule_of_ones_own_moves_the_price():
    market = ran(small({"labs.bidding": "test-shade:by=0.25"}), range(3))
    expected = market.expected_penalties()[..., :1]
    net = np.moveaxis(market.month.net_value, -2, -1)
    np.testing.assert_allclose(np.moveaxis(market.month.reports, -2, -1), 0.25 * np.minimum(net, expected))
    half = ran(small({"labs.bidding": "test-shade"}), range(3))
    np.testing.assert_allclose(half.measures()["price"], 2 * market.measures()["price"])


@pytest.mark.parametrize("name", ["test-shade", "test-noisy"])
def test_rules_that_see_one_world_are_looped_over_many(name):
    cells = [small({"labs.bidding": name, "permits.cap": cap}) for cap in (4, 12)]
    assert_same_worlds(ran(cells, range(4)), cells, range(4))


def test_bids_that_rise_along_a_labs_units_are_brought_down():
    @bidding("test-rising")
    def rising(net_value, endowment, expected_penalty, draws):
        return np.arange(1.0, 3.0) * np.ones_like(net_value)

    assert (one_month({"labs.bidding": "test-rising"}).month.reports == 1.0).all()


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("shape", r"shape \(1, 2\), not \(8, 2\)"),
        *((how, "a value that is not a finite number") for how in ("nan", "inf")),
    ],
)
def test_reports_that_are_no_prices_are_refused_in_one_line(how, says):
    with pytest.raises(InputError, match=rf"^labs\.bidding: test-broken:how={how} gave {says}$"):
        one_month({"labs.bidding": f"test-broken:how={how}"})


def test_a_policy_of_ones_own_is_announced_before_the_month():
    market = ran(small({"enforcement.policy": {"kind": "test-every", "months": 3}, "months": 6}), range(5))
    assert (market.measures()["audits"] == [8, 0, 0, 8, 0, 0]).all()
    violating = market.measures()["share_violating"].mean(axis=0)
    assert (violating[[0, 3]] < violating[[1, 2, 4, 5]].min()).all()


def test_a_policy_may_look_at_last_month_lab_by_lab():
    settings = {"enforcement.policy.kind": "test-suspects", "labs.risk_profile.value": 0.0, "permits.cap": 3}
    base = small({**settings, "months": 3, "enforcement.audit_accuracy": 0.6})
    market = ran(base, range(5))
    audits, caught = market.measures()["audits"], market.measures()["caught"]
    assert (audits[:, 0] == 8).all()
    np.testing.assert_array_equal(audits[:, 1:], caught[:, :-1])
    assert (market.measures()["infeasible_target"] == [0, 1, 0]).all()
    assert_same_worlds(market, [base], range(5))


def test_worlds_marked_out_of_reach_are_counted_world_by_world():
    @policy("test-reach", after_clearing=True)
    def reach(announced, observed):
        return 1.0, 1.0, False if observed.price is None else observed.price[..., 0] > 0.5

    market = ran(small({"enforcement.policy.kind": "test-reach", "months": 1}), range(30))
    infeasible = market.measures()["infeasible_target"]
    np.testing.assert_array_equal(infeasible, market.measures()["price"] > 0.5)
    assert 0 < infeasible.mean() < 1


def test_after_the_clearing_a_policy_sees_price_and_losing_reports():
    seen = []

    @policy("test-look", after_clearing=True)
    def look(announced, observed):
        seen.append((announced, observed))
        return 0.5, 0.5

    settings = {"enforcement.policy.kind": "test-look", "enforcement.liability_limit": 0.3}
    market = one_month({**settings, "labs.bidding": "outside-option"}, range(3))
    before, after = seen[-2][1], seen[-1][1]
    assert (before.price, before.highest_losing, before.caught) == (None, None, None)
    np.testing.assert_array_equal(after.price[:, 0], market.measures()["price"][:, 0])
    without = np.arange(2)[:, None] >= market.month.held[:, None, :]
    losing = [reports[worlds].max() for reports, worlds in zip(market.month.reports, without, strict=True)]
    assert after.highest_losing[:, 0].tolist() == losing
    assert float(seen[0][0].penalty) == 0.3
    assert isinstance(after, Observed)


def test_a_permit_that_was_given_up_had_won():
    seen = []

    @policy("test-last", after_clearing=True)
    def last(announced, observed):
        seen.append(observed)
        return 0.5, 0.5

    owing = {"enforcement.make_good": 1, "enforcement.penalty": 0.05, "months": 4}
    month = ran(small({**owing, "enforcement.policy.kind": "test-last"}), range(20)).month
    assert month.surrendered.sum() > 0
    won = month.endowment + month.bought - month.sold
    losing = np.where(np.arange(2)[:, None] >= won[:, None, :], month.reports, 0.0).max(axis=(-2, -1), initial=0.0)
    np.testing.assert_array_equal(seen[-1].highest_losing[:, 0], losing)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rate": 1.3}, r"gave 1\.3, which is not in \[0, 1\]"),
        ({"rate": -0.1}, r"gave -0\.1, which is not in \[0, 1\]"),
        ({"rate": 1.0, "labs": 3}, r"gave shape \(3,\), not \(8,\)"),
    ],
)
def test_answers_that_are_no_probabilities_are_refused_in_one_line(options, says):
    with pytest.raises(InputError, match=rf"^enforcement\.policy: test-bad {says}$"):
        one_month({"enforcement.policy": {"kind": "test-bad", **options}})


def test_probabilities_may_differ_by_lab():
    @policy("test-by-lab")
    def by_lab(announced, observed):
        return np.linspace(0, 1, 8), np.linspace(0, 1, 8)

    base = small({"enforcement.policy.kind": "test-by-lab", "labs.risk_profile.value": 0.0, "permits.cap": 0})
    audited = ran(base, range(1000)).month.audited.mean(axis=0)
    np.testing.assert_allclose(audited, np.linspace(0, 1, 8), atol=4 * 0.5 / np.sqrt(1000))
    assert_same_worlds(ran(base, range(4)), [base], range(4))
    honest = override(base, {"labs.risk_profile.value": 1.0})
    uncovered = ran(honest, range(100)).month.uncovered.mean(axis=0)
    assert uncovered[0] > uncovered[-1]
    assert means(honest, range(20))["compliance_rate"] > means(base, range(20))["compliance_rate"]


def test_a_policy_that_remembers_gets_a_memory_of_its_markets_own_empty_at_first():
    @policy("test-diary", remembers=True)
    def diary(announced, observed, memory, step: float = 0.25):
        memory["months"] = memory.get("months", 0) + 1
        rate = min(1.0, step * memory["months"])
        return rate, rate

    scenario = small({"enforcement.policy.kind": "test-diary", "months": 5})
    for market in (ran(scenario, range(40)), ran(scenario, range(40))):
        audits = market.measures()["audits"].mean(axis=0) / 8
        np.testing.assert_allclose(audits, [0.25, 0.5, 0.75, 1.0, 1.0], atol=0.1)


def test_a_policy_may_name_later_costs_and_a_fixed_number_of_audits():
    @policy("test-stern")
    def stern(announced, observed, later: float = 0.0, places: float = np.inf):
        return AuditRates(np.asarray(0.0), np.asarray(0.0), aftermath=np.asarray(later), places=np.asarray(places))

    def market(**options):
        return ran(small({"enforcement.policy": {"kind": "test-stern", **options}}), range(10))

    free, costly, dear = market(), market(later=0.4), market(later=100.0)
    violating = [m.tallies()["violating"].sum() for m in (free, costly, dear)]
    assert violating[0] > violating[1] > violating[2] == 0
    assert (market(places=3).measures()["audits"] == 3).all()
    assert (free.measures()["audits"] == 0).all()


def test_later_costs_of_another_shape_are_refused():
    @policy("test-askew")
    def askew(announced, observed):
        return AuditRates(np.asarray(0.5), np.asarray(0.5), aftermath=np.zeros(3))

    with pytest.raises(InputError, match=r"^enforcement\.policy: test-askew gave shape \(3,\), not \(8,\)$"):
        one_month({"enforcement.policy.kind": "test-askew"})


def test_a_rule_of_ones_own_reckons_with_counts_as_with_any_number():
    """Ours know that counts are bytes; theirs need not."""
    scenario = small({"labs.bidding": "test-counting", "labs.units": 30, "labs.count": 4, "permits.cap": 100})
    market = PermitMarket(override(scenario, {"permits.grandfathered": 1.0, "labs.value_decline": 0.01}), [1, 2])
    market.step()
    held = market.month.held.astype(np.int64)
    assert (held * held).max() > 127
    market.step()
    net, endowed = np.moveaxis(market.month.net_value, -2, -1), market.month.endowment.astype(np.int64)
    expected = net / (1 + held * held + 200 - endowed)[..., None]
    np.testing.assert_allclose(np.moveaxis(market.month.reports, -2, -1), np.minimum.accumulate(expected, axis=-1))


@pytest.mark.parametrize("kind", ["bool", "int8", "uint8", "int64", "float32"])
def test_a_mechanism_of_ones_own_fills_in_any_kind_of_numbers(kind):
    changes = {"labs.units": 140, "permits.cap": 900, "permits.grandfathered": 1.0, "labs.value_decline": 0.001}
    results = [
        ran(small({**changes, "market.mechanism": "test-bytes", "market.options": {"kind": k}}), [1]).results()
        for k in (kind, "float64")
    ]
    assert results[0]["volume"].sum() > 0
    pd.testing.assert_frame_equal(*results)
