"""Properties find what is broken, pass what is sound, and every fact that is not claimed has its stored witness."""

import numpy as np
import pytest

from mechanisms import CentralExchange, Draws, InputError, OrderBook, get_plugin, mechanism_names
from mechanisms.properties import (
    DOMAINS,
    PROPERTIES,
    Claim,
    Witness,
    check_claims,
    claims_of,
    random_books,
    regret,
    truthful,
    unclaimed_of,
)
from mechanisms.properties.checks import TOLERANCE, deficit, gains_lost, imbalance
from mechanisms.properties.luck import Renamed, renamed
from mechanisms.properties.reports import misreports, padded, reported, roomier
from mechanisms.properties.stored import OF_LABS, Stored, stored_witnesses
from mechanisms.properties.worth import surpluses
from mechanisms.registry import Facts
from tests.mechanisms import broken
from tests.mechanisms.broken import planted

OURS = [
    name
    for name in mechanism_names()
    if ":" not in name and get_plugin("mechanism", name).function.__module__.startswith("mechanisms.")
]
STORED = [pytest.param(w, id=f"{w.mechanism}-{w.breaks}-{w.domain}") for w in stored_witnesses()]
WIDER = {"unit": ["single-order", "multi-unit"], "single-order": [], "multi-unit": []}
"""Domains that contain one: what breaks a property there breaks it in these."""
PLANTED = [
    ("individually_rational", broken.overcharging),
    ("never_in_deficit", broken.subsidising),
    ("budget_balanced", broken.overcharging),
    ("efficient", broken.wasteful),
    ("truthful", broken.overcharging),
    ("anonymous", broken.by_number),
    ("anonymous", broken.with_a_favourite),
    ("monotone", broken.modest),
]


def again(exchange: CentralExchange, witness: Witness) -> float:
    """What the witness shows, cleared anew."""
    truth = exchange.clear(witness.book, witness.seed)
    of_market = {"never_in_deficit": deficit, "budget_balanced": imbalance, "efficient": gains_lost}
    if witness.property in of_market:
        return float(of_market[witness.property](truth))
    if witness.misreport is None:
        return float(-surpluses(truth, witness.book)[witness.lab])
    lie, score = exchange.clear(witness.misreport, witness.seed), OF_LABS[witness.property]
    return float((score(lie, witness.book) - score(truth, witness.book))[witness.lab])


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize(("name", "rule"), PLANTED)
def test_a_planted_violation_is_found(name: str, rule: broken.Rule, domain: str) -> None:
    with planted(rule) as exchange:
        witness = PROPERTIES[name](exchange, random_books(domain, 100), 3)
        assert witness is not None
        assert (witness.property, witness.mechanism) == (name, exchange.name)
        if name != "anonymous":
            assert again(exchange, witness) == pytest.approx(witness.gain)
        assert witness.gain > TOLERANCE


@pytest.mark.parametrize("domain", ["single-order", "multi-unit"])
def test_padding_is_found(domain: str) -> None:
    with planted(broken.by_ticket) as exchange:
        witness = PROPERTIES["padding_proof"](exchange, random_books(domain, 100), 0)
        assert witness is not None
        assert again(exchange, witness) == pytest.approx(witness.gain)
        assert witness.misreport.amounts.sum() > witness.book.amounts.sum()


def test_reports_are_ladders_also_where_an_ask_is_absent() -> None:
    """Lab 0 offers nothing and pads: its bids must stand on the first rungs."""
    book = roomier(OrderBook.of([[3.0, 5.0]], [0.0, 1.0], buying=[False, True], supply=2))
    for lies in (padded, misreports):
        ladders = reported(book, np.array([0]), lies(book, np.array([0]))).price.reshape(-1, book.ladder, book.labs)
        assert (ladders[:, 1:] <= ladders[:, :-1]).all()


def test_books_cleared_one_by_one_are_searched_too() -> None:
    with planted(broken.modest, batched=False) as exchange:
        for name in ("monotone", "anonymous"):
            assert PROPERTIES[name](exchange, random_books("unit", 40), 0) is not None
    with planted(broken.fair_draw, batched=False) as exchange:
        assert PROPERTIES["anonymous"](exchange, random_books("unit", 40), 0) is None


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("name", [name for name in PROPERTIES if name not in ("efficient", "budget_balanced")])
def test_a_sound_draw_breaks_nothing(name: str, domain: str) -> None:
    with planted(broken.fair_draw) as exchange:
        assert PROPERTIES[name](exchange, random_books(domain, 100), 0) is None


