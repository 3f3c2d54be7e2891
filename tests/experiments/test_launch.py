"""The command that serves the app: local, quiet, themed; a port that is taken gets one line."""

import os
import socket
import subprocess
import sys

import pytest
from streamlit import config

from experiments import launch
from mechanisms import InputError


def test_the_command_is_local_and_quiet_and_streamlit_knows_every_option():
    options = dict(part.removeprefix("--").split("=", 1) for part in launch.command(8600)[5:])
    assert options["server.address"] == "127.0.0.1"
    assert options["server.headless"] == "true"
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


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the server is a child")
def test_run_says_where_and_becomes_the_server(monkeypatch, capsys):
    became = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: became.append((program, arguments)))
    monkeypatch.setattr(subprocess, "call", lambda _: 0)
    with pytest.raises(SystemExit):
        launch.run(8599, open_browser=True)
    assert became[0][0] == sys.executable
    assert "--server.headless=false" in became[0][1]
    assert capsys.readouterr().out.splitlines() == ["Permit Lab is at http://127.0.0.1:8599 (Ctrl+C ends it)"]
