"""Files of every imported format, damaged at random: read, or refused with a message."""

import contextlib
import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import edfio
import numpy as np
import pytest
from garmin_fit_sdk import Encoder, Profile
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ImportFormatError
from monitor.exchange import detect
from monitor.exchange.options import Options
from monitor.extras import need
from tests.examples import examples

wfdb = need("wfdb", "tests")
pytestmark = pytest.mark.filterwarnings("ignore")  # what libraries say of damage is their own
RATE = Options(rate_hz=250)
ECG = np.round(np.sin(np.arange(720) / 9), 3)


def _wfdb():
    with tempfile.TemporaryDirectory() as folder:
        wfdb.wrsamp(
            "w", fs=360, units=["mV"], sig_name=["II"], p_signal=ECG[:, np.newaxis], fmt=["212"],
            adc_gain=[200], baseline=[0], write_dir=folder,
        )  # fmt: skip
        wfdb.wrann("w", "atr", np.array([9, 300]), ["N", "N"], write_dir=folder)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _edf():
    out = io.BytesIO()
    signal = edfio.EdfSignal(ECG, 360, label="ECG II", physical_dimension="mV")
    edfio.Edf([signal], annotations=[edfio.EdfAnnotation(1, 1, "x")]).write(out)
    return out.getvalue()


def _fit():
    encoder, start = Encoder(), datetime(2024, 3, 1, tzinfo=UTC)
    encoder.on_mesg(Profile["mesg_num"]["FILE_ID"], {"type": "activity", "time_created": start})
    for i in range(20):
        record = {"timestamp": start + timedelta(seconds=i), "heart_rate": 70 + i % 5}
        encoder.on_mesg(Profile["mesg_num"]["RECORD"], record)
    return encoder.close()


def _npy():
    out = io.BytesIO()
    np.save(out, np.array([800, 812, 790]))
    return out.getvalue()


HRM = "[Params]\nDate=20080208\nStartTime=08:50:31.0\nInterval=238\n\n[HRData]\n1114\n812\n"
LOGGER = "Phone timestamp;sensor timestamp [ns];ecg [uV]\n" + "".join(
    f"2024-03-01T10:00:00.250;{i * 7692308};{i % 50}\n" for i in range(50)
)
CSV = "time,heart_rate[/min],ecg[mV]\n" + "".join(
    f"2024-10-27T00:00:00.{i * 4:03d}Z,{'' if i else 70},0.{i % 9}\n" for i in range(50)
)


@pytest.fixture(scope="module")
def seeds():
    return {
        **_wfdb(),
        "a.edf": _edf(),
        "a.fit": _fit(),
        "a.npy": _npy(),
        "a.hrm": HRM.encode(),
        "a_ECG.txt": LOGGER.encode(),
        "a.csv": CSV.encode(),
        "b.csv": b"t_s,symbol\n1.0,N\n1.8,N\n2.7,V\n",
        "rr.txt": b"800\n812\n790\n",
    }


NAMES = (
    "w.hea", "w.dat", "w.atr", "a.edf", "a.fit", "a.npy", "a.hrm", "a_ECG.txt", "a.csv", "b.csv",
    "rr.txt",
)  # fmt: skip


def damage(content, where, what, span):
    """Cut, change, put in or take out bytes at a place given as a share of the length."""
    at = int(where * len(content))
    return {
        "cut": content[:at],
        "change": content[:at] + span + content[at + len(span) :],
        "insert": content[:at] + span + content[at:],
        "delete": content[:at] + content[at + 1 + len(span) :],
        "repeat": content[:at] + content[max(0, at - 20) :],
    }[what]


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_read_or_refused(name, seeds, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    assert set(NAMES) == set(seeds)
    for other, content in seeds.items():
        if other.startswith("w."):
            (folder / other).write_bytes(content)

    @given(
        where=st.floats(0, 1),
        what=st.sampled_from(["cut", "change", "insert", "delete", "repeat"]),
        span=st.binary(min_size=1, max_size=6)
        | st.text("0123456789,;.:-+[]/ \n", min_size=1).map(str.encode),
    )
    @settings(max_examples=examples(40), deadline=None)
    def one(where, what, span):
        (folder / name).write_bytes(damage(seeds[name], where, what, span))
        target = folder / ("w.hea" if name == "w.dat" else name)
        with contextlib.suppress(ImportFormatError):
            times = [frame.t_ns for frame in detect.load([target], options=RATE).frames]
            assert times == sorted(times)
            assert times[0] >= 0

    one()
