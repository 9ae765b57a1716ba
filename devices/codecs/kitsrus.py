"""Kitsrus K145 (voti.nl) thermometer kit: a banner with the unit, then `sensor 0000.00` lines.

2400 8N1, powered by DTR.
"""

from __future__ import annotations

import re

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.lines import LineDecoder, first_line
from devices.codecs.thermometer import measure
from devices.model import Measurement, Signal

_LINE = re.compile(r"(\d) ([-+]?\d{3,4}\.\d{2})")
_BANNER = re.compile(r".*\bV\d.*([CF])")
"""Such as `R V1.1 C`, sent when the kit is switched on."""


def explain(payload: bytes) -> dict[str, object]:
    """Sensor number and value, in the unit the banner has told, of one line."""
    match = _LINE.fullmatch(first_line(payload))
    if match is None:
        return {"error": "not a reading"}
    return {"sensor": int(match[1]), "value": float(match[2])}


class _Reader:
    """Remembers the unit of the banner; Celsius before it has come."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._unit = "C"

    def __call__(self, line: str) -> list[Measurement] | None:
        match = _LINE.fullmatch(line)
        if match is None:
            banner = _BANNER.fullmatch(line)
            self._unit = banner[1] if banner else self._unit
            return [] if banner else None
        return [measure(float(match[2]), self._unit, "")] if int(match[1]) == self._channel else []


def _decoder(channel: int = 1) -> Decoder:
    return LineDecoder(_Reader(channel))


CODEC = Codec(
    name="kitsrus_k145",
    title="Kitsrus K145 thermometer kit (powered by DTR)",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(baud=2400, dtr=True),
    decoder_for=of_channel(_decoder),
    channels=4,
    examples=(b"1 0036.50\r\n", b"1 -001.25\r\n"),
    sentinels="none documented",
    tested="third-party payloads",
)
