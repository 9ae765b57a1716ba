"""From a snapshot to what is on the screen."""

import pytest

from monitor import feed
from tui import wording
from tui.sounding import Bell, bell_interval_s
from tui.view_state import build


def snapshot(**changes):
    values = {
        "seq": 1, "t_s": 8110.0, "utc": "2026-07-01T10:00:00.000+00:00",
        "session": feed.Session(session_id="s", mode="LIVE", zone="Europe/Zurich"),
        "heart_rate": vital(), "skin_temperature": feed.Vital(),
        "audio": feed.Audio(available=True), "doses_s": [2000.0],
    }  # fmt: skip
    return feed.Snapshot(**(values | changes))


def vital(value=122.0, **changes):
    values = {
        "value": value, "validity": "VALID", "age_s": 0.5, "baseline": 84.0,
        "baseline_state": "frozen", "delta": 38.0,
        "limits": {"hr_high": 125.0, "hr_extreme": 140.0},
    }  # fmt: skip
    return feed.Vital(**(values | changes))


def alarm(condition="hr_high", priority="MEDIUM", presence="ON", **changes):
    values = {
        "condition": condition, "occurrence": 2, "kind": "PHYSIOLOGICAL", "priority": priority,
        "presence": presence, "message": condition.upper(), "onset_s": 8100.0,
        "value": 127.0, "limit": 125.0, "unit": "bpm",
    }  # fmt: skip
    return feed.Alarm(**(values | changes))


def test_a_good_value_with_its_baseline():
    view = build(snapshot(), 0.3).heart
    assert (view.number, view.tone, view.age) == ("122", "normal", "valid, <1 s")
    assert (view.delta, view.baseline) == ("+38", "from 84")
    assert view.limits == "125 140"
    assert view.lines == ((125.0, "medium"), (140.0, "high"))


@pytest.mark.parametrize(
    ("changes", "number", "tone", "age"),
    [
        ({"validity": "QUESTIONABLE", "age_s": 6.0}, "122", "grey", "unsure, 6 s old"),
        ({"validity": "NOT_AVAILABLE", "age_s": 42.0}, "--", "absent", "none for 42 s"),
        ({"value": None, "age_s": 130.0}, "--", "absent", "none for 2:10"),
        ({"validity": "INVALID", "age_s": 1.0}, "--", "absent", "none for 1 s"),
        ({"value": None, "age_s": None}, "--", "absent", "no value yet"),
    ],
)
def test_a_value_is_never_shown_as_better_than_it_is(changes, number, tone, age):
    view = build(snapshot(heart_rate=vital(**changes), alarms=[alarm()]), 0.3).heart
    assert (view.number, view.tone, view.age) == (number, tone, age)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"baseline": None, "baseline_state": "none"}, "no baseline"),
        ({"baseline": None, "baseline_state": "collecting", "baseline_progress_s": 250.0},
         "baseline 4:10 of 10:00"),
        ({"baseline_state": "ready"}, "baseline 84 ready"),
        ({"delta": None}, "baseline 84"),
        ({"delta": -0.2}, "0 from 84"),
    ],
)  # fmt: skip
def test_baseline_in_words(changes, text):
    heart = build(snapshot(heart_rate=vital(**changes)), 0.0).heart
    assert f"{heart.delta} {heart.baseline}".strip() == text


def test_the_worst_alarm_that_holds_colours_the_number():
    alarms = [
        alarm("hr_extreme", "HIGH", "LATCHED", clear_s=8105.0),
        alarm(presence="ACKNOWLEDGED"),
    ]
    assert build(snapshot(alarms=alarms), 0.0).heart.tone == "medium"


@pytest.mark.parametrize(("priority", "symbol"), [("HIGH", "***"), ("MEDIUM", "**"), ("LOW", "*")])
def test_banner_says_priority_by_symbol_word_and_tone(priority, symbol):
    view = build(snapshot(alarms=[alarm(priority=priority)]), 0.0)
    assert view.banner.heading == f"{symbol} {priority}  HR_HIGH"
    assert (view.banner.tone, view.banner.flash) == (priority.lower(), True)
    assert view.banner.line == "127 bpm, limit 125 bpm   since T+1:41:40 (0:10)"


