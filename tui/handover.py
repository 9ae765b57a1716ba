"""What somebody taking over has to know, to be read aloud in half a minute. No Textual here."""

from __future__ import annotations

from monitor.clock import NS_PER_S
from monitor.feed import Entry, Snapshot, Vital
from monitor.model import Verb
from tui import gate, wording
from tui.log_book import LogBook
from tui.wording import plain

NOTES = 3
MAIN = ("hr_high", "hr_extreme", "temp_high", "bp_high")
"""Limits named when none was changed."""

Lines = list[tuple[str, str]]
"""What it is about, and what is to be said."""


def lines(snapshot: Snapshot, book: LogBook, operator: str) -> Lines:
    """Everything in force, the most urgent first; each line with its heading."""
    clock = wording.since_dose(snapshot.t_s, snapshot.doses_s)
    wall = wording.wall_clock(snapshot.utc, snapshot.session.zone)[:5]
    who = f" on watch: {plain(operator, 40)}" if operator else ""
    return [
        ("Now", f"{wall}, {clock}, {plain(snapshot.session.subject, 24) or 'no code'}{who}"),
        ("Alarms", _alarms(snapshot)),
        ("Silences", _silences(snapshot)),
        ("Heart rate", _vital(snapshot.heart_rate, "bpm")),
        ("Skin", _vital(snapshot.skin_temperature, "degC")),
        ("Readings", _readings(snapshot)),
        ("Doses", _doses(snapshot)),
        ("Fluids", _fluids(snapshot)),
        ("Limits", _limits(snapshot)),
        *_notes(snapshot, book),
        ("Last act", _last_act(snapshot, book)),
    ]


def _alarms(snapshot: Snapshot) -> str:
    shown = [alarm for alarm in snapshot.alarms if not alarm.hidden]
    told = []
    for alarm in shown:
        over = " (over)" if alarm.clear_s is not None else ""
        seen = f", seen by {plain(alarm.acknowledged_by, 20)}" if alarm.acknowledged_by else ""
        state = seen or ("" if alarm.presence != "ACKNOWLEDGED" else ", acknowledged")
        told.append(f"{alarm.priority} {plain(alarm.message, 40)}{over}{state}")
    return "; ".join(told) or "none"


def _silences(snapshot: Snapshot) -> str:
    found, audio, away = [], snapshot.audio, snapshot.standby
    if not audio.available:
        found.append("NO SOUND on this computer")
    if audio.paused_remaining_s is not None:
        found.append(f"audio paused for another {wording.minutes(audio.paused_remaining_s)}")
    if away is not None and away.remaining_s is not None:
        late = away.remaining_s < 0
        left = wording.minutes(abs(away.remaining_s))
        found.append(
            f"standby ({plain(away.reason, 40)}), {'late by' if late else 'back in'} {left}"
        )
    held = sum(alarm.held for alarm in snapshot.alarms)
    return "; ".join([*found, *([f"{held} held by standby"] if held else [])]) or "none"


def _vital(vital: Vital, unit: str) -> str:
    if vital.value is None:
        return f"no value, none for {wording.ago(vital.age_s)}"
    base = "" if vital.delta is None else f", {wording.signed(vital.delta, 1)} from baseline"
    return wording.quantity(vital.value, unit) + base


def _readings(snapshot: Snapshot) -> str:
    checks, told = snapshot.checks, []
    for name, value, at_s in (
        ("BP", checks.pressure, checks.pressure_s),
        ("temperature", checks.temperature, checks.temperature_s),
    ):
        ago = "" if at_s is None else f" {wording.ago(snapshot.t_s - at_s)} ago"
        told.append(f"{name} {plain(value, 30) or 'not measured'}{ago}")
    told += [
        f"{plain(name, 24)} {value:g}, {wording.ago(snapshot.t_s - at_s)} ago"
        for name, (value, at_s) in checks.scores.items()
    ]
    due = "" if checks.next_due_s is None else _due(checks.next_due_s - snapshot.t_s)
    return "; ".join([*told, *([due] if due else [])])


def _due(left_s: float) -> str:
    return f"next check in {wording.minutes(left_s)}" if left_s > 0 else "CHECK DUE NOW"


def _doses(snapshot: Snapshot) -> str:
    first = snapshot.doses_s[:1]
    told = [f"dose {wording.ago(snapshot.t_s - dose_s)} ago" for dose_s in first]
    told += [f"supplemental at {wording.since_dose(d, first)}" for d in snapshot.doses_s[1:]]
    return "; ".join(told) or "none yet"


def _fluids(snapshot: Snapshot) -> str:
    checks = snapshot.checks
    if checks.fluids_s is None:
        return "none entered"
    return f"{checks.fluids_ml:g} ml, last {wording.ago(snapshot.t_s - checks.fluids_s)} ago"


def _limits(snapshot: Snapshot) -> str:
    numbers = [x for x in snapshot.limits if x.value is not None]
    changed = [x for x in numbers if x.default not in {None, x.value}]
    if changed:
        told = (f"{x.title} {x.value:g} (was {x.default:g})" for x in changed)
        return f"changed: {'; '.join(told)}"
    main = [x for x in numbers if x.condition in MAIN and x.key.startswith("limit_")]
    told = (f"{x.title} {x.value:g}" for x in main if "diastolic" not in x.key)
    return f"as configured: {'; '.join(told)}"


def _notes(snapshot: Snapshot, book: LogBook) -> Lines:
    notes = book.standing(Verb.NOTE.value)[-NOTES:]
    told = [_note(note, snapshot.doses_s) for note in notes]
    lacking = [("Missing", text) for text in gate.missing(snapshot) if "ALARM" not in text]
    return [*lacking, *(("Note", text) for text in told)]


def _note(note: Entry, doses_s: list[float]) -> str:
    when = wording.since_dose(note.t_ns / NS_PER_S, doses_s)
    return f"{when} {plain(str(note.details.get('text', '')), 60)}"


def _last_act(snapshot: Snapshot, book: LogBook) -> str:
    acts = [line for line in book.lines if line.entry is not None]
    if not acts or acts[-1].entry is None:
        return "none yet"
    last = acts[-1]
    when = wording.since_dose(last.t_s, snapshot.doses_s)
    return f"{when} {plain(last.text, 60)}"
