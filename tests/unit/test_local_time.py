"""Local wall-clock time in the views: daylight saving and midnight inside a session."""

import sqlite3
from contextlib import closing

import pytest

from monitor.recording.local_time import local_text, offsets
from monitor.recording.schema import Anchor, NewSession, VitalsRow, canonical
from monitor.recording.store import Batch, Store

S = 1_000_000_000
OCTOBER = 1_792_882_800 * S
"""2026-10-24 23:00:00 UTC, 01:00 in Oslo: two hours before the clocks go back there."""
MARCH = 1_774_738_800 * S
"""2026-03-28 23:00:00 UTC, midnight in Oslo: the clocks go forward at 01:00 UTC."""


def views(tmp_path, anchors, hours):
    path = tmp_path / "session.db"
    store = Store.create(path, NewSession())
    times = [int(hour * 3600) for hour in hours]
    store.commit(
        Batch(
            anchors=anchors,
            journal=[(t * S, "action", canonical({"verb": "note"})) for t in times],
            vitals=[VitalsRow(t, 60.0, "VALID", None, "NOT_AVAILABLE") for t in times],
        )
    )
    store.finish(times[-1] * S)
    store.close()
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT local, zone FROM actions").fetchall()
        assert database.execute("SELECT local, zone FROM vitals_utc").fetchall() == found
    return [local for local, _ in found], {zone for _, zone in found}


@pytest.mark.parametrize(
    ("zone", "utc_ns", "expected"),
    [
        (
            "Europe/Oslo",
            OCTOBER,
            "25 01:00+02:00, 25 02:30+02:00, 25 02:30+01:00, 25 03:00+01:00",
        ),
        (
            "Europe/Oslo",
            MARCH,
            "29 00:00+01:00, 29 01:30+01:00, 29 03:30+02:00, 29 04:00+02:00",
        ),
        (
            "America/St_Johns",
            OCTOBER,
            "24 20:30-02:30, 24 22:00-02:30, 24 23:00-02:30, 24 23:30-02:30",
        ),
    ],
)
def test_local_time_over_a_change_of_the_clocks(tmp_path, zone, utc_ns, expected):
    anchor = Anchor(segment=0, t_ns=0, utc_ns=utc_ns, zone=zone)
    local, zones = views(tmp_path, [anchor], [0, 1.5, 2.5, 3])
    assert [text[8:16] + text[-6:] for text in local] == expected.split(", ")
    assert zones == {zone}


def test_midnight_within_the_session(tmp_path):
    anchor = Anchor(segment=0, t_ns=0, utc_ns=OCTOBER - 2 * 3600 * S, zone="Europe/Oslo")
    local, _ = views(tmp_path, [anchor], [0.5, 1.5])
    assert local == ["2026-10-24 23:30:00.000+02:00", "2026-10-25 00:30:00.000+02:00"]


def test_another_zone_after_a_restart(tmp_path):
    """A laptop taken along: from the second anchor on the other zone's clock holds."""
    anchors = [
        Anchor(segment=0, t_ns=0, utc_ns=OCTOBER, zone="Europe/Oslo"),
        Anchor(segment=1, t_ns=3600 * S, utc_ns=OCTOBER + 3600 * S, zone="Asia/Kolkata"),
    ]
    local, _ = views(tmp_path, anchors, [0.5, 1, 3])
    assert [text[11:] for text in local] == [
        "01:30:00.000+02:00", "05:30:00.000+05:30", "07:30:00.000+05:30",
    ]  # fmt: skip


def test_a_zone_nobody_knows_leaves_utc(tmp_path):
    anchor = Anchor(segment=0, t_ns=0, utc_ns=OCTOBER, zone="Mars/Olympus")
    local, zones = views(tmp_path, [anchor], [1])
    assert (local, zones) == ([None], {None})
    assert local_text(OCTOBER, "Mars/Olympus") == "2026-10-24 23:00:00+00:00"


def test_a_speeded_session_changes_its_clock_in_time():
    anchor = Anchor(segment=0, t_ns=5 * S, utc_ns=OCTOBER, zone="Europe/Oslo", rate=60.0)
    assert offsets(anchor) == [
        (0, 5 * S, 7200, "Europe/Oslo"),
        (0, 5 * S + 2 * 3600 * 60 * S, 3600, "Europe/Oslo"),
    ]
