"""What every way to reach a sensor has in common; implemented by `ble` and `serial_port`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from devices.codec import Codec
    from devices.model import SensorSpec

OnPayload = Callable[[bytes], None]
"""Bytes arrived: one notification, or one chunk of a serial line."""
OnLost = Callable[[str], None]
"""The link ended without being asked to; with a few words why."""
OnInfo = Callable[[str, object], None]
"""Something about the sensor: "battery" (int, percent), "manufacturer", "model", "firmware",
"hardware", "software", "serial" (text, control characters removed), "location", "site" (words),
"signal" (int, dBm, of the advertisement heard just now)."""


class Reason(StrEnum):
    """Why a sensor could not be reached, in words for the screen."""

    ABSENT = "not found"
    BLUETOOTH_OFF = "Bluetooth is switched off"
    NO_BLUETOOTH = "no Bluetooth"
    NO_PERMISSION = "no permission"
    NO_SERVICE = "does not offer the expected measurement"
    BUSY = "in use by another program"
    NOT_PAIRED = "must be paired first"
    REFUSED = "refuses to measure"
    WRONG_SITE = "measures somewhere else"
    NO_TRANSPORT = "no such transport"
    CONNECT_FAILED = "connection failed"


class TransportError(Exception):
    """A sensor could not be reached. Expected in daily use: retried, never fatal."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Transport(Protocol):
    """A way to one sensor."""

    def open(
        self, on_payload: OnPayload, on_lost: OnLost, on_info: OnInfo
    ) -> AbstractAsyncContextManager[None]:
        """A link: entering connects and subscribes exactly once, leaving closes.

        The callbacks run on the event loop and only between entering and leaving. Leaving takes
        a bounded time, raises nothing, and is not reported to `on_lost`.

        Raises:
            TransportError: on entering, when the sensor cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True)
class TransportKind:
    """Another way to reach sensors, from an entry point of the group `vigil.transports`.

    Attributes:
        name: what `transport` is in the configuration; the entry point's name too.
        title: for people.
        make: makes the transport of one sensor; the number is session seconds a real second.
    """

    name: str
    title: str
    make: Callable[[SensorSpec, Codec, float], Transport]
