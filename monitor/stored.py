"""A recording as the core's input: events in order, the setup it was made with, its length."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
import numpy as np

from devices.model import NS_PER_S, LinkState
from monitor.config import scales as config_scales
from monitor.core import Core, Event, Output, Setup, Stored
from monitor.journal import read_events
from monitor.model import Action, Verb
from monitor.phases import PhaseTimes
from monitor.recording.reader import Recording
from monitor.signal.accelerate import accelerate
from monitor.timeline import Timeline

One = TypeVar("One", bound=Stored)
BLOCK_S = 3600
"""Re-analysis steps the core an hour at a time: fast, and bounded in memory."""


def events(recording: Recording) -> list[Event]:
    """Frames, operator actions and statuses in the order the core first saw them."""
    rows = [(row.t_ns, row.kind, row.body) for row in recording.journal(["action", "status"])]
    merged: list[Event] = [*recording.frames(), *read_events(rows)]
    return sorted(merged, key=lambda event: event.t_ns)


def columns(recording: Recording) -> list[Stored]:
    """The same as `events`, with the frames between two others as columns, a source each."""
    rows = [(row.t_ns, row.kind, row.body) for row in recording.journal(["action", "status"])]
    others = read_events(rows)
    hours = np.arange(BLOCK_S * NS_PER_S - 1, recording.end_ns, BLOCK_S * NS_PER_S)
    # What comes after the end is never taken, and must not share columns with what is.
    cuts = sorted({*(event.t_ns for event in others), *hours.tolist(), recording.end_ns})
    parts: list[Stored] = []
    for frames in recording.columns():
        at = np.searchsorted(frames.times_ns, cuts, side="right").tolist()
        ends = pairwise([0, *at, frames.times_ns.size])
        parts += [frames.cut(start, stop) for start, stop in ends if start < stop]
    return sorted([*parts, *others], key=lambda event: event.t_ns)


def changes_limits(event: Stored) -> bool:
    """Whether this is an operator's change of limits within the session."""
    return isinstance(event, Action) and event.verb is Verb.SET_LIMIT


def setup(
    recording: Recording,
    alarms: Mapping[str, Mapping[str, Any]] | None = None,
    age_years: float | None = None,
) -> Setup:
    """The recording's own setup, or with other alarm rows, or for another age."""
    config = recording.config
    own = config.get("alarms", {})
    session = config.get("session", {})
    return Setup(
        sensors=recording.sensors(),
        alarms=own if alarms is None else alarms,
        age_years=float(session.get("age_years", 0.0)) if age_years is None else age_years,
        scales=config_scales(config.get("scores", {})),
    )


def phases(recording: Recording) -> PhaseTimes:
    """The phases of its configuration; the defaults of one older than they are."""
    return msgspec.convert(recording.config.get("phases", {}), PhaseTimes)


def explain_gaps(recording: Recording, timeline: Timeline) -> None:
    """Tell a fresh timeline what the record knows of links, and of times without an engine."""
    for row in recording.journal(["link"]):
        timeline.link(str(row.body["source"]), LinkState(str(row.body["state"])), row.t_ns)
    for row in recording.journal(["gap"]):
        body = row.body
        # What the disk refused has a reason and a count, but no span: it is told at its moment.
        t0_ns, t1_ns = (int(str(body.get(key, row.t_ns))) for key in ("t0_ns", "t1_ns"))
        timeline.outage(t0_ns, t1_ns, str(body["reason"]))


def blocks(
    stored: Sequence[One], end_ns: int, block_s: int = BLOCK_S
) -> Iterator[tuple[Sequence[One], int]]:
    """The events in blocks of so many seconds, each with the time it goes up to."""
    start, until_ns = 0, -1
    while until_ns < end_ns:
        until_ns = min(until_ns + block_s * NS_PER_S, end_ns)
        stop = bisect.bisect_right(stored, until_ns, key=lambda event: event.t_ns)
        yield stored[start:stop], until_ns
        start = stop


def run(core: Core, stored: Sequence[Stored], end_ns: int) -> Output:
    """Step a fresh core through a whole recording."""
    if core.has_ecg:
        accelerate()
    whole = Output()
    for part, until_ns in blocks(stored, end_ns):
        output = core.step(part, until_ns)
        whole.vitals += output.vitals
        whole.edges += output.edges
        whole.switches += output.switches
        whole.transitions += output.transitions
        whole.refused += output.refused
        whole.beats += output.beats
    return whole
