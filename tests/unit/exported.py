"""A recording with everything an export can hold, for the tests of exports."""

import numpy as np

from devices.codecs import sample, waveform
from devices.model import Frame, SensorSpec, Signal
from monitor.exchange.ecg_column import pieces
from monitor.exchange.imported import file_sensor
from monitor.recording.schema import Anchor, Kind, Mode, NewSession, canonical
from monitor.recording.store import Batch, Store

S = 1_000_000_000
START_UTC_NS = 1_719_871_195 * S + 250_000_000
RATE = 130
ECG_S, GAP_S = 30, 10
SPAN_S = 400


def ecg(clips):
    """30 s, a gap of 10 s, 30 s more: times in nanoseconds and microvolts."""
    uv = clips["uv_100"][: RATE * ECG_S * 2].astype(np.int32)
    index = np.arange(uv.size)
    late = np.where(index >= RATE * ECG_S, GAP_S * S, 0)
    return np.rint(index * (S / RATE)).astype(np.int64) + late, uv


def action(verb, **details):
    return canonical({"verb": verb, "operator": "Dr Who", "details": details})


ACTIONS = [
    (20 * S, action("dose", label="dose", confirm_baseline=False)),
    (50 * S, action("temperature", degc=38.9, site="ear", method="infrared")),
    (60 * S, action("temperature", degc=37.9, site="ear", corrects=50 * S)),
    (70 * S, action("blood_pressure", systolic=145, diastolic=85, symptoms=False)),
    (80 * S, action("note", text="=HYPERLINK(1) Anna felt warm")),
    (90 * S, action("score", name="anxiety", value=3)),
    (92 * S, action("set_limit", condition="hr_high", key="limit_bpm", value=120, reason="Anna")),
    (95 * S, action("note", text="of another room")),
    (96 * S, action("note", corrects=95 * S, withdrawn=True)),
    (97 * S, action("fluids", ml=2000, what="water")),
    (98 * S, action("fluids", ml=200, what="water", corrects=97 * S)),
]


def build(path, clips, mode=Mode.IMPORT):
    """Write it; heart rate from 30 s to 300 s, skin throughout, saturation, two cuff readings."""
    found = []
    for t in range(SPAN_S):
        if 30 <= t < 300:
            bpm = 70 if t < 100 else 150
            found.append(Frame(t_ns=t * S, source="heart", payload=sample.encode(_HR, bpm)))
        skin = 33 + (t % 7) / 100
        found.append(Frame(t_ns=t * S, source="skin", payload=sample.encode(_SKIN, skin)))
        if t % 5 == 0:
            found.append(Frame(t_ns=t * S, source="finger", payload=sample.encode(_SPO2, 97)))
    for t, (upper, lower) in {120: (130, 80), 240: (171, 95)}.items():
        for signal, value in ((_SYSTOLIC, upper), (_DIASTOLIC, lower)):
            found.append(Frame(t_ns=t * S, source="cuff", payload=sample.encode(signal, value)))
    times, uv = ecg(clips)
    found += pieces(times, uv, RATE, "lead")
    found.sort(key=lambda frame: frame.t_ns)
    values = [None] * len(found)
    session = NewSession(subject="P-017", software="vigil test", mode=mode, config={})
    store = Store.create(path, session)
    store.commit(
        Batch(
            frames=found,
            values=values,
            journal=[(t_ns, Kind.ACTION, body) for t_ns, body in ACTIONS],
            anchors=[Anchor(segment=0, t_ns=0, utc_ns=START_UTC_NS, zone="Europe/Berlin")],
            sensors=[
                file_sensor("heart", _HR, "x", "chest"),
                file_sensor("skin", _SKIN, "x", "axilla"),
                file_sensor("finger", _SPO2, "x", "finger"),
                file_sensor("cuff", Signal.BLOOD_PRESSURE, "x", ""),
                SensorSpec(
                    alias="lead", codec=waveform.CODEC.name, measures=Signal.ECG,
                    transport="file", address="AA:BB:CC:00:11:22",
                    identity={"serial": "SN-4711"},
                ),
            ],
        )
    )  # fmt: skip
    store.finish(SPAN_S * S)
    store.close()
    return path


_HR, _SKIN, _SPO2 = Signal.HEART_RATE, Signal.SKIN_TEMPERATURE, Signal.SPO2
_SYSTOLIC, _DIASTOLIC = Signal.SYSTOLIC_PRESSURE, Signal.DIASTOLIC_PRESSURE
SECRETS = ("P-017", "Dr Who", "Anna", "SN-4711", "AA:BB:CC", "Berlin", "2024-07-01")
"""What no de-identified export may hold."""
