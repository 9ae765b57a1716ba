"""What simulated serial thermometers send: values in, wire bytes out; see `simulators.wire`."""

from __future__ import annotations

import struct


def ut32x(degc: float | None, channel: int = 1) -> bytes:
    """A UNI-T UT32x frame; None for an open probe."""
    if degc is None:
        text = ";;;;"
    else:
        tenths = round(degc * 10)
        text = (";" if tenths < 0 else "") + str(abs(tenths))
        text = text.rjust(4, ":") if tenths >= 0 else ";" + str(abs(tenths)).rjust(3, "0")
    return f"2{text}10001234{channel - 1}001\r\n".encode()


def ms6514(main_degc: float | None, aux_degc: float | None) -> bytes:
    """A Mastech MS6514 frame, T1 above T2; None for an open probe."""
    raw = [abs(round((value or 0) * 10)) for value in (main_degc, aux_degc)]
    flags = [_ms_flags(value) for value in (main_degc, aux_degc)]
    head = b"\x65\x14\x00\x00\x00" + struct.pack(">HH", *raw)
    return head + bytes([0, 1, *flags, 0, 0, 0]) + b"\r\n"


def _ms_flags(value: float | None) -> int:
    return 0x48 if value is None else 0x88 if value < 0 else 0x08


def appa55ii(t1_degc: float | None, t2_degc: float | None) -> bytes:
    """An APPA 55 II live frame; None for an open probe."""
    values = b"".join(
        b"\0\0\x61" if v is None else struct.pack("<hB", round(v * 10), 1)
        for v in (t1_degc, t2_degc)
    )
    frame = b"\x55\x55\x00\x14" + bytes(14) + values
    return frame + bytes([sum(frame) & 0xFF])


def lutron(channel: int, degc: float | None) -> bytes:
    """A Lutron frame with one decimal; None for what it shows without a probe."""
    negative = degc is not None and degc < 0
    digits = "--------" if degc is None else f"{abs(round(degc * 10)):08d}"
    return f"\x024{channel}01{int(negative)}1{digits}\r".encode()


def fluke_152x(degc: float) -> bytes:
    """A reading of a Fluke 1521."""
    return f"t: {degc:.3f} C\r\n".encode()


def mic985xx(degc: float, humidity_pct: float | None = None) -> bytes:
    """A line of a MIC 98581, or of a 98583 with humidity."""
    humidity = "" if humidity_pct is None else f" {round(humidity_pct * 10):03d}"
    return f"v {round(degc * 10):03d}{humidity}\r".encode()


def omega_hh506(t1_degc: float, t2_degc: float) -> bytes:
    """A reading of an Omega HH506RA."""
    words = [f"{'-' if v < 0 else '+'}{abs(round(v * 10)):04X}" for v in (t1_degc, t2_degc)]
    return f"{' '.join(words)}\r\n ".encode()


def htronic(degc: float | None) -> bytes:
    """A line of an H-Tronic TSM125; None for its first error."""
    return b"Err.1\r\n" if degc is None else f"{degc:5.1f}\r\n".encode()


def etf1828(channel: int, degc: float) -> bytes:
    """An answer of an ETF-1828."""
    return f"{channel},{degc:+06.1f};".encode()


def kitsrus(sensor: int, degc: float) -> bytes:
    """A line of a Kitsrus K145."""
    return f"{sensor} {degc:07.2f}\r\n".encode()


DS18B20_GONE_DEGC = -127.0
"""What the usual library for a DS18B20 says when it does not answer."""


def ascii_line(degc: float | None, humidity_pct: float | None = None) -> bytes:
    """A line of an Arduino with a DS18B20 (None: which is gone), or with a humidity sensor."""
    humidity = "" if humidity_pct is None else f" H={humidity_pct:.1f}"
    return f"T={DS18B20_GONE_DEGC if degc is None else degc:.2f}{humidity}\r\n".encode()
