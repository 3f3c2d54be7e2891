"""One book on the floor: the chart with its orders to click, one order in words, and all mechanisms side by side."""

from __future__ import annotations

from functools import partial
from html import escape
from math import isfinite
from typing import Any

import pandas as pd
import streamlit as st

from app import state
from app.drawing import chart
from app.order_words import called, explained, name, number
from experiments import Floor
from experiments.charts import floor_chart
from experiments.explanation import Explanation, explain
from experiments.orders import MOST_ORDERS
from experiments.output import csv

NOT_DEFINED = "–"
_TOTALS = {
    "permits": "Permits traded",
    "price": "Single price",
    "paid": "Buyers pay (M$)",
    "received": "Selling labs get (M$)",
    "revenue": "Auction revenue (M$)",
    "buyers_surplus": "Buyers' surplus (M$)",
    "sellers_surplus": "Sellers' surplus (M$)",
    "efficiency": "Share of possible gains",
}


def floor_view(floor: Floor, key: str) -> None:
    """The chart, the order chosen in it or from the list, and the totals; `key` keeps two such views apart."""
    label = _label(floor, key)
    if (many := int(floor.clearings[label].book.present.sum())) > MOST_ORDERS:
        chart(floor_chart(floor), key)
        st.caption(f"Of {many:,} orders none is marked: single ones are shown where there are at most {MOST_ORDERS:,}.")
        _side_by_side(floor, key)
        return
    order = _chosen(floor, key)
    found = None if order is None else explain(floor, label, order)
    others = [value.order for value in found.displaced if value.order is not None] if found else []
    drawing = floor_chart(floor, label, order, others)
    chart(drawing, key, ("order", partial(_take, key)))
    _pick(floor, label, key)
    if found:
        _tell(floor, found)
    _side_by_side(floor, key)


def _label(floor: Floor, key: str) -> str:
    """The mechanism whose fills the chart marks."""
    labels = list(floor.clearings)
    place = f"{key}_label"
    state.kept(place, labels[0])
    if st.session_state[place] not in labels:
        st.session_state[place] = labels[0]
    if len(labels) == 1:
        return labels[0]
    return str(st.radio("Orders filled under", labels, key=place, horizontal=True))


def _chosen(floor: Floor, key: str) -> int | None:
    """The order that was chosen, if this book has it."""
    place = f"{key}_order"
    state.kept(place, None)
    present = {int(i) for clearing in floor.clearings.values() for i in clearing.book.present.nonzero()[0]}
    if st.session_state[place] not in present:
        st.session_state[place] = None
    return st.session_state[place]


def _take(key: str, fields: dict[str, Any]) -> None:
    """Choose the order that was clicked (a callback)."""
    st.session_state[f"{key}_order"] = int(fields["order"])


def _pick(floor: Floor, label: str, key: str) -> None:
    """The same choice from a list, for readers without a mouse."""
    rows = floor.orders(label).to_dict("records")
    names = {
        int(row["order"]): called(row["user"], row["unit"], row["side"] == "bid", row["price"], row["quantity"])
        for row in rows
    }
    st.selectbox(
        "An order: click its mark, or choose it here",
        list(names),
        key=f"{key}_order",
        index=None,
        format_func=names.__getitem__,
        placeholder="Why did it win or lose, and what does it pay?",
    )


def _tell(floor: Floor, found: Explanation) -> None:
    """The order in words, and what it gets under each mechanism."""
    said = " ".join(explained(found))
    title = f"{name(found)}, under {found.mechanism}"
    st.html(f'<p class="pl-lead">{escape(title)}</p><p class="pl-why">{escape(said)}</p>')
    if len(floor.clearings) > 1 and floor.same_orders:
        st.table(_everywhere(floor, found.order), border="horizontal")


def _everywhere(floor: Floor, order: int) -> pd.DataFrame:
    rows = {}
    for label in floor.clearings:
        table = floor.orders(label)
        row = table[table["order"] == order].iloc[0]
        money = number(abs(row["payment"])) if row["fill"] else NOT_DEFINED
        rows[label] = {"The same order": row["outcome"], "Permits": number(row["fill"]), "Pays or gets": money}
    return pd.DataFrame(rows).T.rename_axis("mechanism")


def _side_by_side(floor: Floor, key: str) -> None:
    st.subheader("All mechanisms", anchor=False)
    st.table(totals_table(floor), border="horizontal")
    st.caption(
        "Surplus and gains count reports as values; the house values its permits at the reserve price. "
        "A dash: there is no such number."
    )
    place = st.expander("Every order under every mechanism", on_change="rerun", key=f"{key}_every")
    if not place.open:
        return
    orders = orders_table(floor)
    with place:
        st.dataframe(orders, hide_index=True, height="content" if len(orders) < 12 else 420)
        st.download_button(
            "Orders (CSV)", partial(csv, orders), "orders.csv", "text/csv", key=f"{key}_csv", on_click="ignore"
        )


def totals_table(floor: Floor) -> pd.DataFrame:
    """Totals as text, a row a measure and a column a mechanism.

    >>> from experiments.orders import EXAMPLE, clear_orders, order_book
    >>> floor, _ = clear_orders(order_book(EXAMPLE, supply=4), ["uniform-price", "vickrey"])
    >>> totals_table(floor).loc[["Single price", "Auction revenue (M$)"]].values.tolist()
    [['7', '–'], ['28', '20']]
    """
    found = floor.totals().set_index("label").rename(columns=_TOTALS)
    return found.map(_written).T.rename_axis(None)


def _written(value: float) -> str:
    return number(value + 0.0) if isfinite(value) else NOT_DEFINED


def orders_table(floor: Floor) -> pd.DataFrame:
    """Every order with its fill and payment under each mechanism, in the book's order; its price where that differs."""
    tables = {label: floor.orders(label).set_index("order").sort_index() for label in floor.clearings}
    shared, own = ["user", "unit", "side", "quantity", "price"], ["fill", "payment"]
    if not floor.same_orders:
        shared, own = shared[:-1], ["price", *own]
    facts = next(iter(tables.values()))[shared]
    parts = [table[own].add_suffix(f", {label}") for label, table in tables.items()]
    return pd.concat([facts, *parts], axis=1).reset_index(drop=True)
