"""MIC 98581 and 98583 thermometers: lines `v ttt` or `v ttt hhh`, tenths, 38400 8N2."""

from __future__ import annotations

import re
from functools import partial

from devices.codec import Codec, SerialSettings
from devices.codecs.dialogue import WhenSilent
from devices.codecs.lines import LineDecoder, first_line
from devices.codecs.plausible import judged
from devices.model import Measurement, Signal

IDENTIFY, START_LIVE = b"I\r", b"S 1 M 2 32 3\r"
_LINE = re.compile(r"v +(-?\d{1,4})(?: +(\d{1,4}))?")


def _values(line: str) -> tuple[float, float | None] | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    return int(match[1]) / 10, None if match[2] is None else int(match[2]) / 10


def explain(payload: bytes) -> dict[str, object]:
    """Temperature and humidity (null if the model has none) of one line."""
    values = _values(first_line(payload))
    if values is None:
        return {"error": "not a reading"}
    return {"celsius": values[0], "humidity": values[1]}


def _read(line: str) -> list[Measurement] | None:
    values = _values(line)
    if values is None:
        return None
    found = [judged(Signal.TEMPERATURE, values[0])]
    return found if values[1] is None else [*found, judged(Signal.HUMIDITY, values[1])]


CODEC = Codec(
    name="mic985xx",
    title="MIC 98581 and 98583 thermometers",
    decoder=partial(LineDecoder, _read),
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE, Signal.HUMIDITY}),
    serial=SerialSettings(
        baud=38400, stop_bits=2, dialogue=partial(WhenSilent, IDENTIFY, START_LIVE)
    ),
    examples=(b"v 241 455\r", b"v 365\r"),
    sentinels="none documented",
    tested="computed payloads",
)
