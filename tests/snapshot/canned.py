"""Messages of an engine, made by hand, for the dashboard's pictures and key tests."""

import math

import msgspec

from monitor import feed
from monitor.feed_chart import AlarmSpan, Gap, Mark
from monitor.phases import PHASES, phase

T_S = 8110.0
DOSE_S = 1980.0
LIMITS = {"hr_elevated": 110.0, "hr_high": 125.0, "hr_extreme": 140.0, "hr_above_baseline": 124.0}
SKIN_LIMITS = {"skin_rise": 35.4, "skin_rise_fast": 35.9, "skin_high": 38.0}

CHECKS = feed.Checks(
    pressure="128/81", pressure_s=T_S - 730, temperature="36.9 ear", temperature_s=T_S - 2200,
    fluids_ml=250.0, fluids_s=T_S - 900, next_due_s=T_S + 1070, next_due="blood pressure",
)  # fmt: skip
LOG = [
    feed.LogLine(t_s=600.0, kind="action", text="sound heard (KL)"),
    feed.LogLine(t_s=DOSE_S, kind="action", text="DOSE recorded (KL)"),
    feed.LogLine(t_s=5910.0, kind="action", text="temperature 36.9 degC, ear (KL)"),
    feed.LogLine(t_s=7210.0, kind="action", text="note: eyes closed, calm (KL)"),
    feed.LogLine(t_s=7380.0, kind="action", text="blood pressure 128/81 mmHg (KL)"),
    feed.LogLine(t_s=7706.0, kind="system", text="strap: lost (no data for 10 s)"),
    feed.LogLine(t_s=7758.0, kind="system", text="strap: streaming"),
]


def timeline(*spans, gaps=()):
    """What happened beside the curves; spans are (signal, priority, from, until)."""
    return feed.Timeline(
        spans=[
            AlarmSpan(signal=signal, condition="hr_high", priority=priority, t0_s=t0, t1_s=t1)
            for signal, priority, t0, t1 in spans
        ],
        gaps=[Gap(signal="heart_rate", t0_s=7701, t1_s=7760, reason="link lost"), *gaps],
        marks=[
            Mark(t_s=DOSE_S, kind="dose", text="dose"),
            Mark(t_s=5910.0, kind="temperature", text="36.9 degC ear"),
            Mark(t_s=7210.0, kind="note", text="eyes closed, calm"),
            Mark(t_s=7380.0, kind="blood_pressure", text="128/81 mmHg"),
        ],
    )


def session(**changes):
    values = {
        "session_id": "s1",
        "mode": "SIM",
        "subject": "P-014",
        "recording": "/home/clinic/sessions/P-014-session-2.vigil.db",
        "start_utc": "2026-03-02T08:14:50.000+00:00",
        "zone": "Europe/Zurich",
        "rate": 60.0,
        "software": "0.1.0",
    }
    return feed.Session(**(values | changes))


def heart(value=96.0, **changes):
    values = {
        "value": value,
        "validity": "VALID",
        "age_s": 0.4,
        "baseline": 84.0,
        "baseline_state": "frozen",
        "baseline_progress_s": 600.0,
        "delta": None if value is None else value - 84.0,
        "slope_10min": 6.0,
        "limits": LIMITS,
        "site": "chest",
    }
    return feed.Vital(**(values | changes))


def skin(value=34.9, **changes):
    values = {
        "value": value,
        "validity": "VALID",
        "age_s": 1.0,
        "baseline": 34.4,
        "baseline_state": "frozen",
        "baseline_progress_s": 600.0,
        "delta": None if value is None else value - 34.4,
        "slope_10min": 0.2,
        "limits": SKIN_LIMITS,
        "site": "axilla",
    }
    return feed.Vital(**(values | changes))


def sensors():
    return [
        feed.Sensor(
            alias="strap", title="Heart Rate", state="streaming", simulated=True, battery_pct=87.0,
            contact=True, age_s=0.4, packets=8104, measures="heart_rate", site="chest",
        ),
        feed.Sensor(
            alias="patch", title="Health Thermometer", state="streaming", simulated=True,
            battery_pct=64.0, age_s=1.0, packets=8100, malformed=3, measures="skin_temperature",
        ),
        feed.Sensor(
            alias="room", title="Center 30x", state="streaming", simulated=True, age_s=0.8,
            packets=8090, measures="room_temperature",
        ),
    ]  # fmt: skip


def alarm(condition="hr_extreme", priority="HIGH", **changes):
    values = {
        "condition": condition,
        "occurrence": 3,
        "kind": "PHYSIOLOGICAL",
        "priority": priority,
        "presence": "ON",
        "message": "Heart rate extreme",
        "advice": "Go to the person now. Check pulse and consciousness; call the physician.",
        "onset_s": T_S - 42.0,
        "value": 148.0,
        "limit": 140.0,
        "unit": "bpm",
    }
    return feed.Alarm(**(values | changes))


def alarms():
    lost = "Check the temperature sensor and its link."
    return [
        alarm(),
        alarm("hr_high", "MEDIUM", message="Heart rate high", limit=125.0, hidden=True,
              occurrence=2, onset_s=T_S - 130.0),
        alarm("skin_rise", "LOW", message="Skin warmer than baseline", value=1.2, limit=1.0,
              unit="degC", presence="ACKNOWLEDGED", occurrence=1, onset_s=T_S - 900.0,
              reminds_s=130.0),
        alarm("temp_lost", "LOW", kind="TECHNICAL", message="No skin temperature signal",
              value=None, limit=None, unit="s", presence="RETURNED", occurrence=4,
              onset_s=T_S - 3000.0, clear_s=T_S - 2900.0, advice=lost),
    ]  # fmt: skip


