"""FIT in: activities written by Garmin's own SDK, and damaged ones."""

from datetime import UTC, datetime, timedelta

import pytest
from garmin_fit_sdk import Encoder, Profile

from devices.codecs.sample import parse
from devices.model import Signal
from monitor.errors import ImportFormatError
from monitor.exchange import detect

S = 1_000_000_000
START = datetime(2024, 3, 1, 23, 59, 59, tzinfo=UTC)
RATES = [70, None, 72, 75]


@pytest.fixture
def fit(tmp_path):
    def _write(rates=RATES, hrv=True, jump=0):
        encoder = Encoder()
        number = Profile["mesg_num"]
        encoder.on_mesg(number["FILE_ID"], {"type": "activity", "time_created": START})
        for i, bpm in enumerate(rates):
            record = {"timestamp": START + timedelta(seconds=i + (jump if i == 2 else 0))}
            encoder.on_mesg(number["RECORD"], record | ({"heart_rate": bpm} if bpm else {}))
            if hrv and i == 0:
                encoder.on_mesg(number["HRV"], {"time": [0.812, 0.809, 65.535, 65.535, 65.535]})
        path = tmp_path / "run.fit"
        path.write_bytes(encoder.close())
        return path

    return _write


def test_heart_rates_and_intervals_come_through(fit):
    imported = detect.load([fit()])
    assert [(f.t_ns // S, *parse(f.payload)) for f in imported.frames] == [
        (0, Signal.HEART_RATE, 70.0), (0, Signal.RR_INTERVAL, 812.0),
        (0, Signal.RR_INTERVAL, 809.0), (2, Signal.HEART_RATE, 72.0),
        (3, Signal.HEART_RATE, 75.0),
    ]  # fmt: skip
    assert imported.start_utc_ns == round(START.timestamp()) * S
    assert (imported.end_ns, imported.zone) == (3 * S, "UTC")


def test_damage_is_refused(fit):
    path = fit()
    raw = path.read_bytes()
    path.write_bytes(raw[:-6])
    with pytest.raises(ImportFormatError, match=r"after message \d+: .*damaged or cut short"):
        detect.load([path])
    path.write_bytes(raw[:40] + bytes([raw[40] ^ 1]) + raw[41:])
    with pytest.raises(ImportFormatError, match="damaged or cut short"):
        detect.load([path])


def test_an_activity_without_a_heart_rate_is_refused(fit):
    with pytest.raises(ImportFormatError, match="no heart rate"):
        detect.load([fit([None, None], hrv=False)])


def test_a_clock_that_jumps_is_refused(fit):
    with pytest.raises(ImportFormatError, match="goes backwards"):
        detect.load([fit(jump=60)])
    with pytest.raises(ImportFormatError, match="at most 7"):
        detect.load([fit([70, 71, 72], jump=86_400 * 30)])
