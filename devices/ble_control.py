"""Sensors that stream only when asked through a control point: asking, and saying goodbye."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from devices.codec import Control
from devices.limited import at_most
from devices.transport import Reason, TransportError

WRITE_S = 5.0
"""One request, real seconds."""
ANSWER_S = 5.0
"""From the first request to the sensor's last word about it."""


@contextlib.asynccontextmanager
async def started(
    client: BleakClient,
    point: BleakGATTCharacteristic,
    control: Control,
    gone: asyncio.Event,
) -> AsyncIterator[None]:
    """The stream is asked for when entered, and stopped when left.

    Args:
        client: the connection.
        point: the control point's characteristic.
        control: what to say.
        gone: set when the link is lost; nobody answers then.

    Raises:
        TransportError: the sensor refuses; its words are in the error.
    """
    answers: asyncio.Queue[bytes] = asyncio.Queue()
    await at_most(
        WRITE_S, client.start_notify(point, lambda _point, data: answers.put_nowait(bytes(data)))
    )
    begun = asyncio.Event()
    talk = asyncio.create_task(_talk(client, point, control, answers, begun))
    try:
        ends = {talk, *(asyncio.create_task(event.wait()) for event in (begun, gone))}
        await asyncio.wait(ends, timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        for waiting in ends - {talk}:
            waiting.cancel()
        if talk.done():
            talk.result()
        if gone.is_set():
            raise TransportError(Reason.CONNECT_FAILED, "link lost")
        if control.refused:
            raise TransportError(Reason.REFUSED, control.refused)
        yield
    finally:
        talk.cancel()
        await asyncio.wait({talk})
        await _farewell(client, point, control)


async def _talk(
    client: BleakClient,
    point: BleakGATTCharacteristic,
    control: Control,
    answers: asyncio.Queue[bytes],
    begun: asyncio.Event,
) -> None:
    """Ask, and go on answering: a sensor may stop by itself and has to be asked again."""
    words = control.begin()
    while True:
        if words:
            await at_most(WRITE_S, client.write_gatt_char(point, words, response=True))
        words = control.reply(await answers.get())
        if control.refused or not words:
            begun.set()


async def _farewell(client: BleakClient, point: BleakGATTCharacteristic, control: Control) -> None:
    words = control.end()
    if words and client.is_connected:
        with contextlib.suppress(Exception):  # the link may be gone by now
            await at_most(WRITE_S, client.write_gatt_char(point, words, response=True))
            await at_most(WRITE_S, client.stop_notify(point))
