"""Recordings for reports, made by the recorder itself: small, but with everything in them."""

from __future__ import annotations

import math

from alerts.settings import resolve
from devices.codecs.sample import encode
from devices.model import Frame, SensorSpec, Signal
from monitor.journal import limits_body
from monitor.recording.schema import Mode, NewSession, VitalsRow
from monitor.recording.writer import Recorder

S = 1_000_000_000
DAY = 1_750_000_000 * S
"""2025-06-15 17:06:40 in Oslo."""
HOSTILE = (
    '<script>fetch("https://evil.example/")</script> <img src="https://evil.example/x.png" '
    "onerror=alert(1)> {{ 7*7 }} \u202ereversed\u200b\ud800 \x1b[31mred"
)
STRAP = SensorSpec(
    alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest",
    address='"><b>name from the air',
)  # fmt: skip
PATCH = SensorSpec(alias="patch", codec="hts_2a1c", measures=Signal.SKIN_TEMPERATURE, site="axilla")
CUFF = SensorSpec(alias="cuff", codec="sample", measures=Signal.BLOOD_PRESSURE, transport="file")


def recorder(path, *, mode=Mode.LIVE, utc_ns=DAY, zone="Europe/Oslo", sensors=(STRAP, PATCH, CUFF)):
    made = Recorder(path, create=NewSession(subject="P-017", software="0.1.0", mode=mode))
    made.anchor(t_ns=0, utc_ns=utc_ns, zone=zone, monotonic_ns=5)
    made.sensors(sensors)
    made.journal(0, "session", {"event": "started", "software": "vigil 0.1.0"})
    made.journal(0, "limits", limits_body(resolve()))
    return made


def vitals(seconds, gap=range(0), settling=range(0)):
    """Heart rate that swings about 80, skin that warms slowly."""
    return [
        VitalsRow(
            t_s,
            None if t_s in gap else 80.0 + 20.0 * math.sin(t_s / 900.0),
            "NOT_AVAILABLE" if t_s in gap else "VALID",
            34.0 + t_s / 20_000.0,
            "VALID",
            "settling" if t_s in settling else "",
        )
        for t_s in range(seconds)
    ]


def action(made, t_s, verb, by="ab", refused=None, **details):
    body = {"verb": verb, "operator": by, "details": details}
    made.journal(int(t_s * S), "action", body | ({"refused": refused} if refused else {}))


def alarm(made, t_s, what, condition="hr_high", occurrence=1, priority="MEDIUM", **more):
    body = {
        "what": what, "condition": condition, "occurrence": occurrence, "priority": priority,
        "presence": "ON", "value": 131.0, "limit": 125.0, "unit": "bpm", "detail": "",
    }  # fmt: skip
    made.journal(int(t_s * S), "alarm", body | more)


def full(path, hours=2):
    """A session with all there is: doses, alarms, answers, gaps, changes, corrections, checks."""
    made = recorder(path)
    made.vitals_rows(vitals(hours * 3600, gap=range(2980, 3080), settling=range(600)))
    for signal, mmhg in ((Signal.SYSTOLIC_PRESSURE, 133.0), (Signal.DIASTOLIC_PRESSURE, 84.0)):
        payload = encode(signal, mmhg)
        made.frames([Frame(t_ns=1000 * S, source="cuff", payload=payload)], [mmhg])
    made.journal(5 * S, "link", {"source": "strap", "state": "streaming", "detail": ""})
    for key, value in (("firmware", HOSTILE), ("manufacturer", "Ohm & Söhne"), ("battery", 88)):
        made.journal(6 * S, "sensor", {"source": "strap", "key": key, "value": value})
    action(made, 30, "sound_check", heard=True)
    action(made, 40, "self_test", passed=False, sound="no device", screen="seen")
    action(made, 50, "setup", step="baseline", state="done")
    action(made, 1200, "dose", label="dose", confirm_baseline=True)
    action(made, 1300, "note", text=HOSTILE)
    action(made, 1500, "blood_pressure", systolic=218.0, diastolic=81.0)
    action(made, 1560, "blood_pressure", by="cd", systolic=128.0, diastolic=81.0,
           corrects=1500 * S)  # fmt: skip
    action(made, 1600, "temperature", site="ear", degc=36.9)
    action(made, 1650, "temperature", site="ear", degc=99.0, refused="must be 34 to 43 degC")
    action(made, 1700, "fluids", ml=200.0, what="water")
    action(made, 1800, "score", name="SUDS", value=4)
    alarm(made, 2000, "onset")
    action(made, 2012, "acknowledge", condition="hr_high", occurrence=1)
    alarm(made, 2012, "acknowledge", presence="ACKNOWLEDGED")
    alarm(made, 2100, "clear")
    made.journal(2980 * S, "link", {"source": "strap", "state": "lost", "detail": "out of range"})
    alarm(made, 3010, "onset", condition="hr_lost", priority="HIGH", value=30.5, limit=30.0,
          unit="s")  # fmt: skip
    made.journal(3075 * S, "link", {"source": "strap", "state": "streaming", "detail": ""})
    alarm(made, 3080, "clear", condition="hr_lost", priority="HIGH")
    action(made, 3200, "pause_audio", seconds=60.0)
    alarm(made, 3200, "audio_paused", condition="", detail="60 s")
    alarm(made, 3260, "audio_resumed", condition="", detail="time is over")
    action(made, 3300, "standby", seconds=600.0, reason="toilet")
    alarm(made, 3300, "standby", condition="", detail="toilet, 10 min")
    action(made, 3500, "end_standby", by="cd")
    alarm(made, 3500, "standby_ended", condition="", detail="60 s to settle")
    action(made, 4000, "set_limit", condition="hr_high", key="limit_bpm", value=130.0,
           reason="athlete <i>")  # fmt: skip
    rows = limits_body(resolve({"hr_high": {"limit_bpm": 130.0, "clear_bpm": 125.0}}))
    made.journal(4000 * S + 1, "limits", rows)
    action(made, 6600, "dose", label="supplemental")
    made.journal(hours * 3600 * S - 1, "session", {"event": "ended"})
    made.close(hours * 3600 * S)
    assert made.error is None
    return path
