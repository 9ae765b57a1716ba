"""What a BLE sensor says about itself: battery charge and device information, best effort.

Read after the measurements are subscribed to, so that a slow or refusing sensor costs no data.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from devices.codecs.health_thermometer import NEVER_SKIN
from devices.codecs.small_values import battery_pct
from devices.model import SensorSpec, Signal
from devices.text import clean_text
from devices.transport import OnInfo, Reason, TransportError

if TYPE_CHECKING:  # only devices.ble needs bleak at run time
    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

BATTERY_POLL_S = 300.0
"""For sensors that do not notify their battery level, real seconds."""
READ_LIMIT_S = 10.0
SIMULATED_MAKER = "Vigil SIM"
"""Manufacturer of simulated sensors: whatever the configuration says, they are shown as SIM."""

_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
_TEXTS = {
    "00002a29-0000-1000-8000-00805f9b34fb": "manufacturer",
    "00002a24-0000-1000-8000-00805f9b34fb": "model",
    "00002a26-0000-1000-8000-00805f9b34fb": "firmware",
    "00002a27-0000-1000-8000-00805f9b34fb": "hardware",
    "00002a28-0000-1000-8000-00805f9b34fb": "software",
    "00002a25-0000-1000-8000-00805f9b34fb": "serial",
}
_BODY_LOCATION = "00002a38-0000-1000-8000-00805f9b34fb"
_BODY_LOCATIONS = ("other", "chest", "wrist", "finger", "hand", "ear lobe", "foot")
_TEMPERATURE_TYPE = "00002a1d-0000-1000-8000-00805f9b34fb"
_TEMPERATURE_TYPES = {
    1: "armpit",
    2: "body",
    3: "ear",
    4: "finger",
    5: "gastro-intestinal tract",
    6: "mouth",
    7: "rectum",
    8: "toe",
    9: "tympanum",
}
_LOG = logging.getLogger(__name__)


async def report_details(client: BleakClient, on_info: OnInfo) -> None:
    """Report what the sensor tells, and its battery for as long as the link lasts."""
    try:
        known = {item.uuid: item for item in client.services.characteristics.values()}
        for uuid, key in _TEXTS.items():
            raw = await _read(client, known.get(uuid))
            if text := clean_text(raw or b""):
                on_info(key, text)
            if key == "manufacturer" and text == SIMULATED_MAKER:
                on_info("simulated", True)
        location = await _read(client, known.get(_BODY_LOCATION))
        if location and location[0] < len(_BODY_LOCATIONS):
            on_info("location", _BODY_LOCATIONS[location[0]])
        await _report_battery(client, known.get(_BATTERY_LEVEL), on_info)
    except Exception:  # noqa: BLE001 - a task's border; details are never worth a link
        _LOG.debug("sensor details unavailable", exc_info=True)


async def _report_battery(
    client: BleakClient, level: BleakGATTCharacteristic | None, on_info: OnInfo
) -> None:
    def report(raw: bytes | bytearray | None) -> None:
        if raw is not None and (percent := battery_pct(raw)) is not None:
            on_info("battery", percent)

    report(await _read(client, level))
    if level is not None and "notify" in level.properties:
        await client.start_notify(level, lambda _level, raw: report(raw))
        return
    while level is not None:
        await asyncio.sleep(BATTERY_POLL_S)
        report(await _read(client, level))


async def _read(client: BleakClient, item: BleakGATTCharacteristic | None) -> bytearray | None:
    """Its value; None if there is none to be had (bleak and its backends raise many things)."""
    if item is None or "read" not in item.properties:
        return None
    with contextlib.suppress(Exception):
        async with asyncio.timeout(READ_LIMIT_S):
            return await client.read_gatt_char(item)
    return None


async def refuse_other_site(client: BleakClient, spec: SensorSpec) -> None:
    """A thermometer made for ear, mouth, rectum or "body" is never taken for skin.

    Raises:
        TransportError: it says so itself, and the configuration says skin.
    """
    if spec.measures is not Signal.SKIN_TEMPERATURE:
        return
    known = {item.uuid: item for item in client.services.characteristics.values()}
    raw = await _read(client, known.get(_TEMPERATURE_TYPE))
    if raw and raw[0] in NEVER_SKIN:
        site = _TEMPERATURE_TYPES.get(raw[0], str(raw[0]))
        raise TransportError(Reason.WRONG_SITE, f"it says {site}, configured is skin")
