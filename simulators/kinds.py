"""Every kind of sensor that can be simulated: its wire format, and what it says of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from devices.model import NS_PER_S, Signal
from simulators import wire, wire_gatt, wire_serial
from simulators.sensed import Sensed

Says = Callable[[Sensed, int], tuple[bytes, ...]]
"""What the sensor sends at that second of session time; on a polled line, what it would answer."""
Encode = Callable[[float | None], bytes]
"""A temperature as bytes; None: the sensor has no value."""
ARMPIT = 1
HUMIDITY_PCT = 45.0
SPO2_PCT = 97.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of simulated sensor.

    Attributes:
        name: as given to `vigil simulate`.
        codec: its wire format, which says how it is reached.
        measures: what the configuration should say.
        site: where it sits.
        says: what it sends.
        period_s: seconds between two readings.
        ask: a polled line's question; empty for one that streams.
        answer: what the control point of a Bluetooth sensor indicates.
    """

    name: str
    codec: str
    measures: Signal
    site: str
    says: Says
    period_s: int = 1
    ask: bytes = b""
    answer: Callable[[bytes], bytes] | None = None
    indicates: bool = False
    """Each value is confirmed by the host, as the Health Thermometer service asks."""


def _heart(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    heart, most = sensed.heart_at(t), wire.rr_room(0)
    parts = [heart.rr_ms[i : i + most] for i in range(0, max(1, len(heart.rr_ms)), most)]
    return tuple(
        wire.heart_rate_measurement(heart.bpm, part, contact=heart.contact) for part in parts
    )


def _optical(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    """An armband: no intervals, and no idea whether it feels skin."""
    return (wire.heart_rate_measurement(sensed.pulse_bpm(t) or 0),)


def _skin(encode: Encode) -> Says:
    return lambda sensed, t: (encode(sensed.skin_degc(t)),)


def _room(encode: Encode) -> Says:
    return lambda sensed, t: (encode(sensed.room_degc(t)),)


def _or_nothing(encode: Callable[[float], bytes]) -> Encode:
    """Of a format without a word for "no value": nothing is sent."""
    return lambda degc: b"" if degc is None else encode(degc)


def _core(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    return (wire_gatt.core_2101(sensed.core_degc(t), sensed.skin_degc(t)),)


def _oximeter(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    pulse_bpm = sensed.pulse_bpm(t)
    return (wire_gatt.pulse_oximeter(None if pulse_bpm is None else SPO2_PCT, pulse_bpm),)


def _cuff(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    systolic, diastolic = sensed.pressure_mmhg(t)
    bpm = sensed.pulse_bpm(t)
    return (wire_gatt.blood_pressure(systolic, diastolic, (systolic + 2 * diastolic) / 3, bpm),)


def _ecg(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    return tuple(wire_gatt.pmd_ecg(last_ns, samples) for last_ns, samples in sensed.ecg(t))


def _wrist(sensed: Sensed, t: int) -> tuple[bytes, ...]:
    return (wire_gatt.pmd_skin_temperature(t * NS_PER_S, [sensed.skin_degc(t)]),)


_HEART, _SKIN_T, _ROOM_T = Signal.HEART_RATE, Signal.SKIN_TEMPERATURE, Signal.ROOM_TEMPERATURE


def _kinds() -> tuple[Kind, ...]:
    return (
        Kind(name="strap", codec="hrs_2a37", measures=_HEART, site="chest", says=_heart),
        Kind(
            name="patch",
            codec="hts_2a1c",
            measures=_SKIN_T,
            site="axilla",
            says=_skin(lambda degc: wire.health_temperature(degc, ARMPIT)),
            period_s=4,
            indicates=True,
        ),
        Kind(name="armband", codec="hrs_2a37", measures=_HEART, site="upper_arm", says=_optical),
        Kind(name="core", codec="core_2101", measures=_SKIN_T, site="trunk", says=_core),
        Kind(
            name="oximeter", codec="plx_2a5f", measures=Signal.SPO2, site="finger", says=_oximeter
        ),
        Kind(
            name="cuff",
            codec="bps_2a35",
            measures=Signal.BLOOD_PRESSURE,
            site="upper_arm",
            says=_cuff,
            period_s=900,
        ),
        Kind(
            name="ecg",
            codec="polar_ecg",
            measures=Signal.ECG,
            site="chest",
            says=_ecg,
            answer=wire_gatt.pmd_answer,
        ),
        Kind(
            name="wrist",
            codec="polar_skin_temperature",
            measures=_SKIN_T,
            site="wrist",
            says=_wrist,
            answer=wire_gatt.pmd_answer,
        ),
        Kind(
            name="movisens",
            codec="movisens_skin_temp",
            measures=_SKIN_T,
            site="chest",
            says=_skin(wire_gatt.centi_degrees),
            period_s=60,
        ),
        Kind(
            name="room",
            codec="ess_2a6e",
            measures=_ROOM_T,
            site="",
            says=_room(wire_gatt.centi_degrees),
            period_s=5,
        ),
        Kind(
            name="probe",
            codec="center_30x_8b",
            measures=_ROOM_T,
            site="room",
            says=_room(wire.center_30x_reply),
            ask=b"A",
        ),
        *_tags(),
        *_serial(),
    )


def _bthome(degc: float) -> bytes:
    return wire_gatt.bthome_v2(degc, HUMIDITY_PCT)


def _pvvx(degc: float) -> bytes:
    return wire_gatt.pvvx_custom(degc, HUMIDITY_PCT, 90)


def _tags() -> tuple[Kind, ...]:
    tags: Mapping[str, tuple[str, Encode]] = {
        "bthome": ("bthome_v2", _or_nothing(_bthome)),
        "ruuvi": ("ruuvi_df5", lambda degc: wire_gatt.ruuvi_df5(degc, HUMIDITY_PCT)),
        "pvvx": ("pvvx_custom", _or_nothing(_pvvx)),
    }
    return tuple(
        Kind(name=name, codec=codec, measures=_ROOM_T, site="", says=_room(encode), period_s=2)
        for name, (codec, encode) in tags.items()
    )


def _serial() -> tuple[Kind, ...]:
    lines: Mapping[str, tuple[str, Encode, bytes]] = {
        "center-30x": ("center_30x_8b", wire.center_30x_reply, b"A"),
        "center-309": ("center_309_45b", lambda degc: wire.center_309_reply([degc]), b"A"),
        "ut32x": ("ut32x_19b", wire_serial.ut32x, b""),
        "ms6514": ("ms6514_18b", lambda degc: wire_serial.ms6514(degc, None), b""),
        "appa": ("appa55ii", lambda degc: wire_serial.appa55ii(degc, degc), b""),
        "lutron": ("lutron_16", lambda degc: wire_serial.lutron(1, degc), b""),
        "fluke": ("fluke_152x", _or_nothing(wire_serial.fluke_152x), b"t\r\n"),
        "mic": ("mic985xx", _or_nothing(wire_serial.mic985xx), b""),
        "htronic": ("htronic_tsm125", wire_serial.htronic, b""),
        "etf": ("etf1828", _or_nothing(lambda degc: wire_serial.etf1828(1, degc)), b"1"),
        "kitsrus": ("kitsrus_k145", _or_nothing(lambda degc: wire_serial.kitsrus(1, degc)), b""),
        "arduino": ("ascii_t_h", wire_serial.ascii_line, b""),
    }
    return tuple(
        Kind(name=name, codec=codec, measures=_SKIN_T, site="axilla", says=_skin(encode), ask=ask)
        for name, (codec, encode, ask) in lines.items()
    )


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _kinds()}
"""By name, Bluetooth first."""


def named(words: Iterable[str]) -> dict[str, Kind]:
    """Alias -> kind of words such as `strap` or `mine=strap`; the same kind twice is numbered.

    Raises:
        KeyError: there is no such kind.
    """
    found: dict[str, Kind] = {}
    for word in words:
        alias, _, name = word.rpartition("=")
        kind, number = KINDS[name], 1
        alias = alias or name
        while alias in found:
            number += 1
            alias = f"{name}-{number}"
        found[alias] = kind
    return found
