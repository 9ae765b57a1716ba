"""A made-up scenario played to the core, and to an engine that is killed and goes on."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

from devices.model import NS_PER_S, Frame
from monitor.clock import ScaledClock
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.engine_process import begin, feed_session, open_recorder, take_over
from monitor.plan import Plan
from monitor.recording.reader import Recording
from monitor.replay import NoSound
from simulators import playing
from simulators.scenario import SystemFaultKind
from simulators.scenario_file import made

PART_S = 30


def of(file):
    """The scenario of made-up tables."""
    return made(Path("made-up.toml"), file)


def events(scenario):
    """What happens, under strictly increasing times as the engine gives them."""
    mixed = sorted([*playing.frames(scenario), *playing.actions(scenario)], key=lambda e: e.t_ns)
    last_ns, found = -1, []
    for event in mixed:
        last_ns = max(event.t_ns, last_ns + 1)
        found.append(event if event.t_ns == last_ns else replace(event, t_ns=last_ns))
    return found


def end_ns(scenario):
    return int(scenario.duration_s) * NS_PER_S


def core(scenario):
    return Core(Setup(sensors=playing.specs(scenario)))


def outcome(output):
    """What is held equal: alarms, signals, refusals."""
    return (
        [repr(edge) for edge in output.edges],
        [repr(change) for change in output.transitions],
        [(action.t_ns, why) for action, why in output.refused],
    )


def stepped(scenario, happened, cuts_ns):
    """The outcome of a core stepped up to each of these times, and the end."""
    fresh, start = core(scenario), 0
    edges, transitions, refused = [], [], []
    for until_ns in [*sorted(cuts_ns), end_ns(scenario)]:
        stop = next((i for i, e in enumerate(happened) if e.t_ns > until_ns), len(happened))
        part = outcome(fresh.step(happened[start:stop], until_ns))
        edges, transitions, refused = edges + part[0], transitions + part[1], refused + part[2]
        start = stop
    return edges, transitions, refused


def kills_ns(scenario):
    """When the engine is killed."""
    killed = SystemFaultKind.ENGINE_KILLED
    return sorted({int(f.t_s * NS_PER_S) for f in scenario.system if f.kind is killed})


def recorded(scenario, happened, folder):
    """The recording that engines make, each killed and followed by another; its path."""
    return asyncio.run(_recorded(scenario, happened, folder))


async def _recorded(scenario, happened, folder):
    path, start = folder / "0.db", 0
    ends = [*kills_ns(scenario), end_ns(scenario)]
    for number, until_ns in enumerate(ends, start=1):
        stop = next((i for i, e in enumerate(happened) if e.t_ns > until_ns), len(happened))
        recorder, resumed = open_recorder(plan := _plan(scenario, path))
        try:
            engine = _engine(scenario, plan, recorder)
            if resumed:
                take_over(engine, recorder, plan, None)
            begin(engine, recorder, plan, resumed=resumed)
            _run(engine, happened[start:stop], until_ns)
            assert recorder.flush()
            if until_ns != ends[-1]:  # what a killed process leaves: the files as they are now
                path = _left_behind(path, folder / f"{number}.db")
        finally:
            recorder.close(until_ns if until_ns == ends[-1] else None)
        start = stop
    return path


def _plan(scenario, path):
    return Plan(
        session_id="0" * 32, mode="SIM", recording=str(path), sound=False,
        sensors=playing.specs(scenario), epoch_ns=0, epoch_utc_ns=0, watched=False,
    )  # fmt: skip


def _engine(scenario, plan, recorder):
    silent = NoSound("off", available=True)
    return Engine(
        core(scenario), ScaledClock(rate=0.0), feed_session(plan), recorder, silent, watched=False
    )


def _run(engine, part, until_ns):
    """Step by step, as the loop does."""
    step_ns, start = PART_S * NS_PER_S, 0
    for now_ns in range(engine.last_ns // step_ns * step_ns + step_ns, until_ns, step_ns):
        stop = next((i for i, e in enumerate(part) if e.t_ns > now_ns), len(part))
        engine.absorb(part[start:stop], now_ns)
        start = stop
    engine.absorb(part[start:], until_ns)


def _left_behind(path, copy):
    for suffix in ("", "-wal", "-shm"):
        if Path(f"{path}{suffix}").exists():
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    return copy


def frames_of(happened):
    return [event for event in happened if isinstance(event, Frame)]


def read(path):
    """Frames, vitals and the alarm rows of a recording."""
    with Recording.open(path) as opened:
        rows = [(row.t_ns, row.body) for row in opened.journal(["alarm"])]
        return opened.frames(), opened.vitals(), rows
