"""Folders of an archive, and what in them may not be looked at."""

import os
from pathlib import Path

import pytest

from monitor.archive import cluster_work, folder
from monitor.cli.main import main
from monitor.errors import EnvironmentFault
from monitor.what_if import Question
from tests.made import recording


@pytest.fixture
def archive(tmp_path):
    for place in ("", "a/b", ".hidden"):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        recording(tmp_path / place / "x.db", 0)
    (tmp_path / "x.db-wal").touch()
    return tmp_path


def refuse(monkeypatch, name, place):
    """As for a user who may not enter; the tests may run as root, whom nothing stops."""
    plain = getattr(os, name)

    def refusing(path, *more, **options):
        if not isinstance(path, int) and Path(os.fsdecode(path)).is_relative_to(place):
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path, *more, **options)

    monkeypatch.setattr(os, name, refusing)


def test_every_recording_is_found_once_in_order(archive):
    found = folder.recordings([archive, archive / "x.db"])
    assert found == sorted(archive / name for name in ("x.db", "a/b/x.db", ".hidden/x.db"))


def test_a_folder_that_cannot_be_read_is_told(archive, monkeypatch, capsys):
    refuse(monkeypatch, "scandir", archive / "a" / "b")
    assert main(["reanalyse", str(archive), "--json"]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert f"{archive / 'a' / 'b'}: cannot be read" in err


def test_a_worker_that_may_not_enter_a_folder_says_that_it_cannot_see(archive, monkeypatch):
    refuse(monkeypatch, "stat", archive / "a")
    path = archive / "a" / "b" / "x.db"
    ((named, found),) = cluster_work.work([str(path)], Question(), cluster_work.identity())
    assert named == path
    assert isinstance(found, EnvironmentFault)
    assert "cannot see it" in str(found)
