"""Many rooms through a real Mosquitto: seconds from sensor to central screen, and what is lost.

    PYTHONPATH=. python benchmarks/rooms.py [--rooms 1 50 500] [--engines 20] [--seconds 60]

For each number of rooms: a Mosquitto of its own, a worker process a processor with the rooms, and
in this process the central stations, one for each 50 rooms. Prints JSON.

What is real: broker, publisher and its connection, station with connection and state, and in up
to `--engines` rooms the engine: its loop ten times a second, decoding, signals, alarms. A byte's
way ends when the station's state, looked at four times a second as its screen does, holds it.

What is not: the sensor's radio or cable (bytes are handed to the engine once a second) and the
recording. The other rooms have no engine: their publisher is handed, once a second, a snapshot an
engine made, numbered anew; a computer that runs 500 engines is not what a clinic has. They load
broker and stations like others, and their times are told apart. All is on one computer: no network.

In every room an alarm is raised and ended every few seconds; in those with an engine by a recording
that fails, which goes the whole way from engine to station.

`latency_s`: bytes of rooms with engines; `alarm_latency_s`: their alarms; `handed_latency_s`:
snapshots of the others. A snapshot that a newer one overtook is no loss: what counts as lost is a
byte that no later state covered, and an alarm change that never came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import psutil

from alerts.model import Presence, Priority, Transition
from devices.model import Frame, SensorSpec, Signal
from monitor import feed
from monitor.around import Around
from monitor.central.station import Station
from monitor.clock import NS_PER_S, ScaledClock, monotonic_ns
from monitor.core import Core, Setup
from monitor.engine import Engine
from monitor.replay import NoSound
from monitor.rooms.broker import Central, Publish, arguments
from monitor.rooms.publisher import Publisher
from simulators.broker import Mosquitto

A_STATION = 50
"""Rooms of one clinic."""
LOOK_S, BYTE_S, TICK_S = 0.25, 1.0, 0.1
ALARM_S = 5.0
WARM_S, DRAIN_S = 8.0, 10.0
"""Until all are connected; after the last byte: what comes later still counts as lost."""
SLACK_S = 60.0
STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE)
SESSION = feed.Session(session_id="benchmark", mode="SIM", subject="B-1")


@dataclass
class Sent:
    """What a room did, by monotonic time in nanoseconds."""

    engine: bool
    bytes_ns: dict[int, int] = field(default_factory=dict)
    """Number of the packet -> when."""
    alarms_ns: list[int] = field(default_factory=list)
    """When each change was caused, in order."""
    failures: int = 0


class Record:
    """A recording that takes everything, and fails on demand."""

    error: str | None = None
    lag_s = 0.0

    def frames(self, frames: Any, values: Any) -> None: ...
    def vitals(self, vitals: Any) -> None: ...
    def journal(self, t_ns: int, kind: str, body: Any) -> None: ...


class Room:
    """A room of this benchmark."""

    def __init__(self, number: int, port: int, *, engine: bool) -> None:
        settings = Publish(
            enabled=True,
            host="127.0.0.1",
            port=port,
            tls=False,
            clinic=f"clinic-{number // A_STATION}",
            room=f"room-{number % A_STATION}",
        )
        self.sent = Sent(engine=engine)
        self.publisher = Publisher(settings, SESSION.subject, None)
        self._end_ns = 0

    async def run(self, end_ns: int) -> None:
        self._end_ns = end_ns
        run = self._run_engine if self.sent.engine else self._run_light
        await asyncio.sleep(random.uniform(0, BYTE_S))  # noqa: S311 - not at one moment
        await run()
        await asyncio.sleep(DRAIN_S)
        self.sent.failures += bool(self.publisher.failure)

    def _over(self) -> bool:
        return monotonic_ns() > self._end_ns

    async def _run_engine(self) -> None:
        record = Record()
        around = Around(rooms=self.publisher)
        sound = NoSound("", available=True)
        engine = Engine(
            Core(Setup(sensors=[STRAP])),
            ScaledClock(monotonic_ns(), 1.0),
            SESSION,
            record,
            sound,
            watched=False,
            around=around,
        )
        tasks = [
            asyncio.create_task(engine.run(TICK_S)),
            asyncio.create_task(self.publisher.run(engine.history.curves, engine.command)),
            asyncio.create_task(self._fail(record)),
        ]
        packets = 0
        # Sensors know nothing of the engine's seconds.
        await asyncio.sleep(random.uniform(0, BYTE_S))  # noqa: S311
        while not self._over():
            packets += 1
            self.sent.bytes_ns[packets] = monotonic_ns()
            engine.offer(Frame(t_ns=engine.clock.now_ns(), source="strap", payload=b"\x00\x48"))
            await asyncio.sleep(BYTE_S)
        await asyncio.sleep(DRAIN_S)
        engine.ended.set()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _fail(self, record: Record) -> None:
        await asyncio.sleep(WARM_S)
        while not self._over():
            record.error = None if record.error else "benchmark"
            self.sent.alarms_ns.append(monotonic_ns())
            await asyncio.sleep(ALARM_S)

    async def _run_light(self) -> None:
        curve = [70.0] * 3600
        task = asyncio.create_task(self.publisher.run(lambda: (curve, curve), self._refuse))
        template, packets = snapshot_of_an_engine(), 0
        alarm_ns = monotonic_ns() + int(WARM_S * NS_PER_S)
        while not self._over():
            packets += 1
            self.sent.bytes_ns[packets] = monotonic_ns()
            sensor = msgspec.structs.replace(template.sensors[0], packets=packets)
            self.publisher.newest(
                msgspec.structs.replace(template, seq=packets, t_s=float(packets), sensors=[sensor])
            )
            if monotonic_ns() > alarm_ns:
                alarm_ns += int(ALARM_S * NS_PER_S)
                self._raise()
            await asyncio.sleep(BYTE_S)
        await asyncio.sleep(DRAIN_S)
        task.cancel()
        await asyncio.wait([task])

    def _raise(self) -> None:
        self.sent.alarms_ns.append(monotonic_ns())
        count = len(self.sent.alarms_ns)
        self.publisher.changed(
            Transition(
                t_ns=count,
                what="onset",
                condition="recording_failing",
                occurrence=count,
                priority=Priority.MEDIUM,
                presence=Presence.ON,
            )
        )

    async def _refuse(self, command: feed.Command) -> feed.Reply:
        return feed.Reply(id=command.id, ok=False)


_template: list[feed.Snapshot] = []


def snapshot_of_an_engine() -> feed.Snapshot:
    """What an engine says after two minutes of heart beats; made once a process."""
    if not _template:
        core = Core(Setup(sensors=[STRAP]))
        beats = [
            Frame(t_ns=s * NS_PER_S + 1, source="strap", payload=b"\x00\x48") for s in range(120)
        ]
        clock = ScaledClock(monotonic_ns() - 121 * NS_PER_S, 1.0)
        engine = Engine(core, clock, SESSION, Record(), NoSound("", available=True), watched=False)
        engine.absorb(beats, 121 * NS_PER_S)
        made = engine.snapshot()
        assert made is not None
        _template.append(made)
    return _template[0]


def work(port: int, numbers: list[int], engines: int, end_ns: int, pipe: Any) -> None:
    """One process with rooms."""
    snapshot_of_an_engine()

    async def run() -> list[tuple[int, Sent]]:
        rooms = {number: Room(number, port, engine=number < engines) for number in numbers}
        await asyncio.gather(*(room.run(end_ns) for room in rooms.values()))
        return [(number, room.sent) for number, room in rooms.items()]

    pipe.send(asyncio.run(run()))
    pipe.close()


@dataclass
class Seen:
    """When a station's state first held what, of one room."""

    bytes_ns: list[tuple[int, int]] = field(default_factory=list)
    """(newest packet, time), rising."""
    alarms_ns: dict[int, int] = field(default_factory=dict)
    """Number of the change -> time."""


