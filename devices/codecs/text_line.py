"""Boards that print a temperature a line: Arduino with DS18B20, 1-Wire loggers and the like.

There is no common format. Known without configuration: `T=-1.25`, `T=27.6 H=92.6`, a bare number,
a number with C or F, and comma-separated columns when a column beyond the first is chosen. Any
other line is described by a pattern.
"""

from __future__ import annotations

import math
import re
from functools import partial

from devices.codec import Codec, Decoder, SerialSettings
from devices.codecs.lines import LineDecoder, first_line
from devices.codecs.plausible import judged, unavailable
from devices.codecs.thermometer import measure
from devices.model import Measurement, SensorSpec, Signal

LONGEST_PATTERN = 200
COLUMNS = 16
SENTINELS = {85.0: "power-on value", -127.0: "probe disconnected", 0.0: "probe unplugged"}
"""Exact values that the DS18B20, its usual library, and loggers with an unplugged probe send."""
BOOT_S = 2.5
"""A board that resets when its port is opened talks of other things for 2 to 3 s."""

_NUMBER = r"[-+]?\d{1,4}(?:\.\d{1,6})?|nan"
DEFAULT = re.compile(
    rf"(?:t(?:emp(?:erature)?)?\d?\s?[=:]\s?)?(?P<t>{_NUMBER})\s?(?:[^\x00-\x7f]{{0,2}}(?P<unit>[CF]))?"
    rf"(?:[ ,;]\s?h(?:um(?:idity)?)?\s?[=:]\s?(?P<h>{_NUMBER})\s?%?)?",
    re.IGNORECASE,
)
_NESTED = re.compile(r"\([^()]*[*+{|][^()]*\)[*+{]")
_RAW_SIZE = 2


def check_pattern(pattern: str) -> str:
    """Why a pattern cannot be used, in a few words; empty if it can."""
    if len(pattern) > LONGEST_PATTERN:
        return f"must be at most {LONGEST_PATTERN} characters"
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError) as error:
        return f"must be a regular expression: {error}"
    if "t" not in compiled.groupindex:
        return "must have a group (?P<t>...) for the temperature"
    # (a+)+ takes for ever on a line that nearly fits.
    return "must not repeat a group that repeats or chooses" if _NESTED.search(pattern) else ""


def checked(line: str) -> str | None:
    """A line without its NMEA frame `$...*hh`; None if the checksum is wrong."""
    if not line.startswith("$"):
        return line
    body, star, digits = line[1:].partition("*")
    if not star:
        return body
    total = 0
    for char in body:
        total ^= ord(char)
    return body if digits.upper() == f"{total & 0xFF:02X}" else None


def values(
    line: str, pattern: re.Pattern[str], column: int
) -> tuple[float, str, float | None] | None:
    """Temperature, unit ("C" or "F") and humidity of a line; None if it is no reading."""
    text = checked(line)
    if text is None:
        return None
    if column > 1:
        cells = re.split(r"[,;\t]", text)
        text = cells[column - 1].strip() if column <= len(cells) else ""
    match = pattern.fullmatch(text)
    if match is None:
        return None
    groups = match.groupdict()
    degrees, humidity = _number(groups["t"]), _number(groups.get("h"))
    unit = (groups.get("unit") or "C").upper()
    return None if degrees is None else (degrees, unit, humidity)


def _number(text: str | None) -> float | None:
    try:
        # A decimal comma gets here only through a pattern that asks for it.
        return None if text is None else float(text.replace(",", "."))
    except ValueError:
        return None


def explain(payload: bytes) -> dict[str, object]:
    """Temperature in degrees Celsius and humidity (null if not sent) of one line."""
    found = values(first_line(payload), DEFAULT, 1)
    if found is None:
        return {"error": "not a reading"}
    degrees, unit, humidity = found
    degc = (degrees - 32) * 5 / 9 if unit == "F" else degrees
    return {"celsius": degc if math.isfinite(degc) else None, "humidity": humidity}


def explain_raw(payload: bytes) -> dict[str, object]:
    """`{"celsius": ...}` of the two raw bytes of a DS18B20; 85.0 is its power-on value."""
    if len(payload) < _RAW_SIZE:
        return {"error": "truncated"}
    return {"celsius": int.from_bytes(payload[:_RAW_SIZE], "little", signed=True) / 16}


def _read(line: str, pattern: re.Pattern[str], column: int) -> list[Measurement] | None:
    found = values(line, pattern, column)
    if found is None:
        return None
    degrees, unit, humidity = found
    why = "no reading" if math.isnan(degrees) else SENTINELS.get(degrees, "")
    measured = unavailable(Signal.TEMPERATURE, why) if why else measure(degrees, unit, "")
    return [measured] if humidity is None else [measured, judged(Signal.HUMIDITY, humidity)]


def _decoder(pattern: re.Pattern[str] = DEFAULT, column: int = 1) -> Decoder:
    read = partial(_read, pattern=pattern, column=column)
    # "6.5" may be the end of "36.5": the first line is never used.
    return LineDecoder(read, partial_first=True)


def _decoder_for(spec: SensorSpec) -> Decoder:
    usable = spec.pattern and not check_pattern(spec.pattern)
    return _decoder(re.compile(spec.pattern) if usable else DEFAULT, spec.channel)


CODEC = Codec(
    name="ascii_t_h",
    title="Boards that print lines: Arduino, DS18B20 loggers (`T=36.5`, `36.5 C`, columns)",
    decoder=_decoder,
    explain=explain,
    signals=frozenset({Signal.TEMPERATURE, Signal.HUMIDITY}),
    serial=SerialSettings(dtr=False, settle_s=BOOT_S),
    decoder_for=_decoder_for,
    channels=COLUMNS,
    patterned=True,
    examples=(b"T=36.5\r\n", b"T=27.6 H=92.6\r\n"),
    sentinels="85.00, -127, 0.0, nan",
    tested="third-party payloads",
)
