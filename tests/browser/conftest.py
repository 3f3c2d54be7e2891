"""The app on a free port of 127.0.0.1, and a real Chromium to look at it.

PERMIT_LAB_BROWSER names the browser; where it is unset one is looked for on PATH. Without one the tests here skip;
with the variable set, a browser that does not start is a failure.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

expect.set_options(timeout=30_000)  # a busy machine takes longer than the usual five seconds

ROOT = Path(__file__).resolve().parents[2]
SERVER_OPTIONS = [
    "--server.headless=true",
    "--server.address=127.0.0.1",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
]
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome")
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"
SETTLED = """() =>
    document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]') !== null
    && document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]') === null
"""


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.browser)


def pytest_runtest_setup() -> None:
    if find_browser() is None:  # skipped here rather than in a fixture, so that pytest folds all into one notice
        pytest.skip(f"no browser: none of {', '.join(BROWSER_NAMES)} on PATH, and PERMIT_LAB_BROWSER is not set")


def find_browser() -> str | None:
    return os.environ.get("PERMIT_LAB_BROWSER") or next(filter(None, map(shutil.which, BROWSER_NAMES)), None)


def settled(page: Page, timeout: float = 30.0) -> Page:
    """Wait until the page has stayed settled for a moment: right after a click the script has not started yet."""
    deadline = time.monotonic() + timeout
    calm = 0
    while calm < 4:
        calm = calm + 1 if page.evaluate(SETTLED) else 0
        assert time.monotonic() < deadline, f"the page did not settle within {timeout:.0f} s"
        page.wait_for_timeout(75)
    return page


@pytest.fixture(scope="module")  # not the session: Playwright's event loop must not outlive these tests
def browser() -> Iterator[Browser]:
    path = find_browser()
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=path, args=[OFFLINE, *(["--no-sandbox"] if is_root else [])]
            )
        except Error as error:
            if os.environ.get("PERMIT_LAB_BROWSER"):
                pytest.fail(f"PERMIT_LAB_BROWSER={path} does not start: {error}", pytrace=False)
            pytest.skip(f"no browser: {path} does not start (set PERMIT_LAB_BROWSER to see why)")
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield an empty tab of 1280 x 800 with its own cookies; `page.set_viewport_size` makes it a phone."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app with a home folder of its own, and end it afterwards."""
    home = tmp_path_factory.mktemp("app")
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}", *SERVER_OPTIONS]
    environment = os.environ | {"PERMIT_LAB_HOME": str(home)}
    with (home / "server.log").open("w+", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_healthy(url, server, Path(log.name))
            yield url
        finally:
            end(server)
        said = Path(log.name).read_text(encoding="utf-8")
        assert "Traceback" not in said, said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path, timeout: float = 60.0) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + timeout
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(f"{url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8')}", pytrace=False)


def end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
