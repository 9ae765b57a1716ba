"""Which transport reaches a sensor: Bluetooth, a serial line, or one of an installed package.

A package adds one with an entry point of the group `vigil.transports` whose name is the kind's.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from devices.model import SensorSpec
from devices.registry import codec
from devices.transport import Reason, Transport, TransportError, TransportKind

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from devices.ble import Backend

GROUP = "vigil.transports"
BUILT_IN = ("ble", "serial")


def transport(spec: SensorSpec, rate: float = 1.0, backend: Backend | None = None) -> Transport:
    """The way to one sensor. Only a session with such sensors pays for bleak or pyserial.

    Args:
        spec: the sensor, as configured.
        rate: session seconds a real second.
        backend: bleak backend classes of simulated sensors.

    Raises:
        TransportError: there is no usable transport of that name.
    """
    if spec.transport == "serial":
        from devices.serial_port import SerialTransport  # noqa: PLC0415 - see above

        return SerialTransport(spec, codec(spec.codec), rate)
    if spec.transport == "ble":
        from devices.ble import ble_transport  # noqa: PLC0415 - see above

        return ble_transport(spec, codec(spec.codec), backend=backend)
    return _plugin(spec.transport).make(spec, codec(spec.codec), rate)


def names() -> tuple[str, ...]:
    """Every transport that may be configured; broken ones too, so that the message says why."""
    return (*BUILT_IN, *sorted(_entries()))


def problems() -> dict[str, str]:
    """Why which installed transports cannot be used; empty when all is well."""
    loaded = {name: _load(entry) for name, entry in _entries().items()}
    return {name: found for name, found in loaded.items() if isinstance(found, str)}


def _plugin(name: str) -> TransportKind:
    entry = _entries().get(name)
    if entry is None:
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise TransportError(Reason.NO_TRANSPORT, f"{name!r}{hint}")
    found = _load(entry)
    if isinstance(found, str):
        raise TransportError(Reason.NO_TRANSPORT, found)
    return found


def _entries() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - 20 ms nobody else has to pay

    return {e.name: e for e in entry_points(group=GROUP) if e.name not in BUILT_IN}


def _load(entry: EntryPoint) -> TransportKind | str:
    """The kind, or why there is none."""
    try:
        found = entry.load()
    except Exception as error:  # noqa: BLE001 - foreign code, must not take ours down
        return f"{entry.value}: {type(error).__name__}: {error}"
    if not isinstance(found, TransportKind) or found.name != entry.name:
        return f"{entry.value} is not a devices.transport.TransportKind named {entry.name!r}"
    return found
