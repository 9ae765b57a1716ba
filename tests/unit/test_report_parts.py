"""Clock, gaps, losses, silences, limits and the numbers of the chart, each in small tables."""

import numpy as np
import pytest

from alerts.settings import resolve
from devices.model import SensorSpec, Signal
from monitor.journal import limits_body
from monitor.recording.schema import Anchor
from monitor.report import chart_data, limits, wall
from monitor.report.entries import Told
from monitor.report.gaps import Context, Link, explain, gaps
from monitor.report.sensors import lost
from monitor.report.spans import AUDIO_PAUSE, STANDBY, Span, spans
from monitor.report.traces import Trace
from monitor.report.wall import Wall

S = 1_000_000_000
HOUR = 3600 * S


def at(utc_ns, end_h=8, zone="Europe/Oslo", doses=(), **more):
    return Wall([Anchor(segment=0, t_ns=0, utc_ns=utc_ns, zone=zone, **more)], end_h * HOUR, doses)


NIGHT = 1_761_429_600 * S
"""2025-10-25 22:00 UTC: midnight in Oslo, three hours before the clocks go back."""
DAY = 1_750_000_000 * S
"""2025-06-15 15:06:40 UTC."""
CLOCKS = {
    "plain": (at(DAY), 0, "17:06:40"),
    "the next day": (at(DAY), 7 * HOUR, "00:06:40 +1 d"),
    "before the clocks go back": (at(NIGHT), 2 * HOUR + 1800 * S, "02:30:00 UTC+02:00"),
    "after it": (at(NIGHT), 3 * HOUR + 1800 * S, "02:30:00 UTC+01:00"),
    "half a second before midnight": (
        at(DAY),
        6 * HOUR + 53 * 60 * S + 19 * S + S // 2 + 1,
        "00:00:00 +1 d",
    ),
    "no date": (Wall([], HOUR), 90 * S, "0:01:30"),
    "a fast simulation": (at(DAY, rate=60.0), 90 * S, "0:01:30"),
    "a zone nobody knows": (at(DAY, zone="Mars/Olympus"), 0, "15:06:40"),
}


@pytest.mark.parametrize(("clock", "t_ns", "expected"), CLOCKS.values(), ids=CLOCKS)
def test_clock(clock, t_ns, expected):
    assert clock.clock(t_ns) == expected


def test_time_since_the_dose():
    dosed = at(DAY, doses=[1500 * S])
    assert dosed.since(0) == "T-0:25:00"
    assert dosed.since(1500 * S) == "T+0:00:00"
    assert dosed.since(1500 * S + 6130 * S) == "T+1:42:10"
    assert at(DAY).since(90 * S) == "0:01:30"
    assert dosed.day(0) == "2025-06-15 17:06:40 UTC+02:00 (Europe/Oslo)"


def test_a_resumed_session_goes_by_its_newest_anchor():
    anchors = [
        Anchor(segment=0, t_ns=0, utc_ns=DAY, zone="Europe/Oslo"),
        Anchor(segment=1, t_ns=HOUR, utc_ns=DAY + HOUR + 5 * S, zone="Europe/Oslo"),
    ]
    clock = Wall(anchors, 2 * HOUR)
    assert clock.clock(HOUR - S) == "18:06:39"
    assert clock.clock(HOUR) == "18:06:45"


def test_lengths():
    assert [wall.length(s) for s in (0, 59.4, 60, 125, 3600, 25_000, 10_795)] == [
        *("0 s", "59 s", "1 min 00 s", "2 min 05 s", "1 h 00 min", "6 h 57 min", "3 h 00 min"),
    ]
    assert [wall.hms(s) for s in (-0.2, -61, 3725.6)] == ["0:00:00", "-0:01:01", "1:02:06"]


STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest")


def trace(empty, size=300, off=(), settling=()):
    values = np.full(size, 70.0)
    values[list(empty)] = np.nan
    flags = []
    for chosen in (settling, off):
        flag = np.zeros(size, np.bool_)
        flag[list(chosen)] = True
        flags.append(flag)
    return Trace(Signal.HEART_RATE, "bpm", 0, values, *flags)


def context(**more):
    return Context(**({"sensors": [STRAP], "links": []} | more))


EMPTY = range(100, 140)
REASONS = {
    "engine": (context(lacks=[(90 * S, 150 * S, "", "engine was not running")]), {},
               "engine was not running"),
    "of another sensor": (context(lacks=[(90 * S, 150 * S, "patch", "?")]), {}, "no valid value"),
    "standby": (context(spans=[Span(STANDBY, 95 * S, 150 * S, "toilet, 10 min")]), {},
                "standby: toilet, 10 min"),
    "lost": (context(links=[Link(10 * S, "strap", "streaming", ""),
                            Link(92 * S, "strap", "lost", "no packet for 10 s"),
                            Link(130 * S, "strap", "connecting", "")]), {},
             "strap: lost (no packet for 10 s)"),
    "lost earlier and back": (context(links=[Link(10 * S, "strap", "lost", ""),
                                             Link(40 * S, "strap", "streaming", "")]), {},
                              "no valid value"),
    "off the skin": (context(), {"off": [120]}, "probe may have been off the skin"),
    "said so": (context(said=lambda _, t0, t1: f"no contact {t0 // S} to {t1 // S}"), {},
                "strap: no contact 100 to 140"),
    "no sensor": (context(sensors=[]), {}, "no sensor for it in this session"),
}  # fmt: skip


