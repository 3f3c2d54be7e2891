"""An order in plain words: where it stands, why it won or lost, and what it pays."""

from __future__ import annotations

from math import isnan

from experiments.explanation import HOUSE, Explanation, Half, Reduction, Turn, Valuation
from experiments.floor import FILLED, IN_PART, PASSED_OVER


def number(value: float) -> str:
    """A number as sentences have it: four digits.

    >>> number(6.0), number(0.43006002)
    ('6', '0.4301')
    """
    return f"{value:.4g}"


def ordinal(place: float) -> str:
    """A place in a list.

    >>> [ordinal(n) for n in (1, 2, 3, 11, 22)]
    ['1st', '2nd', '3rd', '11th', '22nd']
    """
    whole = int(place)
    tens = whole % 100 in (11, 12, 13)
    return f"{whole}{'th' if tens else {1: 'st', 2: 'nd', 3: 'rd'}.get(whole % 10, 'th')}"


def name(found: Explanation) -> str:
    """What an order is called.

    >>> from experiments.explanation import explain
    >>> from experiments.orders import EXAMPLE, clear_orders, order_book
    >>> floor, _ = clear_orders(order_book(EXAMPLE, supply=4), ["vickrey"])
    >>> name(explain(floor, "vickrey", 1))
    "A's 2nd order, a bid of 8"
    """
    return called(found.user, found.unit, found.buying, found.price, found.quantity)


def called(user: str, unit: int, buying: bool, price: float, quantity: float) -> str:
    """The same from an order's facts."""
    many = "" if quantity == 1 else f" for {number(quantity)} permits"
    return f"{user}'s {ordinal(unit)} order, {'a bid' if buying else 'an ask'} of {number(price)}{many}"


def explained(found: Explanation) -> list[str]:
    r"""Sentences: what became of the order, where it stands, and what the rule made of that.

    >>> from experiments.explanation import explain
    >>> from experiments.orders import EXAMPLE, clear_orders, order_book
    >>> floor, _ = clear_orders(order_book(EXAMPLE, supply=4), ["vickrey"])
    >>> first, *_, last = explained(explain(floor, "vickrey", 1))
    >>> print(first, last, sep='\n')
    It is filled and pays 6.
    It pays what its permit is worth to whoever would have it otherwise, by their own bids: C (6).
    """
    return [_outcome(found), _rank(found), *_rule(found)]


def _outcome(found: Explanation) -> str:
    if found.outcome == PASSED_OVER:
        return "It is passed over: if the highest reports traded it would be filled, but here it is not."
    if found.outcome not in (FILLED, IN_PART):
        return "It is not filled, and pays nothing." if found.buying else "It is not filled: the lab keeps its permit."
    much = "filled" if found.outcome == FILLED else f"filled in part, {number(found.fill)} of {number(found.quantity)},"
    money = number(abs(found.payment))
    each = "" if found.fill == 1 else f", {number(abs(found.payment) / found.fill)} per permit"
    return f"It is {much} and {'pays' if found.payment > 0 or found.buying else 'gets'} {money}{each}."


def _rank(found: Explanation) -> str:
    offered = number(found.offered)
    inside = found.rank <= found.offered
    kept = "it is among them" if inside else "it is not among them"
    then = kept if found.buying else f"{kept}, so the permit {'stays' if inside else 'is for sale'}"
    return (
        f"It is the {ordinal(found.rank)} highest of {number(found.valuations)} valuations, bids and permits on offer "
        f"alike; {offered} permits are on offer, so the {offered} highest hold them, and {then}."
    )


def _rule(found: Explanation) -> list[str]:
    if found.reduction:
        return _reduced(found, found.reduction)
    if found.turn:
        return _drawn(found, found.turn)
    if found.half:
        return _split(found, found.half)
    if not found.efficient:
        return ["How this rule chooses beyond that is its own affair; fill and payment are what it answered."]
    return _by_reports(found) if found.fill else _lost(found)


def _by_reports(found: Explanation) -> list[str]:
    if found.mechanism == "vickrey":
        return [_externality(found)]
    others = (
        f" In its place {'would be' if found.buying else 'are'}: {_list(found.displaced)}." if found.displaced else ""
    )
    if found.mechanism == "pay-as-bid":
        return [f"It {'pays its own bid' if found.buying else 'gets its own ask'}.{others}"]
    price = abs(found.payment) / found.fill
    ends = f"the lowest winning valuation, {number(found.lowest_winning)}"
    if not isnan(found.highest_losing):
        ends += f", and the highest losing one, {number(found.highest_losing)}"
    return [f"All trade at one price, {number(price)}, set by the margin: {ends}.{others}"]


