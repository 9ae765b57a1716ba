"""H-Tronic TSM125 and TS125: five characters, right-aligned, CR LF, once a second, 1200 8N1."""

from __future__ import annotations

import re
from functools import partial

from devices.codec import Codec, SerialSettings
from devices.codecs.framing import StreamDecoder
from devices.codecs.plausible import judged, unavailable
from devices.model import Measurement, Signal

FRAME_SIZE = 7
END = b"\r\n"
FAULTS = {
    "Err.1": "probe short-circuited",
    "Err.2": "probe missing",
    "Err.3": "reading corrupt",
    "Err.4": "instrument reset",
}
_VALUE = re.compile(r" *-?\d{1,3}\.\d")


def explain(payload: bytes) -> dict[str, object]:
    """The temperature of one frame, or the instrument's own error as `{"error": "Err.1"}`."""
    if len(payload) < FRAME_SIZE:
        return {"error": "truncated"}
    text = payload[:5].decode("latin-1")
    if payload[5:FRAME_SIZE] != END:
        return {"error": "framing"}
    if text in FAULTS:
        return {"error": text}
    return {"celsius": float(text)} if _VALUE.fullmatch(text) else {"error": "not a reading"}


def _read(frame: bytes) -> list[Measurement] | None:
    fields = explain(frame)
    if fields.get("error") in FAULTS:
        return [unavailable(Signal.TEMPERATURE, FAULTS[str(fields["error"])])]
    if "error" in fields:
        return None
    return [judged(Signal.TEMPERATURE, float(str(fields["celsius"])))]


CODEC = Codec(
    name="htronic_tsm125",
    title="H-Tronic TSM125 and TS125",
    decoder=partial(StreamDecoder, FRAME_SIZE, _read, b"", END),
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(baud=1200),
    examples=(b" 36.5\r\n", b"-11.2\r\n"),
    sentinels="`Err.1` to `Err.4`",
    tested="third-party payloads",
)
