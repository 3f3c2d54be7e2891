"""Orders of one's own: typed or pasted into a table, or from a CSV file, cleared under several mechanisms at once."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import state
from app.floor_view import floor_view
from app.mechanism_form import lacking
from app.state import Selection
from app.uploads import text_of
from experiments.ensemble import under_mechanisms
from experiments.orders import EXAMPLE, EXAMPLE_SUPPLY, clear_orders, order_book, read_orders
from experiments.output import csv
from mechanisms import InputError, mechanism_names, resolve

BASE, LAST, VERSION = "own_base", "own_last", "own_version"
SUPPLY, RESERVE, SEED, ALL = "own_supply", "own_reserve", "own_seed", "own_all"
UPLOAD, PROBLEM = "own_upload", "own_problem"
_SLOW = "pymarket:"


def own_orders(chosen: Selection) -> None:
    """The orders to edit, the house's permits, and the floor that they make."""
    orders = _table()
    _house()
    book = order_book(orders, st.session_state[SUPPLY] or 0.0, st.session_state[RESERVE] or 0.0)
    floor, refused = clear_orders(book, _mechanisms(chosen), int(st.session_state[SEED] or 0))
    for name, why in refused.items():
        st.info(f"{name} does not clear these orders: {why}")
    if floor:
        floor_view(floor, "own")


def _mechanisms(chosen: Selection) -> list[str]:
    """Those at the side with the scenario's own options; or every one that is quick and needs no options, too."""
    own = list(under_mechanisms(chosen.scenario, chosen.mechanisms))
    if not st.session_state[ALL]:
        return own
    known = {resolve("mechanism", name).plugin.name for name in own}
    more = [name for name in mechanism_names() if not lacking(name) and not name.startswith(_SLOW)]
    return [*own, *(name for name in more if name not in known)]


def _table() -> pd.DataFrame:
    """The table to type and paste into, and a file to read instead; what is there survives a look elsewhere."""
    st.caption(
        "One row an order, in PyMarket's columns: how many permits, the limit price of each, whose it is, and whether "
        "it buys (a bid) or sells (an ask). Cells can be pasted from a spreadsheet; rows are added at the end."
    )
    st.session_state.setdefault(VERSION, 0)
    key = f"own_table_{st.session_state[VERSION]}"
    if key not in st.session_state:
        st.session_state[BASE] = st.session_state.get(LAST, EXAMPLE)
    left, right = st.columns([2, 1], gap="large")
    with left:
        edited = st.data_editor(
            st.session_state[BASE],
            key=key,
            num_rows="dynamic",
            hide_index=True,
            height=318,
            column_config={
                "quantity": st.column_config.NumberColumn(min_value=0.0, format="%g", help="Permits; 0 is no order."),
                "price": st.column_config.NumberColumn(min_value=0.0, format="%g", help="M$ per permit."),
                "user": st.column_config.TextColumn(help="Whose order it is: any name."),
                "buying": st.column_config.CheckboxColumn(default=True, help="Ticked: a bid. Not ticked: an ask."),
            },
        )
    with right:
        _files(edited)
    st.session_state[LAST] = edited.reset_index(drop=True)
    return edited


def _files(orders: pd.DataFrame) -> None:
    st.file_uploader("Orders from a file (CSV)", type=["csv", "txt"], key=UPLOAD, on_change=_upload)
    if problem := st.session_state.get(PROBLEM):
        st.error(problem)
    st.download_button("These orders (CSV)", lambda: csv(orders), "my_orders.csv", "text/csv", on_click="ignore")
    st.button("Back to the example", on_click=_start, args=(EXAMPLE,), key="own_example")


def _house() -> None:
    state.kept(SUPPLY, EXAMPLE_SUPPLY)
    state.kept(RESERVE, 0.0)
    state.kept(SEED, 0)
    state.kept(ALL, False)
    supply, reserve, seed = st.columns(3)
    supply.number_input("Permits of the house", 0.0, key=SUPPLY, step=1.0, help="On offer besides the asks above.")
    reserve.number_input("Reserve price (M$ per permit)", 0.0, key=RESERVE, step=0.5, help="The house's ask.")
    seed.number_input("Luck (seed)", 0, 999, key=SEED, help="Decides ties, and draws where the rule draws lots.")
    st.checkbox("Under every mechanism that needs no options, not only those at the side", key=ALL)


def _start(orders: pd.DataFrame) -> None:
    """Begin with other orders (a callback)."""
    st.session_state[LAST] = orders
    st.session_state[VERSION] += 1
    st.session_state.pop(PROBLEM, None)


def _upload() -> None:
    """Read an uploaded file (a callback); a bad one leaves the orders as they were."""
    file = st.session_state[UPLOAD]
    st.session_state.pop(PROBLEM, None)
    if file is None:
        return
    try:
        found = read_file(file.name, file.getvalue())
        order_book(found)
    except InputError as error:
        st.session_state[PROBLEM] = str(error)
    else:
        _start(found)


def read_file(name: str, content: bytes) -> pd.DataFrame:
    r"""Orders of an uploaded file; InputError with one line where it holds none.

    >>> read_file("mine.csv", b"quantity,price,user,buying\n1,9,A,1").to_dict("records")
    [{'quantity': 1.0, 'price': 9.0, 'user': 'A', 'buying': True}]
    """
    return read_orders(text_of(name, content), name)