def test_banner_prefers_the_unacknowledged_and_counts_the_rest_but_not_the_hidden():
    alarms = [
        alarm("hr_extreme", "HIGH", "ACKNOWLEDGED"),
        alarm("hr_high", "MEDIUM", hidden=True),
        alarm("skin_rise", "LOW"),
        alarm("temp_lost", "LOW"),
    ]
    view = build(snapshot(alarms=alarms), 0.0)
    assert view.banner.heading == "* LOW  SKIN_RISE   +2 more"
    assert (view.to_acknowledge.condition, view.to_acknowledge.occurrence) == ("skin_rise", 2)
    assert [a.condition for a in view.alarms] == [a.condition for a in alarms]


def test_an_acknowledged_alarm_stays_on_the_banner_without_flashing():
    view = build(snapshot(alarms=[alarm(presence="ACKNOWLEDGED")]), 0.0)
    assert (view.banner.tone, view.banner.flash) == ("medium", False)
    assert view.banner.line.endswith("ACKNOWLEDGED")
    assert view.to_acknowledge is None


@pytest.mark.parametrize("presence", ["LATCHED", "RETURNED"])
def test_an_alarm_that_is_over_says_so_and_its_duration_stands_still(presence):
    late = snapshot(t_s=9000.0, alarms=[alarm(presence=presence, clear_s=8160.0)])
    (view,) = build(late, 0.0).alarms
    assert view.state == "OVER, not acknowledged"
    assert view.since.endswith("(1:00)")


def test_no_alarm_is_calm():
    assert build(snapshot(), 0.0).banner.tone == "calm"


@pytest.mark.parametrize(("age_s", "reason"), [(5.1, ""), (0.1, "the engine closed")])
def test_without_an_engine_no_value_stays(age_s, reason):
    view = build(snapshot(alarms=[alarm()]), age_s, reason)
    assert view.lost
    assert (view.heart.number, view.skin.number) == ("--", "--")
    assert view.banner.heading == "*** ENGINE NOT RESPONDING"
    assert view.banner.line.endswith(reason)
    assert len(view.alarms) == 1
    assert view.sensors == ()


@pytest.mark.parametrize(("age_s", "lost"), [(4.9, False), (5.1, True)])
def test_an_engine_that_never_spoke(age_s, lost):
    view = build(None, age_s)
    assert (view.lost, view.heart.number) == (lost, "--")


def test_an_ended_session_is_not_a_lost_engine():
    view = build(snapshot(ended=True), 60.0, "the engine closed the connection")
    assert (view.lost, view.ended, view.banner.heading) == (False, True, "SESSION ENDED")
    assert view.heart.number == "--"


def test_header_before_and_after_the_dose():
    header = build(snapshot(), 0.0).header
    assert (header.mark, header.clock, header.wall) == ("LIVE", "T+1:41:50", "12:00:00")
    assert build(snapshot(doses_s=[]), 0.0).header.clock == "2:15:10 no dose yet"


@pytest.mark.parametrize(
    ("mode", "rate", "mark"),
    [("SIM", 60.0, "SIMULATED x60"), ("LIVE", 1.0, "LIVE"), ("REPLAY", 0.0, "REPLAY PAUSED")],
)
def test_mark(mode, rate, mark):
    session = feed.Session(session_id="s", mode=mode, rate=rate)
    view = build(snapshot(session=session), 0.0)
    assert view.header.mark == mark
    assert bool(view.replay) == (mode == "REPLAY")


@pytest.mark.parametrize(
    ("audio", "text", "tone"),
    [
        (feed.Audio(available=True), "", "normal"),
        (feed.Audio(available=True, paused_remaining_s=103.4), "AUDIO PAUSED 1:43", "paused"),
        (
            feed.Audio(available=False, paused_remaining_s=103.4),
            "NO SOUND  AUDIO PAUSED 1:43",
            "bad",
        ),
    ],
)
def test_sound_tile(audio, text, tone):
    header = build(snapshot(audio=audio), 0.0).header
    assert (header.audio, header.audio_tone) == (text, tone)


