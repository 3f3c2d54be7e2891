"""The live month's words and tables as HTML: the six phases, a lab's units, and money by account."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from app.live_words import money
from experiments.live import PHASES

STYLE = """<style>
.pl-phases { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0.5rem;
  list-style: none; padding: 0 !important; margin: 0 !important; }
.pl-phases li { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 0.4rem;
  padding: 0.4rem 0.65rem !important; margin: 0 !important; font-size: 0.88rem; line-height: 1.38; }
.pl-phases li b { display: block; font-weight: 600; }
.pl-phases .pl-now { border-color: #0072B2; box-shadow: inset 0 0 0 1px #0072B2; }
.pl-phases .pl-ahead { color: color-mix(in srgb, currentColor 55%, transparent); border-style: dashed; }
.pl-money { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.86rem; }
.pl-money th, .pl-money td { border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent);
  padding: 0.22rem 0 0.22rem 0.6rem; text-align: right; font-weight: 400; white-space: nowrap; }
.pl-money th:first-child { text-align: left; padding-left: 0; white-space: normal; }
.pl-money thead th { font-weight: 600; vertical-align: bottom; white-space: normal; }
.pl-money .pl-balance th, .pl-money .pl-balance td { font-weight: 600; }
.pl-said { font-size: 0.92rem; line-height: 1.45; margin: 0 0 0.35rem; }
</style>"""

COLUMNS = {
    "labs": "Labs",
    "collateral": "Collateral held",
    "governor": "Governor",
    "resources": "Resources",
    "at_hand": "At hand",
}


def phases(told: Sequence[str], begun: str) -> str:
    """The six phases: those that happened with what happened, the last of them marked, and those to come.

    >>> phases(["A price."], "Month 1").count("pl-ahead")
    5
    """
    items = []
    for place, title in enumerate(PHASES):
        kind = "pl-ahead" if place >= len(told) else "pl-now" if place == len(told) - 1 else "pl-done"
        words = f"<span>{escape(told[place])}</span>" if place < len(told) else ""
        now = ' aria-current="step"' if kind == "pl-now" else ""
        items.append(f'<li class="{kind}"{now}><b>{place + 1}. {title}</b>{words}</li>')
    return f'<ol class="pl-phases" aria-label="{escape(begun)}">{"".join(items)}</ol>'


def said(sentences: Sequence[str]) -> str:
    """Sentences, each a paragraph.

    >>> said(["A & b."])
    '<p class="pl-said">A &amp; b.</p>'
    """
    return "".join(f'<p class="pl-said">{escape(words)}</p>' for words in sentences)


def accounts(table: pd.DataFrame, name: str, decimals: int) -> str:
    """A ledger: a row an entry, a column an account; balances before and after in bold.

    >>> table = pd.DataFrame({"phase": [0, 2], "entry": ["Before", "Fines"], "labs": [1.0, -0.5]})
    >>> '<td data-account="labs">−0.50</td>' in accounts(table, "world", 2)
    True
    """
    names = [column for column in table if column in COLUMNS]
    heads = "".join(f'<th scope="col">{COLUMNS[column]}</th>' for column in names)
    rows = []
    for row in table.to_dict("records"):
        phase = int(row["phase"])
        label = f"{phase}. {row['entry']}" if phase else str(row["entry"])
        cells = "".join(f'<td data-account="{column}">{money(row[column], decimals)}</td>' for column in names)
        kind = "" if phase else f' class="pl-balance" data-balance="{escape(str(row["entry"]).lower())}"'
        rows.append(f'<tr{kind}><th scope="row">{escape(label)}</th>{cells}</tr>')
    return _table(f"accounts-{name}", f'<th scope="col">M$</th>{heads}', rows)


def units(table: pd.DataFrame) -> str:
    """A lab's units: net value, order, fill, and whether it ran."""
    heads = ["Unit", "Net value", "Order", "Fill", *(["Run"] if "run" in table else [])]
    rows = []
    for row in table.to_dict("records"):
        value = "–" if pd.isna(row["value"]) else money(row["value"], 3)
        order = f"{row['side']} {money(row['limit'], 3)}" if row["side"] else "none"
        cells = [value, order, _fill(row), *([str(row["run"])] if "run" in table else [])]
        inner = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{row["unit"]}</th>{inner}</tr>')
    return _table("units", "".join(f'<th scope="col">{head}</th>' for head in heads), rows)


def _fill(row: dict[object, object]) -> str:
    filled, price = float(str(row["filled"])), float(str(row["price"]))
    if not filled:
        return "–"
    part = "" if filled == 1 else f"{filled:.3g} "
    return f"{part}{'bought' if row['side'] == 'bid' else 'sold'} at {money(price, 3)}"


def options(table: pd.DataFrame, chosen: int) -> str:
    """What running each number of units without a permit gains; the number that was run in bold."""
    heads = ["Without a permit", "Worth", "Expected penalty", "Gain"]
    rows = []
    for row in table.to_dict("records"):
        cells = "".join(f"<td>{money(row[name], 3)}</td>" for name in ("value", "expected", "gain"))
        count = int(row["units"])
        kind = ' class="pl-balance"' if count == chosen else ""
        label = f"{count} units" if count != 1 else "1 unit"
        rows.append(f'<tr{kind}><th scope="row">{label}{" (its choice)" if kind else ""}</th>{cells}</tr>')
    return _table("options", "".join(f'<th scope="col">{head}</th>' for head in heads), rows)


def _table(name: str, heads: str, rows: Sequence[str]) -> str:
    return (
        f'<div class="pl-box"><table class="pl-money" data-table="{name}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
