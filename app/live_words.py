"""What happened in a live month, in sentences with its numbers, for people who have never seen the model."""

from __future__ import annotations

from math import isnan
from typing import Any

from experiments.live import Choice, LiveWorld
from experiments.live.facts import facts
from experiments.numbers import MINUS
from scenarios import Scenario

MOST_UNITS = 4
"""Units whose reason is told one by one."""


def money(amount: float, decimals: int = 2) -> str:
    """An amount in M$, with a true minus and no negative nought.

    >>> money(-1234.5), money(-0.0001), money(0.12345, 3)
    ('−1,234.50', '0.00', '0.123')
    """
    rounded = round(float(amount), decimals) + 0.0
    return f"{rounded:,.{decimals}f}".replace("-", MINUS)


def many(count: float, one: str, more: str = "") -> str:
    """A count with its noun.

    >>> many(1, "lab"), many(1200, "lab"), many(0, "unit")
    ('1 lab', '1,200 labs', 'no units')
    """
    noun = one if count == 1 else more or f"{one}s"
    return f"{int(count):,} {noun}" if count else f"no {noun}"


def happened(world: LiveWorld) -> list[str]:
    """One sentence or two for each phase that has happened."""
    f = facts(world)
    tell = (_prices, _allocation, _runs, _signals, _audits, _penalties)
    return [words(f) for words in tell[: world.phase]]


def _prices(f: dict[str, Any]) -> str:
    price = f["price"]
    low, high = f["limits"]
    if isnan(low):
        result = "No trade came about"
    elif isnan(price):
        result = f"Buyers pay from {money(low, 3)} to {money(high, 3)} M$ a permit"
    else:
        result = f"The price is {money(price, 3)} M$ a permit"
    orders = f"{many(f['bids'], 'bid')} and {many(f['asks'], 'ask')}"
    posted = f"Each lab posts {money(f['posted'])} M$ as collateral. " if f["posted"] else ""
    return f"{posted}{_first(orders)} meet {many(f['house'], 'permit')} of the Governor's. {result}."


def _allocation(f: dict[str, Any]) -> str:
    paid = f"{many(f['buyers'], 'lab')} paid {money(f['buyers_paid'])} M$ for {many(f['volume'], 'permit')}"
    got = f", {many(f['sellers'], 'lab')} received {money(f['sellers_received'])} M$ for theirs" if f["sellers"] else ""
    rest = f"; {money(f['auction_revenue'])} M$ went to the Governor"
    held = f"{_first(many(f['holders'], 'lab'))} now hold {many(f['held'], 'permit')}"
    return f"{_first(paid + got + rest)}. {held}."


def _runs(f: dict[str, Any]) -> str:
    low, high = f["expected"]
    cost = money(low, 3) if high - low < 5e-4 else f"{money(low, 3)} to {money(high, 3)}"
    run = f"{many(f['under_permits'], 'unit')} ran under permits. {many(f['short'], 'lab')} wanted more than they hold"
    run = run.replace("1 lab wanted more than they hold", "1 lab wanted more than it holds")
    if not f["short"]:
        return f"{_first(run)}."
    ran = f"{many(f['violators'], 'lab')} of them ran {many(f['uncovered'], 'unit')} without a permit"
    if not f["violators"]:
        ran = "none of them ran any without a permit"
    return f"{_first(run)}: {ran}, at an expected penalty of {cost} M$ for one."


def _signals(f: dict[str, Any]) -> str:
    complying = f["labs"] - f["violators"]
    hits = f"{int(f['signals_violators'])} of {many(f['violators'], 'violator')}"
    alarms = f"{int(f['signals_clean'])} of {complying:,} labs that comply"
    told = f"A signal points at {hits} and, wrongly, at {alarms}"
    return f"{told}." if f["violators"] else f"Nobody violated; a signal points, wrongly, at {alarms}."


def _audits(f: dict[str, Any]) -> str:
    found = int(f["audits"] - f["false_alarms"])
    told = f"The Governor audited {many(f['audits'], 'lab')} for {money(f['audit_cost'])} M$"
    told += f": {many(found, 'violator')} and {many(f['false_alarms'], 'lab')} that complied" if f["audits"] else ""
    if not f["violators"]:
        return f"{told}."
    backed = f", {int(f['found_without_audit'])} of them without an audit" if f["found_without_audit"] else ""
    return f"{told}. {_first(many(f['caught'], 'violator'))} of {f['violators']:,} were caught{backed}."


def _penalties(f: dict[str, Any]) -> str:
    back = f"{money(f['returned'])} M$ of collateral went back."
    if f["relocated_units"]:
        back += f" {_first(many(f['relocated_units'], 'unit'))} ran abroad instead of at home."
    if not f["caught"]:
        return f"Nobody had to pay. {back}"
    parts = f"{money(f['collateral_seized'])} M$ out of the collateral and {money(f['fines'])} M$ as fines"
    return f"{_first(many(f['caught'], 'violator'))} paid {money(f['penalties'])} M$: {parts}. {back}"


