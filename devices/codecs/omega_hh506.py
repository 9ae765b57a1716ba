"""Omega HH506RA thermometer: two signed hexadecimal numbers a line, tenths, 2400 7E1.

It is synchronised, asked for its id, and then asked for each reading by that id.
"""

from __future__ import annotations

import re
from functools import partial

from devices.codec import Codec, Decoder, SerialSettings, of_channel
from devices.codecs.lines import LineDecoder, first_line
from devices.codecs.plausible import judged
from devices.model import Measurement, Signal

_LINE = re.compile(r"([+-][0-9A-F]{4})[ ,;]([+-][0-9A-F]{4})")
_TALK = re.compile(r"Err|\w{3}")
"""Answers to the questions before the first reading: no measurements, but no garbage either."""
_ID = re.compile(rb"(?:^|[\r\n])(\w{3})[\r\n]")
_SYNC, _ASK_ID = b"\r\n", b"%000R\r"


class Talk:
    """Synchronise, ask for the id, then for readings; from the start again after silence."""

    def __init__(self) -> None:
        self._synchronised = False
        self._id = b""

    def say(self, heard: bytes) -> bytes:
        """See `devices.codec.Dialogue`."""
        if not heard or (self._id and b"Err" in heard):
            self._synchronised, self._id = False, b""
            return _SYNC
        if not self._synchronised:
            self._synchronised = b"Err" in heard
            return _ASK_ID if self._synchronised else _SYNC
        if not self._id:
            match = _ID.search(heard)
            if match is None or match[1] == b"Err":
                return _ASK_ID
            self._id = match[1]
        return b"#" + self._id + b"N\r"


def _values(line: str) -> tuple[float, float] | None:
    match = _LINE.fullmatch(line)
    return None if match is None else (int(match[1], 16) / 10, int(match[2], 16) / 10)


def explain(payload: bytes) -> dict[str, object]:
    """Both temperatures of one line, in the unit of the display (Celsius is assumed)."""
    values = _values(first_line(payload))
    if values is None:
        return {"error": "not a reading"}
    return {"t1": values[0], "t2": values[1]}


def _read(line: str, channel: int) -> list[Measurement] | None:
    values = _values(line)
    if values is None:
        return [] if _TALK.fullmatch(line) else None
    return [judged(Signal.TEMPERATURE, values[channel - 1])]


def _decoder(channel: int = 1) -> Decoder:
    return LineDecoder(partial(_read, channel=channel))


CODEC = Codec(
    name="omega_hh506",
    title="Omega HH506RA thermometer (set it to degrees Celsius)",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE}),
    serial=SerialSettings(baud=2400, byte_size=7, parity="E", dialogue=Talk),
    decoder_for=of_channel(_decoder),
    channels=2,
    examples=(b"+016D +00FA\r\n ", b"-000F +00FA\r\n "),
    sentinels="none documented",
    tested="computed payloads",
)