@pytest.mark.parametrize(("known", "more", "reason"), REASONS.values(), ids=REASONS)
def test_why_there_is_no_value(known, more, reason):
    assert explain(trace(EMPTY, **more), 100, 139, known) == reason


def test_gaps_are_found_whole():
    found = gaps(trace([0, 1, *EMPTY, 299]), context())
    assert [(gap.t0_s, gap.t1_s, gap.length_s) for gap in found] == [
        *((0, 1, 2), (100, 139, 40), (299, 299, 1)),
    ]
    assert found[0].reason == "no value had come yet"
    assert gaps(trace([]), context()) == []


def test_losses_of_a_connection():
    def link(second, state):
        return Link(second * S, "strap", state, "")

    states = [(1, "connecting"), (2, "streaming"), (50, "lost"), (51, "connecting"),
              (60, "streaming"), (80, "stale"), (85, "lost")]  # fmt: skip
    assert lost([link(*state) for state in states], 100 * S) == [10.0, 20.0]
    assert lost([link(1, "connecting"), link(2, "lost")], 100 * S) == []


def test_silences():
    def alarm(second, what, detail=""):
        return second * S, "alarm", {"what": what, "detail": detail, "condition": ""}

    rows = [
        (10 * S, "action", {"verb": "pause_audio", "operator": "ab"}),
        alarm(10, "audio_paused", "120 s"),
        alarm(40, "audio_resumed", "a new alarm"),
        (50 * S, "action", {"verb": "standby", "operator": "ab"}),
        alarm(50, "standby", "toilet, 10 min"),
        (90 * S, "action", {"verb": "end_standby", "operator": "cd"}),
        alarm(90, "standby_ended", "60 s to settle"),
        alarm(95, "audio_paused", "60 s"),
    ]
    assert spans(rows) == [
        Span(AUDIO_PAUSE, 10 * S, 40 * S, "120 s", "ab", "a new alarm"),
        Span(STANDBY, 50 * S, 90 * S, "toilet, 10 min", "ab", "cd"),
        Span(AUDIO_PAUSE, 95 * S, None, "60 s"),
    ]


def test_changes_of_limits_have_old_new_who_and_why():
    before = limits_body(resolve())["alarms"]
    after = before | {"hr_high": before["hr_high"] | {"limit_bpm": 130.0, "clear_bpm": 125.0}}
    states = [limits.InForce(0, before), limits.InForce(60 * S, after)]
    action = Told(
        t_ns=59 * S, verb="set_limit", by="ab",
        details={"condition": "hr_high", "key": "limit_bpm", "value": 130.0, "reason": "athlete"},
    )  # fmt: skip
    found = limits.changes(states, [action])
    assert [(c.key, c.old, c.new, c.by, c.why) for c in found] == [
        ("limit_bpm", 125.0, 130.0, "ab", "athlete"),
        ("clear_bpm", 120.0, 125.0, "ab", "moves with it: athlete"),
    ]
    assert limits.changes(states, [])[0].why == "not by an operator in the session"
    assert limits.changes([states[0], states[0]], []) == []


def test_limits_in_words():
    rows = {row.condition: row for row in limits.limits(limits_body(resolve())["alarms"])}
    assert rows["hr_high"].limits == "limit 125 bpm; clear 120 bpm"
    assert rows["bp_high"].limits == "limit diastolic 110 mmHg; limit 160 mmHg"
    assert limits.limits({"of_the_future": {"limit_x": 3}})[0].title == "of_the_future"
    assert limits.missing({}) != []


def test_a_peak_of_one_second_stays_in_the_chart_and_a_gap_stays_one():
    values = np.full(24_000, 70.0)
    values[12_345], values[6000:6100] = 190.0, np.nan
    found = chart_data.envelope(values)
    assert found.t_s.size == 1200
    assert np.nanmax(found.high) == 190.0
    assert np.isnan(found.middle[300:305]).all()
    assert np.isfinite(found.middle[[299, 305]]).all()
    alone = chart_data.envelope(np.array([np.nan, 70.0, np.nan, 71.0, 72.0]))
    assert alone.lonely.tolist() == [False, True, False, False, False]


def test_limits_drawn_as_they_were():
    rows = limits_body(resolve())["alarms"]
    other = rows | {"hr_high": rows["hr_high"] | {"limit_bpm": 130.0}}
    without = {name: row for name, row in rows.items() if name != "hr_high"}
    states = [limits.InForce(t * S, r) for t, r in ((5, rows), (50, rows), (60, other))]
    steps = chart_data.limit_steps([*states, limits.InForce(80 * S, without)], "hr_high", 100.0)
    assert [(s.t0_s, s.t1_s, s.value, s.priority) for s in steps] == [
        (0.0, 60.0, 125.0, "MEDIUM"),
        (60.0, 80.0, 130.0, "MEDIUM"),
    ]


def test_ticks_are_round_and_not_too_many():
    found = chart_data.ticks(1500.0, 21_600.0)
    assert found[:3] == [1500.0, 3300.0, 5100.0]
    assert len(found) <= 15
    assert chart_data.ticks(0.0, 30.0) == [0.0, 6.0, 12.0, 18.0, 24.0, 30.0]
    assert chart_data.spread([140.0, 40.0, 45.0], 8.0) == [140.0, 37.0, 45.0]
