"""What goes into the record's journal, and back: actions, statuses, alarm transitions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from alerts.catalogue import CATALOGUE
from alerts.model import Transition
from alerts.settings import Settings, limits_hash
from devices.model import NS_PER_S
from monitor.feed import Entry, LogLine
from monitor.ledger import withdraws
from monitor.measure import Switch
from monitor.model import Action, Status, Verb

Body = dict[str, Any]


def action_body(action: Action, refused: str = "") -> Body:
    """An operator action as recorded."""
    body: Body = {
        "verb": action.verb.value,
        "operator": action.operator,
        "details": dict(action.details),
    }
    return body | ({"refused": refused} if refused else {})


def status_body(status: Status) -> Body:
    """A status of the system itself as recorded."""
    body: Body = {"condition": status.condition, "active": status.active, "detail": status.detail}
    more = {"urgent": status.urgent, "renewed": status.renewed}
    return body | {key: True for key, holds in more.items() if holds}


def transition_body(change: Transition) -> Body:
    """An alarm transition as recorded: non-finite numbers are null."""
    return {
        "what": change.what,
        "condition": change.condition,
        "occurrence": change.occurrence,
        "priority": None if change.priority is None else change.priority.name,
        "presence": None if change.presence is None else change.presence.value,
        "value": change.value if math.isfinite(change.value) else None,
        "limit": change.limit if math.isfinite(change.limit) else None,
        "unit": change.unit,
        "detail": change.detail,
    }


def limits_body(settings: Mapping[str, Settings]) -> Body:
    """The limits in force as recorded."""
    rows = {name: dict(row.values) for name, row in settings.items()}
    return {"hash": limits_hash(settings), "alarms": rows}


def read_action(t_ns: int, body: Mapping[str, Any]) -> Action:
    """An action from its recorded form."""
    return Action(
        t_ns=t_ns, verb=Verb(body["verb"]), operator=body["operator"], details=body["details"]
    )


def read_status(t_ns: int, body: Mapping[str, Any]) -> Status:
    """A status from its recorded form."""
    return Status(
        t_ns=t_ns,
        condition=body["condition"],
        active=body["active"],
        detail=body["detail"],
        urgent=body.get("urgent", False),
        renewed=body.get("renewed", False),
    )


def read_events(rows: Iterable[tuple[int, str, Mapping[str, Any]]]) -> list[Action | Status]:
    """The core's events among journal rows (t_ns, kind, body), in order."""
    events: list[Action | Status] = []
    for t_ns, kind, body in rows:
        if kind == "action":
            events.append(read_action(t_ns, body))
        elif kind == "status":
            events.append(read_status(t_ns, body))
    return events


def _dose_text(action: Action) -> str:
    label = str(action.details.get("label", "dose")).upper()
    return f"{label if label.endswith('DOSE') else label + ' DOSE'} recorded"


def _short(action: Action, key: str) -> str:
    """A number without what a float adds to it."""
    value = action.details.get(key, "")
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _pressure_text(action: Action) -> str:
    text = f"blood pressure {_short(action, 'systolic')}/{_short(action, 'diastolic')} mmHg"
    if not action.details.get("symptoms"):
        return text
    return f"{text}, SYMPTOMS {action.details.get('text', '')}".rstrip()


def _changes(action: Action) -> str:
    if "corrects" not in action.details:
        return ""
    return "WITHDRAWN: " if withdraws(action) else "CORRECTED: "


def _action_text(action: Action, refused: str) -> str:
    told = {key: str(value) for key, value in action.details.items()}

    def of(key: str) -> str:
        return told.get(key, "")

    temperature = (f"{_short(action, 'degc')} degC", of("site"), of("method"))
    words = {
        Verb.DOSE: _dose_text(action),
        Verb.NOTE: f"note: {of('text')}",
        Verb.ACKNOWLEDGE: f"acknowledge {of('condition')}",
        Verb.PAUSE_AUDIO: "pause audio",
        Verb.RESUME_AUDIO: "resume audio",
        Verb.STANDBY: f"standby: {of('reason')}",
        Verb.END_STANDBY: "back from standby",
        Verb.TEMPERATURE: f"temperature {', '.join(p for p in temperature if p)}",
        Verb.BLOOD_PRESSURE: _pressure_text(action),
        Verb.FLUIDS: f"fluids {_short(action, 'ml')} ml {of('what')}".rstrip(),
        Verb.SCORE: f"score {of('name')} {_short(action, 'value')}",
        Verb.RESOLVE: f"is over: {of('condition')}",
        Verb.SET_LIMIT: f"limit {of('condition')}.{of('key')} = {of('value')}: {of('reason')}",
        Verb.SOUND_CHECK: "sound heard" if of("heard") == "True" else "sound NOT heard",
        Verb.SELF_TEST: "self-test passed" if of("passed") == "True" else "self-test FAILED",
        Verb.SETUP: f"setup: {of('step').replace('_', '-')} {of('state')}",
        Verb.END_SESSION: "end of session",
    }
    by = f" ({action.operator})" if action.operator else ""
    why = f" - refused: {refused}" if refused else ""
    return f"{_changes(action)}{words[action.verb]}{by}{why}"


def action_line(action: Action, refused: str = "") -> LogLine:
    """An operator action in the log."""
    details = {k: v for k, v in action.details.items() if isinstance(v, str | int | float)}
    entry = Entry(
        t_ns=action.t_ns, verb=action.verb.value, operator=action.operator, details=details
    )
    return LogLine(
        t_s=action.t_ns / NS_PER_S,
        kind="action",
        text=_action_text(action, refused),
        entry=None if refused else entry,
    )


def transition_line(change: Transition) -> LogLine:
    """An alarm transition in the log."""
    if not change.condition:
        text = change.what.replace("_", " ") + (f": {change.detail}" if change.detail else "")
        return LogLine(t_s=change.t_ns / NS_PER_S, kind="system", text=text)
    title = CATALOGUE[change.condition].title
    mark = "*" * (change.priority or 0)
    ages = change.unit == "s" and change.what == "clear"  # "clear 0.9 s" would mean nothing
    value = "" if ages or not math.isfinite(change.value) else f" {change.value:.4g} {change.unit}"
    more = f", {change.detail}" if change.detail else ""
    text = f"{mark} {title}: {change.what.replace('_', ' ')}{value}{more}".lstrip()
    return LogLine(t_s=change.t_ns / NS_PER_S, kind="alarm", text=text)


def switch_body(switch: Switch) -> dict[str, object]:
    """Another sensor of a signal is in use, as it is recorded."""
    return {"signal": switch.signal.value, "before": switch.before, "after": switch.after}


def switch_line(switch: Switch) -> LogLine:
    """Another sensor of a signal is in use, in the log."""
    name = switch.signal.value.replace("_", " ")
    text = f"{name} now from {switch.after} (was {switch.before})"
    return LogLine(t_s=switch.t_ns / NS_PER_S, kind="system", text=text)