def test_the_worst_lab_and_its_report() -> None:
    """By hand: shading to just above the loser's 2 brings lab 1 most."""
    witness = truthful(CentralExchange("pay-as-bid"), OrderBook.of([5.0, 9.0, 2.0], supply=2))
    assert (witness.lab, witness.seed) == (1, 0)
    assert witness.gain == pytest.approx(7, abs=1e-4)
    assert witness.misreport.price == pytest.approx([5, 2, 2], abs=1e-4)
    assert str(witness).startswith("truthful fails under pay-as-bid by 6.9999")


def test_a_gain_is_counted_by_true_values() -> None:
    """Permits beyond the true orders are worth nothing, those in hand are given up at their value."""
    truth = OrderBook.ladders(np.array([[9.0, 4.0], [5.0, 0.0]]), np.array([1, 0]), supply=3, reserve=1.0)
    more = OrderBook.ladders(np.array([[9.0, 4.0], [5.0, 2.0]]), np.array([1, 0]), supply=3, reserve=1.0)
    exchange = CentralExchange("lottery")
    assert surpluses(exchange.clear(truth), truth).tolist() == [4.0, 3.0]
    assert surpluses(exchange.clear(more), truth).tolist() == [4.0, 2.0]


def test_values_count_however_orders_are_laid_out() -> None:
    ladder = random_books("multi-unit", 50)
    loose = OrderBook(**ladder._fields() | {"ladder": 0})
    clearing = CentralExchange("pay-as-bid").clear(ladder)
    np.testing.assert_allclose(surpluses(clearing, loose), surpluses(clearing, ladder))


def test_renamed_luck() -> None:
    draws, names = Draws([4, 5]), np.array([2, 0, 1])
    turned = Renamed(draws, names)
    np.testing.assert_array_equal(turned.priority("ties", 3), draws.priority("ties", 3)[:, names])
    np.testing.assert_array_equal(turned.world(1).uniform("a", 2, 3), draws.world(1).uniform("a", 2, 3)[:, names])
    np.testing.assert_array_equal(turned.at(3).uniform("a", 5)[:, 3:], draws.at(3).uniform("a", 5)[:, 3:])
    np.testing.assert_array_equal(turned.uniform("a", 1), draws.uniform("a", 1))


def test_renamed_orders() -> None:
    book, names = OrderBook.of([9.0, 8.0, 7.0], user=[0, 0, 1]), np.array([1, 0])
    assert renamed(book, names).user.tolist() == [1, 1, 0]


@pytest.mark.parametrize("domain", DOMAINS)
def test_random_books(domain: str) -> None:
    book = random_books(domain, 400, seed=1)
    again, other = random_books(domain, 400, seed=1), random_books(domain, 400, seed=2)
    np.testing.assert_array_equal(book.price, again.price)
    assert not np.array_equal(book.price, other.price)
    assert book.asks.any()
    assert (book.supply == 0).any()
    assert (book.reserve > 0).any()
    whole = book.price[::2][book.present[::2]]
    np.testing.assert_array_equal(whole, np.floor(whole))
    assert (book.quantity is not None) == (domain == "single-order")


def test_unknown_domain() -> None:
    with pytest.raises(InputError, match=r"^domain: 'units' is not known; did you mean 'unit'\?$"):
        random_books("units", 1)


# Claims; that each holds is for the contract of the mechanism


def test_claims_follow_from_facts() -> None:
    everywhere = {Claim(name, domain) for name in ("individually_rational", "anonymous") for domain in DOMAINS}
    assert set(claims_of(Facts(budget="none"))) == everywhere
    assert Claim("budget_balanced", "unit") in claims_of(Facts(budget="strong"))
    assert Claim("monotone", "multi-unit") not in claims_of(Facts(monotone="single-order"))


def test_a_false_claim_is_reported() -> None:
    facts = Facts(truthful="unit", budget="strong")
    failed = [x.claim for x in check_claims(CentralExchange("pay-as-bid"), 50, facts=facts) if x.witness]
    assert Claim("truthful", "unit") in failed
    assert {claim.property for claim in failed} == {"truthful", "budget_balanced"}


