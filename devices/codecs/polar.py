"""Polar sensors: ECG, pulse-to-pulse intervals, skin temperature; and what they advertise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from devices.codec import Broadcast, Codec
from devices.codecs import polar_frame
from devices.codecs.message import MessageDecoder
from devices.codecs.plausible import judged, unavailable
from devices.codecs.polar_control import Stream
from devices.codecs.polar_frame import ECG, PPI, SKIN_TEMPERATURE
from devices.model import Frames, Measurement, Signal, Validity, Waveform, Waveforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL_POINT = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
COMPANY_ID = 0x006B
UV_PER_MV = 1000.0
ECG_HZ = 130.0
"""The only rate the H10 offers."""


def _samples(payload: bytes, measurement: int) -> list[int] | None:
    """Raw samples of one channel; none of another measurement's frame; None if malformed."""
    frame = polar_frame.parse(payload)
    if frame is None or frame.measurement != measurement:
        return None if frame is None else []
    samples = frame.samples()
    return None if samples is None else [raw for (raw,) in samples]


def _read_ecg(payload: bytes) -> list[Measurement] | None:
    samples = _samples(payload, ECG)
    return None if samples is None else [judged(Signal.ECG, raw / UV_PER_MV) for raw in samples]


def read_waveform(payload: bytes) -> Waveform | None:
    """All ECG samples of one frame, microvolts; none of another measurement's."""
    import numpy as np  # noqa: PLC0415 - small commands do without

    if len(payload) < polar_frame.HEAD_SIZE:
        return None
    nothing = Waveform(Signal.ECG, ECG_HZ, np.empty(0, np.int32))
    if payload[0] & 0x3F != ECG:
        return nothing
    if payload[9] != 0:
        samples = _samples(payload, ECG)
        return None if samples is None else replace(nothing, values=np.array(samples, np.int32))
    body = payload[polar_frame.HEAD_SIZE :]
    if len(body) % 3:
        return None
    return Waveform(Signal.ECG, ECG_HZ, _microvolts(body), _stamp(payload))


