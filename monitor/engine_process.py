"""One engine process: `python -m monitor.engine_process DIRECTORY`.

Reads the session's plan, resumes its recording if there is one, and runs until the session is
ended. Being killed at any moment is expected: the next process derives the same state again from
the record.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from alerts.annunciator.client import Annunciator
from devices.model import NS_PER_S, Frame, SensorSpec
from devices.registry import codec
from devices.supervisor import Supervisor, Transport
from monitor import feed, plan, stored
from monitor.clock import ScaledClock, monotonic_ns, utc_ns, utc_text
from monitor.core import Core, Output
from monitor.engine import Engine
from monitor.feed_server import FeedServer
from monitor.model import Verb
from monitor.plan import Listening, Plan
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder
from monitor.reanalysis import limits_hash
from monitor.replay import NoSound
from monitor.version import software

logger = logging.getLogger(__name__)

LOCK_S = 3.0
"""A passer-by testing whether the engine lives holds the lock for an instant."""
FAST_RATE = 5.0
LAST_WORD_S = 0.3
"""Time for dashboards to be told that the session has ended."""


def epoch_ns(current: Plan) -> int:
    """Monotonic time of session time 0 in this boot; after a reboot, by the wall clock."""
    if current.boot_id == plan.boot_id():
        return current.epoch_ns
    return monotonic_ns() - (utc_ns() - current.epoch_utc_ns)


def feed_session(current: Plan) -> feed.Session:
    """The session as dashboards are told."""
    return feed.Session(
        session_id=current.session_id,
        mode=current.mode,
        subject=current.subject,
        recording=current.recording,
        start_utc=utc_text(current.epoch_utc_ns),
        zone=current.zone,
        rate=current.rate,
        software=software(),
    )


def open_recorder(current: Plan) -> tuple[Recorder, bool]:
    """The session's recorder, and whether it goes on with an earlier engine's record."""
    path = Path(current.recording)
    if path.exists():
        return Recorder(path), True
    session = NewSession(
        subject=current.subject,
        software=software(),
        mode=Mode(current.mode),
        config=msgspec.json.decode(current.config_json),
        session_id=current.session_id,
    )
    return Recorder(path, create=session), False


def restored(current: Plan, core: Core) -> tuple[Output, int]:
    """Step a fresh core through the record; return its output and the last session time."""
    with Recording.open(Path(current.recording)) as recording:
        known = stored.events(recording)
        closed_ns = int(recording.vitals().t_s.max(initial=-1)) * NS_PER_S
        last_ns = max([closed_ns, *(event.t_ns for event in known[-1:])], default=-1)
        return stored.run(core, known, last_ns), last_ns


def begin(engine: Engine, recorder: Recorder, current: Plan, *, resumed: bool) -> None:
    """Anchor time, and put on record what is in force."""
    now_ns = max(engine.clock.now_ns(), 0)
    recorder.anchor(
        t_ns=now_ns,
        utc_ns=utc_ns(),
        zone=current.zone,
        monotonic_ns=monotonic_ns(),
        boot_id=plan.boot_id(),
        rate=current.rate,
    )
    recorder.sensors(current.sensors)
    event = "resumed" if resumed else "started"
    recorder.journal(now_ns, "session", {"event": event, "software": software()})
    rows = {name: dict(row.values) for name, row in engine.core.settings.items()}
    body = {"hash": limits_hash(engine.core.settings), "alarms": rows}
    recorder.journal(now_ns, "limits", body)
    engine.log.append(feed.LogLine(t_s=now_ns / NS_PER_S, kind="system", text=f"engine {event}"))


def take_over(engine: Engine, recorder: Recorder, current: Plan) -> None:
    """Derive the state of an earlier engine again, and note the hole it left."""
    output, last_ns = restored(current, engine.core)
    engine.restore(output, last_ns)
    now_ns = max(engine.clock.now_ns(), last_ns)
    body = {"source": "", "reason": "engine was not running", "t0_ns": last_ns, "t1_ns": now_ns}
    recorder.journal(now_ns, "gap", body)


def transport(spec: SensorSpec, backend: object | None) -> Transport:
    """The way to one sensor. Imported here: only an engine with sensors pays for bleak."""
    if spec.transport == "serial":
        from devices.serial_port import SerialTransport  # noqa: PLC0415

        return SerialTransport(spec, codec(spec.codec))
    from devices.ble import BleTransport  # noqa: PLC0415

    return BleTransport(spec, codec(spec.codec), backend=backend)


@asynccontextmanager
async def simulated_air(
    current: Plan, clock: ScaledClock
) -> AsyncIterator[tuple[object | None, str]]:
    """The in-process back-end and serial address of simulated sensors, where they live here."""
    simulation = current.simulation
    if simulation is None or simulation.dbus:
        yield None, ""
        return
    from simulators.host import InProcessSensors  # noqa: PLC0415

    async with InProcessSensors(simulation.scenario, simulation.seed, clock) as sensors:
        yield sensors.backend, sensors.serial_url


async def run(directory: Path, current: Plan) -> None:
    """Run the session's engine until it is ended or the process is told to stop."""
    clock = ScaledClock(epoch_ns(current), current.rate)
    recorder, resumed = open_recorder(current)
    sound = Annunciator() if current.sound else NoSound("sound is off in the configuration")
    engine = Engine(
        Core(current.setup()),
        clock,
        feed_session(current),
        recorder,
        sound,
        watched=current.watched,
    )
    if resumed:
        take_over(engine, recorder, current)
    begin(engine, recorder, current, resumed=resumed)
    server = FeedServer(directory, engine.greeting, engine.command)
    engine.attach(server)
    _stop_on_signal(engine)
    async with AsyncExitStack() as stack:
        stack.callback(recorder.close)
        endpoint = await server.start()
        stack.push_async_callback(server.close)
        listening = Listening(pid=os.getpid(), endpoint=endpoint, token=server.token)
        plan.write_private(directory / plan.ENGINE, msgspec.json.encode(listening))
        backend, serial_url = await stack.enter_async_context(simulated_air(current, clock))
        await _supervise(engine, current, sound, (backend, serial_url))
        await asyncio.sleep(LAST_WORD_S)
        recorder.journal(max(clock.now_ns(), 0), "session", {"event": "ended"})
        recorder.close(max(clock.now_ns(), 0))
    shutil.rmtree(directory, ignore_errors=True)


