"""Every query of docs/archive.md is run over kept answers."""

import re
from pathlib import Path

import duckdb
import pytest

from monitor.cli.main import main
from tests.made import archive

ROOT = Path(__file__).parents[2]
QUERIES = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "archive.md").read_text(), re.DOTALL)
HIGH = "alarms.hr_high.limit_bpm"
COUNT = 8


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queries")
    archive(folder / "archive", COUNT)
    (folder / "archive" / "bad.db").write_text("not a recording")
    words = ["--set", f"{HIGH}=129", "--compare", "--sweep", f"{HIGH}=110:130:10"]
    assert (
        main(["reanalyse", str(folder / "archive"), "--parquet", str(folder / "out"), *words]) == 1
    )
    return folder / "out"


@pytest.fixture
def ask(kept, monkeypatch):
    monkeypatch.chdir(kept)

    def run(query):
        with duckdb.connect() as database:
            return database.execute(query).fetchall()

    return run


def query(first):
    (found,) = [one for one in QUERIES if first in one]
    return found


@pytest.mark.parametrize("text", QUERIES, ids=range(len(QUERIES)))
def test_each_query_finds_something(ask, text):
    assert ask(text)


def test_alarms_an_hour(ask):
    hours = COUNT * 240 / 3600
    for _, alarms, per_hour in ask(query("per_hour")):
        assert per_hour == pytest.approx(alarms / hours, abs=0.006)


def test_most_high_alarms_come_first(ask):
    counts = [high for *_, high in ask(query("AS high"))]
    assert counts == sorted(counts, reverse=True)


def test_a_higher_limit_alarms_less(ask):
    found = ask(query("sweep/"))
    assert [value for value, *_ in found] == [110, 120, 130]
    alarms = [count for _, count, _ in found]
    assert alarms == sorted(alarms, reverse=True)
    assert alarms[0] > alarms[-1]


def test_what_could_not_be_read_is_found(ask):
    ((path, error),) = ask(query("outcome = 'bad'"))
    assert path.endswith("bad.db")
    assert "not a recording" in error
