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
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from alerts.annunciator.client import Annunciator
from alerts.annunciator.remote import Remote
from devices.model import NS_PER_S, SensorSpec
from devices.supervisor import Supervisor
from devices.transports import transport
from monitor import feed, plan, stored
from monitor.around import Around
from monitor.clock import ScaledClock, monotonic_ns, utc_ns, utc_text
from monitor.core import Core, Event, Output
from monitor.engine import Engine
from monitor.errors import VigilError
from monitor.feed_server import FeedServer
from monitor.journal import limits_body, switch_body, transition_body
from monitor.model import Verb
from monitor.plan import Listening, Plan
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode, NewSession
from monitor.recording.writer import Recorder, vitals_rows
from monitor.replay import NoSound
from monitor.rooms.publisher import Publisher
from monitor.self_report import SOUND_OFF
from monitor.self_watch import Awake, SelfWatch
from monitor.training import TRAINING
from monitor.version import software
from simulators.library import scenario
from simulators.scenario import ScriptedAction
from simulators.system_faults import Machine, perform

if TYPE_CHECKING:
    from devices.ble_air import Backend

logger = logging.getLogger(__name__)

LOCK_S = 3.0
"""A passer-by testing whether the engine lives holds the lock for an instant."""
PERIOD_S = 0.1
FAST_RATE = 5.0
FAST_PERIOD_S = 0.05
END_EARLY_S = 0.5
NOT_RUNNING = "engine was not running"
LIVE = "LIVE"
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
        training=current.simulation is not None and current.simulation.training,
        scales=current.scales,
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


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier engine left: the core's output derived again, and how far its record went."""

    events: Sequence[Event]
    output: Output
    last_ns: int
    closed_s: int
    known: frozenset[tuple[int, object, object]]
    """Time, kind and condition of the alarm transitions on record."""
    switched: frozenset[tuple[int, object]]
    """Time and signal of the recorded changes of the sensor in use."""


def restored(current: Plan, core: Core) -> Before:
    """Step a fresh core through the record."""
    with Recording.open(Path(current.recording)) as recording:
        events = stored.events(recording)
        closed_s = int(recording.vitals().t_s.max(initial=-1))
        last_ns = max([closed_s * NS_PER_S, *(event.t_ns for event in events[-1:])])
        known = frozenset(
            (row.t_ns, row.body["what"], row.body["condition"])
            for row in recording.journal(["alarm"])
        )
        switched = frozenset(
            (row.t_ns, row.body["signal"]) for row in recording.journal(["source"])
        )
        return Before(events, stored.run(core, events, last_ns), last_ns, closed_s, known, switched)


def complete(recorder: Recorder, before: Before) -> None:
    """Put on record what was derived but not yet written when the earlier engine was killed."""
    for vitals in before.output.vitals:
        recorder.vitals_rows([r for r in vitals_rows(vitals) if r.t_s > before.closed_s])
    for switch in before.output.switches:
        if (switch.t_ns, switch.signal.value) not in before.switched:
            recorder.journal(switch.t_ns, "source", switch_body(switch))
    for change in before.output.transitions:
        if (change.t_ns, change.what, change.condition) not in before.known:
            recorder.journal(change.t_ns, "alarm", transition_body(change))


def begin(engine: Engine, recorder: Recorder, current: Plan, *, resumed: bool) -> None:
    """Anchor time, and put on record what is in force."""
    now_ns = max(engine.clock.now_ns(), 0)
    # The first anchor is session time 0 itself: rows before the engine was ready have a time too.
    recorder.anchor(
        t_ns=now_ns if resumed else 0,
        utc_ns=utc_ns() if resumed else current.epoch_utc_ns,
        zone=current.zone,
        monotonic_ns=monotonic_ns() if resumed else current.epoch_ns,
        boot_id=plan.boot_id(),
        rate=current.rate,
    )
    recorder.sensors(current.sensors)
    event = "resumed" if resumed else "started"
    recorder.journal(now_ns, "session", {"event": event, "software": software()})
    if not resumed and current.simulation is not None and current.simulation.training:
        recorder.journal(now_ns, "session", _training(current.simulation))
    recorder.journal(now_ns, "limits", limits_body(engine.core.settings))
    engine.log.append(feed.LogLine(t_s=now_ns / NS_PER_S, kind="system", text=f"engine {event}"))


def _training(simulation: plan.Simulation) -> dict[str, object]:
    """What is played, for the score; the screen does not tell."""
    play = scenario(simulation.scenario, simulation.seed)
    return {"event": TRAINING, "scenario": play.name, "title": play.title, "seed": simulation.seed}


def take_over(
    engine: Engine, recorder: Recorder, current: Plan, publisher: Publisher | None
) -> None:
    """Derive the state of an earlier engine again, and note the hole it left."""
    with Recording.open(Path(current.recording)) as recording:
        stored.explain_gaps(recording, engine.timeline)
    before = restored(current, engine.core)
    engine.restore(before.events, before.output, before.last_ns)
    complete(recorder, before)
    if publisher is not None:
        publisher.catch_up(before.output.transitions)
    now_ns = max(engine.clock.now_ns(), before.last_ns)
    span = {"t0_ns": before.last_ns, "t1_ns": now_ns}
    engine.timeline.outage(before.last_ns, now_ns, NOT_RUNNING)
    recorder.journal(now_ns, "gap", {"source": "", "reason": NOT_RUNNING, **span})