async def _supervise(
    engine: Engine,
    current: Plan,
    sound: Annunciator | NoSound,
    air: tuple[object | None, str],
) -> None:
    backend, serial_url = air
    helpers: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:
        if isinstance(sound, Annunciator):
            helpers.append(group.create_task(sound.run()))
        for spec in current.sensors:
            if spec.transport == "file":
                continue
            here = msgspec.structs  # placeholder replaced below
            supervisor = Supervisor(
                spec, transport(spec, backend), engine.clock, engine.offer, engine.on_state
            )
            helpers.append(group.create_task(supervisor.run()))
        await engine.run(0.05 if current.rate > FAST_RATE else 0.1)
        for task in helpers:
            task.cancel()


def _stop_on_signal(engine: Engine) -> None:
    """SIGTERM and SIGINT end the session in good order; a closing terminal does nothing."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        engine.act(Verb.END_SESSION, "signal", {})

    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(getattr(signal, name), end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def main() -> int:
    """Hold the session's lock and run its engine; 3 if another engine lives already."""
    directory = Path(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    lock = FileLock(directory / plan.LOCK)
    try:
        lock.acquire(timeout=LOCK_S)
    except Timeout:
        logger.info("another engine runs this session")
        return 3
    gc.freeze()
    asyncio.run(run(directory, plan.load(directory)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
