"""One replay process: `python -m monitor.replay_process DIRECTORY`. Ends with its last watcher."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from pathlib import Path

import msgspec
from filelock import FileLock

from devices.model import NS_PER_S
from monitor import feed, plan
from monitor.clock import ScaledClock, utc_text
from monitor.feed_server import FeedServer
from monitor.plan import Listening, Plan
from monitor.recording.reader import Recording
from monitor.replay import Replay
from monitor.signal.accelerate import accelerate

PERIOD_S = 0.05
ABANDONED_S = 15.0
"""A replay nobody watches is over."""


def feed_session(current: Plan, recording: Recording) -> feed.Session:
    """The recorded session, marked REPLAY."""
    anchors = recording.anchors
    return feed.Session(
        session_id=recording.session_id,
        mode="REPLAY",
        subject=recording.subject,
        recording=current.recording,
        start_utc=utc_text(recording.start_utc_ns or 0),
        zone=anchors[0].zone if anchors else "UTC",
        rate=current.rate,
        software=recording.software,
    )


async def run(directory: Path, current: Plan) -> None:
    """Replay until told to end, or until nobody watches."""
    with Recording.open(Path(current.recording)) as recording:
        clock = ScaledClock(None, current.rate)
        replay = Replay(recording, clock, feed_session(current, recording))
    clock.jump_to(int(current.replay_from_s * NS_PER_S))
    replay.tick()
    server = FeedServer(directory, replay.greeting, replay.command)
    replay.attach(server)
    endpoint = await server.start()
    listening = Listening(pid=os.getpid(), endpoint=endpoint, token=server.token)
    plan.write_private(directory / plan.ENGINE, msgspec.json.encode(listening))
    async with asyncio.TaskGroup() as group:
        beside = [group.create_task(part) for part in (_watch(replay, server), _survey(replay))]
        await replay.run(PERIOD_S)
        for task in beside:
            task.cancel()
    await server.close()
    shutil.rmtree(directory, ignore_errors=True)


async def _survey(replay: Replay) -> None:
    """Look through the recording while it plays already."""
    if replay.core.has_ecg:
        await asyncio.to_thread(accelerate)
    for _ in replay.survey():
        await asyncio.sleep(PERIOD_S)


async def _watch(replay: Replay, server: FeedServer) -> None:
    """Send the history again after a jump; end an abandoned replay."""
    while True:
        await asyncio.sleep(PERIOD_S)
        if replay.moved:
            replay.moved = False
            for line in replay.greeting()[1:]:
                server.tell(line)
        if server.unwatched_s() > ABANDONED_S:
            replay.ended.set()


def main() -> int:
    """Replay the recording named by the folder's plan."""
    directory = Path(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with FileLock(directory / plan.LOCK):
        asyncio.run(run(directory, plan.load(directory)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
