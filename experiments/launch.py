"""Start the app: Streamlit's command line with the theme and everything that keeps it local and quiet."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from mechanisms import InputError
from scenarios.store import LARGEST_FILE

ENTRY = Path(__file__).resolve().parents[1] / "streamlit_app.py"

_OPTIONS = {
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "server.maxUploadSize": str(LARGEST_FILE // 2**20),
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
    "theme.dark.primaryColor": "#3a8dcf",
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


def command(port: int, address: str = "127.0.0.1", *, headless: bool = True) -> list[str]:
    """Command that serves the app.

    >>> command(8501)[1:4], "--server.headless=true" in command(8501)
    (['-m', 'streamlit', 'run'], True)
    """
    place = {"server.port": str(port), "server.address": address, "server.headless": str(headless).lower()}
    options = [f"--{name}={value}" for name, value in (place | _OPTIONS | _THEME).items()]
    return [sys.executable, "-m", "streamlit", "run", str(ENTRY), *options]


def check_port(port: int, address: str) -> None:
    """Refuse a port that cannot be listened on, in one line."""
    if not 1 <= port <= 65535:
        raise InputError(f"port: {port} is not in [1, 65535]")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"port: cannot listen on {address} port {port}: {reason}") from None


def run(port: int, address: str = "127.0.0.1", open_browser: bool = False) -> None:
    """Serve the app until it is interrupted; say where. On POSIX this process becomes the server."""
    check_port(port, address)
    serve = command(port, address, headless=not open_browser)
    print(f"Permit Lab is at {url(port, address)} (Ctrl+C ends it)", flush=True)
    if os.name == "posix":
        os.execv(serve[0], serve)  # a signal sent to us reaches the server
    sys.exit(subprocess.call(serve))
