"""ETF-1828 thermometer: asked with `1`, it answers `1,+036.5;`."""

from __future__ import annotations

import re
from functools import partial

from devices.codec import Codec, SerialSettings
from devices.codecs.lines import LineDecoder
from devices.codecs.plausible import judged
from devices.model import Measurement, Signal

CHANNEL = 1
"""The one that is asked for."""
_ANSWER = re.compile(r"(\d),([-+]\d{3}\.\d)")
_ENDS = re.compile(rb"[;\r\n]")


def explain(payload: bytes) -> dict[str, object]:
    """Channel and temperature of one answer."""
    answer, end, _ = payload.decode("latin-1").partition(";")
    match = _ANSWER.fullmatch(answer.strip())
    if match is None or not end:
        return {"error": "truncated" if not end else "not a reading"}
    return {"channel": int(match[1]), "celsius": float(match[2])}


def _read(answer: str) -> list[Measurement] | None:
    match = _ANSWER.fullmatch(answer)
    if match is None:
        return None
    return [judged(Signal.TEMPERATURE, float(match[2]))] if int(match[1]) == CHANNEL else []


CODEC = Codec(
    name="etf1828",
    title="ETF-1828 thermometer, channel 1",
    decoder=partial(LineDecoder, _read, ends=_ENDS),
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(poll=b"1"),
    examples=(b"1,+036.5;", b"1,-011.2;"),
    sentinels="none documented",
    tested="third-party payloads",
)
