"""A recording as the plain values of a report. Nothing here knows how they will look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from alerts.model import Edge
from devices.model import NS_PER_S
from monitor import stored
from monitor.alarm_review import Row, burden_per_hour, responses, review
from monitor.core import Core, Output
from monitor.journal import transition_body
from monitor.recording import chain
from monitor.recording.reader import Recording
from monitor.recording.schema import Mode
from monitor.report import course, said, spot
from monitor.report.course import Material
from monitor.report.entries import Entry, entries
from monitor.report.gaps import Context, Gap, explain, gaps, lack
from monitor.report.intervals import Dose, Interval, marks, mean, nearest
from monitor.report.limits import changes, limits, missing
from monitor.report.model import Facts, Integrity, Judgement, Report
from monitor.report.sensors import Sensor, links, sensors
from monitor.report.spans import spans
from monitor.report.traces import Trace, columns, traces
from monitor.report.wall import Wall
from monitor.training import Score, score
from monitor.version import software

EVERY_S = 30 * 60
"""Step of the interval table: clinics measure each 15 or 30 min."""

_CONDITIONS = {edge.value for edge in Edge}


def summarise(path: Path, every_s: int = EVERY_S, judgements: Sequence[Judgement] = ()) -> Report:
    """Read a recording whole and sum it up; it is not touched.

    Args:
        path: the recording.
        every_s: step of the interval table, seconds.
        judgements: what was said of it afterwards.

    Raises:
        RecordingError: it cannot be read.
    """
    with Recording.open(path) as recording:
        found = course.material(recording)
        vitals = recording.vitals()
        output = _derive(recording) if recording.mode == Mode.IMPORT and found.specs else None
        if output is not None:
            vitals = columns(output.vitals)
        shown = traces(vitals, found.end_ns // NS_PER_S)
        report = _report(recording, found, shown, output, every_s)
        return replace(report, judgements=judgements)


def _derive(recording: Recording) -> Output:
    core = Core(stored.setup(recording))
    return stored.run(core, stored.columns(recording), recording.end_ns)


def _report(
    recording: Recording,
    found: Material,
    shown: tuple[Trace, Trace],
    output: Output | None,
    every_s: int,
) -> Report:
    made, rows, end_ns = entries(found.actions), _alarm_rows(found, output), found.end_ns
    doses = _doses(made)
    pressures, temperatures = spot.both(recording, found.specs, made)
    context = _context(recording, found, rows)
    alarms, limits_then = review(rows), course.in_force(recording, found)
    lacking = [gap for trace in shown for gap in gaps(trace, context)]
    why = partial(_why, lacking, context)
    return Report(
        facts=_facts(recording, derived=output is not None),
        wall=Wall(recording.anchors, end_ns, [dose.t_ns for dose in doses]),
        doses=doses,
        heart=shown[0],
        skin=shown[1],
        pressures=pressures,
        temperatures=temperatures,
        every_s=every_s,
        intervals=[
            Interval(
                mark,
                mean(shown[0], mark, why),
                mean(shown[1], mark, why),
                nearest(pressures, mark),
                nearest(temperatures, mark),
            )
            for mark in marks(doses, end_ns, every_s, ended=recording.ended)
        ],
        gaps=sorted(lacking, key=lambda gap: (gap.t0_s, gap.signal)),
        alarms=alarms,
        responses=responses(alarms),
        burden=burden_per_hour(alarms, end_ns / NS_PER_S),
        limits=limits(limits_then[0].rows),
        in_force=limits_then,
        changes=changes(limits_then, found.actions),
        not_in_force=missing(limits_then[0].rows),
        spans=spans(rows),
        entries=made,
        refused=[action for action in found.actions if action.refused],
        sensors=_sensors(found),
        checks=course.checks(found.actions),
        judgements=(),
        events=course.events(found),
        integrity=_integrity(recording.path),
        training=_training(found),
    )


def _training(found: Material) -> Score | None:
    """How the alarms of a training were answered; None if it is none."""
    kinds = ("session", "action", "alarm")
    rows = [(t_ns, kind, body) for kind in kinds for t_ns, body in found.rows(kind)]
    return score(sorted(rows, key=lambda row: row[0]), found.end_ns)


def _doses(made: Sequence[Entry]) -> list[Dose]:
    return [
        Dose(entry.t_ns, _label(entry.details))
        for entry in made
        if entry.verb == "dose" and not entry.withdrawn
    ]


def _label(details: Mapping[str, Any]) -> str:
    label = str(details.get("label") or "dose")
    return label if label.endswith("dose") else f"{label} dose"


def _why(lacking: Sequence[Gap], context: Context, trace: Trace, second: int) -> str:
    """The reason of the gap around a second; a settling probe has a value, but none that counts."""
    around = (g for g in lacking if g.signal is trace.signal and g.t0_s <= second <= g.t1_s)
    gap = next(around, None)
    return explain(trace, second, second, context) if gap is None else gap.reason


def _alarm_rows(found: Material, output: Output | None) -> list[Row]:
    """Alarm transitions as recorded, or as derived, and the actions beside them."""
    actions: list[Row] = [(t_ns, "action", body) for t_ns, body in found.rows("action")]
    if output is None:
        alarms: list[Row] = [(t_ns, "alarm", body) for t_ns, body in found.rows("alarm")]
    else:
        # Nobody was there to answer: what comes of not being answered means nothing.
        changes = [change for change in output.transitions if change.what in _CONDITIONS]
        alarms = [(change.t_ns, "alarm", transition_body(change)) for change in changes]
    return sorted([*actions, *alarms], key=lambda row: row[0])


def _context(recording: Recording, found: Material, rows: Sequence[Row]) -> Context:
    return Context(
        sensors=found.specs,
        links=links(found.rows("link")),
        lacks=[lack(t_ns, body) for t_ns, body in found.rows("gap")],
        spans=spans(rows),
        said=partial(said.why, recording, found.specs),
    )


def _facts(recording: Recording, *, derived: bool) -> Facts:
    anchors = recording.anchors
    session = recording.config.get("session", {})
    return Facts(
        file=recording.path.name,
        session_id=recording.session_id,
        subject=recording.subject,
        mode=recording.mode,
        software=recording.software,
        reported_by=software(),
        ended=recording.ended,
        derived=derived,
        age_years=float(session.get("age_years", 0.0)),
        rate=anchors[0].rate if anchors else 1.0,
    )


def _sensors(found: Material) -> list[Sensor]:
    said_ = [body for _, body in found.rows("sensor")]
    return sensors(found.specs, links(found.rows("link")), said_, found.end_ns)


def _integrity(path: Path) -> Integrity:
    checked = chain.examine(path)
    return Integrity(
        findings=[str(finding) for finding in checked.findings],
        version=checked.version,
        last_hash=checked.last_hash,
    )
