"""Finding sensors near: what is on the air and on the serial lines, and how to configure it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from devices.codec import Codec
from devices.model import Measurement, SensorSpec, Signal, Validity
from devices.registry import codecs
from monitor.config_schema import MEASURES

if TYPE_CHECKING:
    from devices.ble import Found

LISTEN_S = 8.0
TEMPERATURES = (Signal.SKIN_TEMPERATURE, Signal.ROOM_TEMPERATURE, Signal.CLINICAL_TEMPERATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sensor that could be configured.

    Attributes:
        name: what it calls itself, cleaned.
        address: for the configuration.
        codec: its wire format, "" if unknown.
        signal_dbm: strength of its radio signal; None on a line.
        values: what it says now, in words.
        trouble: why it could not be asked.
        more: other formats it offers.
        device: what a serial port is called today; empty on the air.
    """

    name: str
    address: str
    codec: str = ""
    signal_dbm: int | None = None
    values: tuple[str, ...] = ()
    trouble: str = ""
    more: tuple[str, ...] = ()
    device: str = ""


async def on_air(seconds: float = LISTEN_S, adapter: str = "") -> list[Candidate]:
    """Listen for Bluetooth sensors for that many real seconds; the strongest first.

    Raises:
        TransportError: Bluetooth cannot be used, and why.
    """
    from devices.ble import scan  # noqa: PLC0415 - brings bleak

    return [_heard(one) for one in await scan(seconds, codecs().values(), adapter=adapter)]


def _heard(one: Found) -> Candidate:
    values = [text for name, payload in one.payloads.items() for text in preview(name, payload)]
    first, *more = one.codecs or ("",)
    return Candidate(
        name=one.name,
        address=one.address,
        codec=first,
        signal_dbm=one.rssi_dbm,
        values=tuple(values),
        more=tuple(more),
    )


async def lines() -> list[Candidate]:
    """The serial ports there are, not asked what they are."""
    from devices.serial_ports import ports  # noqa: PLC0415 - brings pyserial

    return [
        Candidate(
            name=port.product or port.description or port.device.rpartition("/")[2],
            address=port.address,
            device=port.device,
        )
        for port in await asyncio.to_thread(ports)
    ]


async def asked(line: Candidate) -> Candidate:
    """A port with what it answered to the harmless questions of known thermometers.

    Up to a minute for one that stays silent.
    """
    from devices.serial_probe import probe  # noqa: PLC0415 - brings pyserial

    answer = await probe(line.device, codecs().values())
    return replace(
        line, codec=answer.codec, values=tuple(words(answer.values)), trouble=answer.trouble
    )


def preview(name: str, payload: bytes) -> list[str]:
    """The usable values of one payload, in words."""
    return words(codecs()[name].decoder().feed(payload))


def words(values: Iterable[Measurement]) -> list[str]:
    """Usable values as text; the newest of each signal."""
    newest = {one.signal: one.value for one in values if one.validity is Validity.VALID}
    return [f"{signal.value.replace('_', ' ')} {value:g}" for signal, value in newest.items()]


def measurable(codec: Codec) -> list[Signal]:
    """What a sensor of this wire format can be said to measure, the most usual first."""
    any_temperature = Signal.TEMPERATURE in codec.signals
    usual = Signal.SKIN_TEMPERATURE if any_temperature else Signal.HEART_RATE
    found = [
        signal
        for signal in MEASURES
        if signal in codec.signals or (any_temperature and signal in TEMPERATURES)
    ]
    order = (Signal.HEART_RATE, usual)
    return sorted(found, key=lambda signal: signal not in order)


def suggested(one: Candidate, alias: str = "", measures: str | None = None) -> SensorSpec:
    """How it would be configured."""
    guess = next(iter(measurable(codecs()[one.codec])), Signal.HEART_RATE)
    return SensorSpec(
        alias=alias or _alias(one),
        codec=one.codec,
        measures=Signal(measures) if measures else guess,
        transport=codecs()[one.codec].transport,
        address=one.address,
    )


def _alias(one: Candidate) -> str:
    words_ = re.sub(r"[^a-z0-9]+", "-", one.name.lower()).strip("-")[:24].strip("-")
    return words_ or "sensor"
