"""A sensor of any wire format on a simulated link, under the real transport and supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from devices.codec import Codec, SerialSettings
from devices.model import Frame, LinkState, SensorSpec, Signal
from devices.supervisor import Supervisor
from devices.transport import Transport
from monitor.clock import ScaledClock
from simulators.peripheral import Characteristic, Peripheral, Service

ADDRESS = "C9:53:49:4D:00:99"
"""Static random address; 53 49 4D is "SIM"."""
LIMIT_S = 10.0
STALE_S = 2.0
PAUSE_S = 0.02


@dataclass
class Link:
    """A supervised sensor and what came of it."""

    send: Callable[[bytes], None]
    drop: Callable[[], None]
    hush: Callable[[bool], None] = lambda _on: None
    """Silence what is sent without being told to: advertisements."""
    frames: list[Frame] = field(default_factory=list)
    states: list[LinkState] = field(default_factory=list)

    @property
    def heard(self) -> bytes:
        """Every byte that has arrived."""
        return b"".join(frame.payload for frame in self.frames)

    def links(self) -> int:
        """How often data began anew."""
        return sum(not frame.payload for frame in self.frames)

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait; an AssertionError says for what it was in vain."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not holds():
                    await asyncio.sleep(PAUSE_S)
        except TimeoutError:
            raise AssertionError(f"no {what} within {LIMIT_S:g} s; states {self.states}") from None

    async def streams(self, payload: bytes) -> None:
        """Send until it arrives; a sensor sends again and again."""
        before, seen = len(self.heard), self.links()
        new = seen + (self.states[-1:] != [LinkState.STREAMING])

        def arrived() -> bool:
            self.send(payload)
            return self.links() >= new and len(self.heard) >= before + len(payload)

        await self.until(arrived, "data")


@contextlib.asynccontextmanager
async def supervised(codec: Codec, answer: Callable[[bytes], bytes]) -> AsyncIterator[Link]:
    """A simulated sensor of that format under supervision, until the body ends.

    Args:
        codec: the wire format.
        answer: what the sensor's control point replies to what is written; empty for nothing.
    """
    with tempfile.TemporaryDirectory() as directory:
        opened = _on_line(codec, Path(directory)) if codec.serial else _on_air(codec, answer)
        async with opened as (link, transport, spec):
            keeper = Supervisor(
                spec,
                transport,
                ScaledClock(),
                link.frames.append,
                lambda _alias, state, _detail: link.states.append(state),
            )
            task = asyncio.create_task(keeper.run())
            try:
                yield link
                assert not task.done(), "the supervisor has ended"
            finally:
                task.cancel()
                await asyncio.wait([task])


_Opened = tuple[Link, Transport, SensorSpec]


@contextlib.asynccontextmanager
async def _on_line(codec: Codec, directory: Path) -> AsyncIterator[_Opened]:
    """On a pseudo-terminal, or a local socket where there is none."""
    from devices.serial_port import SerialTransport  # noqa: PLC0415 - pyserial only when needed
    from simulators.tty import serial_sensor  # noqa: PLC0415

    async with serial_sensor(directory, lambda _received: b"") as sensor:

        def drop() -> None:
            sensor.unplug()
            sensor.plug()

        # A pseudo-terminal has 8 bits and no parity, and refuses to be asked for others twice.
        asked = codec.serial or SerialSettings()
        line = replace(asked, settle_s=0.0, byte_size=8, parity="N")
        quick = replace(codec, serial=line)
        spec = _spec(codec, "serial", sensor.url)
        yield Link(sensor.send, drop), SerialTransport(spec, quick), spec


@contextlib.asynccontextmanager
async def _on_air(codec: Codec, answer: Callable[[bytes], bytes]) -> AsyncIterator[_Opened]:
    """Behind bleak, on its in-process back end."""
    from devices.ble import ble_transport  # noqa: PLC0415 - bleak only when needed
    from simulators.bleak_backend import backend  # noqa: PLC0415

    peripheral = _peripheral(codec, answer)
    spec = _spec(codec, "ble", ADDRESS)
    transport = ble_transport(spec, codec, backend=backend([peripheral]))

    def send(payload: bytes) -> None:
        place = codec.broadcast
        if place is None:
            peripheral.notify(codec.characteristic_uuid, payload)
        elif place.company_id is not None:
            peripheral.advertise(manufacturer_data={place.company_id: payload})
        else:
            peripheral.advertise(service_data={place.service_data_uuid: payload})

    def hush(on: bool) -> None:
        peripheral.quiet = on and codec.broadcast is not None

    yield Link(send, peripheral.drop, hush), transport, spec


def _peripheral(codec: Codec, answer: Callable[[bytes], bytes]) -> Peripheral:
    data = Characteristic(uuid=codec.characteristic_uuid, properties=("notify",))
    table = Service(uuid=codec.service_uuid, characteristics=(data, *_control(codec)))
    peripheral = Peripheral(
        name="SIM conformance",
        address=ADDRESS,
        services=() if codec.broadcast else (table,),
        advertised_uuids=(codec.service_uuid,) if codec.service_uuid else (),
    )

    def on_write(written: bytes) -> None:
        reply = answer(written)
        if reply:
            peripheral.notify(codec.control_uuid, reply)

    if codec.control is not None:
        peripheral.characteristic(codec.control_uuid).on_write = on_write
    return peripheral


def _control(codec: Codec) -> tuple[Characteristic, ...]:
    if codec.control is None:
        return ()
    return (Characteristic(uuid=codec.control_uuid, properties=("read", "write", "indicate")),)


def _spec(codec: Codec, transport: str, address: str) -> SensorSpec:
    return SensorSpec(
        alias="conformance",
        codec=codec.name,
        measures=Signal.TEMPERATURE,
        transport=transport,
        address=address,
        stale_s=STALE_S,
        simulated=True,
    )
