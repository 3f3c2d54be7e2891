"""Labs, Central Exchange and Governor, month by month, in one world or thousands in lock-step.

Mesa is not needed for it; `agents.market` makes a Mesa model of it, with labs and Governor as agents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from agents import choice, governor, labs, penalties, relocation, tallies
from agents.economics import AuditRates, detection, expected_penalty, punishment
from agents.ledger import Ledger
from agents.lookahead import Ahead, look_ahead
from agents.market_rules import OFF, MarketRules
from agents.measures import MEASURES, defined_mean
from agents.minds import Minds, Outlook, some_labs
from agents.month import Month, in_each_cell, of_unit, units_each, value_of_first, whole_trades
from agents.policies import Announced, Observed, check_rates
from agents.prospects import Prospects, gain_of, unless_regretted
from agents.settings import on, stack
from agents.strategies import Strategies
from mechanisms import CentralExchange, Draws, InputError, OrderBook, get_plugin
from mechanisms.book import marked_in
from mechanisms.draws import check_seeds
from scenarios import Scenario

Array = NDArray[Any]

np.empty(4_000_000)
"""Made and dropped: the C library (glibc) learns from it to keep freed memory of up to 32 MB instead of handing it back
and having every page of it faulted in anew, which took up to half of the time of a month."""
PHASES = ("discover_prices", "allocate_permits", "choose_runs", "raise_signals", "audit", "penalise_and_refund")
_COLUMNS = pd.Index(["seed", "month", *MEASURES])


class Worlds:
    """A permit market in one world or in many, under one scenario or several; `PermitMarket` is one with agents.

    Parameters
    ----------
    scenario : Scenario or sequence of Scenario
        Several are the cells of a grid: each runs under every seed, on one axis of worlds, the first scenario's worlds
        first. Their numbers may differ; counts, months, mechanism and kinds must agree.
    seed : int or sequence of int
        One world, or one world a seed. A world is the same alone and in a batch, to the last bit.

    Attributes
    ----------
    settings : the frozen scenario (or tuple of scenarios)
    lead : shape of the worlds' axis; () for one world, so that arrays are (labs,)
    month : the current month's state
    ledger : the accounts
    collateral : what each lab posts a month, one number for all or (worlds, 1), in M$
    collateral_cost : what it loses by having that tied up, one number for all or shape lead, in M$

    Examples
    --------
    >>> from scenarios import load_scenario
    >>> worlds = Worlds(load_scenario("baseline"), seed=range(3))
    >>> worlds.run()
    >>> worlds.lead, worlds.results().shape[0]
    ((3,), 72)
    """

    def __init__(self, scenario: Scenario | Sequence[Scenario], seed: ArrayLike = 0) -> None:
        given: Any = scenario
        several = isinstance(given, Iterable) and not isinstance(given, Scenario)
        cells: tuple[Scenario, ...] = tuple(given) if several else (given,)
        if not cells or not all(isinstance(cell, Scenario) for cell in cells):
            raise InputError("scenario: give a Scenario or a sequence of them, such as load_scenario('baseline')")
        seeds = check_seeds(seed)
        self._begin(int(seeds.flat[0]))
        self.settings: Scenario | tuple[Scenario, ...] = cells if several else cells[0]
        self._cells = cells
        self._many_cells = several
        self.parameters = p = stack(cells, seeds.size)
        self.seeds = np.tile(seeds.reshape(-1), len(cells)) if self._many_cells else seeds
        self._world_draws = Draws(self.seeds, month=-1)
        self.lead = self._world_draws.lead
        self._resolve_plugins(cells[0])
        self._one_market = self._cells_share_their_market()
        self._market_draws = Draws(seeds.reshape(-1), month=-1) if self._one_market else self._world_draws
        self.gross_value = labs.gross_values(p.labs, self._market_draws)
        self.risk_profile = labs.per_lab(p.labs.risk_profile, self._world_draws, "risk", p.labs.count)
        self.turnover = self.in_each_cell(self.gross_value[..., 0, :]) * p.labs.turnover if on(p.labs.turnover) else 0.0
        self.relocation_cost = relocation.least_costs(p.labs, self._market_draws)
        self._announce()
        self.owed = np.zeros((*self.lead, p.labs.count), dtype=np.int32) if on(p.enforcement.make_good) else None
        self.ledger = Ledger(np.broadcast_to(np.asarray(p.labs.wealth), (*self.lead, p.labs.count)))
        self.collateral = governor.collateral(p.enforcement) * p.labs.units
        self.collateral_cost = _without_labs(self.collateral * p.enforcement.collateral_cost)
        self.month: Month = Month(self._world_draws)
        by_the_unit = penalties.by_the_unit(p.enforcement)
        self.by_the_unit, self._price_paid = bool(by_the_unit.all()), np.zeros(self.lead)
        self.rules = MarketRules(p.permits, p.labs)
        self.per_world = SimpleNamespace(
            cap=_without_labs(p.permits.cap),
            house=self._each_market(p.permits.cap - labs.handed_out(p.permits)),
            reserve=self._each_market(p.permits.reserve_price),
            flop=_without_labs(p.labs.flop_per_unit),
            audit_cost=_without_labs(p.welfare.audit_cost),
            harm=_without_labs(p.welfare.harm),
            risky_harm=_without_labs(p.welfare.risky_harm),
            harm_abroad=_without_labs(p.welfare.harm_abroad),
            false_alarm_cost=_without_labs(p.welfare.false_alarm_cost),
            by_the_unit=_without_labs(by_the_unit),
            collateral_share=_without_labs(p.enforcement.collateral_share),
            liability_limit=_without_labs(p.enforcement.liability_limit),
        )
        self._tallies: list[dict[str, Any]] = []
        self._ahead: Ahead | None = None

    def _begin(self, seed: int) -> None:
        """Before the first month; nothing here hangs on the seed."""
        self.running, self.steps = True, 0

    def _resolve_plugins(self, cell: Scenario) -> None:
        p = self.parameters
        self.exchange = CentralExchange(cell.market.mechanism, **cell.market.options)
        self.strategies = Strategies(self._cells, p.labs, self._world_draws)
        self.minds = Minds(p.labs, self._world_draws)
        options = vars(p.enforcement.policy).copy()
        self._policy = get_plugin("policy", options.pop("kind"))
        self._policy_options = options

    def _announce(self) -> None:
        """What labs and policies know of enforcement beforehand."""
        e = self.parameters.enforcement
        self.announced = Announced(
            penalty=punishment(1, penalties.schedule(e, self.turnover, 0.0), e.liability_limit),
            true_positive_rate=e.true_positive_rate,
            false_positive_rate=e.false_positive_rate,
            audit_accuracy=e.audit_accuracy,
            backcheck=e.backcheck,
            audit_capacity=e.audit_capacity,
            single_price=self.exchange.rule.plugin.facts.single_price,
            labs=self.parameters.labs.count,
        )
        self.rates = self._audit_rates(Observed(month=0), {})
        self._remembered: dict[str, Any] = {}

    def _cells_share_their_market(self) -> bool:
        """Whether cells differ in enforcement and welfare alone, of which labs' reports know nothing.

        Labs, permits and reports are then the same in each cell, and phases 1 and 2 are worked out once a seed.
        """
        p = self.parameters
        if len(self._cells) == 1 or self._policy.after_clearing or not self.strategies.full_value or self.minds.racing:
            return False
        if on(p.enforcement.make_good) or on(p.enforcement.stops_run):
            return False
        return not any(isinstance(value, np.ndarray) for part in (p.labs, p.permits) for value in _leaves(part))

    def _each_market(self, setting: Any) -> Array:
        """A setting as an array of shape lead, of the markets that cells share if they do."""
        return np.array(np.broadcast_to(_without_labs(setting), self._market_draws.lead), dtype=np.float64)

    def in_each_cell(self, market: Array) -> Array:
        """A figure of the market, for the worlds of each cell, the first cell's worlds first."""
        return in_each_cell(market, len(self._cells)) if self._one_market else market

    def never_looks_back(self) -> bool:
        """Whether a month of this one world depends on no earlier month but through the accounts."""
        if self.lead:
            return False
        own = self.exchange.rule.plugin, self._policy, *(rule.plugin for rule in self.strategies.rules)
        known = all(plugin.function.__module__.startswith(("agents.", "mechanisms.")) for plugin in own)
        known &= self.owed is None and not self.rules.remembers and not self.minds.look_back
        known &= self.strategies.full_value or not on(self.parameters.enforcement.price_multiple)
        if not known or any(plugin.remembers for plugin in own):
            return False
        untouched = type(self).__module__.startswith("agents.") and vars(self).keys().isdisjoint(PHASES)
        return untouched and self.exchange.rule.plugin.batched

    def use_draws(self, draws: Draws) -> None:
        """Take another luck, of as many worlds as `lead` says."""
        self._world_draws = self._market_draws = draws
        self._ahead = None

    def run(self) -> None:
        """Run all months of the scenario."""
        while self.running:
            self.step()

    def step(self) -> None:
        """One month: six phases, each reading only what earlier phases wrote."""
        self.steps += 1
        self.advance()

    def advance(self) -> None:
        """The month that `steps` says, from 1: worked out, or taken from those worked out ahead."""
        number = self.steps - 1
        if self._ahead is None or number not in self._ahead.months:
            self._ahead = look_ahead(self, number, self._world_draws)
        if self._ahead is None:
            self.run_phases()
            self._record(self.month_tallies())
        else:
            self.month, self.rates = self._ahead.month(number)
            if not self.by_the_unit:
                self._price_paid = penalties.price_paid(self.month.traded)
            self._record(self._ahead.book(number, self.ledger))

    def run_phases(self) -> None:
        """The six phases of a month."""
        for phase in PHASES:
            getattr(self, phase)()

    def discover_prices(self) -> None:
        """Phase 1. Labs post collateral and send orders; the Central Exchange clears the book."""
        p, last = self.parameters, self.month
        self.month = month = Month(self._world_draws.at(self.steps - 1))
        draws = self._market_draws.at(self.steps - 1)
        if hasattr(last, "caught"):
            self.minds.take_in(last)
            self.strategies.tell(last)
        month.net_value = self.minds.pressed(labs.net_values(p.labs, self.gross_value, draws))
        month.risky = labs.risky(p.labs, draws)
        if self.relocation_cost is not None:
            month.net_value, month.abroad = relocation.at_home(month.net_value, self.relocation_cost)
        month.endowment = labs.endowments(p.permits, draws, p.labs.count)
        if not self.rules.off:
            self.rules.open(month)
        if not self._policy.fixed:
            self.rates = self._audit_rates(self._seen(last), self._remembered)
        self.ledger.post_collateral(self.collateral)
        month.reports = self.reports()
        month.clearing = self.exchange.clear(self.order_book(month.reports), draws)

    def allocate_permits(self) -> None:
        """Phase 2. Permits and money change hands."""
        month = self.month
        draws = self._market_draws.at(self.steps - 1)
        month.bought, month.sold, month.paid = whole_trades(month.clearing, draws)
        month.held = month.bought
        if not month.clearing.book.no_asks:
            month.held = month.endowment + month.bought - month.sold
        if not self.rules.off:
            self.rules.settle(month, draws)
        if self.owed is not None:
            month.surrendered = np.minimum(month.held, self.owed)
            month.held, self.owed = month.held - month.surrendered, self.owed - month.surrendered
        self.rules.cover(month)
        month.wanted = units_each(month.net_value > 0)
        month.covered = np.minimum(month.held, month.wanted)
        month.traded = tallies.of_market(self)
        month.traded |= OFF if self.rules.off else self.rules.close(month)
        if month.resale is not None:
            month.traded["revenue"] = month.traded["revenue"] + month.resale[2].sum(axis=-1)
            month.paid = month.paid + month.resale[2]
        if self._one_market:
            month.spread(len(self._cells))
        if not self.by_the_unit:
            self._price_paid = self.in_each_cell(penalties.price_paid(month.traded))
        self.ledger.pay_governor(month.paid, self.in_each_cell(month.traded["revenue"]))

    def choose_runs(self) -> None:
        """Phase 3. Labs run what their permits cover and decide on further units."""
        month = self.month
        if self._policy.after_clearing:
            self.rates = self._audit_rates(self._seen(month, cleared=True), self._remembered)
        month.uncovered = self.choose_units()
        month.violating = month.uncovered > 0
        month.run_value = value_of_first(month.net_value, month.covered + month.uncovered)
        if month.abroad is not None:
            month.run_value = month.run_value + self.in_each_cell(month.abroad.value)
        month.value_created = self.ledger.create_value(month.run_value)

    def raise_signals(self) -> None:
        """Phase 4. The Governor sees a noisy signal of each lab."""
        self.month.signal = governor.signals(self.month.violating, self.parameters.enforcement, self.month.draws)

    def audit(self) -> None:
        """Phase 5. The Governor audits, and violations come out."""
        month = self.month
        month.audited = self.draw_audits()
        month.caught = governor.catches(month.violating, month.audited, self.parameters.enforcement, month.draws)
        month.audits = marked_in(month.audited)
        self.ledger.pay_audits(month.audits * self.per_world.audit_cost)

    def penalise_and_refund(self) -> None:
        """Phase 6. Caught labs pay, collateral first; what is left of the collateral goes back."""
        month = self.month
        enforcement, units = self.parameters.enforcement, month.uncovered * month.caught
        if on(enforcement.stops_run):
            self._stop_runs(units)
        if month.abroad is not None:
            month.relocated = relocation.relocated(month, self.in_each_cell(month.abroad.units))
        if self.owed is not None:
            self.owed = self.owed + (units * enforcement.make_good).astype(np.int32)
        month.penalty = punishment(units.astype(np.float64), self.schedule(), enforcement.liability_limit)
        month.later("seized", lambda month: governor.seized(units, month.penalty, enforcement))
        month.later("fine", lambda month: month.penalty - month.seized)
        month.penalties = self.ledger.penalise_and_refund(month.penalty, self.collateral_cost)

    def reports(self) -> Array:
        """What labs report to be willing to pay for each permit this month, (*lead, units, labs), in M$."""
        month = self.month
        if self.strategies.full_value:
            return month.net_value
        net_value = np.moveaxis(month.net_value, -2, -1)
        expected = np.broadcast_to(self.expected_penalties(), net_value.shape)
        lost: Any = 0.0
        stops = self.parameters.enforcement.stops_run
        if on(stops):
            lost = np.asarray(self.outlook(self.detection).believed * stops)[..., None] * net_value
        values = self.strategies(month.draws, net_value, month.endowed, expected, lost)
        return np.ascontiguousarray(np.moveaxis(values, -1, -2))

    def outlook(self, found: Any, some: slice = slice(None)) -> Outlook:
        """What running without a permit risks under an announced p_eff, as labs (all, or a slice of them) see it."""
        announced = found, self.schedule(anticipated=True), self.parameters.enforcement.liability_limit
        return self.minds.outlook(*announced, self.risk_profile, self.month.draws).of(some)

    def expected_penalties(self) -> Array:
        """Expected punishment of 1 .. units uncovered units as labs see it, broadcasting to (*lead, labs, units)."""
        units, seen = np.arange(1, self.parameters.labs.units + 1), self.outlook(self.detection)
        found, limit, risk, reputation = (
            np.asarray(x)[..., None] for x in (seen.detection, seen.limit, seen.risk, seen.reputation)
        )
        by_lab = seen.penalty.by_lab() if callable(seen.penalty) else np.asarray(seen.penalty)[..., None]
        expected = expected_penalty(units, found, by_lab, limit, risk)
        return expected + expected_penalty(units, found, reputation) if on(reputation) else expected

    def schedule(self, *, anticipated: bool = False, some: slice = slice(None)) -> Any:
        """The month's penalties for labs (all, or a slice of them): P by the unit, or else a function of the units.

        A permit costs what buyers paid, before the clearing what they paid last month.
        """
        e = self.parameters.enforcement
        if self.by_the_unit:
            return e.penalty
        return penalties.schedule(e, self.turnover, self._price_paid[..., None], anticipated=anticipated).some(some)

    def _stop_runs(self, caught_units: Array) -> None:
        """Some of the runs that were found are stopped in time: their value never comes about."""
        month, enforcement = self.month, self.parameters.enforcement
        (in_time,) = month.draws.happens("stops", self.parameters.labs.count, enforcement.stops_run)
        month.stopped = caught_units * in_time
        covered, all_run = (
            value_of_first(month.net_value, x) for x in (month.covered, month.covered + month.uncovered)
        )
        month.lost_value = np.where(month.stopped > 0, all_run - covered, 0.0)
        month.value_created = month.value_created + self.ledger.create_value(-month.lost_value)

    def order_book(self, reports: Array) -> OrderBook:
        """The month's book: endowed permits as asks, further units as bids, the house with the rest."""
        if not self.rules.off:
            return self.rules.order_book(reports, self.month)
        return OrderBook.ladders(reports, self.month.endowment, self.per_world.house, self.per_world.reserve)

    @property
    def detection(self) -> Array:
        """p_eff under the audits announced, broadcasting to (*lead, labs)."""
        a = self.announced
        return detection(self.rates.high, self.rates.low, a.true_positive_rate, a.audit_accuracy, a.backcheck)

    def choose_units(self, some: slice = slice(None)) -> Array:
        """Units that labs (all, or a slice of them) run without a permit, int (*lead, labs)."""
        return self.units_under(self.detection, some, self.rates.aftermath)

    def units_under(self, found: Any, some: slice = slice(None), aftermath: Any = 0.0) -> Array:
        """The same for any p_eff that labs expect, and any cost, in M$, that a violation has for them later."""
        u, held, rules = self.stakes(found, some)
        how = self.parameters.labs.choice
        if how.kind == "quantal":
            uniform = self.month.draws.luck("choice", self.parameters.labs.count)[..., some]
            return choice.quantal_units(u, held, *rules, how.precision, uniform, some_labs(aftermath, some))
        units = choice.uncovered_units(u, held, *rules)
        if not on(aftermath):
            return units
        return unless_regretted(units, gain_of(u, held, units, *rules), u[..., 0, :], some_labs(aftermath, some))

    def stakes(self, found: Any, some: slice = slice(None)) -> tuple[Array, Array, tuple[Any, Any, Any, Any]]:
        """What a choice turns on under an expected p_eff: net values of runs that last, permits, and penalties.

        What labs fear for their reputation is taken off the net value.
        """
        seen, stops = self.outlook(found, some), self.parameters.enforcement.stops_run
        u = self.month.net_value[..., some]
        if on(stops):
            u = u * _over_units(1 - seen.believed * stops)
        if on(seen.reputation):
            u = u - _over_units(seen.detection * seen.reputation)
        return u, self.month.held[..., some], (seen.detection, seen.penalty, seen.limit, seen.risk)

    def draw_audits(self) -> Array:
        """Who is audited this month given the signals, bool (*lead, labs)."""
        capacity, (high, low, *_, places) = self.parameters.enforcement.audit_capacity, self.rates
        if on(places < np.inf):
            high, low = (np.where(places < np.inf, 1.0, rate) for rate in (high, low))
            capacity = np.minimum(places, capacity)
        return governor.audits(self.month.signal, high, low, capacity, self.month.draws)

    def _audit_rates(self, observed: Observed, memory: dict[str, Any]) -> AuditRates:
        given = (self.announced, observed, memory) if self._policy.remembers else (self.announced, observed)
        answer = self._policy.function(*given, **self._policy_options)
        return check_rates(self._policy.name, answer, (*self.lead, self.parameters.labs.count))

    def _seen(self, month: Month, cleared: bool = False) -> Observed:
        if cleared:
            dearest = 1 if month.weight is None else month.weight.max(axis=-1)
            price, losing = (month.clearing.price * dearest)[..., None], self._highest_losing()[..., None]
            return Observed(self.steps - 1, price, losing, labs=Prospects(self))
        if not hasattr(month, "caught"):
            return Observed(self.steps - 1)
        return Observed(self.steps - 1, signal=month.signal, audited=month.audited, caught=month.caught)

    def _highest_losing(self) -> Array:
        """Highest report for a unit that got no permit, at least 0, shape lead."""
        month, units = self.month, self.parameters.labs.units
        won = month.held if self.owed is None else month.held + month.surrendered
        losing = np.maximum(of_unit(month.reports, np.minimum(won, units - 1)), 0.0) * (won < units)
        return np.asarray(losing.max(axis=-1))

    def month_tallies(self) -> dict[str, Any]:
        """Counts and sums of the month, each one number a world, or one for all."""
        return self.month.traded | tallies.of_enforcement(self)

    def _record(self, counted: dict[str, Any]) -> None:
        self._tallies.append(counted)
        self.running = self.steps < self.parameters.months

    def tallies(self) -> dict[str, Array]:
        """Raw counts and sums of the months so far, each (*lead, months)."""
        return tallies.over_months(self._tallies, self.lead, self.in_each_cell)

    def measures(self, only: str | None = None) -> dict[str, Array]:
        """Every measure of the months so far (or one of them), each (*lead, months); see `agents.measures`."""
        counted = self.tallies()
        if not counted:
            raise InputError("results: no month has been run yet; call run() or step() first")
        return {name: MEASURES[name].formula(counted) for name in (MEASURES if only is None else [only])}

    def world_values(self, only: str | None = None) -> dict[str, Array]:
        """Each world's value of every measure (or of one): the mean over the months where it is defined, shape lead."""
        return {name: defined_mean(values) for name, values in self.measures(only).items()}

    def results(self) -> pd.DataFrame:
        """Tidy table: columns (cell,) seed, month from 1, then the measures; one row a world and month."""
        measures = self.measures()
        months = next(iter(measures.values())).shape[-1]
        seeds = np.atleast_1d(self.seeds).reshape(-1)
        keys = np.repeat(seeds, months), np.tile(np.arange(1, months + 1), seeds.size)
        columns = (values.reshape(-1) for values in measures.values())
        table = pd.DataFrame(np.stack([*keys, *columns]).T, columns=_COLUMNS.copy())
        for place, key in enumerate(keys):
            table.isetitem(place, key)  # whole numbers again
        if self._many_cells:
            cells = len(self._cells)
            table.insert(0, "cell", np.repeat(np.arange(cells), seeds.size // cells * months))
        return table


def _without_labs(number: Any) -> Any:
    """A setting as one number a world: an array of worlds, or one number for all."""
    return number[..., 0] if np.ndim(number) else number


def _leaves(part: SimpleNamespace) -> Iterator[Any]:
    """All settings in a part of the scenario."""
    for value in vars(part).values():
        if isinstance(value, SimpleNamespace):
            yield from _leaves(value)
        else:
            yield value


def _over_units(per_lab: Any) -> Any:
    """A figure of labs for arrays (*lead, units, labs)."""
    return per_lab[..., None, :] if np.ndim(per_lab) else per_lab