@pytest.mark.parametrize(
    ("changes", "tone", "facts"),
    [
        ({"age_s": 0.2}, "normal", "last packet <1 s"),
        ({"age_s": 12.0, "state": "stale"}, "bad", "last packet 12 s"),
        ({"state": "connecting"}, "warn", "last packet never"),
        ({"age_s": 1.0, "contact": False}, "warn", "NO CONTACT, last packet 1 s"),
        ({"age_s": 1.0, "contact": True, "battery_pct": 15.0}, "warn",
         "contact, battery 15 %, last packet 1 s"),
        ({"age_s": 1.0, "signal_dbm": -61.0, "signal_age_s": 4.0}, "normal",
         "signal -61 dBm, last packet 1 s"),
        ({"age_s": 1.0, "signal_dbm": -61.0, "signal_age_s": 300.0}, "normal",
         "signal -61 dBm 5:00 ago, last packet 1 s"),
        ({"age_s": 1.0, "malformed": 3}, "normal", "last packet 1 s, 3 malformed"),
        ({"age_s": 1.0, "state": "odd"}, "bad", "last packet 1 s"),
    ],
)  # fmt: skip
def test_sensor(changes, tone, facts):
    sensor = feed.Sensor(**({"alias": "strap", "title": "", "state": "streaming"} | changes))
    (view,) = build(snapshot(sensors=[sensor]), 0.0).sensors
    told = ", ".join(text for text in (*view.columns, view.more) if text)
    assert (view.tone, told) == (tone, facts)


def test_two_limits_that_read_the_same_are_shown_once():
    limits = {"hr_elevated": 110.0, "hr_above_baseline": 110.3, "hr_high": 125.0}
    vital = feed.Vital(value=90.0, validity="VALID", limits=limits)
    assert build(snapshot(heart_rate=vital), 0.0).heart.limits == "110 125"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("strap", "strap"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x9b31mx", "31mx"),
        ("a\r\nb\tc", "a b c"),
        ("a\u202eb\u200bc\x00d", "abcd"),
        ("[bold]x[/]", "[bold]x[/]"),
        ("x" * 300, "x" * 199 + "…"),
        ("Zürich 日本", "Zürich 日本"),
    ],
)
def test_text_from_outside_is_made_plain(raw, clean):
    assert wording.plain(raw) == clean


def test_an_unknown_zone_falls_back_to_utc_and_says_so():
    utc = "2026-07-01T10:00:00.000+00:00"
    assert wording.wall_clock(utc, "Nowhere/Atlantis") == "10:00:00Z"
    assert wording.wall_clock(utc, "../../etc/passwd") == "10:00:00Z"
    assert wording.wall_clock("soon", "UTC") == "--:--:--"


@pytest.mark.parametrize(
    ("t_s", "doses", "text"),
    [(8110, [2000], "T+1:41:50"), (1700, [2000], "T-0:05:00"), (75, [], "0:01:15"),
     (2000, [2000], "T+0:00:00"), (40000, [0, 9], "T+11:06:40")],
)  # fmt: skip
def test_session_clock(t_s, doses, text):
    assert wording.since_dose(t_s, doses) == text


SILENT = feed.Audio(available=False, burst=None)


@pytest.mark.parametrize(
    ("audio", "lost", "own", "interval_s"),
    [
        (feed.Audio(available=False, burst="HIGH"), False, False, 1.0),
        (feed.Audio(available=False, burst="MEDIUM"), False, False, 3.0),
        (feed.Audio(available=False, burst="LOW"), False, False, 15.0),
        (feed.Audio(available=True, burst="HIGH"), False, False, None),
        (SILENT, False, False, None),
        (None, False, False, None),
        (SILENT, True, False, 1.0),
        (None, True, False, 1.0),
        (SILENT, True, True, None),
    ],
)
def test_when_the_terminal_bell_rings(audio, lost, own, interval_s):
    assert bell_interval_s(audio, lost=lost, own_signal=own) == interval_s


def test_a_lost_engine_rings_every_second_for_at_least_two_minutes():
    bell = Bell()
    rings = [bell.due(quarter / 4, 1.0) for quarter in range(130 * 4)]
    assert sum(rings) == 130
    assert not bell.due(131.0, None)
    assert bell.due(131.1, 3.0)