def read_waveforms(frames: Frames) -> Waveforms | None:
    """All ECG samples of frames of one length, as an H10 sends them; None if they are not so."""
    import numpy as np  # noqa: PLC0415 - small commands do without

    size, head = int(frames.ends[0]), polar_frame.HEAD_SIZE
    if size <= head or (size - head) % 3 or (frames.sizes != size).any():
        return None
    table = np.frombuffer(frames.data, np.uint8).reshape(-1, size)
    plain = (table[:, 0] & 0x3F == ECG) & (table[:, 9] == 0)
    stamps = np.ascontiguousarray(table[:, 1:9]).view("<i8")[:, 0].astype(np.int64)
    if not (plain & (stamps > 0)).all():
        return None
    values = _microvolts(table[:, head:].tobytes())
    ends = np.arange(1, stamps.size + 1, dtype=np.int64) * ((size - head) // 3)
    return Waveforms(Signal.ECG, ECG_HZ, values, ends, stamps)


def _microvolts(body: bytes) -> NDArray[np.int32]:
    """Samples of three bytes each."""
    import numpy as np  # noqa: PLC0415 - small commands do without

    # Four bytes from the one before each sample on, then shifted down with their sign.
    buffer = b"\0" + body
    values: NDArray[np.int32] = np.ndarray((len(body) // 3,), "<i4", buffer, strides=(3,)) >> 8
    return values.astype(np.int32, copy=False)


def _stamp(payload: bytes) -> int | None:
    """Time of the last sample on the sensor's own clock."""
    return int.from_bytes(payload[1:9], "little") or None


def _read_skin(payload: bytes) -> list[Measurement] | None:
    samples = _samples(payload, SKIN_TEMPERATURE)
    if samples is None:
        return None
    return [judged(Signal.SKIN_TEMPERATURE, polar_frame.as_float(raw)) for raw in samples]


def _read_ppi(payload: bytes) -> list[Measurement] | None:
    frame = polar_frame.parse(payload)
    if frame is None or frame.measurement != PPI:
        return None if frame is None else []
    intervals = None if frame.compressed or frame.frame_type else polar_frame.ppi(frame.body)
    return None if intervals is None else [one for sent in intervals for one in _interval(sent)]


def _interval(sent: dict[str, int]) -> list[Measurement]:
    """Contact if known, the rate if there is one, the interval."""
    off_body = bool(sent["contact_supported"] and not sent["contact"])
    why = "no contact" if off_body else "moving" if sent["blocker"] else ""
    found = (
        [Measurement(Signal.CONTACT, float(sent["contact"]))] if sent["contact_supported"] else []
    )
    if sent["hr"]:
        found.append(_trusted(judged(Signal.HEART_RATE, float(sent["hr"])), why))
    else:
        found.append(unavailable(Signal.HEART_RATE, "no reading"))
    return [*found, _trusted(judged(Signal.RR_INTERVAL, float(sent["pp_ms"])), why)]


def _trusted(one: Measurement, why: str) -> Measurement:
    return Measurement(one.signal, one.value, Validity.INVALID, why) if why else one


def explain_advertisement(payload: bytes) -> dict[str, object]:
    """Every field of Polar's manufacturer data; `{"error": ...}` if it is malformed."""
    if len(payload) < 3:
        return {"error": "truncated"}
    flags, fast = payload[0], payload[2]
    return {
        "battery_low": flags & 1,
        "sensor_contact": flags >> 1 & 1,
        "frame_counter": flags >> 2 & 7,
        "status": flags >> 7,
        "hr_fast": fast,
        "hr_slow": payload[3] if len(payload) > 3 else fast,
    }


def _read_advertisement(payload: bytes) -> list[Measurement] | None:
    fields = explain_advertisement(payload)
    if "error" in fields:
        return None
    contact, bpm = fields["sensor_contact"], fields["hr_fast"]
    found = [
        Measurement(Signal.CONTACT, float(bool(contact))),
        Measurement(Signal.BATTERY_LOW, float(bool(fields["battery_low"]))),
    ]
    if not isinstance(bpm, int) or not bpm:
        return [*found, unavailable(Signal.HEART_RATE, "no reading")]
    return [
        *found,
        _trusted(judged(Signal.HEART_RATE, float(bpm)), "" if contact else "no contact"),
    ]


def _slowest(offered: list[bytes]) -> bytes:
    """A temperature needs no more than its lowest rate."""
    return min(offered, key=lambda raw: int.from_bytes(raw, "little"))


_stream = partial(
    Codec,
    explain=polar_frame.explain,
    service_uuid=SERVICE,
    characteristic_uuid=DATA,
    control_uuid=CONTROL_POINT,
    tested="the maker's published payloads",
)
ECG_CODEC = _stream(
    name="polar_ecg",
    title="Polar H10, electrocardiogram",
    decoder=partial(MessageDecoder, _read_ecg),
    signals=frozenset({Signal.ECG}),
    control=partial(Stream, ECG),
    examples=(bytes.fromhex("00009435770000000000fdffff6400009cffff"),),
    sentinels="none",
    waveform=read_waveform,
    waveforms=read_waveforms,
)
PPI_CODEC = _stream(
    name="polar_ppi",
    title="Polar Verity Sense, OH1, 360: pulse-to-pulse intervals",
    decoder=partial(MessageDecoder, _read_ppi),
    signals=frozenset({Signal.HEART_RATE, Signal.RR_INTERVAL, Signal.CONTACT}),
    control=partial(Stream, PPI, asks=False),
    # New rates every 5 s or so, the first ones 25 s after the start.
    stale_s=40.0,
    examples=(
        bytes.fromhex("030000000000000000004840030a0006"),
        bytes.fromhex("03000000000000000000000000000005"),
    ),
    sentinels="rate 0; blocker bit; contact bit 0",
)
SKIN_CODEC = _stream(
    name="polar_skin_temperature",
    title="Polar 360 and Loop, skin temperature at the wrist",
    decoder=partial(MessageDecoder, _read_skin),
    signals=frozenset({Signal.SKIN_TEMPERATURE}),
    control=partial(Stream, SKIN_TEMPERATURE, choose=_slowest),
    bonded=True,
    examples=(
        bytes.fromhex("0740ae21ae31b2ee0a000060ee41"),
        bytes.fromhex("0740ae21ae31b2ee0a80ec51dc41030200"),
    ),
    sentinels="NaN",
)
ADVERTISEMENT = Codec(
    name="polar_adv_006b",
    title="Polar straps, advertised heart rate",
    decoder=partial(MessageDecoder, _read_advertisement),
    explain=explain_advertisement,
    signals=frozenset({Signal.HEART_RATE, Signal.CONTACT, Signal.BATTERY_LOW}),
    broadcast=Broadcast(company_id=COMPANY_ID),
    examples=(bytes.fromhex("02004848"), bytes.fromhex("030000")),
    sentinels="rate 0; contact bit 0",
    tested="third-party payloads",
)
