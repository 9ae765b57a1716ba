"""Make a small recording by the real processes, with everything an operator can do in it.

    python tests/replay/make_session.py FILE [--unended]

Sensors are simulated down to their bytes. The engine is killed once in mid-alarm and resumes; with
--unended it is killed a second time and left so. Every run gives another recording: what must come
out of the one that is kept is in `golden/` (see test_golden.py).
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path

from monitor import config, feed, hosting, plan, starting
from monitor.feed_client import open_feed

RATE = 20.0
EARLY = [
    ("note", {"text": "settled, øye lukket"}),
    ("temperature", {"degc": 36.9, "site": "oral", "method": "contact"}),
    ("fluids", {"ml": 200, "what": "water"}),
    ("score", {"name": "distress", "value": 3}),
    ("blood_pressure", {"systolic": 182, "diastolic": 82}),
    ("dose", {"confirm_baseline": True, "label": "dose"}),
]
LATE = [
    ("pause_audio", {"seconds": 60}),
    ("set_limit", {"condition": "hr_high", "key": "limit_bpm", "value": 120, "reason": "fit"}),
    ("set_limit", {"condition": "hr_high", "key": "limit_bpm", "value": 900, "reason": "refused"}),
    ("standby", {"seconds": 120, "reason": "toilet"}),
]


class Operator:
    """Acts through the feed as a dashboard does."""

    def __init__(self, listening: plan.Listening) -> None:
        self.listening = listening
        self.newest: feed.Snapshot | None = None

    async def __aenter__(self):
        self._reader, self._writer = await open_feed(self.listening.endpoint)
        self._send(feed.Ping(token=self.listening.token, watching=True))
        return self

    async def __aexit__(self, *_):
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def _send(self, message):
        self._writer.write(feed.encode(message) + b"\n")

    async def until(self, wanted):
        async with asyncio.timeout(60):
            while True:
                message = feed.decode_downlink(await self._reader.readline())
                if isinstance(message, feed.Snapshot):
                    self.newest = message
                if wanted(message):
                    return message

    async def past(self, t_s):
        await self.until(lambda m: isinstance(m, feed.Snapshot) and m.t_s > t_s)

    async def alarm(self, condition):
        def shown(message):
            return [a for a in getattr(message, "alarms", []) if a.condition == condition]

        return shown(await self.until(shown))[0]

    async def entry(self, verb):
        def noted(message):
            entries = [line.entry for line in getattr(message, "log", [])]
            return [entry for entry in entries if entry is not None and entry.verb == verb]

        return noted(await self.until(noted))[-1]

    async def do(self, verb, **details):
        self._send(feed.Command(id=7, verb=verb, operator="SM", details=details))
        reply = await self.until(lambda message: isinstance(message, feed.Reply))
        print(f"{verb}: {reply.message or 'done'}")  # noqa: T201 - a script


def kill(listening):
    os.kill(listening.pid, signal.SIGKILL)


async def make(path, *, ended):
    settings = config.load(None, ["sound.enabled=false"])
    directory = starting.demo(settings, "tachycardia", RATE, path, watched=False)
    async with Operator(await hosting.endpoint(directory)) as operator:
        await operator.past(30)
        for verb, details in EARLY:
            await operator.do(verb, **details)
        slip = await operator.entry("blood_pressure")
        right = {"systolic": 128, "diastolic": 82, "corrects": slip.t_ns}
        await operator.do("blood_pressure", **right)
        seen = await operator.alarm("hr_extreme")
        await operator.do("acknowledge", condition="hr_extreme", occurrence=seen.occurrence)
        await operator.past(operator.newest.t_s + 40)
        kill(operator.listening)
    async with Operator(await hosting.endpoint(directory)) as operator:
        for verb, details in LATE:
            await operator.do(verb, **details)
        await operator.past(operator.newest.t_s + 60)
        await operator.do("end_standby")
        await operator.past(operator.newest.t_s + 90)
        if not ended:
            kill(operator.listening)
            (directory / plan.PLAN).unlink()
            return
        await operator.do("end_session")
    while (directory / plan.PLAN).exists():
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    os.environ["VIGIL_RUNTIME_DIR"] = tempfile.mkdtemp()
    asyncio.run(make(Path(sys.argv[1]), ended="--unended" not in sys.argv))
