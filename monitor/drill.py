"""The drill behind `vigil selftest`: a known event at the bytes of sensors, followed to the end.

A session of its own with simulated sensors of the same wire formats runs through the real engine:
its bytes are decoded, measured and judged, the alarm is sounded on this computer, told to a screen,
acknowledged, recorded and cleared. The session that goes on is not touched; the result is stored in
it. What the drill cannot prove: the radio link of the real sensors, and that somebody hears it.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devices.model import SensorSpec, Signal
from monitor import config, feed, hosting, plan, starting
from monitor.feed_client import FeedClient
from monitor.model import Verb
from monitor.recording import chain
from monitor.recording.reader import Recording

CONDITION, PRIORITY = "hr_extreme", "HIGH"
SPEED = 10.0
PATIENCE_S = 60.0
"""Real seconds; the drill takes about 15."""
POLL_S = 0.05
SCREEN = "screen"
SOUND_S = 12.0
"""What a busy computer may take to open its sound device."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing looked at: what, whether it was so, and what was seen."""

    name: str
    passed: bool
    saw: str


Shows = Callable[[feed.Snapshot], str]
"""What a screen says of a snapshot, in its first line."""
Told = Callable[[Step], None]
"""Gets every step as soon as it is known."""


class Drill:
    """Watches one drill session over its feed, as a screen does."""

    def __init__(self, directory: Path, shows: Shows, told: Told, *, sound: bool) -> None:
        self._directory, self._shows, self._sound = directory, shows, sound
        self._told = told
        self._steps: list[Step] = []
        self._newest: feed.Snapshot | None = None
        self._client: FeedClient | None = None

    async def run(self) -> list[Step]:
        """Follow the alarm from onset to clear; whatever does not come in time has failed."""
        conversation: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                at = await hosting.endpoint(self._directory)
                self._client = FeedClient(at.endpoint, at.token, self._take, lambda _: None)
                conversation = asyncio.create_task(self._client.run())
                await self._follow()
        except TimeoutError:
            self._take_step(Step("in time", False, f"the drill stopped after {PATIENCE_S:g} s"))
        finally:
            if conversation is not None:
                conversation.cancel()
                await asyncio.wait([conversation])
            await hosting.end(self._directory)
            await self._gone()
        return self._steps

    def _take_step(self, step: Step) -> None:
        self._steps.append(step)
        self._told(step)

    async def _follow(self) -> None:
        alarm = await self._until(lambda a: a is not None and a.presence == "ON")
        snapshot = self._seen()
        assert alarm is not None  # noqa: S101 - just waited for
        self._take_step(
            Step("alarm", alarm.priority == PRIORITY, f"{alarm.message}: {alarm.value}")
        )
        heading = self._shows(snapshot)
        self._take_step(Step(SCREEN, PRIORITY in heading and alarm.message in heading, heading))
        self._take_step(await self._hear())
        self._send(Verb.ACKNOWLEDGE, condition=CONDITION, occurrence=alarm.occurrence)
        await self._until(lambda a: a is None or a.presence == "ACKNOWLEDGED")
        quiet = self._seen().audio.burst
        self._take_step(Step("acknowledge", quiet != PRIORITY, f"sounds: {quiet or 'nothing'}"))
        await self._until(lambda a: a is None)
        self._take_step(Step("clear", True, "the alarm is over and gone"))

    async def _hear(self) -> Step:
        """The loudspeaker may take some seconds to be proven."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SOUND_S):
                while self._sound and not self._seen().audio.available:
                    await asyncio.sleep(POLL_S)
        audio = self._seen().audio
        if not self._sound:
            return Step("sound", audio.burst == PRIORITY, "sound is off in the configuration")
        return Step("sound", audio.available and audio.burst == PRIORITY, audio.detail)

    async def _until(self, holds: Callable[[feed.Alarm | None], bool]) -> feed.Alarm | None:
        while True:
            if self._newest is not None:
                alarms = (a for a in self._newest.alarms if a.condition == CONDITION)
                alarm = next(alarms, None)
                if holds(alarm):
                    return alarm
            await asyncio.sleep(POLL_S)

    def _seen(self) -> feed.Snapshot:
        assert self._newest is not None  # noqa: S101 - an alarm of it was seen
        return self._newest

    def _send(self, verb: Verb, **details: str | float | bool) -> None:
        assert self._client is not None  # noqa: S101 - it is running
        self._client.send(feed.Command(id=1, verb=verb.value, operator="drill", details=details))

    def _take(self, message: feed.Downlink) -> None:
        if isinstance(message, feed.Snapshot):
            self._newest = message

    async def _gone(self) -> None:
        """Its record is complete once its folder is cleared away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10.0):
                while (self._directory / plan.PLAN).exists():
                    await asyncio.sleep(POLL_S)