@pytest.mark.parametrize("name", OURS)
def test_everything_not_claimed_has_a_witness(name: str) -> None:
    facts, found = get_plugin("mechanism", name).facts, set()
    for witness in stored_witnesses():
        if witness.mechanism.partition(":")[0] == name:
            found |= {Claim(witness.breaks, domain) for domain in (witness.domain, *WIDER[witness.domain])}
    assert unclaimed_of(facts), "nobody claims everything"
    assert not set(unclaimed_of(facts)) - found
    assert not found & set(claims_of(facts))


@pytest.mark.parametrize("witness", STORED)
def test_stored_witness_breaks_what_it_says_by_as_much(witness: Stored) -> None:
    assert witness.gain > TOLERANCE
    assert witness.measured() == pytest.approx(witness.gain, abs=1e-12)


@pytest.mark.parametrize("witness", STORED)
def test_stored_witness_is_of_its_domain(witness: Stored) -> None:
    orders = [sum(row["user"] == name for row in witness.orders) for name in witness.names]
    quantities = {row["quantity"] for row in witness.orders}
    assert (max(orders) == 1) == (witness.domain != "multi-unit")
    assert (quantities == {1}) == (witness.domain != "single-order")
    assert (witness.lab is None) == (witness.misreport is None) == (witness.breaks not in OF_LABS)
    if witness.breaks == "padding_proof":
        own = [{**row, "user": witness.lab} for row in witness.misreport]
        assert all(row in own for row in witness.orders if row["user"] == witness.lab)


# Regret


def test_regret_by_hand() -> None:
    """Lab 0 hides its second bid and pays 1, not 7: 5 more than the 3 that truth brings; the others gain nothing."""
    book = OrderBook.ladders(np.array([[9.0, 7.0, 1.0], [8.0, 0.0, 0.0]]), np.zeros(3, dtype=int), 2, 0.0)
    found = regret(CentralExchange("uniform-price:k=0"), book)
    assert (found.surplus, found.largest_gain, found.mean_gain) == pytest.approx((1, 5, 5 / 3))
    assert (found.largest, found.mean, found.cases) == pytest.approx((5, 5 / 3, 3))
    assert found.witness.lab == 0


@pytest.mark.parametrize("name", ["vickrey", "muda", "muda:rationing=vickrey", "posted-price:price=4", "lottery"])
def test_no_regret_where_truth_is_best(name: str) -> None:
    labs, rng = 10, np.random.default_rng(3)
    values = -np.sort(-rng.uniform(0, 10, (20, 3, labs)), axis=-2)
    for book in (
        OrderBook.ladders(values, np.tile(np.arange(labs) % 3 == 0, (20, 1)).astype(int), 8, 0.0),
        OrderBook.of(values[:, 0], supply=4),
    ):
        found = regret(CentralExchange(name), book, seed=5)
        assert (found.mean, found.largest, found.witness) == (0.0, 0.0, None)
        assert found.surplus > 0
        assert found.cases == 20 * 8


def test_regret_falls_as_the_market_grows() -> None:
    exchange, rng, means = CentralExchange("uniform-price"), np.random.default_rng(4), []
    for labs in (6, 60):
        book = OrderBook.of(rng.uniform(0, 10, (100, labs)), supply=labs // 2)
        means.append(regret(exchange, book).mean)
    assert means[0] > 5 * means[1] > 0


def test_regret_where_truth_brings_nothing() -> None:
    found = regret(CentralExchange("pay-as-bid"), OrderBook.of([9.0, 5.0], supply=1))
    assert np.isnan(found.mean)
    assert found.largest_gain == pytest.approx(4, abs=1e-4)


def test_regret_of_many_markets_is_that_of_each() -> None:
    exchange, book = CentralExchange("double-auction"), random_books("multi-unit", 12)
    together = regret(exchange, book, seed=7)
    alone = [regret(exchange, book.one(i), seed=7 + i) for i in range(12)]
    assert together.mean_gain == pytest.approx(np.mean([one.mean_gain for one in alone]))
    assert together.largest_gain == max(one.largest_gain for one in alone)


def test_orders_must_be_laid_out() -> None:
    with pytest.raises(InputError, match=r"^book: misreports are searched where each lab has one order"):
        regret(CentralExchange(), OrderBook.of([9.0, 8.0, 7.0], user=[0, 0, 1], supply=2))
