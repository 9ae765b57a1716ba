"""APPA 55 II thermometer: `55 55 type length payload sum`, streamed, always degrees Celsius."""

from __future__ import annotations

from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.framing import StreamDecoder
from devices.codecs.thermometer import OVERLOAD, measure
from devices.model import Measurement, Signal

FRAME_SIZE = 25
START = b"\x55\x55"

_LIVE, _LIVE_LENGTH = 0x00, 20
_MODE_AT = 17
_CHANNELS_AT = (18, 21)
_MODES = ("", "max", "min", "avg")
_HOLD = 2


def explain(payload: bytes) -> dict[str, object]:
    """Both temperatures ("OL" for an open probe) and HOLD of one live frame."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    frame = payload[:FRAME_SIZE]
    if frame[:2] != START or frame[2] != _LIVE or frame[3] != _LIVE_LENGTH:
        return {"error": "framing"}
    if sum(frame[:-1]) & 0xFF != frame[-1]:
        return {"error": "checksum"}
    return {
        "t": [_value(frame[at : at + 3]) for at in _CHANNELS_AT],
        "hold": frame[_MODE_AT] >> 4 == _HOLD,
    }


def _value(raw: bytes) -> float | str:
    if raw[2] & 0x60:
        return OVERLOAD
    value = int.from_bytes(raw[:2], "little", signed=True)
    return value / 10 if raw[2] & 0x01 else float(value)


def _read(frame: bytes, channel: int) -> list[Measurement] | None:
    fields = explain(frame)
    if "error" in fields:
        return None
    why = "hold" if fields["hold"] else _MODES[frame[_MODE_AT] >> 2 & 0x03]
    return [measure(_value(frame[_CHANNELS_AT[channel - 1] :][:3]), "C", why)]


def _decoder(channel: int = 1) -> Decoder:
    return StreamDecoder(FRAME_SIZE, partial(_read, channel=channel), START, b"")


CODEC = Codec(
    name="appa55ii",
    title="APPA 55 II thermometer",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(),
    decoder_for=of_channel(_decoder),
    channels=2,
    checksummed=True,
    examples=(
        bytes.fromhex("5555001400000000000000000000000000006d010155010184"),
        bytes.fromhex("555500140000000000000000000000000000f1ff01000041f0"),
    ),
    sentinels="overload bits; HOLD, MAX, MIN, AVG",
    tested="computed payloads",
)