def _first(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def counted(scenario: Scenario) -> str:
    """What values, orders and permits count, where an order is not for one unit at its net value; else empty.

    >>> counted(Scenario(permits={"lot": 5}))
    'Orders are for lots of 5 permits.'
    """
    labs, permits = scenario.labs, scenario.permits
    threshold, weighs = permits.flop_threshold, labs.risky_share and permits.risk_weight > 1
    told = {
        f"Orders are for lots of {permits.lot} permits.": permits.lot > 1,
        f"Units up to {threshold:g} FLOP a month need no permit: orders begin beyond them.": threshold,
        "Labs can move: a value is what a unit brings at home more than abroad.": labs.relocation_cost is not None,
        f"A unit of a risky model needs {permits.risk_weight} permits; permits held are counted as the units that they "
        "cover.": weighs,
    }
    return " ".join(words for words, case in told.items() if case)


def reasons(choice: Choice) -> list[str]:
    """Why a lab ran what it ran, in numbers."""
    wants = f"It wants {many(choice.wanted, 'unit')} and holds {many(choice.held, 'permit')}"
    if not choice.wanted:
        return ["No unit is worth its running cost this month, so it runs none."]
    if not choice.units.size:
        return [f"{wants}: all of them run under permits."]
    if choice.precision is not None:
        return [f"{wants}.", _by_chance(choice)]
    return [f"{wants}.", *(_unit_by_unit(choice) if choice.linear else [_together(choice)])]


def _unit_by_unit(choice: Choice) -> list[str]:
    """A sentence for each unit that it ran, and for the first that it did not."""
    told = [_unit(choice, further) for further in range(min(choice.chosen + 1, choice.units.size, MOST_UNITS))]
    rest = choice.units.size - len(told)
    ran = choice.chosen > len(told)
    return [*told, f"{_first(many(rest, 'further unit'))}: likewise."] if ran else told


def _unit(choice: Choice, further: int) -> str:
    cost = choice.options["expected"].diff().iloc[further + 1]
    worth = f"Unit {choice.held + further + 1} is worth {money(choice.units[further], 3)} M$ net"
    risk = "" if choice.risk == 1 else f"risk {choice.risk:.2f} × "
    found, owed = ("the weight it gives to being found", "what that costs it") if choice.own_view else ("p_eff", "P")
    how = f"{risk}{found} {choice.detection:.2f} × {owed} {choice.penalty:.2f}"
    end = "so it ran it" if further < choice.chosen else "so it did not"
    return f"{worth}; running it without a permit costs {money(cost, 3)} M$ in expectation ({how}), {end}."


def _together(choice: Choice) -> str:
    if not choice.chosen:
        return f"However many it ran without a permit, {_cost(choice)} would exceed what they are worth."
    why = "Being caught tells in later months" if choice.aftermath else "What a lab owes is limited"
    return f"{why}, so units count together: {_taken(choice)}, more than any other number."


def _cost(choice: Choice) -> str:
    later = f" with what follows in later months, {money(choice.aftermath, 3)} M$," if choice.aftermath else ""
    return f"the expected penalty{later}"


def _by_chance(choice: Choice) -> str:
    told = f"It chooses by chance, what gains more being likelier (precision {choice.precision:g})"
    return f"{told}. It ran none." if not choice.chosen else f"{told}. Here {_taken(choice)}."


def _taken(choice: Choice) -> str:
    row = choice.options.iloc[choice.chosen]
    units = many(choice.chosen, "further unit")
    gain = f"worth {money(row['value'], 3)} M$ net at an expected penalty of {money(row['expected'], 3)} M$"
    if choice.aftermath:
        gain += f" and {money(choice.aftermath, 3)} M$ in later months"
    return f"it ran {units} without a permit, {gain}, a gain of {money(row['gain'], 3)} M$"


def fate(world: LiveWorld, lab: int) -> list[str]:
    """What became of a lab (from 0) after its choice: signal, audit, penalty, as far as they have happened."""
    month, rules = world.market.month, world.scenario.enforcement
    violator, signal = bool(month.uncovered[lab] > 0), bool(month.signal[lab])
    chance = rules.true_positive_rate if violator else rules.false_positive_rate
    who = "a violator" if violator else "a lab that complies"
    told = [f"{'A' if signal else 'No'} signal was raised; for {who} one is raised with probability {chance:g}."]
    told.append(_audit_words(world, lab, signal, violator))
    owed = float(month.penalty[lab])
    if month.caught[lab]:
        told.append(
            f"It owes {money(owed, 3)} M$: {money(month.seized[lab], 3)} M$ out of its collateral and "
            f"{money(month.fine[lab], 3)} M$ as a fine."
        )
    return told[: max(0, world.phase - 3)]


def _audit_words(world: LiveWorld, lab: int, signal: bool, violator: bool) -> str:
    month = world.market.month
    chance = world.audit_chance(lab)
    when = "after a signal" if signal else "without a signal"
    done = "It was audited" if month.audited[lab] else "It was not audited"
    end = "" if not violator else " It was caught." if month.caught[lab] else " It was not caught."
    return f"{done}; {when} that has probability {chance:.2g}.{end}"
