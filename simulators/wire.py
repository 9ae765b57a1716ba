"""What simulated sensors send: values in, wire bytes out. Nothing here knows our decoders."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime

MAX_NOTIFICATION = 20
"""Bytes of a notification at the smallest ATT MTU of 23."""

FLOAT_NAN = b"\xff\xff\x7f\x00"

_CENTER_30X_MODES = {"normal": 0, "max": 1, "min": 2, "avg": 4, "maxminavg": 7}
_CENTER_309_MODES = {"normal": 0, "max": 1, "min": 2, "maxmin": 3}
_CENTER_309_CHANNELS = 4


def rr_room(bpm: int, energy_kj: int | None = None) -> int:
    """How many RR intervals one notification holds beside these values: 7 to 9."""
    used = 1 + (1 if bpm <= 0xFF else 2) + (0 if energy_kj is None else 2)
    return (MAX_NOTIFICATION - used) // 2


def heart_rate_measurement(
    bpm: int,
    rr_ms: Sequence[float] = (),
    contact: bool | None = None,
    energy_kj: int | None = None,
) -> bytes:
    """A Heart Rate Measurement (0x2A37).

    Args:
        bpm: 0 to 65535, 0 for "no reading"; sent in 8 bits if it fits.
        rr_ms: RR intervals, oldest first; those beyond `rr_room` are left for the caller to send.
        contact: None for a sensor that cannot tell.
        energy_kj: kilojoules; stays at 65535 when full, as sensors do.
    """
    flags = int(bpm > 0xFF)
    flags |= 0 if contact is None else 0x06 if contact else 0x04
    body = struct.pack("<H" if bpm > 0xFF else "<B", bpm)
    if energy_kj is not None:
        flags |= 0x08
        body += struct.pack("<H", min(energy_kj, 0xFFFF))
    raw = [min(max(round(ms * 1.024), 0), 0xFFFF) for ms in rr_ms[: rr_room(bpm, energy_kj)]]
    flags |= 0x10 if raw else 0
    return bytes([flags]) + body + struct.pack(f"<{len(raw)}H", *raw)


def ieee_float(value: float | None, exponent: int = -2) -> bytes:
    """An IEEE 11073 FLOAT with that exponent; None is sent as NaN."""
    if value is None:
        return FLOAT_NAN
    mantissa = round(value * 10.0**-exponent)
    return struct.pack("<i", mantissa)[:3] + struct.pack("<b", exponent)


def health_temperature(
    degc: float | None,
    type_code: int | None = None,
    timestamp: datetime | None = None,
    *,
    fahrenheit: bool = False,
) -> bytes:
    """A Temperature Measurement (0x2A1C), to 0.01 degrees; None is sent as NaN.

    Args:
        degc: the temperature in degrees Celsius.
        type_code: 1 armpit, 2 body, 3 ear, 4 finger, 6 mouth, 7 rectum, 8 toe, 9 tympanum;
            None leaves it out, as a skin probe does.
        timestamp: the sensor's own clock; None leaves it out.
        fahrenheit: send it in degrees Fahrenheit.
    """
    flags = int(fahrenheit) | (timestamp is not None) << 1 | (type_code is not None) << 2
    payload = bytes([flags]) + ieee_float(_shown(degc, fahrenheit))
    if timestamp is not None:
        year, *rest = timestamp.timetuple()[:6]
        payload += struct.pack("<H5B", year, *rest)
    return payload if type_code is None else payload + bytes([type_code])


def center_30x_reply(
    t1_degc: float | None,
    t2_degc: float | None = None,
    *,
    hold: bool = False,
    rel: bool = False,
    low_battery: bool = False,
    mode: str = "normal",
    fahrenheit: bool = False,
) -> bytes:
    """The 8 bytes a Center 30x answers to `A`, T1 on the main line; None is an open probe.

    Args:
        t1_degc: shown to 0.1 degrees below 1000, in whole degrees from there on.
        t2_degc: the second line.
        hold: the display is frozen.
        rel: the display is relative to a stored value.
        low_battery: the battery sign is on.
        mode: "normal", "max", "min", "avg" or "maxminavg".
        fahrenheit: the display is in degrees Fahrenheit.
    """
    status = _CENTER_30X_MODES[mode] | rel << 4 | hold << 5 | low_battery << 6
    main, main_flags = _decimals(_shown(t1_degc, fahrenheit))
    sub, sub_flags = _decimals(_shown(t2_degc, fahrenheit))
    flags = 0x80 | sub_flags << 3 | main_flags
    return bytes([0x02, status | (not fahrenheit) << 7, flags, *main, *sub, 0x03])


def center_309_reply(
    t_degc: Sequence[float | None],
    *,
    hold: bool = False,
    rel: bool = False,
    t1_t2: bool = False,
    low_battery: bool = False,
    mode: str = "normal",
    fahrenheit: bool = False,
) -> bytes:
    """The 45 bytes a Center 309 answers to `A`; None is an open probe.

    Args:
        t_degc: T1 to T4; channels beyond the given ones are open. Shown to 0.1 degrees.
        hold: the display is frozen.
        rel: the display is relative to a stored value.
        t1_t2: the display shows a difference.
        low_battery: the battery sign is on.
        mode: "normal", "max", "min" or "maxmin".
        fahrenheit: the display is in degrees Fahrenheit.
    """
    status = _CENTER_309_MODES[mode] << 1 | t1_t2 << 3 | rel << 4 | hold << 5 | low_battery << 6
    channels = [*t_degc, None, None, None, None][:_CENTER_309_CHANNELS]
    shown = [_shown(value, fahrenheit) for value in channels]
    raw = [0x7FFF if value is None else round(value * 10) for value in shown]
    is_open = sum((value is None) << i for i, value in enumerate(shown))
    values = struct.pack(">4h", *raw)
    head = bytes([0x02, status | (not fahrenheit) << 7, 0x00]) + bytes(4)
    # REL, MIN and MAX of each channel stay 0: nobody pressed those keys.
    over = bytes([is_open, 0, is_open, is_open])
    return head + values + bytes(24) + over + bytes([0, 0x03])


def _shown(degc: float | None, fahrenheit: bool) -> float | None:
    return degc if degc is None or not fahrenheit else degc * 9 / 5 + 32


def _decimals(value: float | None) -> tuple[bytes, int]:
    """Four packed decimals, and the flag bits: 1 overload, 2 negative, 4 whole degrees."""
    if value is None:
        return bytes(2), 0x01
    tenths = round(abs(value) * 10)
    whole = tenths > 9999
    digits = min(round(abs(value)), 9999) if whole else tenths
    return bytes.fromhex(f"{digits:04d}"), (value < 0) << 1 | whole << 2
