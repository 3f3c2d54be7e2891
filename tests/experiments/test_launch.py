"""The command that serves the app: local, quiet, themed; a port that is taken gets one line."""

import importlib
import runpy
import socket
import subprocess
import sys
import threading

import pytest
from streamlit import config
from streamlit.web import cli

from experiments import launch
from mechanisms import InputError
from scenarios.store import LARGEST_FILE


def test_the_command_is_local_and_quiet_and_streamlit_knows_every_option():
    options = dict(part.removeprefix("--").split("=", 1) for part in launch.arguments(8600)[2:])
    assert options["server.address"] == "127.0.0.1"
    assert options["server.headless"] == "true"
    assert int(options["server.maxUploadSize"]) * 2**20 == LARGEST_FILE
    assert options["browser.gatherUsageStats"] == "false"
    assert options["server.fileWatcherType"] == "none"
    assert set(options) <= set(config.get_config_options())
    assert launch.ENTRY.name == "streamlit_app.py"
    assert launch.ENTRY.exists()


def test_a_taken_port_gets_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match=r"^port: cannot listen on 127\.0\.0\.1 port"):
            launch.run(taken.getsockname()[1])


@pytest.mark.parametrize("port", [0, 70000])
def test_a_port_out_of_range_gets_one_line(port):
    with pytest.raises(InputError, match="not in"):
        launch.check_port(port, "127.0.0.1")


def test_run_says_where_serves_here_and_prepares_meanwhile(monkeypatch, capsys):
    served, prepared = [], threading.Event()
    monkeypatch.setattr(cli, "main", lambda given, **_: served.append(given))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: socket.socket())
    monkeypatch.setattr(runpy, "run_path", lambda path, _, name: prepared.set() if name == launch.AHEAD else None)
    launch.run(8599, open_browser=True)
    assert prepared.wait(10)
    assert served[0][:2] == ["run", str(launch.ENTRY)]
    assert "--server.headless=false" in served[0]
    assert capsys.readouterr().out.splitlines() == ["Permit Lab is at http://127.0.0.1:8599 (Ctrl+C ends it)"]


def test_the_server_starts_before_the_economics_are_imported():
    code = "import sys, experiments.cli.entry, experiments.launch; print({'numpy', 'mechanisms'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "set()"


def test_the_entry_run_ahead_prepares_the_page_that_opens_first(monkeypatch):
    for module in ("app.ahead", "app.compare_page"):
        importlib.import_module(module)
    monkeypatch.setattr("app.compare_page.prepare_default", lambda: done.append(True))
    done = []
    runpy.run_path(str(launch.ENTRY), run_name=launch.AHEAD)
    assert done == [True]