def recorded(path: Path) -> Step:
    """Whether the drill's record holds bytes, alarm and end, untouched."""
    with Recording.open(path) as recording:
        told = [
            str(row.body["what"])
            for row in recording.journal(["alarm"])
            if row.body["condition"] == CONDITION
        ]
        frames = sum(1 for _ in recording.frames())
    findings = chain.verify(path)
    passed = {"onset", "acknowledge", "clear"} <= set(told) and frames > 0 and not findings
    return Step("record", passed, f"{frames} payloads; {', '.join(told) or 'no alarm'}")


def kinds_for(sensors: Sequence[SensorSpec]) -> list[str]:
    """Simulated sensors of the same wire formats, as far as there are any; always a strap."""
    from simulators.kinds import KINDS  # noqa: PLC0415 - only the drill needs them

    found = [
        next((name for name, kind in KINDS.items() if kind.codec == spec.codec), "")
        for spec in sensors
        if spec.measures in {Signal.HEART_RATE, Signal.SKIN_TEMPERATURE}
    ]
    kinds = list(dict.fromkeys(name for name in found if name))
    heart = any(KINDS[name].measures is Signal.HEART_RATE for name in kinds)
    return kinds if heart else ["strap", *kinds]


def _nobody(_: Step) -> None:
    pass


async def run(
    settings: config.Config, sensors: Sequence[SensorSpec], shows: Shows, told: Told = _nobody
) -> list[Step]:
    """Do the drill in a private folder; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="vigil-drill-") as folder:
        path = Path(folder) / "drill.db"
        # In a thread: a screen that waits for it goes on drawing.
        kinds = await asyncio.to_thread(kinds_for, sensors)
        directory = starting.drill(settings, path, kinds, SPEED)
        steps = await Drill(directory, shows, told, sound=settings.sound.enabled).run()
        last = await asyncio.to_thread(recorded, path)
        told(last)
        return [*steps, last]


def passed(steps: Sequence[Step]) -> bool:
    """Whether everything was as it should be."""
    names = {step.name for step in steps}
    whole = {"alarm", SCREEN, "sound", "acknowledge", "clear", "record"} <= names
    return whole and all(step.passed for step in steps)


async def store(directory: Path, steps: Sequence[Step]) -> str:
    """Put the result into the running session's record; says why it was refused, or nothing."""
    listening = await hosting.endpoint(directory)
    answer: asyncio.Future[feed.Reply] = asyncio.get_running_loop().create_future()

    def take(message: feed.Downlink) -> None:
        if isinstance(message, feed.Reply) and not answer.done():
            answer.set_result(message)

    client = FeedClient(listening.endpoint, listening.token, take, lambda _: None)
    conversation = asyncio.create_task(client.run())
    details: dict[str, str | bool] = {step.name: step.saw for step in steps}
    command = feed.Command(
        id=1, verb=Verb.SELF_TEST.value, operator="selftest",
        details={"passed": passed(steps), **details},
    )  # fmt: skip
    try:
        async with asyncio.timeout(5.0):
            while not client.send(command):
                await asyncio.sleep(POLL_S)
            return (await answer).message
    except TimeoutError:
        return "the session did not answer"
    finally:
        conversation.cancel()
        await asyncio.wait([conversation])
