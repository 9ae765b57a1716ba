"""Frames of live sensors as numbers: lost frames of an electrocardiogram are gaps."""

import struct

import numpy as np

from devices.model import Frame, SensorSpec, Signal
from monitor.exchange.decoded import decode
from simulators.wire_gatt import pmd_ecg

S = 1_000_000_000
SIZE, RATE = 73, 130


def frames(uv, lost=()):
    """Polar's frames, each arriving a little late."""
    for i in range(0, uv.size, SIZE):
        part = uv[i : i + SIZE]
        at = round((i + part.size) * S / RATE)
        if i // SIZE not in lost:
            late = (i * 7919) % 40_000_000
            payload = pmd_ecg(at + 599_600_000 * S, part.tolist())
            yield Frame(t_ns=at + late, source="h10", payload=payload)


H10 = SensorSpec(alias="h10", codec="polar_ecg", measures=Signal.ECG)
UV = (np.sin(np.arange(SIZE * 10) / 7) * 800).astype(np.int32)


def test_every_sample_is_there_in_one_run():
    (run,) = decode([H10], list(frames(UV))).ecg
    assert (run.rate_hz, run.uv.tolist()) == (RATE, UV.tolist())
    assert abs(run.start_ns - S // RATE) < 50_000_000


def test_a_lost_frame_is_a_gap():
    before, after = decode([H10], list(frames(UV, lost=(4,)))).ecg
    assert before.uv.size == 4 * SIZE
    assert after.uv.size == 5 * SIZE
    assert (after.start_ns - before.end_ns) / S > 0.5


def test_values_the_sensor_does_not_have_are_left_out():
    strap = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)
    payloads = [bytes([0x10, 60]) + struct.pack("<H", 1024), b"", bytes([0x00, 0]), b"\x10"]
    found = decode([strap], [
        Frame(t_ns=i * S, source="strap", payload=payload) for i, payload in enumerate(payloads)
    ])  # fmt: skip
    assert {one.signal: one.values.tolist() for one in found.series} == {
        Signal.HEART_RATE: [60.0], Signal.RR_INTERVAL: [1000.0],
    }  # fmt: skip