def entry(n, t_s, verb, words, **details):
    made = feed.Entry(t_ns=int(t_s * 1e9), verb=verb, operator="KL", details=details)
    return feed.LogLine(n=n, t_s=t_s, kind="action", text=f"{words} (KL)", entry=made)


def log():
    """A dose, a note, a temperature that was corrected, an alarm, something of the system."""
    slip = entry(4, 2500.0, "temperature", "temperature 39.7 degC, ear", degc=39.7, site="ear")
    alarm_ = feed.LogLine(n=5, t_s=2501.0, kind="alarm", text="*** Temperature critical: onset")
    mended = entry(
        6, 2600.0, "temperature", "CORRECTED: temperature 36.9 degC, ear", degc=36.9, site="ear",
        method="infrared", corrects=slip.entry.t_ns,
    )  # fmt: skip
    return [
        feed.LogLine(n=1, t_s=0.0, kind="system", text="engine started"),
        entry(2, DOSE_S, "dose", "DOSE recorded", label="dose", confirm_baseline=True),
        entry(3, 2100.0, "note", "note: tea", text="tea"),
        slip, alarm_, mended,
        entry(7, 3000.0, "blood_pressure", "blood pressure 128/81 mmHg", systolic=128.0,
              diastolic=81.0),
    ]  # fmt: skip


def snapshot(**changes):
    values = {
        "seq": 1,
        "t_s": T_S,
        "utc": "2026-03-02T10:30:00.000+00:00",
        "session": session(),
        "heart_rate": heart(),
        "skin_temperature": skin(),
        "room_degc": 21.4,
        "doses_s": [DOSE_S],
        "sensors": sensors(),
        "audio": feed.Audio(available=True),
        "log": LOG,
        "phase": phase(T_S, [DOSE_S], PHASES),
    }
    return feed.Snapshot(**(values | changes))


def _heart_at(second, peak):
    rise = 1 / (1 + math.exp(-(second - DOSE_S - 2700) / 700))
    late = 1 / (1 + math.exp(-(second - T_S + 200) / 50))
    wave = 2.0 * math.sin(second / 13.0) + 1.3 * math.sin(second / 4.1)
    return 84 + 14 * rise + (peak - 98) * late + wave


def history(peak=98.0, warm=0.5):
    seconds = range(int(T_S) + 1)
    rates = [None if 7700 < s < 7760 else round(_heart_at(s, peak), 1) for s in seconds]
    temperatures = [
        round(34.4 - 3.5 * math.exp(-s / 300) + warm * s / T_S + 0.05 * math.sin(s / 60), 2)
        for s in seconds
    ]
    return feed.History(t0_s=0, heart_rate=rates, skin_temperature=temperatures)


def calm():
    return [history(), timeline(), snapshot(checks=CHECKS)]


HIGH_SPANS = [
    ("heart_rate", "LOW", T_S - 190, T_S - 130),
    ("heart_rate", "MEDIUM", T_S - 130, None),
    ("heart_rate", "HIGH", T_S - 42, None),
    ("skin_temperature", "LOW", T_S - 900, None),
]


def high_alarm():
    value = heart(148.0, slope_10min=49.0)
    return [
        history(148.0, 1.2),
        timeline(*HIGH_SPANS),
        snapshot(heart_rate=value, alarms=alarms(), skin_temperature=skin(35.6), checks=CHECKS),
    ]


def lost_strap():
    """The strap is gone: no heart rate, the skin value held; a technical alarm says so."""
    gone = heart(None, validity="NOT_AVAILABLE", age_s=63.0, slope_10min=None, note="no contact")
    held = skin(validity="QUESTIONABLE", age_s=14.0, note="settling")
    strap, *rest = sensors()
    strap = msgspec.structs.replace(strap, state="lost", age_s=63.0, contact=False)
    lost = alarm(
        "hr_lost", "MEDIUM", kind="TECHNICAL", message="No heart rate signal", value=63.0,
        limit=30.0, unit="s", onset_s=T_S - 33.0,
        advice="Look at the person. Check the strap: position, moisture, battery.",
    )  # fmt: skip
    data = history()
    data.heart_rate[-63:] = [None] * 63
    audio = feed.Audio(available=True, paused_remaining_s=103.0)
    off = Gap(signal="heart_rate", t0_s=int(T_S) - 63, reason="no contact")
    return [
        data,
        timeline(("heart_rate", "MEDIUM", T_S - 33, None), gaps=[off]),
        snapshot(heart_rate=gone, skin_temperature=held, sensors=[strap, *rest], alarms=[lost],
                 audio=audio),
    ]  # fmt: skip


def replay():
    _, _, live = high_alarm()
    replayed = session(mode="REPLAY", rate=10.0)
    return [
        history(148.0, 1.2),
        timeline(*HIGH_SPANS),
        msgspec.structs.replace(live, session=replayed, replay_length_s=21600.0),
    ]


HOSTILE = "evil\x1b[31m\x1b]0;owned\x07[bold red]red[/] [@click=app.quit]x[/]\u202edesrever\n"


def hostile():
    """Names and texts that try to colour, click, reverse or retitle."""
    strap, *rest = sensors()
    strap = msgspec.structs.replace(strap, alias=HOSTILE, detail=HOSTILE)
    bad = alarm(detail=HOSTILE, message=HOSTILE, advice=HOSTILE)
    gap = Gap(signal="heart_rate", t0_s=8000, t1_s=8050, reason=HOSTILE)
    return [
        history(),
        timeline(gaps=[gap]),
        snapshot(
            heart_rate=heart(note=HOSTILE, site=HOSTILE), sensors=[strap, *rest], alarms=[bad],
            session=session(subject=HOSTILE, recording=HOSTILE),
            log=[feed.LogLine(t_s=5.0, kind="action", text=HOSTILE)],
        ),
    ]  # fmt: skip
