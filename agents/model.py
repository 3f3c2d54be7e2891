"""The permit market: labs, Central Exchange and Governor, month by month, in one world or thousands in lock-step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import mesa
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from agents import choice, governor, labs
from agents.economics import AuditRates, detection, expected_penalty
from agents.governor import Governor
from agents.labs import Lab
from agents.ledger import Ledger
from agents.measures import MEASURES, defined_mean
from agents.month import (
    Month,
    best_value,
    first_units,
    labs_in,
    total,
    units_each,
    whole_trades,
    worth_each,
)
from agents.policies import Announced, Observed, check_rates
from agents.reporting import Reporting
from agents.settings import stack
from mechanisms import CentralExchange, Draws, InputError, OrderBook, get_plugin
from mechanisms.draws import check_seeds
from scenarios import Scenario

Array = NDArray[Any]


class PermitMarket(mesa.Model):
    """A permit market under one scenario or several.

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

    Examples
    --------
    >>> from scenarios import load_scenario
    >>> market = PermitMarket(load_scenario("baseline"), seed=7)
    >>> market.run()
    >>> market.results().shape[0], market.agents[0].held
    (24, 3)
    """

    def __init__(self, scenario: Scenario | Sequence[Scenario], seed: ArrayLike = 0) -> None:
        given: Any = scenario
        several = isinstance(given, Iterable) and not isinstance(given, Scenario)
        cells: tuple[Scenario, ...] = tuple(given) if several else (given,)
        if not cells or not all(isinstance(cell, Scenario) for cell in cells):
            raise InputError("scenario: give a Scenario or a sequence of them, such as load_scenario('baseline')")
        seeds = check_seeds(seed)
        super().__init__(rng=int(seeds.flat[0]))
        self.settings: Scenario | tuple[Scenario, ...] = cells if several else cells[0]
        self._cells = cells
        self._many_cells = several
        self.parameters = p = stack(cells, seeds.size)
        self.seeds = np.tile(seeds.reshape(-1), len(cells)) if self._many_cells else seeds
        self._world_draws = Draws(self.seeds, month=-1)
        self.lead = self._world_draws.lead
        self._resolve_plugins(cells[0])
        self.gross_value = labs.gross_values(p.labs, self._world_draws)
        self.risk_profile = labs.per_lab(p.labs.risk_profile, self._world_draws, "risk", p.labs.count)
        self.ledger = Ledger(np.broadcast_to(np.asarray(p.labs.wealth), (*self.lead, p.labs.count)))
        self.month: Month = Month(self._world_draws)
        self._tallies: dict[str, list[Array]] = {}
        self._populated = False

    def _resolve_plugins(self, cell: Scenario) -> None:
        p = self.parameters
        self.exchange = CentralExchange(cell.market.mechanism, **cell.market.options)
        self._reporting = Reporting(self._cells)
        options = vars(p.enforcement.policy).copy()
        self._policy = get_plugin("policy", options.pop("kind"))
        self._policy_options = options
        e = p.enforcement
        self.announced = Announced(
            penalty=np.minimum(e.penalty, e.liability_limit),
            true_positive_rate=e.true_positive_rate,
            false_positive_rate=e.false_positive_rate,
            audit_accuracy=e.audit_accuracy,
            backcheck=e.backcheck,
            audit_capacity=e.audit_capacity,
            single_price=self.exchange.rule.plugin.facts.single_price,
        )
        self.rates = self._audit_rates(Observed(month=0))

    def run(self) -> None:
        """Run all months of the scenario."""
        while self.running:
            self.step()

    def step(self) -> None:
        """One month: six phases, each reading only what earlier phases wrote."""
        self.discover_prices()
        self.allocate_permits()
        self.choose_runs()
        self.raise_signals()
        self.audit()
        self.penalise_and_refund()
        self._record()

    def discover_prices(self) -> None:
        """Phase 1. Labs post collateral and send orders; the Central Exchange clears the book."""
        p, last = self.parameters, self.month
        self.month = month = Month(self._world_draws.at(self.steps - 1))
        month.net_value = labs.net_values(p.labs, self.gross_value, month.draws)
        month.endowment = labs.endowments(p.permits, month.draws, p.labs.count)
        self.rates = self._audit_rates(self._seen(last))
        self.ledger.post_collateral(governor.collateral(p.enforcement) * p.labs.units)
        month.reports = self.reports()
        month.clearing = self.exchange.clear(self.order_book(month.reports), month.draws)

    def allocate_permits(self) -> None:
        """Phase 2. Permits and money change hands."""
        month = self.month
        month.bought, month.sold, month.paid = whole_trades(month.clearing, month.draws)
        month.held = month.endowment + month.bought - month.sold
        self.ledger.pay_governor(month.paid)

    def choose_runs(self) -> None:
        """Phase 3. Labs run what their permits cover and decide on further units."""
        month, units = self.month, self.parameters.labs.units
        if self._policy.after_clearing:
            self.rates = self._audit_rates(self._seen(month, cleared=True))
        month.gain = np.maximum(month.net_value, 0.0)
        month.wanted = units_each(month.net_value > 0)
        month.covered = np.minimum(month.held, month.wanted)
        month.uncovered = self.choose_units()
        month.run_value = month.gain * first_units(month.covered + month.uncovered, units)
        self.ledger.create_value(worth_each(month.run_value))

    def raise_signals(self) -> None:
        """Phase 4. The Governor sees a noisy signal of each lab."""
        self.month.signal = governor.signals(self.month.uncovered > 0, self.parameters.enforcement, self.month.draws)

    def audit(self) -> None:
        """Phase 5. The Governor audits, and violations come out."""
        month = self.month
        month.audited = self.draw_audits()
        month.caught = governor.catches(month.uncovered > 0, month.audited, self.parameters.enforcement, month.draws)
        self.ledger.pay_audits(labs_in(month.audited) * self._per_world(self.parameters.welfare.audit_cost))

    def penalise_and_refund(self) -> None:
        """Phase 6. Caught labs pay, collateral first; what is left of the collateral goes back."""
        month = self.month
        month.seized, month.fine = governor.penalties(month.caught, month.uncovered, self.parameters.enforcement)
        self.ledger.seize_collateral(month.seized)
        self.ledger.pay_governor(month.fine)
        self.ledger.refund_collateral()

    def reports(self) -> Array:
        """What labs report to be willing to pay for each permit this month, (*lead, units, labs), in M$."""
        month = self.month
        net_value = np.moveaxis(month.net_value, -2, -1)
        expected = np.broadcast_to(self.expected_penalties(), net_value.shape)
        values = self._reporting(net_value, month.endowment, expected, month.draws)
        return np.ascontiguousarray(np.moveaxis(values, -1, -2))

    def expected_penalties(self) -> Array:
        """Expected punishment of 1 .. units uncovered units as announced, broadcasting to (*lead, labs, units)."""
        e = self.parameters.enforcement
        units = np.arange(1, self.parameters.labs.units + 1)
        found, penalty, limit, risk = (
            np.asarray(x)[..., None] for x in (self.detection, e.penalty, e.liability_limit, self.risk_profile)
        )
        return expected_penalty(units, found, penalty, limit, risk)

    def order_book(self, reports: Array) -> OrderBook:
        """The month's book: endowed permits as asks, further units as bids, the house with the rest."""
        permits = self.parameters.permits
        cap = np.broadcast_to(self._per_world(permits.cap), self.lead)
        house = cap - self.month.endowment.sum(axis=-1)
        return OrderBook.ladders(reports, self.month.endowment, house, self._per_world(permits.reserve_price))

    @property
    def detection(self) -> Array:
        """p_eff under the audits announced, broadcasting to (*lead, labs)."""
        a = self.announced
        return detection(self.rates.high, self.rates.low, a.true_positive_rate, a.audit_accuracy, a.backcheck)

    def choose_units(self, some: slice = slice(None)) -> Array:
        """Units that labs (all, or a slice of them) run without a permit, int (*lead, labs)."""
        e, month = self.parameters.enforcement, self.month
        u, held = month.net_value[..., some], month.held[..., some]
        found, risk = _some(self.detection, some), _some(self.risk_profile, some)
        how = self.parameters.labs.choice
        if how.kind == "rational":
            return choice.uncovered_units(u, held, found, e.penalty, e.liability_limit, risk)
        uniform = month.draws.uniform("choice", self.parameters.labs.count)[..., some]
        return choice.quantal_units(u, held, found, e.penalty, e.liability_limit, risk, how.precision, uniform)

    def draw_audits(self) -> Array:
        """Who is audited this month given the signals, bool (*lead, labs)."""
        capacity = self.parameters.enforcement.audit_capacity
        return governor.audits(self.month.signal, self.rates.high, self.rates.low, capacity, self.month.draws)

    def _audit_rates(self, observed: Observed) -> AuditRates:
        answer = self._policy.function(self.announced, observed, **self._policy_options)
        return check_rates(self._policy.name, answer, (*self.lead, self.parameters.labs.count))

    def _seen(self, month: Month, cleared: bool = False) -> Observed:
        if cleared:
            return Observed(self.steps - 1, month.clearing.price[..., None], self._highest_losing()[..., None])
        if not hasattr(month, "caught"):
            return Observed(self.steps - 1)
        return Observed(self.steps - 1, signal=month.signal, audited=month.audited, caught=month.caught)

    def _highest_losing(self) -> Array:
        """Highest report for a unit that got no permit, at least 0, shape lead."""
        month, units = self.month, self.parameters.labs.units
        without = ~first_units(month.held, units)
        flat = np.where(without, month.reports, 0.0).reshape(*self.lead, -1)
        return np.asarray(flat.max(axis=-1, initial=0.0))

    def _per_world(self, number: Any) -> Any:
        """A setting as shape lead: an array of worlds, or one number for all."""
        return number[..., 0] if np.ndim(number) else number

    def _record(self) -> None:
        for name, value in self._month_tallies().items():
            full = value if np.shape(value) == self.lead else np.broadcast_to(value, self.lead)
            self._tallies.setdefault(name, []).append(full)
        self.running = self.steps < self.parameters.months

    def _month_tallies(self) -> dict[str, Any]:
        m, p = self.month, self.parameters
        violating, short, some = m.uncovered > 0, m.held < m.wanted, m.wanted > 0
        flop = self._per_world(p.labs.flop_per_unit)
        uncovered, used = m.uncovered.sum(axis=-1), m.covered.sum(axis=-1)
        run, signals, audits = used + uncovered, labs_in(m.signal), labs_in(m.audited)
        signals_violators, audited_violators = labs_in(m.signal & violating), labs_in(m.audited & violating)
        bought, sold = m.bought.sum(axis=-1), m.sold.sum(axis=-1)
        revenue = m.paid.sum(axis=-1)
        received = -(m.paid * (m.sold > m.bought)).sum(axis=-1) if np.any(sold) else np.zeros_like(revenue)
        return {
            "labs": p.labs.count,
            "cap": self._per_world(p.permits.cap),
            "wanted": m.wanted.sum(axis=-1),
            "no_demand": p.labs.count - labs_in(some),
            "covered": labs_in(some & ~short),
            "deterred": labs_in(short & ~violating),
            "violating": labs_in(violating),
            "run": run,
            "uncovered": uncovered,
            "held": m.held.sum(axis=-1),
            "held_squares": np.square(m.held).sum(axis=-1),
            "used": used,
            "bought": bought,
            "sold": sold,
            "paid": revenue + received,
            "received": received,
            "revenue": revenue,
            "price": m.clearing.price,
            "run_value": total(m.run_value),
            "covered_value": total(m.gain * first_units(m.covered, p.labs.units)),
            "best_value": best_value(self._ranked_values(), p.permits.cap),
            "reported_compute": used * flop,
            "true_compute": run * flop,
            "audits": audits,
            "signals_violators": signals_violators,
            "signals_clean": signals - signals_violators,
            "false_alarms": audits - audited_violators,
            "caught": labs_in(m.caught),
            "seized": m.seized.sum(axis=-1),
            "fines": m.fine.sum(axis=-1),
            "audit_cost": audits * self._per_world(p.welfare.audit_cost),
            "harm": uncovered * self._per_world(p.welfare.harm),
            "infeasible": np.any(np.atleast_1d(self.rates.infeasible), axis=-1),
            "wealth": self.ledger.labs.sum(axis=-1),
        }

    def _ranked_values(self) -> Array:
        """Net values of all units in rising order; the book has them where labs report them all."""
        month, p = self.month, self.parameters
        book = month.clearing.book
        if self._reporting.name == "full-value" and book.ladder == p.labs.units and not np.any(p.permits.reserve_price):
            return book.ranked
        return np.sort(np.ascontiguousarray(month.net_value).reshape(*self.lead, -1), axis=-1)

    def tallies(self) -> dict[str, Array]:
        """Raw counts and sums of the months so far, each (*lead, months)."""
        return {name: np.stack(months, axis=-1).astype(np.float64) for name, months in self._tallies.items()}

    def measures(self) -> dict[str, Array]:
        """Every measure of the months so far, each (*lead, months); definitions in `agents.measures`."""
        tallies = self.tallies()
        if not tallies:
            raise InputError("results: no month has been run yet; call run() or step() first")
        return {name: measure.formula(tallies) for name, measure in MEASURES.items()}

    def world_values(self) -> dict[str, Array]:
        """Each world's value of every measure: the mean over the months where it is defined, shape lead."""
        return {name: defined_mean(values) for name, values in self.measures().items()}

    def results(self) -> pd.DataFrame:
        """Tidy table: columns (cell,) seed, month from 1, then the measures; one row a world and month."""
        measures = self.measures()
        months = next(iter(measures.values())).shape[-1]
        seeds = np.atleast_1d(self.seeds).reshape(-1)
        columns: dict[str, Array] = {}
        if self._many_cells:
            cells = len(self._cells)
            columns["cell"] = np.repeat(np.arange(cells), seeds.size // cells * months)
        columns["seed"] = np.repeat(seeds, months)
        columns["month"] = np.tile(np.arange(1, months + 1), seeds.size)
        return pd.DataFrame(columns | {name: values.reshape(-1) for name, values in measures.items()})

    def _populate(self) -> None:
        """Make the agents when first asked for: a sweep of thousands of worlds never needs them."""
        if not self.__dict__.get("_populated", True):
            self._populated = True
            for index in range(self.parameters.labs.count):
                Lab(self, index)
            Governor(self)
            getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa before 3.5 keeps every model alive here

    @property
    def agents(self) -> Any:
        """Labs, then the Governor, as a Mesa AgentSet."""
        self._populate()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """Mesa's agents by class."""
        self._populate()
        return super().agents_by_type

    @property
    def governor(self) -> Governor:
        """The Governor as an agent."""
        return next(iter(self.agents_by_type[Governor]))


def _some(figure: Any, labs: slice) -> Any:
    """The same labs of a figure that may be one number for all of them."""
    return figure[..., labs] if np.ndim(figure) and np.shape(figure)[-1] > 1 else figure