async def look(stations: list[Station], until_ns: int) -> dict[int, Seen]:
    """Move the stations on as their screens do, and note what is new."""
    seen: dict[int, Seen] = {}
    links = [asyncio.create_task(station.link.run()) for station in stations]
    while monotonic_ns() < until_ns:
        for index, station in enumerate(stations):
            station.step()
            now_ns = monotonic_ns()
            for name, room in station.wall.rooms.items():
                number = index * A_STATION + int(name.rpartition("-")[2])
                _note(seen.setdefault(number, Seen()), room, now_ns)
        await asyncio.sleep(LOOK_S)
    for link in links:
        link.cancel()
    await asyncio.wait(links)
    return seen


def _note(seen: Seen, room: Any, now_ns: int) -> None:
    if room.snapshot is not None and room.snapshot.sensors:
        packets = room.snapshot.sensors[0].packets
        if not seen.bytes_ns or seen.bytes_ns[-1][0] < packets:
            seen.bytes_ns.append((packets, now_ns))
    for change in room.changes:
        if change.condition == "recording_failing" and change.what in {"onset", "clear"}:
            seen.alarms_ns.setdefault(change.seq, now_ns)


def judge(sent: Sent, seen: Seen) -> tuple[list[float], list[float], int, int]:
    """Latencies of bytes and alarms in seconds, and how many of each never came."""
    late, lost, states = [], 0, iter(seen.bytes_ns)
    newest, at_ns = 0, 0
    begin_ns = min(sent.bytes_ns.values(), default=0) + int(WARM_S * NS_PER_S)
    for packet, sent_ns in sent.bytes_ns.items():
        while newest < packet and (state := next(states, None)) is not None:
            newest, at_ns = state
        if sent_ns < begin_ns:
            continue
        if newest < packet:
            lost += 1
        else:
            late.append((at_ns - sent_ns) / NS_PER_S)
    arrived = [at_ns for _, at_ns in sorted(seen.alarms_ns.items())]
    alarms = [
        (at_ns - sent_ns) / NS_PER_S
        for sent_ns, at_ns in zip(sent.alarms_ns, arrived, strict=False)
    ]
    return late, alarms, lost, len(sent.alarms_ns) - len(arrived)


