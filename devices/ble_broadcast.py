"""Sensors that put their values into advertisements: nothing is connected, only listened to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.ble_air import Backend, Ear, air
from devices.ble_errors import reason
from devices.codec import Broadcast
from devices.model import NS_PER_S, SensorSpec
from devices.transport import OnInfo, OnLost, OnPayload
from monitor.clock import monotonic_ns

REPEAT_S = 1.0
"""An unchanged payload is passed on this often: it is a sign of life, not a new reading."""


def payload_of(place: Broadcast, advertised: AdvertisementData) -> bytes:
    """The bytes at that place of an advertisement; empty if there are none."""
    if place.company_id is not None:
        return bytes(advertised.manufacturer_data.get(place.company_id, b""))
    return bytes(advertised.service_data.get(place.service_data_uuid, b""))


class BroadcastTransport:
    """An ear for one allow-listed sensor; implements `devices.transport.Transport`."""

    def __init__(self, spec: SensorSpec, place: Broadcast, backend: Backend | None = None) -> None:
        self._spec, self._place, self._backend = spec, place, backend

    @contextlib.asynccontextmanager
    async def open(
        self,
        on_payload: OnPayload,
        on_lost: OnLost,
        on_info: OnInfo,
    ) -> AsyncIterator[None]:
        """Listen while entered; see `Transport.open`."""
        last, last_ns = b"", 0

        def heard(device: BLEDevice, advertised: AdvertisementData) -> None:
            nonlocal last, last_ns
            if not self._is_ours(device, advertised):
                return
            payload, now_ns = payload_of(self._place, advertised), monotonic_ns()
            if payload and (payload != last or now_ns - last_ns >= REPEAT_S * NS_PER_S):
                last, last_ns = payload, now_ns
                on_info("signal", advertised.rssi)
                on_payload(payload)

        def failed(error: Exception) -> None:
            on_lost(str(reason(error)))

        with air(self._spec.adapter, self._backend).listening(Ear(heard, failed, patient=True)):
            await asyncio.sleep(0)
            yield

    def _is_ours(self, device: BLEDevice, advertised: AdvertisementData) -> bool:
        wanted = self._spec.address
        return bool(wanted) and (
            device.address.casefold() == wanted.casefold() or advertised.local_name == wanted
        )
