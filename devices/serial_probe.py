"""Which thermometer is on a serial port: listen first, then ask the harmless questions we know.

Only ports nobody else has open are tried, one at a time, for a bounded time, and nothing is ever
sent but the documented polls of our wire formats.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from devices.codec import Codec
from devices.model import Measurement, SensorSpec, Signal, Validity
from devices.serial_port import SerialTransport
from devices.transport import Reason, TransportError

TRY_S = 2.5
"""One format on one port, real seconds: two readings of a sensor that sends one a second."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What a port answered to.

    Attributes:
        codec: name of the wire format; empty if none fits.
        values: the measurements it gave.
        trouble: why it could not be tried.
    """

    codec: str = ""
    values: tuple[Measurement, ...] = ()
    trouble: str = ""


async def probe(address: str, codecs: Iterable[Codec], try_s: float = TRY_S) -> Probed:
    """Try each serial format on a port: those that stream first, so that some need no question."""
    serial = [item for item in codecs if item.serial is not None]
    for item in sorted(serial, key=_speaks):
        try:
            values = await _listen(address, item, try_s)
        except TransportError as error:
            if error.reason is not Reason.CONNECT_FAILED:
                return Probed(trouble=str(error))
            continue  # this port cannot be set like that
        if any(value.validity is Validity.VALID for value in values):
            return Probed(item.name, values)
    return Probed()


def _speaks(item: Codec) -> bool:
    settings = item.serial
    return settings is not None and bool(settings.poll or settings.dialogue)


async def _listen(address: str, item: Codec, try_s: float) -> tuple[Measurement, ...]:
    """What the format makes of what comes; a board is not reset by it unless it must have DTR."""
    spec = SensorSpec(
        alias="probe",
        codec=item.name,
        measures=Signal.TEMPERATURE,
        transport="serial",
        address=address,
    )
    decoder, found, over = item.decoder(), list[Measurement](), asyncio.Event()

    def heard(payload: bytes) -> None:
        found.extend(decoder.feed(payload))
        if any(one.validity is Validity.VALID for one in found):
            over.set()

    async with SerialTransport(spec, item).open(heard, lambda _why: over.set(), lambda *_: None):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(try_s):
                await over.wait()
    return tuple(found)
