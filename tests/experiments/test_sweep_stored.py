"""Sweeps stored by name: no name leads elsewhere; one process at a time; stopped from outside and resumed."""

import time

import pytest

from experiments.sweeps import stored
from mechanisms import InputError

PLAN = {
    "scenario": "thin_market",
    "set": {"labs.count": 3, "months": 1},
    "seeds": 2,
    "axes": {"permits.cap": "2:9:8"},
    "chunk": 1,
}


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("PERMIT_LAB_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "/etc", "A", "x" * 65, ".x.running", "x\n", None, 3])
def test_no_name_leads_elsewhere(name, home):
    for use in (stored.run_folder, stored.delete, stored.stop, stored.stored, lambda n: stored.run_stored(n, PLAN)):
        with pytest.raises(InputError, match="run: name "):
            use(name)
    assert list(home.rglob("*")) == []


def test_a_link_to_another_place_is_refused(home, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (home / "runs").mkdir()
    (home / "runs" / "link").symlink_to(elsewhere)
    with pytest.raises(InputError, match="link"):
        stored.run_stored("link", PLAN)
    assert stored.all_stored() == []
    assert list(elsewhere.iterdir()) == []


def test_a_sweep_is_stored_listed_and_deleted(home):
    stored.run_stored("mine", PLAN)
    (found,) = stored.all_stored()
    assert (found.name, found.complete, found.running, found.share) == ("mine", True, False, 1.0)
    assert list(found.plan.axes) == ["permits.cap"]
    assert stored.free_name("mine") == "mine-1"
    with pytest.raises(InputError, match="run: mine is there already"):
        stored.run_stored("mine", PLAN)
    stored.delete("mine")
    assert list((home / "runs").iterdir()) == []


def test_a_folder_that_is_no_sweep_is_not_deleted(home):
    (home / "runs" / "notes").mkdir(parents=True)
    (home / "runs" / "notes" / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match="run: notes is not the folder of a sweep"):
        stored.delete("notes")
    assert stored.all_stored() == []


def test_one_that_runs_is_neither_started_again_nor_deleted():
    refused = []

    def meanwhile(share):
        assert stored.is_running("mine")
        for again in (lambda: stored.run_stored("mine", resume=True), lambda: stored.delete("mine")):
            with pytest.raises(InputError, match="run: mine is running"):
                again()
            refused.append(share)

    stored.run_stored("mine", PLAN, progress=meanwhile)
    assert len(refused) == 16
    assert not stored.is_running("mine")


def test_stopped_from_outside_and_resumed_to_the_same_bytes(monkeypatch):
    class Ended(Exception):
        pass

    ended = []
    monkeypatch.setattr(stored, "BEAT", 0.01)
    monkeypatch.setattr(stored, "end", lambda: ended.append(True))

    def stop(share):
        if share >= 0.5:
            stored.stop("mine")
            time.sleep(0.1)
            raise Ended  # what the process does not live to see

    with pytest.raises(Ended):
        stored.run_stored("mine", PLAN, progress=stop)
    assert ended
    found = stored.stored("mine")
    assert (found.complete, found.done, found.running) == (False, 4, False)
    stored.run_stored("mine", resume=True)
    stored.run_stored("whole", PLAN)
    one, other = (sorted((stored.run_folder(name) / "chunks").iterdir()) for name in ("mine", "whole"))
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]


def test_a_sign_that_nobody_touches_counts_for_nothing(home, monkeypatch):
    (home / "runs").mkdir()
    (home / "runs" / ".mine.running").touch()
    assert stored.is_running("mine")
    monkeypatch.setattr(stored, "GONE", 0.0)
    assert not stored.is_running("mine")
    stored.run_stored("mine", PLAN)
    assert not (home / "runs" / ".mine.running").exists()