async def trouble(engine: Engine, current: Plan, machine: Machine) -> None:
    """Break what the scenario breaks around the engine."""
    simulation = current.simulation
    if simulation is None or not simulation.operator:
        return
    async with asyncio.TaskGroup() as group:
        for number, fault in enumerate(scenario(simulation.scenario, simulation.seed).system):
            await engine.clock.sleep(max(0.0, fault.t_s - engine.clock.now_ns() / NS_PER_S))
            group.create_task(perform(number, fault, machine))


async def script(engine: Engine, current: Plan, done_ns: int) -> None:
    """Do what a scenario's operator does, and end the session with the scenario.

    What an earlier engine did, up to `done_ns`, is not done again; what came due while no engine
    was ready yet is done late.
    """
    simulation = current.simulation
    if simulation is None or not simulation.operator:
        return
    play = scenario(simulation.scenario, simulation.seed)
    # A little before the simulated sensors switch off, which is no loss to report.
    end = ScriptedAction(play.duration_s - END_EARLY_S * current.rate, Verb.END_SESSION)
    doses = tuple(action for action in play.actions if action.verb is Verb.DOSE)
    for action in (*(doses if simulation.training else play.actions), end):
        if action.t_s * NS_PER_S <= done_ns and action is not end:
            continue
        await engine.clock.sleep(max(0.0, action.t_s - engine.clock.now_ns() / NS_PER_S))
        engine.act(action.verb, "scenario", dict(action.details))


def surroundings(current: Plan, publisher: Publisher | None) -> Around:
    """What the session has around its engine; only a live one minds power and sleep."""
    return Around(
        sound_check=current.sound_check,
        checklists=current.checklists,
        phases=current.phases,
        setup=current.setup_steps,
        watch=SelfWatch(Path(current.recording), Awake() if current.mode == LIVE else None),
        remote=Remote(current.remote_command) if current.remote_command else None,
        rooms=publisher,
    )


async def run(directory: Path, current: Plan) -> None:
    """Run the session's engine until it is ended or the process is told to stop."""
    clock = ScaledClock(epoch_ns(current), current.rate)
    recorder, resumed = open_recorder(current)
    sound = Annunciator() if current.sound else NoSound(SOUND_OFF, available=False)
    core, session = Core(current.setup()), feed_session(current)
    publish = current.publish
    publisher = None if publish is None else Publisher(publish, current.subject, directory)
    around = surroundings(current, publisher)
    engine = Engine(core, clock, session, recorder, sound, watched=current.watched, around=around)
    if resumed:
        take_over(engine, recorder, current, publisher)
    begin(engine, recorder, current, resumed=resumed)
    server = FeedServer(directory, engine.greeting, engine.command)
    engine.attach(server)
    _stop_on_signal(engine)
    endpoint = await server.start()
    listening = Listening(pid=os.getpid(), endpoint=endpoint, token=server.token)
    plan.write_private(directory / plan.ENGINE, msgspec.json.encode(listening))
    try:
        machine = Machine(
            recording=recorder.path,
            directory=directory,
            screens=server,
            sound=sound if isinstance(sound, Annunciator) else None,
            power=around.watch,
            rooms=publisher,
        )
        await _work(engine, directory, current, sound, around, machine, publisher)
        await asyncio.sleep(LAST_WORD_S)
        recorder.journal(engine.last_ns, "session", {"event": "ended"})
        await asyncio.to_thread(recorder.close, engine.last_ns)
        shutil.rmtree(directory, ignore_errors=True)
    finally:
        recorder.close()
        await server.close()


@contextlib.asynccontextmanager
async def _own_room(
    directory: Path, simulation: plan.Simulation, clock: ScaledClock
) -> AsyncIterator[tuple[list[SensorSpec], Backend]]:
    """Simulated sensors in this process, behind bleak's own back-end interface."""
    from simulators.bleak_backend import backend  # noqa: PLC0415 - only for such a session
    from simulators.kinds import named  # noqa: PLC0415
    from simulators.room import furnished  # noqa: PLC0415

    play = scenario(simulation.scenario, simulation.seed)
    async with furnished(play, clock, named(simulation.kinds), directory) as room:
        sending = asyncio.create_task(room.run())
        try:
            yield [one.spec for one in room.sensors.values()], backend(room.peripherals())
        finally:
            sending.cancel()
            await asyncio.wait([sending])


async def _work(
    engine: Engine,
    directory: Path,
    current: Plan,
    sound: Annunciator | NoSound,
    around: Around,
    machine: Machine,
    publisher: Publisher | None,
) -> None:
    """Everything that runs beside the engine's loop, until that ends."""
    async with AsyncExitStack() as stack:
        sensors, backend = current.sensors, None
        if current.simulation is not None and current.simulation.kinds:
            sensors, backend = await stack.enter_async_context(
                _own_room(directory, current.simulation, engine.clock)
            )
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(script(engine, current, engine.last_ns))]
            beside.append(group.create_task(trouble(engine, current, machine)))
            if publisher is not None:
                curves = engine.history.curves
                beside.append(group.create_task(publisher.run(curves, engine.command)))
            others = [other for other in (around.watch, around.remote) if other is not None]
            beside += [group.create_task(other.run()) for other in others]
            if isinstance(sound, Annunciator):
                beside.append(group.create_task(sound.run()))
            for spec in sensors:
                link = transport(spec, current.rate, backend)
                keeper = Supervisor(
                    spec, link, engine.clock, engine.offer, engine.on_state, engine.on_info
                )
                beside.append(group.create_task(keeper.run()))
            await engine.run(FAST_PERIOD_S if current.rate > FAST_RATE else PERIOD_S)
            if publisher is not None:
                await publisher.finish()
            for task in beside:
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
    try:
        asyncio.run(run(directory, plan.load(directory)))
    except VigilError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
