"""What leaves the computer: numbers, states and codes; nothing anybody wrote unless wanted."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.catalogue import CATALOGUE
from alerts.model import Transition
from monitor import feed
from monitor.rooms import messages, told

PRIVATE = "Anna Secret"
VITAL = feed.Vital(value=72.0, validity="VALID")
ALARM = feed.Alarm(
    condition="standby_overdue",
    occurrence=1,
    kind="TECHNICAL",
    priority="MEDIUM",
    presence="ACKNOWLEDGED",
    message="Not back",
    onset_s=1.0,
    detail=PRIVATE,
    acknowledged_by=PRIVATE,
    checklist=PRIVATE,
)


def snapshot(**more):
    entry = feed.Entry(t_ns=1, verb="note", operator=PRIVATE, details={"text": PRIVATE})
    filled = {
        "seq": 1,
        "t_s": 1.0,
        "utc": "",
        "session": feed.Session(
            session_id="s",
            mode="LIVE",
            subject="P-1",
            recording=f"/home/{PRIVATE}/x.db",
            scales={PRIVATE: (0.0, 10.0)},
        ),
        "heart_rate": VITAL,
        "skin_temperature": VITAL,
        "audio": feed.Audio(detail=PRIVATE),
        "alarms": [ALARM],
        "sensors": [feed.Sensor(alias="strap", title="", state="lost", detail=PRIVATE)],
        "standby": feed.Standby(reason=PRIVATE, remaining_s=5.0),
        "checks": feed.Checks(
            temperature=f"36.9 {PRIVATE}",
            site=PRIVATE,
            method=PRIVATE,
            pressure="128/81",
            scores={PRIVATE: (5.0, 1.0)},
        ),
        "log": [feed.LogLine(t_s=1.0, kind="action", text=PRIVATE, entry=entry)],
    }
    return feed.Snapshot(**(filled | more))


def test_nothing_anybody_wrote_leaves():
    full = snapshot()
    before = messages.encode(full)
    line = told.encoded(told.snapshot(full, notes=False)).decode()
    assert "Anna" not in line
    assert "Secret" not in line
    left = msgspec.json.decode(line, type=feed.Snapshot)
    assert left.session.subject == "P-1"
    assert left.heart_rate == VITAL
    assert (left.checks.pressure, left.checks.temperature) == ("128/81", "36.9")
    assert left.standby.remaining_s == 5.0
    assert left.alarms[0].message == "Not back"
    assert messages.encode(full) == before, "the room's own snapshot is as it was"


def test_with_notes_everything_leaves_but_where_the_recording_lies():
    left = told.snapshot(snapshot(), notes=True)
    assert left.session.recording == ""
    assert left.log[0].text == left.standby.reason == left.alarms[0].detail == PRIVATE


def test_sites_of_the_list_and_stations_are_named():
    checks = feed.Checks(temperature="36.9 ear", site="ear", method="infrared")
    by = msgspec.structs.replace(ALARM, acknowledged_by="station:desk")
    left = told.snapshot(snapshot(checks=checks, alarms=[by]), notes=False)
    assert left.checks == checks
    assert left.alarms[0].acknowledged_by == "station:desk"


def _fields(kind):
    return {field.name for field in msgspec.structs.fields(kind)}


def test_every_text_of_a_snapshot_was_thought_of():
    """A new field with text has to be judged: add it to `told`, or here if it is harmless."""
    judged = {
        feed.Session: {"recording", "scales"},
        feed.Alarm: {"detail", "checklist", "acknowledged_by"},
        feed.Sensor: {"detail"},
        feed.Audio: {"detail"},
        feed.Standby: {"reason"},
        feed.Checks: {"temperature", "site", "method", "scores"},
        feed.Snapshot: {"log"},
    }
    generated = {
        feed.Session: {"session_id", "mode", "subject", "start_utc", "zone", "software"},
        feed.Alarm: {
            *("condition", "kind", "priority", "presence", "message", "advice", "unit", "title"),
            *("masked_by", "rule", "quality", "last_good"),
        },
        feed.Sensor: {"alias", "title", "state", "measures", "site", "reading"},
        feed.Audio: {"burst"},
        feed.Standby: set(),
        feed.Checks: {"pressure", "next_due"},
        feed.Snapshot: {
            *("utc", "session", "heart_rate", "skin_temperature", "alarms", "sensors", "audio"),
            *("checks", "standby", "limits", "setup", "ecg", "phase"),
        },
    }
    for kind, names in judged.items():
        holds_text = {
            field.name
            for field in msgspec.structs.fields(kind)
            if "str" in str(field.type) or "feed." in str(field.type)
        }
        assert holds_text <= names | generated[kind], kind


def test_a_snapshot_too_large_loses_its_notes_first():
    lines = [feed.LogLine(t_s=1.0, kind="action", text="x" * 2000) for _ in range(50)]
    line = told.encoded(told.snapshot(snapshot(log=lines), notes=True))
    assert len(line) <= messages.LARGEST
    assert msgspec.json.decode(line, type=feed.Snapshot).heart_rate == VITAL


def test_an_alarm_change_has_the_catalogues_words_only():
    raw = Transition(t_ns=5, what="onset", condition="hr_high", occurrence=2, detail=PRIVATE)
    change = told.change(raw, "2026-01-01T00:00:00Z", "i", 7)
    assert PRIVATE not in messages.encode(change).decode()
    assert change.message == CATALOGUE["hr_high"].message
    assert (change.value, change.limit, change.state, change.priority) == (None, None, "", "")


@pytest.mark.parametrize(
    ("what", "condition", "concerns"),
    [
        ("onset", "hr_high", True),
        ("clear", "hr_high", True),
        ("limit_changed", "hr_high", False),
        ("audio_paused", "", False),
        ("standby", "", False),
    ],
)
def test_silences_and_limits_stay_in_the_room(what, condition, concerns):
    assert told.concerns_others(Transition(t_ns=0, what=what, condition=condition)) is concerns


@given(st.lists(st.none() | st.floats(30, 200), max_size=3000))
def test_a_trend_is_short_and_true(curve):
    trend = told.trend(curve, curve, "i", ())
    assert len(trend.heart_rate) <= messages.POINTS
    for point, value in enumerate(trend.heart_rate):
        part = [v for v in curve[point * trend.step_s :][: trend.step_s] if v is not None]
        assert (value is None) == (not part)
        assert value is None or min(part) - 0.1 <= value <= max(part) + 0.1
    assert (len(trend.heart_rate) - 1) * trend.step_s < max(1, len(curve))
