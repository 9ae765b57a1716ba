"""Golden recordings: the same vitals, to the last bit, and the same alarms as ever.

`golden/NAME.json` holds what must come out: a hash of all vitals, one of each ten minutes to find
where they part, the alarms; and how many seconds and transitions differ from what was recorded,
which are the changes since that version. After a meant change:

    pytest tests/replay/test_golden.py --update-refs && git diff tests/replay/golden

and the diff belongs into the commit, with the reason. New recordings: `make_session.py`.
"""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from monitor.cli.main import main
from monitor.exactness import exactness, vitals_hash
from monitor.exchange import detect, imported
from monitor.reanalysis import analysis
from monitor.recording.chain import verify
from monitor.recording.reader import Recording
from monitor.recording.writer import vitals_rows
from monitor.tape import Tape

DATA = Path(__file__).parents[1] / "data"
GOLDEN = Path(__file__).parent / "golden"
SESSIONS = ("session", "session-unended", "layout-1", "layout-1-unended")
IMPORTS = ("S20", "mitdb-203")
PART_S = 600


def ecg_csv(path):
    """A minute of MIT-BIH 203 at 130 Hz, full of ectopic beats, as plain CSV."""
    with np.load(DATA / "mitdb" / "clips.npz") as clips:
        ecg_mv = clips["uv_203"] / 1000
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time_s", "ecg[mV]"])
        rows.writerows((f"{i / 130:.6f}", value) for i, value in enumerate(ecg_mv))
    return path


@pytest.fixture(params=[*SESSIONS, *IMPORTS])
def recording(request, tmp_path):
    name, path = request.param, tmp_path / f"{request.param}.db"
    if name in SESSIONS:
        shutil.copyfile(DATA / "recordings" / f"{name}.db", path)
    elif name == "S20":
        imported.write(detect.load([DATA / "empatica" / name]), path)
    else:
        imported.write(detect.load([ecg_csv(tmp_path / "203.csv")]), path)
    return path


def outcome(opened):
    tape = Tape.derive(opened)
    rows = [row for part in tape.vitals for row in vitals_rows(part)]
    alarms = analysis(opened, tape, tape.own).alarms
    exact = exactness(opened, tape.vitals, tape.own.transitions)
    found = {
        "seconds": len(rows),
        "vitals": vitals_hash(rows),
        "parts": {i: vitals_hash(rows[i : i + PART_S])[:12] for i in range(0, len(rows), PART_S)},
        "last": rows[-1],
        "transitions": len(tape.own.transitions),
        "alarms": [
            [a.condition, a.priority, a.onset_s, a.clear_s, a.value, a.limit] for a in alarms
        ],
        "differ": exact and [exact.seconds_differ, exact.transitions_differ],
    }
    return json.loads(json.dumps(found))


def test_what_comes_out_is_what_always_came_out(recording, request):
    before = recording.read_bytes()
    with Recording.open(recording) as opened:
        found = outcome(opened)
    golden = GOLDEN / f"{recording.stem}.json"
    if request.config.getoption("--update-refs"):
        golden.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(golden.read_text())
    assert verify(recording) == []
    assert recording.read_bytes() == before


def altered(path, statement):
    """Another version of Vigil recorded this: its numbers are others."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER vitals_no_update")
        database.execute("DROP TRIGGER journal_no_update")
        database.execute(statement)
    return path


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE vitals SET heart_rate_bpm = heart_rate_bpm + 1e-13 WHERE t_s = 100",
            "0:01:40 vitals: recorded (",
        ),
        ("UPDATE journal SET t_ns = t_ns + 1 WHERE kind = 'alarm'", "recorded only: "),
    ],
)
def test_what_another_version_did_differently_is_told(tmp_path, capsys, statement, says):
    path = shutil.copyfile(DATA / "recordings" / "session.db", tmp_path / "s.db")
    assert main(["reanalyse", str(altered(path, statement)), "--compare"]) == 1
    told = capsys.readouterr().out
    assert "NOT exact: recorded by vigil-session-monitor" in told
    assert says in told
