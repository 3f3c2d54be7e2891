"""What a reader has to bear in mind, as far as the scenario at hand gives cause for it."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.report.brief import Brief
from mechanisms import get_plugin, resolve


def caveats(brief: Brief) -> Iterator[str]:
    """Sentences, the ones that matter most first."""
    scenario, comparison = brief.scenario, brief.comparison
    enforcement, labs = scenario.enforcement, scenario.labs
    rules = {cell.labs.bidding for cell in comparison.cells.values()}
    if scenario.sources:
        assumed = sum(text.startswith("assumed") for text in scenario.sources.values())
        yield (
            f"Of the {len(scenario.sources)} settings that this scenario gives a source for, {assumed} are assumed; "
            "the table of settings says which."
        )
    else:
        yield "The numbers of this scenario illustrate; none is calibrated to a market."
    if rules == {"full-value"}:
        yield (
            "Labs report their whole net value whatever the mechanism. Mechanisms then differ in compliance only "
            "through trades that they give up or lots that they draw; with bidding that answers to the mechanism they "
            "may differ more."
        )
    unsettled = [label for label, answer in comparison.equilibria.items() if not answer.settled]
    if unsettled:
        yield f"Bidding did not settle under {', '.join(unsettled)}: labs there could still gain by another bid."
    facts = {label: get_plugin("mechanism", cell.market.mechanism).facts for label, cell in comparison.cells.items()}
    labs_sell = scenario.permits.grandfathered > 0 or scenario.permits.banking > 0
    if labs_sell and (weak := [label for label, fact in facts.items() if fact.budget == "none"]):
        yield f"Under {', '.join(weak)} the Governor may have to pay labs that sell more than buyers pay it."
    if labs.choice.kind == "rational":
        yield "Labs are exact: a lab runs without a permit whenever it gains by it in expectation, however little."
    if labs.relocation_cost is not None:
        yield "Compliance is that at home: a lab that runs abroad complies, and the leakage rate tells how many do."
    if enforcement.audit_capacity is not None and not resolve("policy", enforcement.policy.kind).plugin.after_clearing:
        yield "Labs reckon with the audits that were announced, not with the limit on how many can be done."
    if not enforcement.backcheck and enforcement.audit_accuracy == 1:
        yield "An audit finds every violation, and what no audit finds never comes out."
    yield "Harm is a measure, not money: welfare depends on the number that stands for it."
    yield (
        "Intervals cover the luck of the simulated worlds, not whether the model is right; sensitivity tells how far "
        "the settings carry, each varied by half of its own value."
    )
