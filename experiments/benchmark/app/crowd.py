"""Many readers at once, each with a session of its own on Compare, moving a slider again and again.

They speak Streamlit's own protocol instead of sitting in front of a browser: what is measured is the server.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from experiments.benchmark.app.serving import Server
from experiments.benchmark.app.times import COMPARE, QUERY
from experiments.benchmark.findings import Effort
from experiments.benchmark.simulation.rows import Limit

Rows = Iterator[dict[str, Any]]

READERS, SECONDS, AFTER = 20, 120, 10
PAUSE = 2.0
"""Seconds that a reader looks at a page before the next move, on average."""
PENALTIES = tuple(step / 20 for step in range(41))
NO_ERROR, MEMORY, FLAT = Limit(most=0), Limit(most=2048), Limit(most=1.02)


@dataclass
class Reader:
    """One session: how long each redraw took, what went wrong; the page, as Streamlit names it, and its widgets."""

    server: Server
    seed: int
    waits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    page: str = ""
    widgets: dict[str, Any] = field(default_factory=dict)

    async def stay(self, deadline: float) -> None:
        """Open the page and move the penalty until the time is over."""
        from websockets.asyncio.client import connect

        chance = random.Random(self.seed)
        place = self.server.url.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            async with connect(place, subprotocols=["streamlit"], max_size=None, proxy=None) as socket:
                await self._drawn(socket)
                while time.monotonic() < deadline:
                    await asyncio.sleep(chance.uniform(0, 2 * PAUSE))
                    self._move(chance.choice(PENALTIES))
                    await self._drawn(socket)
        except (OSError, RuntimeError, TimeoutError) as error:
            self.errors.append(str(error))

    def _move(self, penalty: float) -> None:
        slider = next(state for name, state in self.widgets.items() if "enforcement.penalty" in name)
        slider.double_array_value.data[:] = [penalty]

    async def _drawn(self, socket: Any) -> None:
        """Ask for the page as it is set, and read it to its end."""
        started = time.perf_counter()
        await socket.send(_request(self.page, self.widgets.values()))
        while True:
            message = _message(await asyncio.wait_for(socket.recv(), 120))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page = message.new_session.page_script_hash
            elif kind == "delta":
                self._note(message.delta.new_element)
            elif kind == "script_finished":
                self.waits.append(time.perf_counter() - started)
                return

    def _note(self, element: Any) -> None:
        if element.HasField("exception"):
            self.errors.append(str(element.exception.message))
        if element.HasField("alert") and element.alert.format == element.alert.ERROR:
            self.errors.append(str(element.alert.body))
        if (state := _state(element)) is not None:
            self.widgets[state.id] = state


def _request(page: str, widgets: Iterable[Any]) -> bytes:
    """A run of the page with its widgets as they are, as the browser asks for it."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    asked = BackMsg()
    asked.rerun_script.page_script_hash = page
    asked.rerun_script.query_string = QUERY.removeprefix("?")
    asked.rerun_script.widget_states.widgets.extend(widgets)
    return bytes(asked.SerializeToString())


def _state(element: Any) -> Any:
    """What the browser would say of a widget that has just been drawn; None of what is none, or of no use here."""
    from streamlit.proto.WidgetStates_pb2 import WidgetState

    kind = element.WhichOneof("type")
    drawn = getattr(element, kind) if kind in ("slider", "selectbox", "multiselect") else None
    if drawn is None:
        return None
    state = WidgetState(id=drawn.id)
    if kind == "slider":
        state.double_array_value.data.extend(drawn.value if drawn.set_value else drawn.default)
    elif kind == "selectbox":
        state.string_value = drawn.raw_value if drawn.set_value else drawn.options[drawn.default]
    else:
        chosen = drawn.raw_values if drawn.set_value else [drawn.options[place] for place in drawn.default]
        state.string_array_value.data.extend(chosen)
    return state


def _message(content: bytes) -> Any:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    message = ForwardMsg()
    message.ParseFromString(content)
    return message


def crowd(effort: Effort, server: Server) -> Rows:
    """Twenty readers for two minutes: errors, waits, and the server's memory meanwhile and afterwards."""
    readers = [Reader(server, effort.first_seed + number) for number in range(READERS)]
    with ThreadPoolExecutor(1) as apart:  # a thread of its own, since a browser may have its event loop in this one
        stays = _together(readers, server, effort.part(SECONDS, least=4))
        memory = apart.submit(asyncio.run, stays).result()
    stayed = server.megabytes()
    time.sleep(effort.part(AFTER))
    errors = [error for reader in readers for error in reader.errors]
    waits = [wait for reader in readers for wait in reader.waits[1:]] or [float("nan")]
    yield _row("errors", "", float(len(errors)), NO_ERROR)
    yield _row("redraws", "", float(len(waits)))
    yield _row("redraw, median", "s", median(waits))
    yield _row("memory of the server, most", "MiB", max(memory), MEMORY)
    yield _row("memory afterwards over memory at the end", "", server.megabytes() / stayed, FLAT)


def _row(measure: str, unit: str, value: float, limit: Limit = Limit()) -> dict[str, Any]:  # noqa: B008
    return COMPARE.row(measure, unit, value, limit=limit) | {"part": f"app: {READERS} sessions"}


async def _together(readers: list[Reader], server: Server, seconds: float) -> list[float]:
    """All readers at once; the server's memory, once a second."""
    memory = [server.megabytes()]
    stays = [asyncio.create_task(reader.stay(time.monotonic() + seconds)) for reader in readers]
    while any(not stay.done() for stay in stays):
        await asyncio.sleep(1)
        memory.append(server.megabytes())
    await asyncio.gather(*stays)
    return memory