def _externality(found: Explanation) -> str:
    if not found.displaced:
        return "It displaces nobody: no one else wants the permit, so it pays nothing."
    if found.buying:
        return (
            "It pays what its permit is worth to whoever would have it otherwise, by their own bids: "
            f"{_list(found.displaced)}."
        )
    return f"It gets what the permit is worth to whoever holds it now, by their own bids: {_list(found.displaced)}."


def _list(values: tuple[Valuation, ...]) -> str:
    told = []
    for value in values:
        what = f"{value.user} ({number(value.price)}"
        what += ", the reserve price" if value.user == HOUSE else ""
        told.append(what + ("" if value.amount == 1 else f" for {number(value.amount)} permits") + ")")
    return ", ".join(told)


def _lost(found: Explanation) -> list[str]:
    if not found.buying:
        return [f"It would sell only if others valued the permit above {number(found.price)}."]
    if isnan(found.lowest_winning):
        return ["Nothing is on offer."]
    if found.price == found.lowest_winning:
        return [f"The last permit goes to an equal bid of {number(found.price)}: ties are drawn by lot, lab by lab."]
    return [f"The last permit goes to a valuation of {number(found.lowest_winning)}, above its {number(found.price)}."]


def _reduced(found: Explanation, at: Reduction) -> list[str]:
    if isnan(at.last_bid) or isnan(at.last_ask):
        return ["No bid meets an ask, so nothing is traded."]
    prices = f"buyers pay {number(at.last_bid)} and sellers get {number(at.last_ask)}"
    last = f"the bid of {number(at.last_bid)} and the ask of {number(at.last_ask)}"
    if found.mechanism == "huang":
        said = [f"The last bid and the last ask that would trade, {last}, set the two prices and stay out: {prices}."]
        said += ["This order is one of those two."] if at.marginal else []
        cut = found.outcome in (IN_PART, PASSED_OVER) and not at.marginal
        return said + (["Its side is now the longer one, and each order there gives up an equal share."] if cut else [])
    if at.supported:
        return [
            f"The first pair that misses out, a bid of {number(at.next_bid)} and an ask of {number(at.next_ask)}, puts "
            f"the price at {number(at.price)}. The last pair, {last}, accepts that: all efficient trades take place."
        ]
    why = f"The first pair that misses out puts the price at {number(at.price)}, which does not lie between {last}"
    if isnan(at.price):
        why = "No further pair misses out that could set a price"
    given = f"{why}; so that last trade is given up and sets two prices instead: {prices}."
    mine = at.marginal and found.outcome in (IN_PART, PASSED_OVER)
    return [given, *(["This order is the one that gives it up."] if mine else [])]


def _drawn(found: Explanation, turn: Turn) -> list[str]:
    at = f"the posted price {number(turn.price)}" if found.mechanism == "posted-price" else "the reserve price"
    if found.mechanism == "lottery" and not found.buying:
        return ["A lottery hands out the house's permits alone; permits in hand stay where they are."]
    if not turn.accepts:
        return [f"It does not accept {at}, so it takes no part."]
    side = "buy" if found.buying else "sell"
    draw = f"{found.user} is drawn {ordinal(turn.place)} of {turn.of} labs that want to {side} at {at}."
    how = "Permits go round one at a time" if found.mechanism == "lottery" else "Each is served whole"
    got = f"those drawn before it have {number(turn.before)} in all, and it has {number(turn.got)} of the "
    return [draw, f"{how}: {got}{number(turn.wanted)} that it wanted, its most eager orders first."]


def _split(found: Explanation, half: Half) -> list[str]:
    put = f"{found.user} is put in half {half.number} by lot"
    if isnan(half.price):
        return [f"{put}. The other half has no bid or no ask and forms no price, so this half does not trade."]
    said = f"{put}, which trades at {number(half.price)}, the price that the other half has formed."
    side = "above" if found.buying else "below"
    if not half.accepts:
        return [said, f"The order is not {side} that price and takes no part."]
    if found.fill:
        return [said, f"The order is {side} that price and takes part."]
    how = "turns are drawn by lot" if found.options.get("rationing") == "lottery" else "the best reports go first"
    return [said, f"The order is {side} that price, but its side of the half is the longer one ({how})."]