def spread(values: list[float]) -> dict[str, float] | None:
    """Median, 95th percentile and worst, in seconds."""
    if len(values) < 2:
        return None
    return {
        "median": round(statistics.median(values), 3),
        "p95": round(statistics.quantiles(values, n=20, method="inclusive")[-1], 3),
        "max": round(max(values), 3),
        "n": len(values),
    }


def measure(rooms: int, engines: int, seconds: float) -> dict[str, object]:
    """One run."""
    workers = min(rooms, os.cpu_count() or 1)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, Mosquitto(Path(folder)) as broker:
        begin_ns = monotonic_ns() + int((WARM_S + rooms / 50) * NS_PER_S)
        end_ns = begin_ns + int(seconds * NS_PER_S)
        pipes, processes = [], []
        for worker in range(workers):
            ours, theirs = context.Pipe()
            numbers = list(range(worker, rooms, workers))
            process = context.Process(
                target=work, args=(broker.port, numbers, engines, end_ns, theirs)
            )
            process.start()
            pipes.append(ours)
            processes.append(process)
        watched = {
            "rooms": [psutil.Process(process.pid) for process in processes],
            "broker": [psutil.Process(broker.process.pid)] if broker.process else [],
            "stations": [psutil.Process()],
        }
        before = {name: _cpu_s(found) for name, found in watched.items()}
        began_ns = monotonic_ns()
        seen = asyncio.run(_stations(broker.port, rooms, end_ns + int(DRAIN_S * NS_PER_S)))
        took_s = (monotonic_ns() - began_ns) / NS_PER_S
        load = {n: round((_cpu_s(p) - before[n]) / took_s, 2) for n, p in watched.items()}
        sent = dict(one for pipe in pipes for one in _received(pipe))
        for process in processes:
            process.join(SLACK_S)
    return _report(rooms, sent, seen) | {"processors_used": load}


def _received(pipe: Any) -> list[tuple[int, Sent]]:
    assert pipe.poll(SLACK_S), "a worker said nothing"
    found: list[tuple[int, Sent]] = pipe.recv()
    return found


async def _stations(port: int, rooms: int, until_ns: int) -> dict[int, Seen]:
    made = []
    for index in range(-(-rooms // A_STATION)):
        settings = Central(
            host="127.0.0.1", port=port, tls=False, clinic=f"clinic-{index}", station="desk"
        )
        made.append(Station(settings, arguments(settings, "central")))
    return await look(made, until_ns)


def _cpu_s(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _report(rooms: int, sent: dict[int, Sent], seen: dict[int, Seen]) -> dict[str, object]:
    late: dict[bool, list[float]] = {True: [], False: []}
    alarms: dict[bool, list[float]] = {True: [], False: []}
    lost = lost_alarms = 0
    for number, one in sent.items():
        found = judge(one, seen.get(number, Seen()))
        late[one.engine] += found[0]
        alarms[one.engine] += found[1]
        lost += found[2]
        lost_alarms += found[3]
    return {
        "rooms": rooms,
        "with_engine": sum(one.engine for one in sent.values()),
        "latency_s": spread(late[True]),
        "alarm_latency_s": spread(alarms[True]),
        "handed_latency_s": spread(late[False]),
        "handed_alarm_latency_s": spread(alarms[False]),
        "bytes_lost": lost,
        "alarm_changes_lost": lost_alarms,
        "rooms_without_broker_at_the_end": sum(one.failures for one in sent.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rooms", type=int, nargs="+", default=[1, 50, 500])
    parser.add_argument("--engines", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    found = [measure(rooms, chosen.engines, chosen.seconds) for rooms in chosen.rooms]
    print(json.dumps({"processors": os.cpu_count(), "runs": found}, indent=1))


if __name__ == "__main__":
    main()
