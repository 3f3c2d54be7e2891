"""Serve the app in this process: Streamlit with the theme and everything that keeps it local and quiet.

Nothing of the economics is imported here: it takes about a second, in which the browser can already load the page.
"""

from __future__ import annotations

import gc
import runpy
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

ENTRY = Path(__file__).resolve().parents[1] / "streamlit_app.py"
AHEAD = "__ahead__"
"""Name under which the entry runs once before any reader comes: it draws nothing and makes ready what pages need."""
_STEP, _LONGEST = 0.02, 30.0
"""Seconds between looks for the server, and how long it is looked for."""
_TURN = 5e-4
"""Seconds that a thread computes while another waits: at the usual ten times as many, each of the hundred files that a
browser loads first would wait for imports, and each message for the page that is being computed."""

_OPTIONS = {
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "server.maxUploadSize": "4",  # MiB, as `scenarios.store.LARGEST_FILE`; a test holds them together
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "logger.hideWelcomeMessage": "true",
    "logger.level": "warning",
}
_THEME = {
    "theme.baseFontSize": "15",
    "theme.baseRadius": "6px",
    "theme.showWidgetBorder": "true",
    "theme.light.primaryColor": "#00639c",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#eef2f6",
    "theme.light.textColor": "#17212b",
    "theme.light.borderColor": "#d5dde5",
    "theme.light.sidebar.backgroundColor": "#f5f7fa",
    "theme.light.sidebar.secondaryBackgroundColor": "#ffffff",
    "theme.dark.primaryColor": "#2477b5",
    "theme.dark.linkColor": "#6cb2ea",
    "theme.dark.backgroundColor": "#10161d",
    "theme.dark.secondaryBackgroundColor": "#1d2630",
    "theme.dark.textColor": "#e8edf2",
    "theme.dark.borderColor": "#303c48",
    "theme.dark.sidebar.backgroundColor": "#161e27",
    "theme.dark.sidebar.secondaryBackgroundColor": "#212c37",
}


def url(port: int, address: str) -> str:
    """Where the app answers.

    >>> url(8501, "127.0.0.1"), url(8501, "::1"), url(80, "0.0.0.0")
    ('http://127.0.0.1:8501', 'http://[::1]:8501', 'http://127.0.0.1:80')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def arguments(port: int, address: str = "127.0.0.1", *, headless: bool = True) -> list[str]:
    """Streamlit's command line that serves the app.

    >>> arguments(8501)[0], "--server.headless=true" in arguments(8501)
    ('run', True)
    """
    place = {"server.port": str(port), "server.address": address, "server.headless": str(headless).lower()}
    return ["run", str(ENTRY), *(f"--{name}={value}" for name, value in (place | _OPTIONS | _THEME).items())]


def check_port(port: int, address: str) -> None:
    """Refuse a port that cannot be listened on, in one line."""
    if not 1 <= port <= 65535:
        raise _refused(f"{port} is not in [1, 65535]")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _refused(f"cannot listen on {address} port {port}: {reason}") from None


def _refused(why: str) -> Exception:
    from mechanisms import InputError

    return InputError(f"port: {why}")


def run(port: int, address: str = "127.0.0.1", open_browser: bool = False) -> None:
    """Serve the app until it is interrupted; say where.

    This process becomes the server, which keeps what it has imported and gets the signals sent to it. Once it answers,
    a thread prepares the first page, while the browser is still loading what it needs itself. Until then no memory is
    collected: imports leave next to no garbage, and looking for it takes a quarter of their time.
    """
    check_port(port, address)
    gc.disable()
    sys.setswitchinterval(_TURN)
    print(f"Permit Lab is at {url(port, address)} (Ctrl+C ends it)", flush=True)
    from streamlit.web import bootstrap, cli  # noqa: F401  (loaded whole, so that two threads never load it at once)

    without_components()
    without_looking_for_a_terminal()
    threading.Thread(target=_prepare, args=(port, address), daemon=True).start()
    cli.main(arguments(port, address, headless=not open_browser), prog_name="streamlit")


def without_components() -> None:
    """Spare Streamlit the search of all installed packages for components, which the app does not use.

    It takes longer than everything else until the server answers.
    """
    with suppress(ImportError):  # another release of Streamlit may not search
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = lambda *_: []


def without_looking_for_a_terminal() -> None:
    """Spare Streamlit the question whether somebody types in this process: it asks where all imported modules lie.

    It does so for the first element of the first page, for longer than the whole side takes.
    """
    with suppress(ImportError):
        from streamlit import env_util

        env_util.is_repl = lambda: False


def _prepare(port: int, address: str) -> None:
    """Run the entry ahead as soon as the server answers: before, it would only keep the server from doing so."""
    host, deadline = urlsplit(url(port, address)).hostname, time.monotonic() + _LONGEST
    while not _answers(str(host), port) and time.monotonic() < deadline:
        time.sleep(_STEP)
    try:
        runpy.run_path(str(ENTRY), None, AHEAD)
    finally:
        gc.freeze()
        gc.enable()


def _answers(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False
