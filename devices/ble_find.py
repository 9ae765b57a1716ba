"""Finding Bluetooth sensors: the one that is listed, or all that could be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_str

from devices.ble_air import Air, Backend, Ear, air
from devices.ble_broadcast import payload_of
from devices.ble_errors import explained
from devices.codec import Codec
from devices.model import SensorSpec
from devices.text import clean_text

SCAN_S = 5.0
"""How long one attempt listens for a sensor, real seconds."""


Heard = tuple[BLEDevice, int | None]
"""A sensor, and how strong its advertisement was, dBm; None where it was not heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A peripheral heard by `scan`. Names from the air are cleaned of control characters."""

    name: str
    address: str
    rssi_dbm: int
    service_uuids: tuple[str, ...]
    codecs: tuple[str, ...]
    """Names of the wire formats whose service it advertises, or that its broadcast is in."""
    payloads: dict[str, bytes] = field(default_factory=dict)
    """Broadcast values by wire format, as last heard."""


def matches(wanted: str, address: str, name: str | None) -> bool:
    """Allow-listing: everything else, a neighbour's strap above all, is never touched."""
    return bool(wanted) and (address.casefold() == wanted.casefold() or name == wanted)


async def find(spec: SensorSpec, service: str, backend: Backend | None) -> Heard | None:
    """The listed sensor, if it advertises within SCAN_S; raises what bleak raises."""
    found: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()

    def heard(device: BLEDevice, advertised: AdvertisementData) -> None:
        if matches(spec.address, device.address, advertised.local_name) and not found.done():
            found.set_result((device, advertised.rssi))

    def failed(error: Exception) -> None:
        if not found.done():
            found.set_exception(error)

    around = air(spec.adapter, backend)
    with around.listening(Ear(heard, failed, service)):
        await around.until(found, SCAN_S)
    if found.done():
        return found.result()
    found.cancel()
    return None


async def scan(
    seconds: float, codecs: Iterable[Codec], *, backend: Backend | None = None, adapter: str = ""
) -> list[Found]:
    """Listen for that many real seconds; what was heard, strongest first.

    Raises:
        TransportError: Bluetooth cannot be used, and why.
    """
    known = list(codecs)
    with explained():
        latest = await _listen(air(adapter, backend), seconds)
    found = [_found(device, advertised, known) for device, advertised in latest.values()]
    return sorted(found, key=lambda item: -item.rssi_dbm)


async def _listen(around: Air, seconds: float) -> dict[str, tuple[BLEDevice, AdvertisementData]]:
    latest: dict[str, tuple[BLEDevice, AdvertisementData]] = {}
    trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def heard(device: BLEDevice, advertised: AdvertisementData) -> None:
        latest[device.address] = (device, advertised)

    def failed(error: Exception) -> None:
        if not trouble.done():
            trouble.set_exception(error)

    with around.listening(Ear(heard, failed)):
        await around.until(trouble, seconds)
    if trouble.done():
        trouble.result()
    trouble.cancel()
    return latest


def _found(device: BLEDevice, advertised: AdvertisementData, known: list[Codec]) -> Found:
    uuids = tuple(advertised.service_uuids)
    # Of two formats of one service the one that streams comes first.
    served = [
        item.name
        for item in sorted(known, key=lambda item: item.spot)
        if item.service_uuid and normalize_uuid_str(item.service_uuid) in uuids
    ]
    payloads = {item.name: payload for item in known if (payload := _heard_by(item, advertised))}
    return Found(
        name=clean_text(advertised.local_name or device.name or ""),
        address=device.address,
        rssi_dbm=advertised.rssi,
        service_uuids=uuids,
        codecs=(*served, *payloads),
        payloads=payloads,
    )


def _heard_by(item: Codec, advertised: AdvertisementData) -> bytes:
    """The broadcast payload, if this wire format can read it."""
    payload = payload_of(item.broadcast, advertised) if item.broadcast else b""
    return payload if payload and "error" not in item.explain(payload) else b""
