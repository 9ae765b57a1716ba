"""Short recordings of one strap, many of them fast, for tests of an archive."""

import numpy as np

from devices.codecs import sample
from devices.model import NS_PER_S, Frame, SensorSpec, Signal
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder

STRAP = SensorSpec(alias="strap", codec="sample", measures=Signal.HEART_RATE, transport="file")
LENGTH_S = 240
START_NS = 1_790_000_000 * NS_PER_S
FAST_BPM = (75.0, 118.0, 134.0, 149.0)
"""By turns."""


def recording(path, number):
    """A recording of four minutes; minute two is at one of `FAST_BPM`."""
    bpm = np.full(LENGTH_S, 75.0)
    bpm[60:180] = FAST_BPM[number % len(FAST_BPM)]
    new = NewSession(subject=f"P-{number:03d}", software="test", mode=Mode.SIM)
    recorder = Recorder(path, create=new)
    recorder.anchor(t_ns=0, utc_ns=START_NS, zone="UTC", monotonic_ns=0)
    recorder.sensors([STRAP])
    payloads = [sample.encode(Signal.HEART_RATE, float(value)) for value in bpm]
    recorder.frames(
        [Frame(t_ns=t * NS_PER_S, source="strap", payload=p) for t, p in enumerate(payloads)]
    )
    recorder.close(LENGTH_S * NS_PER_S)


def archive(folder, count):
    """So many of them; returns their paths."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.db" for number in range(count)]
    for number, path in enumerate(paths):
        recording(path, number)
    return paths
